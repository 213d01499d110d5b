// The operations of a small frontend with Relay, whose compiler checks them against schema.graphql.
import { graphql } from "relay-runtime";

graphql`
  query AppListQuery {
    quotes(first: 3) @connection(key: "App_quotes") {
      __id
      edges {
        node {
          id
          title
          likes
          version
        }
      }
    }
  }
`;

graphql`
  fragment App_likers on Quote
  @refetchable(queryName: "AppLikersRefetchQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 1 }, after: { type: "String" }) {
    id
    likedBy(first: $first, after: $after) @connection(key: "App_likedBy") {
      edges {
        node {
          id
          username
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

graphql`
  query AppNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Quote {
        title
        ...App_likers @alias(as: "likers")
      }
      ... on User {
        username
      }
    }
  }
`;

graphql`
  mutation AppRegisterMutation($input: RegisterInput!) {
    register(input: $input) {
      ... on LoginPayload {
        token
        user {
          id
          username
        }
      }
    }
  }
`;

graphql`
  mutation AppCreateMutation($input: CreateQuoteInput!, $connections: [ID!]!) {
    createQuote(input: $input) {
      __typename
      ... on Quote {
        quote @prependNode(connections: $connections, edgeTypeName: "QuoteEdge") {
          id
          title
          likes
          version
        }
      }
      ... on OperationInfo {
        messages {
          code
          field
        }
      }
    }
  }
`;

graphql`
  mutation AppUpdateMutation($input: UpdateQuoteInput!) {
    updateQuote(input: $input) {
      ... on Quote {
        quote {
          id
          title
          version
        }
      }
      ... on OperationInfo {
        messages {
          code
        }
        current {
          id
          ... on Quote {
            title
            version
          }
        }
      }
    }
  }
`;

graphql`
  mutation AppLikeMutation($input: LikeQuoteInput!) {
    likeQuote(input: $input) {
      ... on Quote {
        quote {
          id
          likes
          likedByMe
        }
      }
    }
  }
`;

graphql`
  mutation AppDeleteMutation($input: DeleteQuoteInput!) {
    deleteQuote(input: $input) {
      ... on Quote {
        quote {
          id @deleteRecord
        }
      }
    }
  }
`;
