// Asks a supergraph one query through Hive Gateway, and prints the response.
import { readFileSync } from 'node:fs';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';

const [file, query] = process.argv.slice(2);
const supergraph = readFileSync(file, 'utf8');
const gateway = createGatewayRuntime({ supergraph, logging: false, maskedErrors: false });
const response = await gateway.fetch('http://localhost/graphql', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
});
const text = await response.text();
await gateway.dispose?.();
console.log(text);
process.exit(0);
