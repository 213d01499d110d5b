// How the Node gateways call the services: kept-alive connections, one batch a request for likes.
import DataLoader from 'dataloader';
import { Pool } from 'undici';

const quotes = new Pool(process.env.QUOTES_URL, { connections: 64 });
const likes = new Pool(process.env.LIKES_URL, { connections: 64 });

async function get(pool, path, authorization) {
  const headers = { accept: 'application/json', ...(authorization && { authorization }) };
  const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`the service's response is ${statusCode}`);
  }
  return body.json();
}

// The user's number, taken from the token unverified: that is for the services.
export function userOf(authorization) {
  const payload = authorization?.split(' ')[1]?.split('.')[1];
  return payload && JSON.parse(Buffer.from(payload, 'base64url')).sub;
}

export function likedOf({ items }, ids) {
  const liked = new Set(items.map((item) => item.quote_id));
  return ids.map((id) => liked.has(id));
}

export function contextOf(authorization) {
  const user = userOf(authorization);
  return {
    authorization,
    user,
    liked: new DataLoader(async (ids) => {
      const path = `/likes?user=${user}&quote=${ids.join(',')}&limit=100`;
      return likedOf(await get(likes, path, authorization), ids);
    }),
  };
}

export const connectionOf = ({ items, page_info: info }) => ({
  edges: items.map((item) => ({ cursor: item.cursor, node: item })),
  nodes: items,
  pageInfo: {
    hasNextPage: info.has_next,
    hasPreviousPage: info.has_previous,
    startCursor: info.start_cursor,
    endCursor: info.end_cursor,
  },
});

export const resolvers = {
  Query: {
    async quotes(_, { first = 20 }, { authorization }) {
      return connectionOf(
        await get(quotes, `/quotes?limit=${first}&order=newest`, authorization),
      );
    },
  },
  Quote: {
    likedByMe: (quote, _, { user, liked }) => (user ? liked.load(quote.id) : null),
    createdAt: (quote) => quote.created_at,
    updatedAt: (quote) => quote.updated_at,
  },
};
