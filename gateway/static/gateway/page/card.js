// One quote on the page.

import { HOME, addressOf, numberOf } from "./addresses.js";
import { counted, excerpt } from "./messages.js";

const template = document.querySelector("#quote-template");
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const short = new Intl.NumberFormat("en", { notation: "compact" });
const SHORT = 60; // characters, set in the largest size
const MEDIUM = 170;

/** Answers a new element for a quote. */
export function createCard(quote, user) {
  const card = template.content.firstElementChild.cloneNode(true);
  card.dataset.id = quote.id;
  updateCard(card, quote, user);
  return card;
}

/** Shows a quote, as `user` may see it, in its element. */
export function updateCard(card, quote, user) {
  const part = (name) => card.querySelector(`[data-part="${name}"]`);
  const length = [...quote.title].length;
  card.dataset.length = length <= SHORT ? "short" : length <= MEDIUM ? "medium" : "long";
  setText(part("title"), quote.title);
  setLink(part("author"), quote.author ?? "Unknown", quote.author && { kind: "author", author: quote.author });
  part("author").classList.toggle("unknown", !quote.author);
  const { username } = quote.createdBy ?? {};
  setLink(part("writer"), username ?? "someone", username && { kind: "person", username });
  const time = part("time");
  time.dateTime = quote.createdAt;
  setText(time, day.format(new Date(quote.createdAt)));
  const name = excerpt(quote.title);
  part("address").href = addressOf({ ...HOME, kind: "quote", id: numberOf(quote.id) });
  part("address").setAttribute("aria-label", `“${name}”, ${time.textContent}`);
  const may = { edit: user && quote.viewerCanUpdate, delete: user && quote.viewerCanDelete };
  part("own").hidden = !(may.edit || may.delete);
  part("edit").hidden = !may.edit;
  part("delete").hidden = !may.delete;
  part("edit").setAttribute("aria-label", `Edit “${name}”`);
  part("delete").setAttribute("aria-label", `Delete “${name}”`);
  updateLike(part("like"), part("likes"), quote, name);
}

function updateLike(button, count, quote, name) {
  const liked = String(Boolean(quote.likedByMe));
  if (button.getAttribute("aria-pressed") !== liked) button.setAttribute("aria-pressed", liked);
  button.setAttribute("aria-label", `Like “${name}”, ${counted(quote.likes, "like")}`);
  setText(count, short.format(quote.likes));
}

/** Writes a text that leads to a place, if there is one. */
function setLink(element, text, place) {
  const known = element.querySelector("a");
  if (!place) {
    if (known) known.remove();
    setText(element, text);
    return;
  }
  const link = known ?? document.createElement("a");
  setText(link, text);
  link.href = addressOf({ ...HOME, ...place });
  if (!known) element.replaceChildren(link);
}

/** Writing the same text again would make screen readers and selections start anew. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
