// Relay's environment as the app has it: its network sends the token and what was written.
import relay from "relay-runtime";
import { isRefused, Writes } from "../session.js";

const { Environment, Network, RecordSource, Store } = relay;

// Whoever logs in or out gets a new one: what the old one keeps is another's.
export function createEnvironment(session) {
  const network = Network.create(sender(session));
  return new Environment({ network, store: new Store(new RecordSource()) });
}

function sender(session) {
  const writes = new Writes();

  async function post(query, variables, token) {
    const { header } = writes;
    const headers = {
      "Content-Type": "application/json",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(header && { "After-Writes": header }),
    };
    const body = JSON.stringify({ query, variables });
    const response = await fetch(session.uri, { method: "POST", headers, body });
    writes.settle(header, response.headers.get("After-Writes"));
    return response.json();
  }

  return async function send({ text, operationKind }, variables) {
    const { token } = session;
    const isQuery = operationKind === "query";
    const result = await post(text, variables, token);
    if (token === null || !isRefused(result, isQuery)) return result;
    const next = await session.renew(token);
    // Without a session, anybody may still read.
    return next || isQuery ? post(text, variables, next) : result;
  };
}
