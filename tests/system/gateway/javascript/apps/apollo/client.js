// Apollo Client as the app has it: links for the session and the writes, and the cache's lists.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { from, of, switchMap, tap } from "rxjs";
import { isRefused, Writes } from "../session.js";

export function createClient(session) {
  return new ApolloClient({
    link: ApolloLink.from([authorized(session), afterWrites(), new HttpLink({ uri: session.uri })]),
    cache: new InMemoryCache({
      possibleTypes: { Node: ["Quote", "User"] },
      typePolicies: {
        Query: { fields: { quotes: relayStylePagination(["search", "filter", "orderBy"]) } },
      },
    }),
  });
}

// Sends the token, and asks once more with the next one if it is refused.
function authorized(session) {
  return new ApolloLink((operation, forward) => {
    const isQuery = operation.operationType === "query";
    const send = (token) => {
      operation.setContext(({ headers }) => ({
        headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
      }));
      return forward(operation);
    };
    const { token } = session;
    return send(token).pipe(
      switchMap((result) => {
        if (token === null || !isRefused(result, isQuery)) return of(result);
        // Without a session, anybody may still read.
        return from(session.renew(token)).pipe(
          switchMap((next) => (next || isQuery ? send(next) : of(result))),
        );
      }),
    );
  });
}

// Hands back what was written, so that the next answers count it.
function afterWrites() {
  const writes = new Writes();
  return new ApolloLink((operation, forward) => {
    const { header } = writes;
    operation.setContext(({ headers }) => ({
      headers: { ...headers, ...(header && { "after-writes": header }) },
    }));
    return forward(operation).pipe(
      tap(() => {
        const { response } = operation.getContext();
        writes.settle(header, response.headers.get("After-Writes"));
      }),
    );
  });
}
