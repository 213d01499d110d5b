// Who is logged in, kept over reloads and told to the other tabs; and asking in their name.

import { Failed, Refused, Unauthenticated, send } from "./graphql.js";

// Scripts come from this origin alone (see the page's Content-Security-Policy), so that nothing
// foreign can read what is kept here.
const KEY = "quotes-in-step.session";
const LOG_IN_FIRST = ["NOT_AUTHENTICATED", "INVALID_TOKEN"];

class Session extends EventTarget {
  #login = restored();

  constructor() {
    super();
    addEventListener("storage", (event) => {
      if (event.key === KEY || event.key === null) this.#become(restored());
    });
  }

  /** The user, or null. */
  get user() {
    return this.#login?.user ?? null;
  }

  get token() {
    return this.#login?.token;
  }

  /** Begins, with a LoginPayload. */
  begin({ token, user }) {
    keep({ token, user });
    this.#become({ token, user });
  }

  /** Ends, by the user's wish. */
  end() {
    keep(null);
    this.#become(null);
  }

  /** Ends because `token` holds no longer, unless there is a newer one. */
  expire(token) {
    if (!token || token !== this.token) return;
    this.end();
    this.dispatchEvent(new Event("expired"));
  }

  #become(login) {
    const before = this.token;
    this.#login = login;
    if (before !== this.token) this.dispatchEvent(new Event("change"));
  }
}

export const session = new Session();

/** Answers `{ data, errors }` of a query; if the token holds no longer, as anybody sees it. */
export async function query(document, variables, signal) {
  const { token } = session;
  try {
    return await send(document, variables, { token, signal });
  } catch (error) {
    if (!token || !(error instanceof Unauthenticated)) throw error;
    session.expire(token);
    return send(document, variables, { signal });
  }
}

/** Answers the object that a mutation answers under `answer`; throws Refused if there is none. */
export async function mutate(document, input) {
  const { token } = session;
  try {
    const { data, errors } = await send(document, { input }, { token });
    const { answer } = data;
    if (!answer) throw new Failed(errors[0]?.message, errors[0]?.extensions?.code);
    if (answer.messages) throw refusal(answer.messages);
    return answer;
  } catch (error) {
    if (error instanceof Unauthenticated) session.expire(token);
    throw error;
  }
}

function refusal(messages) {
  const refused = new Refused(messages);
  return LOG_IN_FIRST.some((code) => refused.has(code)) ? new Unauthenticated(refused.message) : refused;
}

function restored() {
  try {
    const login = JSON.parse(localStorage.getItem(KEY));
    return login?.token && login.user?.id ? login : null;
  } catch {
    return null; // storage is forbidden here, or holds what is no session
  }
}

function keep(login) {
  try {
    if (login) localStorage.setItem(KEY, JSON.stringify(login));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden here: the session lasts until the page is left.
  }
}
