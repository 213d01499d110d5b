// What this page asks of the gateway.

const QUOTE = `fragment Shown on Quote {
  id title author likes version likedByMe viewerCanUpdate viewerCanDelete
  createdAt createdBy { id username }
}`;
const LOGIN = "fragment Login on LoginPayload { token expiresAt user { id username } }";
const REASONS = "... on OperationInfo { messages { field code message } }";
// As it is now, where somebody else has changed it first.
const CURRENT = " ... on OperationInfo { current { ... on Quote { ...Shown } } }";

const PAGE = `fragment Page on QuoteConnection {
  edges { cursor node { ...Shown } }
  pageInfo { hasNextPage endCursor }
}
${QUOTE}`;

export const LIST = `query List(
  $first: Int!, $after: String, $search: String, $author: String, $order: QuoteOrder!
) {
  quotes(first: $first, after: $after, search: $search, filter: { author: $author }, orderBy: $order) {
    ...Page
  }
}
${PAGE}`;

export const WRITTEN = `query Written(
  $username: String!, $first: Int!, $after: String, $order: QuoteOrder!
) {
  user(username: $username) {
    id username joinedAt
    quotes(first: $first, after: $after, orderBy: $order) { ...Page }
  }
}
${PAGE}`;

export const LIKED = `query Liked($username: String!, $first: Int!, $after: String) {
  user(username: $username) {
    id username joinedAt
    quotes: likedQuotes(first: $first, after: $after) { ...Page }
  }
}
${PAGE}`;

export const ONE = `query One($id: ID!) { quote(id: $id) { ...Shown } }
${QUOTE}`;

export const CHANGES = `subscription Changes($after: String) {
  quoteChanged(after: $after) { cursor id change quote { id title author likes version } }
}`;

export const LOG_IN = `mutation LogIn($input: LoginInput!) {
  answer: login(input: $input) {
    ... on LoginPayload { ...Login }
    ${REASONS}
  }
}
${LOGIN}`;

export const REGISTER = `mutation Register($input: RegisterInput!) {
  answer: register(input: $input) {
    ... on LoginPayload { ...Login }
    ${REASONS}
  }
}
${LOGIN}`;

export const RENEW = `mutation Renew($input: RefreshSessionInput!) {
  answer: refreshSession(input: $input) {
    ... on LoginPayload { ...Login }
    ${REASONS}
  }
}
${LOGIN}`;

export const LOG_OUT = `mutation LogOut($all: Boolean!) {
  answer: logout(all: $all) { ... on LogoutPayload { ended } ${REASONS} }
}`;

export const ME = `query Me {
  me { email sessions { id createdAt lastUsedAt current } }
}`;

export const END_SESSION = `mutation EndSession($input: EndSessionInput!) {
  answer: endSession(input: $input) { ... on TokenPayload { token expiresAt } ${REASONS} }
}`;

export const CHANGE_PASSWORD = `mutation ChangePassword($input: ChangePasswordInput!) {
  answer: changePassword(input: $input) { ... on TokenPayload { token expiresAt } ${REASONS} }
}`;

export const CHANGE_EMAIL = `mutation ChangeEmail($input: ChangeEmailInput!) {
  answer: changeEmail(input: $input) { ... on User { email } ${REASONS} }
}`;

export const DELETE_ACCOUNT = `mutation DeleteAccount($input: DeleteAccountInput!) {
  answer: deleteAccount(input: $input) { ... on User { id } ${REASONS} }
}`;

export const CREATE = onQuote("Create", "createQuote", "CreateQuoteInput");
export const UPDATE = onQuote("Update", "updateQuote", "UpdateQuoteInput", CURRENT);
export const DELETE = onQuote("Delete", "deleteQuote", "DeleteQuoteInput", CURRENT);
export const LIKE = onQuote("Like", "likeQuote", "LikeQuoteInput");
export const UNLIKE = onQuote("Unlike", "unlikeQuote", "LikeQuoteInput");

function onQuote(name, field, input, more = "") {
  return `mutation ${name}($input: ${input}!) {
  answer: ${field}(input: $input) { ... on Quote { ...Shown } ${REASONS}${more} }
}
${QUOTE}`;
}
