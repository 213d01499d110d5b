// GraphQL Yoga's server-sent events, as its documentation has them, fed by the events of RabbitMQ.
import { createServer } from 'node:http';
import amqp from 'amqplib';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';

const pubSub = createPubSub();
const connection = await amqp.connect(process.env.BROKER_URL);
const channel = await connection.createChannel();
await channel.assertExchange('events', 'topic', { durable: true });
const { queue } = await channel.assertQueue('', { exclusive: true });
await channel.bindQueue(queue, 'events', 'quotes.quote.*');
await channel.consume(queue, ({ content }) => pubSub.publish('quote', JSON.parse(content)), {
  noAck: true,
});

const typeDefs = `
  type Query { ok: Boolean }
  type Quote { id: ID! title: String! version: Int! }
  type QuoteChange { cursor: String! id: ID! change: String! quote: Quote }
  type Subscription { quoteChanged(ids: [ID!], after: String): QuoteChange! }
`;
const resolvers = {
  Subscription: {
    quoteChanged: {
      subscribe: () => pubSub.subscribe('quote'),
      resolve: (quote) => ({ cursor: String(quote.version), id: quote.id, change: 'UPDATED', quote }),
    },
  },
};
const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false });
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
