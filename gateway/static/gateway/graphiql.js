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
    ... on QuotePayload {
      quote {
        id
        title
        likes
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

mutation LikeQuote {
  likeQuote(input: { quoteId: "1" }) {
    ... on QuotePayload {
      quote {
        id
        likes
        likedByMe
      }
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

const HEADERS = `{
  "Authorization": ""
}
`;

// The token of the last register or login. It stays in this page's memory: whatever is stored can be
// read by anything else on this origin.
let token = null;

/** Sends a request as the editor has it; a header that is empty in the pane is not sent. */
async function fetcher(parameters, options = {}) {
  const headers = new Headers({
    "Content-Type": "application/json",
    Accept: "application/graphql-response+json, application/json;q=0.9",
  });
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (String(value).trim() !== "") headers.set(name, value);
  }
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers,
    body: JSON.stringify(parameters),
  });
  const result = await response.json();
  if (response.status === 401) token = null;
  for (const value of Object.values(result.data ?? {})) {
    if (typeof value?.token === "string") token = value.token;
  }
  return result;
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultEditorToolsVisibility: "headers",
    defaultHeaders: HEADERS,
    shouldPersistHeaders: false,
    defaultTabs: [LIST_QUOTES, LOG_IN, WRITE_AND_LIKE].map((query) => ({ query, headers: HEADERS })),
  }),
);
