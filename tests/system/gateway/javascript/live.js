// Clients of live subscriptions: the snapshot, a change, and going on with the cursor of the last.
import assert from "node:assert/strict";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

// What urql's fetch is told when its reader leaves.
process.on("unhandledRejection", (error) => {
  if (error.name !== "AbortError") throw error;
});
const [name, live, gateway, token, id] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const query = `subscription Live($ids: [ID!], $after: String) {
  quoteChanged(ids: $ids, after: $after) { cursor id change quote { id likes likedByMe } }
}`;

const sse = createSse({ url: live, headers });
const ws = createWs({
  url: live.replace("http", "ws"),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: headers.authorization },
});

// Each calls `next` with the data of a result, and returns what ends the subscription.
const CLIENTS = {
  "graphql-sse": (variables, next, error) =>
    sse.subscribe({ query, variables }, { next: ({ data }) => next(data), error, complete() {} }),
  "graphql-ws": (variables, next, error) =>
    ws.subscribe({ query, variables }, { next: ({ data }) => next(data), error, complete() {} }),
  apollo: (variables, next, error) => {
    const link = new HttpLink({ uri: live, headers });
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const subscription = client
      .subscribe({ query: gql(query), variables })
      .subscribe({ next: ({ data }) => next(data), error });
    return () => subscription.unsubscribe();
  },
  urql: (variables, next, error) => {
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: sse.subscribe(request, sink) }),
    });
    const client = new Client({
      url: gateway,
      preferGetMethod: false,
      exchanges: [subscriptionExchange({ forwardSubscription }), fetchExchange],
    });
    const { unsubscribe } = client
      .subscription(query, variables)
      .subscribe((result) => (result.error ? error(result.error) : next(result.data)));
    return unsubscribe;
  },
  "urql by fetch": (variables, next, error) => {
    const client = new Client({
      url: live,
      preferGetMethod: false,
      fetchSubscriptions: true,
      fetchOptions: { headers },
      exchanges: [fetchExchange],
    });
    const { unsubscribe } = client
      .subscription(query, variables)
      .subscribe((result) => (result.error ? error(result.error) : next(result.data)));
    return unsubscribe;
  },
};

async function mutate(document) {
  const body = JSON.stringify({ query: document, variables: { input: { quoteId: id } } });
  const init = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body };
  const response = await (await fetch(gateway, init)).json();
  assert.ok(response.data, JSON.stringify(response));
}

function until(variables, wanted, then = () => {}) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const stop = CLIENTS[name](
      variables,
      async ({ quoteChanged }) => {
        seen.push(quoteChanged);
        if (seen.length === 1) await then();
        if (wanted(quoteChanged)) {
          stop();
          resolve(seen);
        }
      },
      reject,
    );
  });
}

const like = "mutation ($input: LikeQuoteInput!) { likeQuote(input: $input) { __typename } }";
const unlike = "mutation ($input: LikeQuoteInput!) { unlikeQuote(input: $input) { __typename } }";
const first = await until(
  { ids: [id] },
  ({ quote }) => quote.likes === 1,
  () => mutate(like),
);
const { cursor, quote } = first.at(-1);
assert.equal(quote.likedByMe, true);
await mutate(unlike);
const second = await until({ ids: [id], after: cursor }, ({ quote }) => quote.likes === 0);
const changes = [...first, ...second].map(({ change }) => change);
console.log(JSON.stringify({ changes }));
process.exit(0);
