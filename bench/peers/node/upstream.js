// Both services for all gateways alike: answers from memory, UPSTREAM_DELAY milliseconds late.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const delay = Number(process.env.UPSTREAM_DELAY ?? 0);
const answers = new Map(
  Object.entries(JSON.parse(readFileSync(process.env.UPSTREAM_ANSWERS, 'utf8'))).map(
    ([path, answer]) => [path, Buffer.from(JSON.stringify(answer))],
  ),
);

createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const answer = answers.get(request.url.split('?', 1)[0]);
  setTimeout(() => {
    response.writeHead(answer ? 200 : 404, {
      'content-type': 'application/json',
      'content-length': answer?.length ?? 0,
    });
    response.end(answer);
  }, delay);
}).listen(Number(process.env.PORT), '127.0.0.1');
