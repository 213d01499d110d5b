// The list of quotes, and what stands in its place while there is none.

import { numberOf } from "./addresses.js";
import { createCard, updateCard } from "./card.js";
import { explain, mayPass } from "./messages.js";
import { emptyOf } from "./places.js";
import { session } from "./session.js";

const find = (selector) => document.querySelector(selector);
const list = find("#quotes");
const skeleton = find("#skeleton");
const empty = find("#empty");
const failed = find("#failed");
const more = find("#more");
const arrived = find("#arrived");
const partial = find("#partial");
const cards = new Map([...list.children].map((card) => [card.dataset.id, card])); // by the quote's id

/** Shows `feed`, and keeps showing it as it changes. */
export function showFeed(feed) {
  feed.addEventListener("list", () => render(feed));
  feed.addEventListener("quote", ({ detail: quote }) => {
    const card = cards.get(quote.id);
    if (card) updateCard(card, quote, session.user);
  });
  session.addEventListener("change", () => render(feed));
  render(feed);
}

/** Answers the indices of the first and the last card in sight; all to none if there is none. */
export function inSight() {
  const seen = [...list.children].map(isInSight);
  return { first: Math.max(0, seen.indexOf(true)), last: seen.lastIndexOf(true) };
}

/** Answers the first card in sight, if there is one. */
export function firstInSight() {
  return [...list.children].find(isInSight);
}

/** Answers the element of a quote, if it is in the list. */
export function cardOf(id) {
  return cards.get(id);
}

/** Puts the keyboard on a quote, or on the list if it has none of that id. */
export function focusQuote(id, options) {
  (cards.get(id) ?? find("#list")).focus(options);
}

function isInSight(card) {
  const { top, bottom } = card.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

function render(feed) {
  const { state, quotes } = feed;
  const nothing = quotes.length === 0;
  if (state === "loading" && nothing && isWritten(feed.place)) return;
  renderCards(quotes);
  list.hidden = nothing;
  list.setAttribute("aria-busy", state === "loading");
  skeleton.hidden = !(state === "loading" && nothing);
  renderEmpty(feed, state === "ready" && nothing);
  renderFailed(feed);
  renderMore(feed);
  arrived.hidden = !(state === "ready" && feed.arrived);
  arrived.textContent = feed.arrived === 1 ? "1 new quote" : `${feed.arrived} new quotes`;
  partial.hidden = !(state === "ready" && feed.partial);
}

/** Answers whether the server has written the quote's page already, which then stands. */
function isWritten({ kind, id }) {
  const card = list.firstElementChild;
  return kind === "quote" && card !== null && numberOf(card.dataset.id) === id;
}

function renderCards(quotes) {
  const ids = new Set(quotes.map((quote) => quote.id));
  for (const [id, card] of cards) {
    if (ids.has(id)) continue;
    card.remove();
    cards.delete(id);
  }
  quotes.forEach((quote, index) => {
    const known = cards.get(quote.id);
    if (known) updateCard(known, quote, session.user);
    const card = known ?? createCard(quote, session.user);
    cards.set(quote.id, card);
    // Moving an element takes the focus from it, so it is moved only where it must be.
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
  });
}

function renderEmpty(feed, isEmpty) {
  empty.hidden = !isEmpty;
  if (!isEmpty) return;
  const { title, text } = emptyOf(feed);
  const { kind, search } = feed.place;
  empty.querySelector("h3").textContent = title;
  empty.querySelector("p").textContent = text;
  find("#clear-search").hidden = !search;
  find("#write-first").hidden = kind !== "all" || Boolean(search);
  find("#all-quotes").hidden = kind === "all";
}

function renderFailed({ state, error, quotes }) {
  failed.hidden = state !== "failed";
  if (failed.hidden) return;
  const offline = !navigator.onLine;
  failed.dataset.kind = offline ? "offline" : "failed";
  failed.querySelector("h3").textContent = offline ? "You are offline." : "The quotes didn’t come.";
  const old = quotes.length ? " What you see is from before." : "";
  failed.querySelector("p").textContent = offline
    ? `The quotes come by themselves when you are back.${old}`
    : `${explain(error)}${mayPass(error) ? " This page tries again by itself." : ""}${old}`;
}

function renderMore({ state, hasMore, moreState, quotes }) {
  more.hidden = !(hasMore && state !== "failed" && (quotes.length || state === "ready"));
  more.dataset.state = moreState;
  more.querySelector("button").setAttribute("aria-disabled", moreState === "loading");
  more.querySelector("button").textContent =
    { loading: "Loading more…", failed: "Try again", far: "Look further" }[moreState] ?? "Show more";
  more.querySelector("p").hidden = moreState !== "failed";
}
