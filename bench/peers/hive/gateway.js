// Hive Gateway's runtime before REST services: its schema, resolved by the gateway itself.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { useJIT } from '@graphql-mesh/plugin-jit';
import { contextOf, resolvers } from '../node/services.js';
import { serve } from '../node/workers.js';

const supergraph = readFileSync(process.env.SCHEMA, 'utf8');
const useServices = () => ({
  onContextBuilding: ({ context, extendContext }) =>
    extendContext(contextOf(context.headers.authorization)),
});
// Compiled documents write out what a resolver returns: a number would not become an ID.
const id = (quote) => String(quote.id);

await serve(async (port) => {
  const gateway = createGatewayRuntime({
    supergraph,
    additionalResolvers: { ...resolvers, Quote: { ...resolvers.Quote, id } },
    plugins: () => [useJIT(), useServices()],
  });
  createServer(gateway).listen(port, '127.0.0.1');
});
