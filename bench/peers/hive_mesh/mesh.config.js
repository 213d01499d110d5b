// The supergraph that Mesh Compose makes of the two REST operations, described by JSON Schema.
import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadJSONSchemaSubgraph } from '@omnigraph/json-schema';

const [id, text, number, truth] = ['string', 'string', 'integer', 'boolean'].map((type) => ({ type }));
const object = (title, properties) => ({ type: 'object', title, properties });
const pageOf = (item) =>
  object(`${item.title}Page`, {
    items: { type: 'array', items: item },
    page_info: object(`${item.title}PageInfo`, {
      has_next: truth,
      has_previous: truth,
      start_cursor: text,
      end_cursor: text,
    }),
  });
const quote = object('Quote', {
  id,
  title: text,
  author: text,
  likes: number,
  created_at: text,
  updated_at: text,
  cursor: text,
});
const like = object('Like', { quote_id: id });

const service = (name, endpoint, operation) => ({
  sourceHandler: loadJSONSchemaSubgraph(name, {
    endpoint,
    operationHeaders: { authorization: '{context.headers.authorization}' },
    operations: [{ type: 'Query', method: 'GET', ...operation }],
  }),
});

export const composeConfig = defineConfig({
  subgraphs: [
    service('Quotes', '{env.QUOTES_URL}', {
      field: 'quotePage',
      path: '/quotes?limit={args.limit}&order=newest',
      argTypeMap: { limit: number },
      responseSchema: pageOf(quote),
    }),
    service('Likes', '{env.LIKES_URL}', {
      field: 'likePage',
      path: '/likes?user={args.user}&quote={args.quotes}&limit=100',
      responseSchema: pageOf(like),
    }),
  ],
});
