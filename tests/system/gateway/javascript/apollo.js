// Apollo Client against the gateway: pages, the normalized cache, and mutations that update it.
import assert from "node:assert/strict";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { CREATE, LIKE, LIST, REGISTER } from "./operations.js";

const [uri, username] = process.argv.slice(2);
let token = null;
const authorize = new ApolloLink((operation, forward) => {
  if (token !== null) operation.setContext({ headers: { authorization: `Bearer ${token}` } });
  return forward(operation);
});
const client = new ApolloClient({
  link: authorize.concat(new HttpLink({ uri })),
  cache: new InMemoryCache({
    possibleTypes: {
      QuoteResult: ["Quote", "OperationInfo"],
      LoginResult: ["LoginPayload", "OperationInfo"],
    },
    typePolicies: { Query: { fields: { quotes: relayStylePagination(["search", "orderBy"]) } } },
  }),
});

const { data: registered } = await client.mutate({
  mutation: REGISTER,
  variables: { input: { username, password: "an-uncommon-one-1815" } },
});
token = registered.register.token;

const titles = ["One", "Two", "Three", "Four", "Five"];
const ids = [];
for (const title of titles) {
  const { data } = await client.mutate({ mutation: CREATE, variables: { input: { title } } });
  ids.unshift(data.createQuote.id);
}

// Pages join in the cache as one list.
const list = client.watchQuery({ query: LIST, variables: { first: 2 } });
const shown = () => client.readQuery({ query: LIST, variables: { first: 2 } }).quotes;
list.subscribe({ error: (error) => { throw error; } });
await list.result?.();
await client.query({ query: LIST, variables: { first: 2 } });
for (let page = 1; page < 3; page += 1) {
  assert.equal(shown().pageInfo.hasNextPage, true);
  await list.fetchMore({ variables: { after: shown().pageInfo.endCursor } });
}
assert.deepEqual(shown().edges.slice(0, 5).map((edge) => edge.node.id), ids);

// A mutation's answer changes the one cached quote, and so the list that shows it.
const cached = `Quote:${ids[3]}`;
assert.equal(client.cache.extract()[cached].likes, 0);
const { data: liked } = await client.mutate({
  mutation: LIKE,
  variables: { input: { quoteId: ids[3] } },
  optimisticResponse: {
    likeQuote: {
      __typename: "Quote",
      id: ids[3],
      likes: 1,
      likedByMe: true,
    },
  },
});
assert.equal(liked.likeQuote.likes, 1);
assert.equal(client.cache.extract()[cached].likes, 1);
const node = shown().edges[3].node;
assert.deepEqual([node.id, node.likes, node.likedByMe], [ids[3], 1, true]);

// A refusal is data, and leaves the cache as it was.
const { data: again } = await client.mutate({
  mutation: LIKE,
  variables: { input: { quoteId: ids[3] } },
});
assert.equal(again.likeQuote.messages[0].code, "ALREADY_LIKED");
assert.equal(client.cache.extract()[cached].likes, 1);

// A fault is an error with a code.
const { error } = await client.query({
  query: LIST,
  variables: { first: 101 },
  fetchPolicy: "no-cache",
  errorPolicy: "all",
});
assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
console.log(JSON.stringify({ pages: 3, quotes: ids.length }));
process.exit(0);
