// Who is logged in, over reloads and in all tabs; and asking in their name.
//
// The refresh token lies in a cookie that no script can read, and the token in this page's memory.
// What is kept where scripts can read it is no more than who logged in last.

import { Failed, Refused, Unauthenticated, send } from "./graphql.js";
import { RENEW } from "./operations.js";

const KEY = "quotes-in-step.user";
const LOG_IN_FIRST = ["NOT_AUTHENTICATED", "INVALID_TOKEN"];
const PART = 0.8; // of a token's life, after which it is renewed
const SELDOM = 60_000; // ms; whoever has a clock that is wrong renews no more often

class Session extends EventTarget {
  #user = restored();
  #token = null;
  #renewAt = 0;
  #renewing = null;

  constructor() {
    super();
    addEventListener("storage", (event) => {
      if (event.key === KEY || event.key === null) this.#become(restored());
    });
  }

  /** The user, or null. */
  get user() {
    return this.#user;
  }

  /** Begins, or goes on, with a LoginPayload. */
  begin({ token, expiresAt, user }) {
    keep(user);
    this.#become(user, () => this.take({ token, expiresAt }));
  }

  /** Goes on with a TokenPayload. */
  take({ token, expiresAt }) {
    this.#token = token;
    this.#renewAt = Date.now() + Math.max(SELDOM, PART * (new Date(expiresAt) - Date.now()));
  }

  /** Ends for this browser, in which there is no refresh token any more. */
  end() {
    keep(null);
    this.#become(null);
  }

  /** Answers a token that should hold, or none for nobody. Throws if that can't be told now. */
  async token() {
    if (!this.#user) return undefined;
    if (this.#token && Date.now() < this.#renewAt) return this.#token;
    return this.renew(this.#token, this.#user);
  }

  /** Answers the token after one of `user` that is refused; none if their session has ended. */
  async renew(refused, user) {
    if (!user || this.#user?.id !== user.id) return undefined;
    if (this.#token !== refused) return this.#token;
    this.#renewing ??= this.#renew(user).finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #renew(user) {
    try {
      const login = await oneTabAtATime(() => ask(RENEW, { input: {} }, { browser: true }));
      if (this.#user?.id !== user.id) return undefined; // logged out meanwhile, or somebody else
      this.begin(login);
      return login.user.id === user.id ? login.token : undefined;
    } catch (error) {
      if (!(error instanceof Refused && error.has("INVALID_REFRESH_TOKEN"))) throw error;
      if (this.#user?.id === user.id) {
        this.end();
        this.dispatchEvent(new Event("expired"));
      }
      return undefined;
    }
  }

  #become(user, take = () => {}) {
    const changes = this.#user?.id !== user?.id;
    this.#user = user;
    if (changes) this.#token = null;
    take();
    if (changes) this.dispatchEvent(new Event("change"));
  }
}

export const session = new Session();

/** Answers `{ data, errors }` of a query; if the session has ended, as anybody sees it. */
export async function query(document, variables, signal) {
  const { user } = session;
  const token = await session.token();
  try {
    const result = await send(document, variables, { token, signal });
    if (!token || !result.errors.some((error) => error.extensions?.code === "UNAUTHENTICATED")) return result;
  } catch (error) {
    if (!token || !(error instanceof Unauthenticated)) throw error;
  }
  return send(document, variables, { token: await session.renew(token, user), signal });
}

/** Answers the object that a mutation answers under `answer`; throws Refused if there is none. */
export function mutate(document, input) {
  return change(document, { input });
}

/** Does the same with any variables; a mutation that begins or ends a session is of the `browser`. */
export async function change(document, variables, { browser = false } = {}) {
  const { user } = session;
  const token = await session.token();
  try {
    return await ask(document, variables, { token, browser });
  } catch (error) {
    if (!token || !(error instanceof Unauthenticated)) throw error;
    const next = await session.renew(token, user);
    if (!next) throw error;
    return ask(document, variables, { token: next, browser });
  }
}

async function ask(document, variables, options) {
  const { data, errors } = await send(document, variables, options);
  const { answer } = data;
  if (!answer) throw new Failed(errors[0]?.message, errors[0]?.extensions?.code);
  if (answer.messages) throw refusal(answer);
  return answer;
}

function refusal({ messages, current }) {
  const refused = new Refused(messages, current);
  return LOG_IN_FIRST.some((code) => refused.has(code)) ? new Unauthenticated(refused.message) : refused;
}

/** Two tabs that renew at once are understood, but a third might come too late for that. */
function oneTabAtATime(work) {
  return navigator.locks ? navigator.locks.request("quotes-in-step.renewal", work) : work();
}

function restored() {
  try {
    const user = JSON.parse(localStorage.getItem(KEY));
    return user?.id ? user : null;
  } catch {
    return null; // storage is forbidden here, or holds what is no user
  }
}

function keep(user) {
  try {
    if (user) localStorage.setItem(KEY, JSON.stringify(user));
    else localStorage.removeItem(KEY);
    localStorage.removeItem("quotes-in-step.session"); // in which earlier releases kept a token
  } catch {
    // Storage is forbidden here: the session lasts until the page is left.
  }
}
