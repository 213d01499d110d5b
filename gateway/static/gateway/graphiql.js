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
# page is left, you act as that user in all tabs. To act
# as another, give a token in the Headers pane below:
# { "Authorization": "Bearer <token>" }
mutation Register {
  register(input: { username: "ada", password: "an-uncommon-one-1815" }) {
    ... on LoginPayload {
      token
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

// The token of the last register or login. It stays in this page's memory: whatever is stored can be
// read by anything else on this origin.
let token = null;

/** Sends a request as the editor has it, a subscription to where these are served. */
function fetcher(parameters, options = {}) {
  const subscribes = options.documentAST?.definitions.some(
    ({ operation, name }) =>
      operation === "subscription" && (!parameters.operationName || name?.value === parameters.operationName),
  );
  return subscribes ? subscribe(parameters, options) : ask(parameters, options);
}

/** Returns the headers of a request; one that is empty in the pane is not sent. */
function headersOf(accept, options) {
  const headers = new Headers({ "Content-Type": "application/json", Accept: accept });
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (String(value).trim() !== "") headers.set(name, value);
  }
  return headers;
}

async function ask(parameters, options) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: headersOf("application/graphql-response+json, application/json;q=0.9", options),
    body: JSON.stringify(parameters),
  });
  const result = await response.json();
  if (response.status === 401) token = null;
  for (const value of Object.values(result.data ?? {})) {
    if (typeof value?.token === "string") token = value.token;
  }
  return result;
}

/** Yields the results of a subscription, until the editor stops it. */
async function* subscribe(parameters, options) {
  const stop = new AbortController();
  try {
    const response = await fetch(document.querySelector("meta[name=live]").content, {
      method: "POST",
      headers: headersOf("text/event-stream", options),
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
    defaultEditorToolsVisibility: "headers",
    defaultHeaders: HEADERS,
    shouldPersistHeaders: false,
    defaultTabs: [LIST_QUOTES, LOG_IN, WRITE_AND_LIKE, LISTEN].map((query) => ({ query, headers: HEADERS })),
  }),
);
