// Reading a page of the quotes at a place.

import { Failed } from "./graphql.js";
import { LIKED, LIST, ONE, WRITTEN } from "./operations.js";
import { query } from "./session.js";

const NOTHING = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };

/**
 * Answers `{ connection, errors, person, missing }` of the quotes at a place: those of `range`,
 * `{ first, after }`. `person` is whose list it is, and `missing` tells that there is no such
 * person, or quote. Throws if that can't be told now.
 */
export async function readPage(place, range, signal) {
  const { kind, id, username, author, search, order } = place;
  if (kind === "quote") return oneQuote(id, signal);
  if (kind === "person") return ofPerson(WRITTEN, { ...range, username, order }, signal);
  if (kind === "likes") return ofPerson(LIKED, { ...range, username }, signal);
  const variables = { ...range, order, search: search || null, author: author ?? null };
  const { data, errors } = await query(LIST, variables, signal);
  if (!data.quotes) throw failure(errors);
  return { connection: data.quotes, errors, person: null, missing: false };
}

async function oneQuote(id, signal) {
  const { data, errors } = await query(ONE, { id }, signal);
  if (!data.quote && errors.length) throw failure(errors);
  const edges = data.quote ? [{ cursor: null, node: data.quote }] : [];
  return { connection: { ...NOTHING, edges }, errors, person: null, missing: !data.quote };
}

async function ofPerson(document, variables, signal) {
  const { data, errors } = await query(document, variables, signal);
  const connection = data.user?.quotes;
  if (!connection && errors.length) throw failure(errors);
  return { connection: connection ?? NOTHING, errors, person: data.user, missing: !data.user };
}

function failure([error]) {
  return new Failed(error?.message, error?.extensions?.code);
}
