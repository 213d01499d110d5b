// Both services for all gateways alike: answers from memory, after UPSTREAM_DELAY milliseconds.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const delay = Number(process.env.UPSTREAM_DELAY ?? 0);
const answers = JSON.parse(readFileSync(process.env.UPSTREAM_ANSWERS, 'utf8'));

createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const answer = answers[request.url.split('?', 1)[0]];
  const body = JSON.stringify(answer ?? {});
  const send = () => {
    response.writeHead(answer === undefined ? 404 : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  };
  delay ? setTimeout(send, delay) : send();
}).listen(Number(process.env.PORT), '127.0.0.1');
