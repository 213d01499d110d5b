// What the app asks for. `messages { code … }` stands in each mutation: its link reads the codes.
import { gql } from "@apollo/client";

const QUOTE = gql`
  fragment Shown on Quote {
    id
    title
    author
    likes
    likedByMe
    version
    viewerCanUpdate
  }
`;
const INFO = gql`
  fragment Info on OperationInfo {
    messages {
      code
      field
      message
    }
    current {
      ...Shown
    }
  }
  ${QUOTE}
`;

export const FEED = gql`
  query Feed($first: Int!, $after: String, $search: String) {
    quotes(first: $first, after: $after, search: $search) {
      edges {
        cursor
        node {
          ...Shown
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
  ${QUOTE}
`;

export const ME = gql`
  query Me {
    me {
      id
      username
    }
  }
`;

export const LOGIN = gql`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      ... on LoginPayload {
        token
        refreshToken
        user {
          id
          username
        }
      }
      ...Info
    }
  }
  ${INFO}
`;

export const LOGOUT_EVERYWHERE = gql`
  mutation LogoutEverywhere {
    logout(all: true) {
      ... on LogoutPayload {
        ended
      }
      ...Info
    }
  }
  ${INFO}
`;

export const DELETE_ACCOUNT = gql`
  mutation DeleteAccount($input: DeleteAccountInput!) {
    deleteAccount(input: $input) {
      ... on User {
        id
      }
      ...Info
    }
  }
  ${INFO}
`;

const ofQuote = (name, type) => gql`
  mutation ($input: ${type}!) {
    ${name}(input: $input) {
      ...Shown
      ...Info
    }
  }
  ${INFO}
`;
export const CREATE = ofQuote("createQuote", "CreateQuoteInput");
export const UPDATE = ofQuote("updateQuote", "UpdateQuoteInput");
export const DELETE = ofQuote("deleteQuote", "DeleteQuoteInput");
export const LIKE = ofQuote("likeQuote", "LikeQuoteInput");
