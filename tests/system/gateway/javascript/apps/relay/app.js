// A small app with React and Relay, used from the first page to the end of the account.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { act, createElement } from "react";
import relay from "react-relay";
import renderer from "react-test-renderer";
import { compiled } from "../../relay/compiled.js";
import { Device, PASSWORD, TITLES } from "../device.js";
import { Session } from "../session.js";
import { App } from "./components.js";
import { createEnvironment } from "./environment.js";

const [uri, name, schema] = process.argv.slice(2);
globalThis.IS_REACT_ACT_ENVIRONMENT = true;
const artifact = compiled(fileURLToPath(new URL("Feed.js", import.meta.url)), schema);
const session = new Session(uri);
const PAGE = 10;
let environment;
let screens = 0;
let shown; // what the component has

// Shows the list, of all quotes or of a search, once it has come.
async function show(search) {
  shown = null;
  const key = `${(screens += 1)}`; // another screen, which asks anew
  const props = { key, environment, artifact, search, take: (now) => (shown = now) };
  await act(async () => root.update(createElement(App, props)));
  while (shown === null) await act(() => setTimeout(5));
}

const loadMore = () =>
  new Promise((resolve, reject) => {
    shown.loadNext(PAGE, { onComplete: (error) => (error ? reject(error) : resolve()) });
  });
const more = () => act(loadMore);

async function commit(mutation, input, variables = {}) {
  const config = { mutation: artifact(mutation), variables: { input, ...variables } };
  const data = await new Promise((onCompleted, onError) => {
    relay.commitMutation(environment, { ...config, onCompleted, onError });
  });
  const [answer] = Object.values(data);
  return answer?.quote ?? answer;
}
const mutate = (...change) => act(() => commit(...change));

async function begin() {
  environment = createEnvironment(session);
  await show();
}

async function login(username) {
  const answer = await mutate("FeedLoginMutation", { username, password: PASSWORD });
  if (answer.messages) return answer.messages[0].code;
  session.begin(answer);
  await begin();
  return shown.me.username;
}

const titles = () => shown.quotes.map(({ title }) => title);
const reasons = ({ messages }) => messages.map(({ code, field }) => [code, field]);
const creation = (title) =>
  ["FeedCreateMutation", { title }, { connections: [shown.connection] }];
const create = (title) => mutate(...creation(title));

const person = new Device(uri);
const writer = new Device(uri);
await person.register(name);
await writer.register(`${name}-writer`);
await writer.write(TITLES, name);
const newest = [...TITLES].reverse();
let root;
await act(async () => (root = renderer.create(null, { unstable_isConcurrent: true })));

// Anybody reads, page by page; whether one likes a quote is nobody's to know yet.
await begin();
assert.equal(shown.me, null);
assert.deepEqual(titles(), newest.slice(0, PAGE));
assert.equal(shown.quotes[0].likedByMe, null);
await more();
assert.deepEqual(titles(), newest.slice(0, 2 * PAGE));
assert.equal(shown.hasNext, true);
assert.equal(root.root.findAllByType("li").length, 2 * PAGE);

// Who has logged in sees the same list as their own.
assert.equal(await login(name), name);
assert.equal(shown.quotes[0].likedByMe, false);
await more();

// A like beyond the first page is seen wherever the quote is, at once and when asked again.
const liked = shown.quotes[PAGE + 4];
const answer = await mutate("FeedLikeMutation", { quoteId: liked.id });
assert.deepEqual([answer.likes, answer.likedByMe], [1, true]);
assert.equal(root.root.findAllByType("li")[PAGE + 4].children[0], `${liked.title} 1 ♥`);
await show();
await more();
assert.equal(root.root.findAllByType("li")[PAGE + 4].children[0], `${liked.title} 1 ♥`);
assert.deepEqual(reasons(await mutate("FeedLikeMutation", { quoteId: liked.id })),
  [["ALREADY_LIKED", null]]);

// A search is a list of its own, whose pages may be short.
await show(`EPREUVE ${name}`);
while (shown.hasNext) await more();
assert.deepEqual(titles(), newest);
assert.equal(shown.quotes[PAGE + 4].likes, 1);
await show();

// What one writes comes first; what is refused doesn't come.
const { id, version } = await create("Mine");
assert.equal(titles()[0], "Mine");
assert.deepEqual(reasons(await create(" ")), [["BLANK", "title"]]);
assert.equal(titles()[0], "Mine");

// An edit on another device is not overwritten, and shown; then the edit is made on top of it.
assert.equal(await person.edit(id, "Mine, from elsewhere"), 2);
const edit = (title, expectedVersion) => mutate("FeedUpdateMutation", { id, title, expectedVersion });
const conflict = await edit("Mine, again", version);
assert.deepEqual(reasons(conflict), [["CONFLICT", null]]);
assert.equal(titles()[0], "Mine, from elsewhere");
assert.equal((await edit("Mine, again", conflict.current.version)).version, 3);
assert.equal(titles()[0], "Mine, again");
assert.deepEqual(reasons(await mutate("FeedUpdateMutation", { id: liked.id, title: "Not mine" })),
  [["PERMISSION_DENIED", null]]);
assert.deepEqual([shown.quotes[0].viewerCanUpdate, shown.quotes[1].viewerCanUpdate], [true, false]);

// Logging out elsewhere ends all tokens: two requests at once renew this one, and are answered.
await person.logout();
const before = session.token;
const both = () => Promise.all([commit(...creation("After a renewal")), loadMore()]);
const [written] = await act(both);
assert.equal(written.title, "After a renewal");
assert.notEqual(session.token, before);
session.token = `${before.slice(0, -4)}over`; // which the gateway refuses by itself
// What is deleted is gone from the store, and the answer with it: a refusal would be there.
assert.equal(await mutate("FeedDeleteMutation", { id: written.id }), null);
assert.deepEqual(shown.quotes.filter((quote) => quote.id === written.id), []);

// Logging out everywhere ends the other device's session, too, and leaves nothing of one's own.
await person.login(name);
assert.equal((await mutate("FeedLogoutMutation")).ended, 2);
session.end();
await begin();
assert.equal(shown.quotes[0].likedByMe, null);
assert.equal(await person.refresh(), "INVALID_REFRESH_TOKEN");

// The account is deleted by its password alone, and is no more.
await login(name);
assert.deepEqual(reasons(await mutate("FeedLeaveMutation", { password: "not the password" })),
  [["INVALID_CREDENTIALS", "password"]]);
assert.ok((await mutate("FeedLeaveMutation", { password: PASSWORD })).id);
session.end();
await begin();
assert.equal(await login(name), "INVALID_CREDENTIALS");
console.log(JSON.stringify({ liked: liked.id, written: id }));
process.exit(0);
