// What an app has below its GraphQL client: who is logged in, and what they have just written.
// docs/frontends.md shows some of it.

const REFRESH = `mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    ... on LoginPayload { token refreshToken }
    ... on OperationInfo { messages { code } }
  }
}`;

export class Session {
  #refreshToken = null;
  #renewing = null;

  constructor(uri) {
    this.uri = uri;
    this.token = null;
  }

  begin({ token, refreshToken }) {
    this.token = token;
    this.#refreshToken = refreshToken;
  }

  end() {
    this.begin({ token: null, refreshToken: null });
  }

  // Returns the token after one that was refused; null if the session has ended. A refresh token
  // holds for one use, so that requests that are refused at once wait for the same one.
  renew(refused) {
    if (this.token !== refused) return Promise.resolve(this.token);
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #renew() {
    const variables = { input: { refreshToken: this.#refreshToken } };
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ query: REFRESH, variables });
    const response = await fetch(this.uri, { method: "POST", headers, body });
    const answer = (await response.json()).data?.refreshSession;
    if (answer?.messages?.some(({ code }) => code === "INVALID_REFRESH_TOKEN")) this.end();
    else if (!answer?.token) throw new Error("The session can't be renewed now.");
    else this.begin(answer);
    return this.token;
  }
}

// Whether a result says that the token holds no longer, and that asking again does nothing twice:
// a mutation that was made may have fields that were refused.
export function isRefused({ data, errors }, isQuery) {
  const answers = Object.values(data ?? {}).flatMap((answer) => answer?.messages ?? []);
  return (
    answers.some(({ code }) => code === "INVALID_TOKEN") ||
    ((isQuery || !data) && !!errors?.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED"))
  );
}

export class Writes {
  #names = new Set();

  // The header of the next request, if it is not empty.
  get header() {
    return [...this.#names].join();
  }

  // Takes what the response to a request with `sent` said.
  settle(sent, told) {
    if (told === null) return;
    for (const name of sent.split(",")) this.#names.delete(name);
    for (const name of told.split(/, */)) if (name) this.#names.add(name);
  }
}
