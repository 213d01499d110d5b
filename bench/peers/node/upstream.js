// Both services for all gateways alike: responses from memory, UPSTREAM_DELAY milliseconds late.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const delay = Number(process.env.UPSTREAM_DELAY ?? 0);
const responses = new Map(
  Object.entries(JSON.parse(readFileSync(process.env.UPSTREAM_RESPONSES, 'utf8'))).map(
    ([path, body]) => [path, Buffer.from(JSON.stringify(body))],
  ),
);

createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const body = responses.get(request.url.split('?', 1)[0]);
  setTimeout(() => {
    response.writeHead(body ? 200 : 404, {
      'content-type': 'application/json',
      'content-length': body?.length ?? 0,
    });
    response.end(body);
  }, delay);
}).listen(Number(process.env.PORT), '127.0.0.1');
