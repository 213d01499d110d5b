// What this page asks of the gateway.

const QUOTE = `fragment Shown on Quote {
  id title author likes likedByMe createdAt createdBy { id username }
}`;
const REASONS = "... on OperationInfo { messages { field code message } }";

export const LIST = `query List($first: Int!, $after: String, $search: String, $order: QuoteOrder!) {
  quotes(first: $first, after: $after, search: $search, orderBy: $order) {
    edges { cursor node { ...Shown } }
    pageInfo { hasNextPage endCursor }
  }
}
${QUOTE}`;

export const ONE = `query One($id: ID!) { quote(id: $id) { ...Shown } }
${QUOTE}`;

export const CHANGES = `subscription Changes($after: String) {
  quoteChanged(after: $after) { cursor id change quote { id title author likes } }
}`;

export const LOG_IN = `mutation LogIn($input: LoginInput!) {
  answer: login(input: $input) {
    ... on LoginPayload { token user { id username } }
    ${REASONS}
  }
}`;

export const REGISTER = `mutation Register($input: RegisterInput!) {
  answer: register(input: $input) {
    ... on LoginPayload { token user { id username } }
    ${REASONS}
  }
}`;

export const CREATE = onQuote("Create", "createQuote", "CreateQuoteInput");
export const UPDATE = onQuote("Update", "updateQuote", "UpdateQuoteInput");
export const DELETE = onQuote("Delete", "deleteQuote", "DeleteQuoteInput");
export const LIKE = onQuote("Like", "likeQuote", "LikeQuoteInput");
export const UNLIKE = onQuote("Unlike", "unlikeQuote", "LikeQuoteInput");

function onQuote(name, field, input) {
  return `mutation ${name}($input: ${input}!) {
  answer: ${field}(input: $input) { ...Shown ${REASONS} }
}
${QUOTE}`;
}
