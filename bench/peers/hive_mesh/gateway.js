// Hive Gateway's runtime as its documentation has it before REST services: GraphQL Mesh composes
// the supergraph, at the start, and calls the services.
import { execFileSync } from 'node:child_process';
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { useJIT } from '@graphql-mesh/plugin-jit';
import { userOf } from '../node/services.js';
import { serve } from '../node/workers.js';
import { fetch } from './fetch.js';
import { additionalResolvers, additionalTypeDefs } from './resolvers.js';

const packages = `${import.meta.dirname}/node_modules`;
const composed = `${packages}/supergraph.graphql`;
if (cluster.isPrimary) {
  const compose = [`${packages}/.bin/mesh-compose`, '-o', composed];
  execFileSync(process.execPath, compose, { cwd: import.meta.dirname, stdio: 'inherit' });
}

const useUser = () => ({
  onContextBuilding: ({ context, extendContext }) =>
    extendContext({ user: userOf(context.headers.authorization) }),
});

await serve(async (port) => {
  const gateway = createGatewayRuntime({
    supergraph: readFileSync(composed, 'utf8'),
    additionalTypeDefs,
    additionalResolvers,
    fetchAPI: { fetch },
    // Merges queries to one subgraph into one, which here are one already.
    __experimental__batchExecution: false,
    plugins: () => [useJIT(), useUser()],
  });
  createServer(gateway).listen(port, '127.0.0.1');
});
