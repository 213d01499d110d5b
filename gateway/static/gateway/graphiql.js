// Starts GraphiQL on this very address, with examples to begin from.
"use strict";

const LIST_QUOTES = `# The newest quotes. Ctrl-Enter runs this.
# Ctrl-Space shows what else can be asked.
query Quotes {
  quotes(first: 5, orderBy: NEWEST) {
    nodes {
      id
      title
      author
      likes
      likedByMe
      createdBy {
        username
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

const LOG_IN = `# Register once, then Login. From then on, until the
# page is left, you act as that user in all tabs: this
# page refreshes the session by its refreshToken when it
# is due. To act as another, give a token in the Headers
# pane below: { "Authorization": "Bearer <token>" }
mutation Register {
  register(input: { username: "ada", password: "an-uncommon-one-1815" }) {
    ... on LoginPayload {
      token
      refreshToken
      user {
        id
        username
      }
    }
    ... on OperationInfo {
      messages {
        field
        code
        message
      }
    }
  }
}

mutation Login {
  login(input: { username: "ada", password: "an-uncommon-one-1815" }) {
    ... on LoginPayload {
      token
      expiresAt
      refreshToken
    }
    ... on OperationInfo {
      messages {
        code
        message
      }
    }
  }
}

mutation Logout {
  logout {
    ... on LogoutPayload {
      ended
    }
    ... on OperationInfo {
      messages {
        code
        message
      }
    }
  }
}
`;

const WRITE_AND_LIKE = `# Log in first (second tab). Put the id of the new
# quote into LikeQuote.
mutation CreateQuote {
  createQuote(
    input: {
      title: "Simplicity is prerequisite for reliability."
      author: "Edsger W. Dijkstra"
    }
  ) {
    ... on Quote {
      id
      title
      likes
    }
    ... on OperationInfo {
      messages {
        field
        code
        message
      }
    }
  }
}

mutation LikeQuote {
  likeQuote(input: { quoteId: "1" }) {
    ... on Quote {
      id
      likes
      likedByMe
    }
    ... on OperationInfo {
      messages {
        code
        message
      }
    }
  }
}
`;

const LISTEN = `# What others do, as they do it: run it, then write or
# like a quote in another tab.
subscription Changes {
  quoteChanged {
    cursor
    id
    change
    quote {
      title
      likes
    }
  }
}
`;

const HEADERS = `{
  "Authorization": ""
}
`;

const REFRESH = `mutation RefreshSession($refreshToken: String) {
  refreshSession(input: { refreshToken: $refreshToken }) {
    ... on LoginPayload {
      token
      refreshToken
    }
  }
}`;

// The tokens of the last login. They stay in this page's memory: whatever is stored can be read by
// anything else on this origin.
let token = null;
let refreshToken = null;
let refreshing = null;

/** Sends a request as the editor has it, a subscription to where these are served. */
function fetcher(parameters, options = {}) {
  const subscribes = options.documentAST?.definitions.some(
    ({ operation, name }) =>
      operation === "subscription" && (!parameters.operationName || name?.value === parameters.operationName),
  );
  return subscribes ? subscribe(parameters, givenIn(options)) : ask(parameters, givenIn(options));
}

/** Returns the headers of the pane. One that is empty there is not sent. */
function givenIn(options) {
  return Object.entries(options.headers ?? {}).filter(([, value]) => String(value).trim() !== "");
}

/** Asks once more, with the next token, if this one is refused. */
async function ask(parameters, given) {
  const used = token;
  let answer = await send(parameters, given);
  const ours = used !== null && !given.some(([name]) => name.toLowerCase() === "authorization");
  if (ours && isRefused(answer) && (await refreshed(used))) answer = await send(parameters, given);
  remember(answer.result);
  return answer.result;
}

function headersOf(accept, given) {
  const headers = new Headers({ "Content-Type": "application/json", Accept: accept });
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  for (const [name, value] of given) headers.set(name, value);
  return headers;
}

async function send(parameters, given = []) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: headersOf("application/graphql-response+json, application/json;q=0.9", given),
    body: JSON.stringify(parameters),
  });
  return { status: response.status, result: await response.json() };
}

function isRefused({ status, result }) {
  return (
    status === 401 ||
    (result.errors ?? []).some((error) => error.extensions?.code === "UNAUTHENTICATED") ||
    Object.values(result.data ?? {}).some((value) =>
      value?.messages?.some((message) => message.code === "INVALID_TOKEN"),
    )
  );
}

/** Answers whether there is another token than the one that was used. Several may ask at once. */
async function refreshed(used) {
  if (token === used) await (refreshing ??= refresh().finally(() => (refreshing = null)));
  return token !== null && token !== used;
}

async function refresh() {
  const variables = { refreshToken };
  token = null;
  if (refreshToken === null) return;
  refreshToken = null; // it holds for one use
  remember((await send({ query: REFRESH, variables })).result);
}

function remember(result) {
  for (const value of Object.values(result.data ?? {})) {
    if (typeof value?.token !== "string") continue;
    token = value.token;
    if (typeof value.refreshToken === "string") refreshToken = value.refreshToken;
  }
}

// What is typed into the editor may be a password: it is kept in memory, as long as the page is
// there. Of earlier releases it may lie in the browser's storage still.
const typed = new Map();
const storage = {
  get length() {
    return typed.size;
  },
  getItem: (name) => typed.get(name) ?? null,
  setItem: (name, value) => void typed.set(name, value),
  removeItem: (name) => void typed.delete(name),
  clear: () => typed.clear(),
};
try {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith("graphiql:")) localStorage.removeItem(name);
  }
} catch {
  // Storage is forbidden here, so there is none.
}

/** Yields the results of a subscription, until the editor stops it. */
async function* subscribe(parameters, given) {
  const stop = new AbortController();
  try {
    const response = await fetch(document.querySelector("meta[name=live]").content, {
      method: "POST",
      headers: headersOf("text/event-stream", given),
      body: JSON.stringify(parameters),
      signal: stop.signal,
    });
    if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      yield await response.json();
      return;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (text + part.value).split("\n\n");
      text = events.pop();
      for (const event of events) {
        const data = /^data: (.+)$/m.exec(event);
        if (data) yield JSON.parse(data[1]);
      }
    }
  } finally {
    stop.abort();
  }
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    storage,
    defaultEditorToolsVisibility: "headers",
    defaultHeaders: HEADERS,
    shouldPersistHeaders: false,
    defaultTabs: [LIST_QUOTES, LOG_IN, WRITE_AND_LIKE, LISTEN].map((query) => ({ query, headers: HEADERS })),
  }),
);
