// Two who change one quote: the second is shown what the first has made of it, and loses nothing.

import { Refused } from "./graphql.js";

const find = (selector) => document.querySelector(selector);
const section = find("#conflict");
const title = section.querySelector("blockquote");
const author = find("#conflict-author");
let current = null;

/** Has the button that takes the other's text call `take` with the quote as it is now. */
export function startConflict(take) {
  find("#conflict-take").addEventListener("click", () => {
    take(current);
    hideConflict();
  });
}

/** Answers the quote as it is now, if an error says that somebody else has changed it; else null. */
export function currentOf(error) {
  return error instanceof Refused && error.has("CONFLICT") ? error.current : null;
}

/** Answers whether a quote holds what was sent already: by a first try whose answer got lost. */
export function holds(quote, sent) {
  return ["title", "author"].every((name) => (quote[name] ?? "") === sent[name].trim().normalize("NFC"));
}

/** Shows the quote as it is now, beside what was typed. */
export function showConflict(quote) {
  current = quote;
  title.textContent = quote.title;
  author.textContent = quote.author ?? "Unknown";
  section.hidden = false;
}

export function hideConflict() {
  section.hidden = true;
}
