// What the app asks for, as Relay's compiler reads it. At a union it takes no fragment without an
// `@alias`, so that what is read there is named.
import { graphql } from "react-relay";

graphql`
  fragment FeedQuote on Quote {
    id
    title
    author
    likes
    likedByMe
    version
    viewerCanUpdate
  }
`;

graphql`
  fragment Feed_quotes on Query
  @refetchable(queryName: "FeedPageQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 10 }
    after: { type: "String" }
    search: { type: "String" }
  ) {
    quotes(first: $first, after: $after, search: $search) @connection(key: "Feed_quotes") {
      __id
      edges {
        node {
          ...FeedQuote @relay(mask: false)
        }
      }
    }
  }
`;

graphql`
  query FeedQuery($search: String) {
    me {
      username
    }
    ...Feed_quotes @arguments(search: $search)
  }
`;

graphql`
  mutation FeedLoginMutation($input: LoginInput!) {
    login(input: $input) {
      ... on LoginPayload {
        token
        refreshToken
      }
      ... on OperationInfo {
        messages {
          code
          field
          message
        }
      }
    }
  }
`;

graphql`
  mutation FeedLogoutMutation {
    logout(all: true) {
      ... on LogoutPayload {
        ended
      }
      ... on OperationInfo {
        messages {
          code
          field
          message
        }
      }
    }
  }
`;

graphql`
  mutation FeedLeaveMutation($input: DeleteAccountInput!) {
    deleteAccount(input: $input) {
      ... on User {
        id
      }
      ... on OperationInfo {
        messages {
          code
          field
          message
        }
      }
    }
  }
`;

graphql`
  mutation FeedCreateMutation($input: CreateQuoteInput!, $connections: [ID!]!) {
    createQuote(input: $input) {
      ... on Quote {
        quote @prependNode(connections: $connections, edgeTypeName: "QuoteEdge") {
          ...FeedQuote @relay(mask: false)
        }
      }
      ... on OperationInfo {
        messages {
          code
          field
          message
        }
      }
    }
  }
`;

graphql`
  mutation FeedUpdateMutation($input: UpdateQuoteInput!) {
    updateQuote(input: $input) {
      ... on Quote {
        id
        title
        author
        version
      }
      ... on OperationInfo {
        messages {
          code
          field
          message
        }
        current {
          id
          ... on Quote {
            title
            author
            version
          }
        }
      }
    }
  }
`;

graphql`
  mutation FeedDeleteMutation($input: DeleteQuoteInput!) {
    deleteQuote(input: $input) {
      ... on Quote {
        quote {
          id @deleteRecord
        }
      }
      ... on OperationInfo {
        messages {
          code
          field
          message
        }
      }
    }
  }
`;

graphql`
  mutation FeedLikeMutation($input: LikeQuoteInput!) {
    likeQuote(input: $input) {
      ... on Quote {
        id
        likes
        likedByMe
      }
      ... on OperationInfo {
        messages {
          code
          field
          message
        }
      }
    }
  }
`;
