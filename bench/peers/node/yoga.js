// GraphQL Yoga, as its documentation starts it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { contextOf, resolvers } from './services.js';
import { serve } from './workers.js';

const typeDefs = readFileSync(process.env.SCHEMA, 'utf8');

await serve(async (port) => {
  const yoga = createYoga({
    schema: createSchema({ typeDefs, resolvers }),
    context: ({ request }) => contextOf(request.headers.get('authorization')),
    logging: false,
  });
  createServer(yoga).listen(port, '127.0.0.1');
});
