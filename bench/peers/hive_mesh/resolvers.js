// What the REST responses don't have by themselves: our connection, and likedByMe in one call a page,
// by the batching of Mesh's SDK.
import { connectionOf, likedOf, resolvers } from '../node/services.js';

export const additionalTypeDefs = /* GraphQL */ `
  extend type Query {
    quotes(first: Int): QuoteConnection
  }
  extend type Quote {
    createdAt: String!
    updatedAt: String!
    likedByMe: Boolean
  }
  type QuoteConnection {
    edges: [QuoteEdge!]!
    nodes: [Quote!]!
    pageInfo: PageInfo!
  }
  type QuoteEdge {
    cursor: String!
    node: Quote!
  }
  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
`;

// All that a quote has. So its resolvers need no `selectionSet` of their own, which the gateway
// would check for each of the quotes.
const PAGE = `{
  items { id title author likes created_at updated_at cursor }
  page_info { has_next has_previous start_cursor end_cursor }
}`;
const LIKES = '{ items { quote_id } }';

export const additionalResolvers = {
  Query: {
    async quotes(root, { first = 20 }, context, info) {
      const args = { limit: first };
      const selectionSet = PAGE;
      return connectionOf(
        await context.Quotes.Query.quotePage({ root, args, context, info, selectionSet }),
      );
    },
  },
  Quote: {
    ...resolvers.Quote,
    likedByMe(root, _, context, info) {
      if (!context.user) return null;
      return context.Likes.Query.likePage({
        root,
        context,
        info,
        key: root.id,
        argsFromKeys: (ids) => ({ user: context.user, quotes: ids.join(',') }),
        selectionSet: LIKES,
        valuesFromResults: likedOf,
      });
    },
  },
};
