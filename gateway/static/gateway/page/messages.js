// What people read when something has failed.

import { Failed, Refused, Unauthenticated, Unreachable } from "./graphql.js";

const OF_CODES = {
  UPSTREAM_UNAVAILABLE: "A service that is needed for this is down.",
  UPSTREAM_TIMEOUT: "A service that is needed for this took too long.",
};
// Whoever reads what the gateway says of these can do something about it.
const TOLD_AS_THEY_ARE = ["BAD_USER_INPUT", "RATE_LIMITED", "PERSISTED_QUERY_REQUIRED"];

// What comes out the same however often it is tried.
const LASTING = ["BAD_USER_INPUT", "PERSISTED_QUERY_REQUIRED"];

/** Answers whether what failed may go well another time. */
export function mayPass(error) {
  return error instanceof Unreachable || (error instanceof Failed && !LASTING.includes(error.code));
}

/** Answers a sentence or two on what went wrong. */
export function explain(error) {
  if (error instanceof Unreachable) {
    return navigator.onLine ? "The server can’t be reached." : "You are offline.";
  }
  if (error instanceof Refused) return error.message;
  if (error instanceof Unauthenticated) return "Log in first.";
  if (error instanceof Failed) {
    if (TOLD_AS_THEY_ARE.includes(error.code)) return error.message;
    return OF_CODES[error.code] ?? "Something went wrong at the server.";
  }
  console.error(error); // a fault of this page
  return "Something went wrong here.";
}

/** Answers the beginning of a quote, to name it by. */
export function excerpt(text) {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  return characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : characters.join("");
}

/** Answers "1 like", "2 likes", and so on. */
export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
