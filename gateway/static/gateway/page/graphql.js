// One GraphQL request, and the ways in which it can fail. Nothing else in this page calls fetch.

const ENDPOINT = "/graphql";
// Where the browser's refresh token is sent to, which is what begins, renews and ends sessions.
const OF_SESSIONS = "/graphql/session";
// The gateway gives up on a service after 10 s, so whoever hears nothing in 15 s won't any more.
const PATIENCE = 15_000; // ms

// The names of this page's likes that are perhaps not counted yet: sent along, they are.
const writes = new Set();

/** There was no answer: no network, no gateway, or none in time. A write may have been made. */
export class Unreachable extends Error {}

/** The token doesn't hold, or one is needed. */
export class Unauthenticated extends Error {}

/** A service said no, and why: `messages` and `current` as in OperationInfo. Nothing was changed. */
export class Refused extends Error {
  constructor(messages, current = null) {
    super(messages[0]?.message ?? "That was refused.");
    this.messages = messages;
    this.current = current;
  }

  has(code) {
    return this.messages.some((message) => message.code === code);
  }
}

/** The gateway, or a service behind it, couldn't do its part; `code` as in the errors' extensions. */
export class Failed extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

/** Answers `{ data, errors }`; throws if there is no data, or an AbortError if `signal` said so. */
export async function send(document, variables, { token, signal, browser = false } = {}) {
  const { status, body } = await exchange({ query: document, variables }, token, signal, browser);
  const [first] = body?.errors ?? [];
  if (status === 401) throw new Unauthenticated(first?.message);
  if (!body?.data) {
    throw new Failed(first?.message ?? `No GraphQL in the answer (${status}).`, first?.extensions?.code);
  }
  return { data: body.data, errors: body.errors ?? [] };
}

async function exchange(operation, token, signal, browser) {
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const named = [...writes];
  if (named.length) headers["After-Writes"] = named.join();
  const timeout = AbortSignal.timeout(PATIENCE);
  try {
    const response = await fetch(browser ? OF_SESSIONS : ENDPOINT, {
      method: "POST",
      keepalive: browser, // whoever leaves the page must not miss the next refresh token
      headers,
      body: JSON.stringify(operation),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    keepWrites(named, response.headers.get("After-Writes"));
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable("No answer.", { cause: error });
  }
}

/** Forgets those that were sent and are counted by now, and takes those that are on their way. */
function keepWrites(named, told) {
  if (told === null) return;
  for (const name of named) writes.delete(name);
  for (const name of told.split(/, */)) if (name) writes.add(name);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page of some proxy in between
  }
}
