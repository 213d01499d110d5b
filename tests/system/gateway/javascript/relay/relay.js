// Relay's compiler and store against the gateway: connections that mutations add to and take from,
// a connection that is refetched, edits that find another version, and ids of two types.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import relay from "relay-runtime";
import { compiled } from "./compiled.js";

const { commitMutation, createOperationDescriptor, Environment, fetchQuery } = relay;
const { getSingularSelector, Network, RecordSource, Store } = relay;
const [uri, username, schema] = process.argv.slice(2);
const artifact = compiled(fileURLToPath(new URL("App.js", import.meta.url)), schema);
let token = null;
let writes = []; // what to hand back, so that one's likes are counted: see docs/frontends.md

async function send({ text }, variables) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (writes.length) headers["After-Writes"] = writes.join();
  const body = JSON.stringify({ query: text, variables });
  const response = await fetch(uri, { method: "POST", headers, body });
  const named = response.headers.get("After-Writes");
  if (named !== null) writes = named ? [named] : [];
  return response.json();
}

const environment = new Environment({
  network: Network.create(send),
  store: new Store(new RecordSource()),
});
const mutate = (name, variables) =>
  new Promise((onCompleted, onError) => {
    commitMutation(environment, { mutation: artifact(name), variables, onCompleted, onError });
  });
const stored = (name, variables = {}) =>
  environment.lookup(createOperationDescriptor(artifact(name), variables).fragment).data;
const ask = async (name, variables = {}) => {
  environment.retain(createOperationDescriptor(artifact(name), variables));
  await fetchQuery(environment, artifact(name), variables).toPromise();
  return stored(name, variables);
};
const register = async (name) => {
  const input = { username: name, password: "an-uncommon-one-1815" };
  const { register: payload } = await mutate("AppRegisterMutation", { input });
  token = payload.token;
  return payload;
};
const numberOf = (id) => Number(atob(id).split(":")[1]);

// A mutation's quote comes first in the list; a refusal doesn't come into it.
const other = await register(`${username}-2`);
const user = await register(username);
const { quotes: list } = await ask("AppListQuery");
const connections = [list.__id];
// The edge of a record that was deleted stays in Relay's list, without a node.
const titles = () =>
  stored("AppListQuery").quotes.edges.filter((edge) => edge.node).map((edge) => edge.node.title);
const before = titles();
const created = await mutate("AppCreateMutation", { input: { title: "First" }, connections });
const { id } = created.createQuote.quote;
assert.deepEqual(titles(), ["First", ...before]);
const refused = await mutate("AppCreateMutation", { input: { title: " " }, connections });
assert.deepEqual(refused.createQuote.messages, [{ code: "BLANK", field: "title" }]);
assert.deepEqual(titles(), ["First", ...before]);

// A like is counted in the list that is asked again at once.
await mutate("AppLikeMutation", { input: { quoteId: id } });
assert.equal((await ask("AppListQuery")).quotes.edges[0].node.likes, 1);
const [, ...others] = titles(); // the first page alone, as it was asked for anew

// Who likes it, page by page, in one list.
token = other.token;
await mutate("AppLikeMutation", { input: { quoteId: id } });
token = user.token;
const { node } = await ask("AppNodeQuery", { id });
const likers = () => {
  const { node: quote } = stored("AppNodeQuery", { id });
  const found = getSingularSelector(artifact("App_likers"), quote.likers);
  return environment.lookup(found).data.likedBy;
};
assert.equal(node.title, "First");
assert.deepEqual(likers().edges.map((edge) => edge.node.username), [`${username}-2`]);
await ask("AppLikersRefetchQuery", { id, first: 1, after: likers().pageInfo.endCursor });
const names = likers().edges.map((edge) => edge.node.username);
assert.deepEqual(names, [`${username}-2`, username]);

// An edit of a quote that another has changed is a conflict, and the store has what it is now.
const change = (title, expectedVersion) =>
  mutate("AppUpdateMutation", { input: { id, title, expectedVersion } });
await change("Second", 1);
environment.commitUpdate((store) => store.get(id).setValue("Stale", "title"));
const conflict = await change("Third", 1);
assert.equal(conflict.updateQuote.messages[0].code, "CONFLICT");
assert.equal(conflict.updateQuote.current.version, 2);
assert.deepEqual(titles(), ["Second", ...others]);

// A quote and a user of one number are two records.
let latest = id;
while (numberOf(latest) < numberOf(user.user.id)) {
  const { createQuote } = await mutate("AppCreateMutation", { input: { title: "More" }, connections: [] });
  latest = createQuote.quote.id;
}
const twin = btoa(`Quote:${numberOf(user.user.id)}`);
assert.equal((await ask("AppNodeQuery", { id: twin })).node.__typename, "Quote");
assert.equal((await ask("AppNodeQuery", { id: user.user.id })).node.username, username);

// What is deleted is gone from the list.
await mutate("AppDeleteMutation", { input: { id } });
assert.deepEqual(titles().filter((title) => title === "Second"), []);
console.log(JSON.stringify({ likers: names.length, version: conflict.updateQuote.current.version }));
process.exit(0);
