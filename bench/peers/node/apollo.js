// Apollo Server, as its documentation starts it.
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { contextOf, resolvers } from './services.js';
import { serve } from './workers.js';

const typeDefs = readFileSync(process.env.SCHEMA, 'utf8');

await serve(async (port) => {
  const server = new ApolloServer({ typeDefs, resolvers });
  await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port },
    context: async ({ req }) => contextOf(req.headers.authorization),
  });
});
