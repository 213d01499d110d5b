// What tells where one is: the title, the heading above the list, and the links that lead there.

import { HOME, addressOf } from "./addresses.js";
import { headingOf, titleOf } from "./places.js";
import { session } from "./session.js";

const find = (selector) => document.querySelector(selector);
const heading = find("#heading");
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** Shows where `feed` is, and keeps showing it. */
export function showHeading(feed) {
  feed.addEventListener("list", () => render(feed));
  session.addEventListener("change", () => render(feed));
  render(feed);
}

function render(feed) {
  const { place, person, state } = feed;
  const part = (name) => heading.querySelector(`[data-part="${name}"]`);
  const { kicker, text, seen } = headingOf(feed);
  find("main").dataset.kind = place.kind;
  heading.classList.toggle("unseen", !seen);
  part("kicker").textContent = kicker;
  find("#heading-title").textContent = text;
  part("since").hidden = !person;
  if (person) part("since").textContent = `Here since ${day.format(new Date(person.joinedAt))}`;
  part("person").hidden = !place.username || feed.missing;
  if (place.username) showLinks([part("written"), part("liked")], place.username, place);
  showOwn(place);
  find("#order").hidden = place.kind === "quote" || place.kind === "likes";
  find("link[rel=canonical]").href = new URL(addressOf(place), location.origin).href;
  // The server has written the title of a quote's page, whose quote may not be here yet.
  if (place.kind !== "quote" || state !== "loading" || feed.quotes.length) document.title = titleOf(feed);
}

function showOwn(place) {
  const { user } = session;
  const nav = find("#places");
  nav.hidden = !user;
  setCurrent(nav.querySelector("a"), place.kind === "all");
  if (user) showLinks([find("#own-quotes"), find("#own-likes")], user.username, place);
}

/** Has two links lead to what somebody has written and to what they like. */
function showLinks(links, username, place) {
  ["person", "likes"].forEach((kind, index) => {
    links[index].href = addressOf({ ...HOME, kind, username });
    setCurrent(links[index], place.kind === kind && place.username === username);
  });
}

function setCurrent(link, isCurrent) {
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}
