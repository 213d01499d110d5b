// urql against the gateway: a query, mutations, and errors with codes.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { cacheExchange, Client, fetchExchange } from "@urql/core";
import { CREATE, LIKE, LIST, REGISTER } from "./operations.js";

const [url, username] = process.argv.slice(2);
let token = null;
const client = new Client({
  url,
  exchanges: [cacheExchange, fetchExchange],
  preferGetMethod: true, // reads by GET, writes by POST
  fetchOptions: () => (token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
});

const registered = await client
  .mutation(REGISTER, { input: { username, password: "an-uncommon-one-1815" } })
  .toPromise();
token = registered.data.register.token;
const created = await client.mutation(CREATE, { input: { title: "By urql" } }).toPromise();
const { id } = created.data.createQuote;
const before = await client.query(LIST, { first: 1 }).toPromise();
assert.equal(before.data.quotes.edges[0].node.id, id);
await client.mutation(LIKE, { input: { quoteId: id } }).toPromise();
// The document cache has dropped what shows a Quote, so that this is read anew.
const after = await client.query(LIST, { first: 1 }).toPromise();
assert.equal(after.data.quotes.edges[0].node.likedByMe, true);
// The list shows the count once the event of the like has reached Quotes.
let likes = after.data.quotes.edges[0].node.likes;
for (let tries = 0; likes !== 1 && tries < 300; tries += 1) {
  await setTimeout(100);
  const page = await client.query(LIST, { first: 1 }, { requestPolicy: "network-only" }).toPromise();
  likes = page.data.quotes.edges[0].node.likes;
}
assert.equal(likes, 1);

const wrong = await client.query(LIST, { first: 0 }, { requestPolicy: "network-only" }).toPromise();
assert.equal(wrong.error.graphQLErrors[0].extensions.code, "BAD_USER_INPUT");
const refused = await client.mutation(CREATE, { input: { title: "" } }).toPromise();
assert.deepEqual(refused.data.createQuote.messages.map((message) => message.field), ["title"]);
console.log(JSON.stringify({ quote: id }));
