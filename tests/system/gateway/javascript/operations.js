// The operations of a small frontend; codegen checks them against schema.graphql too.
import { gql } from "@apollo/client";

export const LIST = gql`
  query List($first: Int, $after: String) {
    quotes(first: $first, after: $after, orderBy: NEWEST) {
      edges {
        cursor
        node {
          id
          title
          likes
          likedByMe
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`;

export const REGISTER = gql`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      ... on LoginPayload {
        token
        user {
          id
          username
        }
      }
      ... on OperationInfo {
        messages {
          field
          code
        }
      }
    }
  }
`;

export const CREATE = gql`
  mutation Create($input: CreateQuoteInput!) {
    createQuote(input: $input) {
      ... on Quote {
        id
        title
        author
      }
      ... on OperationInfo {
        messages {
          field
          code
          message
        }
      }
    }
  }
`;

export const LIKE = gql`
  mutation Like($input: LikeQuoteInput!) {
    likeQuote(input: $input) {
      ... on Quote {
        id
        likes
        likedByMe
      }
      ... on OperationInfo {
        messages {
          code
        }
      }
    }
  }
`;
