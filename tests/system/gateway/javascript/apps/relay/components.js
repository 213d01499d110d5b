// What the app shows: a list of quotes with a button for more, as React's components.
import { createElement, Suspense } from "react";
import relay from "react-relay";

const { RelayEnvironmentProvider, useLazyLoadQuery, usePaginationFragment } = relay;

// `artifact` stands for what Babel's plugin makes of the operations; `take` gets what is shown.
export function App({ environment, artifact, search, take }) {
  const screen = createElement(Screen, { artifact, search, take });
  const waiting = createElement(Suspense, { fallback: "Loading…" }, screen);
  return createElement(RelayEnvironmentProvider, { environment }, waiting);
}

function Screen({ artifact, search, take }) {
  const query = useLazyLoadQuery(artifact("FeedQuery"), { search }, { fetchPolicy: "network-only" });
  const list = usePaginationFragment(artifact("Feed_quotes"), query);
  const { quotes } = list.data;
  // The edge of a record that was deleted stays in Relay's list, without a node.
  const nodes = quotes.edges.map(({ node }) => node).filter(Boolean);
  take({ ...list, me: query.me, quotes: nodes, connection: quotes.__id });
  return createElement("ul", null, nodes.map(({ id, title, likes, likedByMe }) =>
    createElement("li", { key: id }, `${title} ${likes}${likedByMe ? " ♥" : ""}`)));
}
