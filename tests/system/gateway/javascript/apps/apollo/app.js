// A small app with Apollo Client, used from the first page to the end of the account.
import assert from "node:assert/strict";
import { Device, PASSWORD, TITLES } from "../device.js";
import { Session } from "../session.js";
import { createClient } from "./client.js";
import * as operations from "./operations.js";

const [uri, name] = process.argv.slice(2);
const session = new Session(uri);
const client = createClient(session);
const PAGE = 10;

// What is shown of the quotes, of all or of those that a search finds.
function watch(search) {
  const asked = { query: operations.FEED, variables: { first: PAGE, search } };
  const query = client.watchQuery(asked);
  query.subscribe({ error: assert.ifError });
  const shown = () => client.readQuery(asked).quotes;
  return {
    load: () => query.refetch(),
    more: () => query.fetchMore({ variables: { after: shown().pageInfo.endCursor } }),
    hasMore: () => shown().pageInfo.hasNextPage,
    quotes: () => shown().edges.map(({ node }) => node),
    stop: () => query.stop(),
  };
}

async function mutate(mutation, input, options = {}) {
  const { data } = await client.mutate({ mutation, variables: { input }, ...options });
  return Object.values(data)[0];
}

async function login(username) {
  const answer = await mutate(operations.LOGIN, { username, password: PASSWORD });
  if (answer.messages) return answer.messages[0].code;
  session.begin(answer);
  await client.resetStore(); // asks anew for what is shown: whether one likes it is one's own
  return answer.user.username;
}

function prepend(cache, quote) {
  if (quote.__typename !== "Quote") return;
  cache.modify({
    fields: {
      quotes(list, { toReference, storeFieldName }) {
        if (storeFieldName.includes('"search"')) return list; // who knows whether it would be found
        const edge = { __typename: "QuoteEdge", cursor: "", node: toReference(quote) };
        return { ...list, edges: [edge, ...list.edges] };
      },
    },
  });
}

const create = (title) =>
  mutate(operations.CREATE, { title }, {
    update: (cache, { data: { createQuote } }) => prepend(cache, createQuote),
  });

const remove = (id) =>
  mutate(operations.DELETE, { id }, {
    update: (cache, { data: { deleteQuote } }) => {
      if (deleteQuote.__typename === "Quote") cache.evict({ id: cache.identify(deleteQuote) });
    },
  });

const person = new Device(uri);
const writer = new Device(uri);
await person.register(name);
await writer.register(`${name}-writer`);
await writer.write(TITLES, name);
const newest = [...TITLES].reverse();

// Anybody reads, page by page; whether one likes a quote is nobody's to know yet.
const feed = watch();
await feed.load();
assert.deepEqual(feed.quotes().map(({ title }) => title), newest.slice(0, PAGE));
assert.equal(feed.quotes()[0].likedByMe, null);
await feed.more();
assert.deepEqual(feed.quotes().map(({ title }) => title), newest.slice(0, 2 * PAGE));
assert.equal(feed.hasMore(), true);

// Who has logged in sees the same list as their own.
assert.equal(await login(name), name);
assert.equal((await client.query({ query: operations.ME })).data.me.username, name);
assert.equal(feed.quotes()[0].likedByMe, false);
await feed.more();

// A like beyond the first page is seen wherever the quote is, at once and when asked again.
const [liked] = feed.quotes().slice(PAGE + 4);
const answer = await mutate(operations.LIKE, { quoteId: liked.id });
assert.deepEqual([answer.likes, answer.likedByMe], [1, true]);
assert.equal(feed.quotes()[PAGE + 4].likes, 1);
await feed.load();
await feed.more();
assert.deepEqual([feed.quotes()[PAGE + 4].likes, feed.quotes()[PAGE + 4].likedByMe], [1, true]);
assert.equal((await mutate(operations.LIKE, { quoteId: liked.id })).messages[0].code, "ALREADY_LIKED");

// A search is a list of its own, whose pages may be short.
const found = watch(`EPREUVE ${name}`);
await found.load();
while (found.hasMore()) await found.more();
assert.deepEqual(found.quotes().map(({ title }) => title), newest);
assert.equal(found.quotes()[PAGE + 4].likes, 1);
found.stop();

// What one writes comes first; what is refused doesn't come.
const { id, version } = await create("Mine");
assert.equal(feed.quotes()[0].title, "Mine");
const refused = await create(" ");
assert.deepEqual(refused.messages.map(({ code, field }) => [code, field]), [["BLANK", "title"]]);
assert.equal(feed.quotes()[0].title, "Mine");

// An edit on another device is not overwritten, and shown; then the edit is made on top of it.
assert.equal(await person.edit(id, "Mine, from elsewhere"), 2);
const edit = (title, expectedVersion) => mutate(operations.UPDATE, { id, title, expectedVersion });
const conflict = await edit("Mine, again", version);
assert.equal(conflict.messages[0].code, "CONFLICT");
assert.equal(feed.quotes()[0].title, "Mine, from elsewhere");
assert.equal((await edit("Mine, again", conflict.current.version)).version, 3);
assert.equal(feed.quotes()[0].title, "Mine, again");
assert.equal((await mutate(operations.UPDATE, { id: liked.id, title: "Not mine" })).messages[0].code,
  "PERMISSION_DENIED");
assert.equal(feed.quotes().find((quote) => quote.id === liked.id).viewerCanUpdate, false);

// Logging out elsewhere ends all tokens: two requests at once renew this one, and are answered.
await person.logout();
const before = session.token;
const [written] = await Promise.all([create("After a renewal"), feed.load()]);
assert.equal(written.title, "After a renewal");
assert.notEqual(session.token, before);
session.token = `${before.slice(0, -4)}over`; // which the gateway refuses by itself
const [removed] = await Promise.all([remove(written.id), client.query({ query: operations.ME })]);
assert.equal(removed.title, "After a renewal");
assert.deepEqual(feed.quotes().filter((quote) => quote.id === written.id), []);

// Logging out everywhere ends the other device's session, too, and leaves nothing of one's own.
await person.login(name);
const { data: { logout } } = await client.mutate({ mutation: operations.LOGOUT_EVERYWHERE });
assert.equal(logout.ended, 2);
session.end();
await client.resetStore();
assert.equal(feed.quotes()[0].likedByMe, null);
assert.equal(await person.refresh(), "INVALID_REFRESH_TOKEN");

// The account is deleted by its password alone, and is no more.
await login(name);
const wrong = await mutate(operations.DELETE_ACCOUNT, { password: "not the password" });
assert.deepEqual(wrong.messages.map(({ code, field }) => [code, field]),
  [["INVALID_CREDENTIALS", "password"]]);
assert.ok((await mutate(operations.DELETE_ACCOUNT, { password: PASSWORD })).id);
session.end();
assert.equal(await login(name), "INVALID_CREDENTIALS");
console.log(JSON.stringify({ liked: liked.id, written: id }));
process.exit(0);
