// Starts GraphiQL on this very address, with examples to begin from.
"use strict";

const LIST_QUOTES = `# Quotes, newest first. Press the button with the triangle, or Ctrl-Enter, to run it.
# Ctrl-Space shows what can be asked.
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

const LOG_IN = `# First run Register (or Login, with the demo user that the start banner names).
# Then put the token into the Headers pane below, here and in the third tab:
#   { "Authorization": "Bearer <token>" }
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

const WRITE_AND_LIKE = `# Needs the token in the Headers pane. Put the id of the new quote into LikeQuote.
mutation CreateQuote {
  createQuote(input: { title: "Simplicity is prerequisite for reliability.", author: "Edsger W. Dijkstra" }) {
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

const HEADERS = `{
  "Authorization": ""
}
`;

/** Sends a request as the editor has it; a header that is still empty is not sent. */
async function fetcher(parameters, options = {}) {
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/graphql-response+json, application/json;q=0.9",
  };
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (String(value).trim() !== "") headers[name] = value;
  }
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers,
    body: JSON.stringify(parameters),
  });
  return response.json();
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultEditorToolsVisibility: "headers",
    defaultHeaders: HEADERS,
    // The token stays in this tab's memory: anything else on this origin could read it otherwise.
    shouldPersistHeaders: false,
    defaultTabs: [LIST_QUOTES, LOG_IN, WRITE_AND_LIKE].map((query) => ({ query, headers: HEADERS })),
  }),
);
