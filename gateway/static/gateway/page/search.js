// The search field and the order: both lead to a place.

import { HOME } from "./addresses.js";
import { counted } from "./messages.js";
import { announce } from "./notices.js";

const PAUSE = 250; // ms without a key, after which a word is taken for typed
const input = document.querySelector("#search");
const orders = document.querySelector("#order");

/** Makes the search field and the order work, and show where `feed` is. */
export function startSearch(feed, navigation) {
  let timer;

  /** Looks through all quotes. Going on typing makes no entries of the history. */
  function search() {
    clearTimeout(timer);
    const text = input.value.trim();
    if (text === feed.place.search) return;
    const order = text && feed.place.kind === "all" ? feed.place.order : "NEWEST";
    const instead = Boolean(text && feed.place.search);
    scrollTo({ top: 0 });
    navigation.go({ ...HOME, search: text, order }, { instead, focus: false });
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  document.querySelector("#search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  orders.addEventListener("change", () => {
    const order = orders.querySelector(":checked").value;
    scrollTo({ top: 0 });
    navigation.go({ ...feed.place, order }, { focus: false });
  });
  document.querySelector("#clear-search").addEventListener("click", () => {
    input.value = "";
    input.focus();
    search();
  });

  let place = null;
  let told = "loading";
  feed.addEventListener("list", () => {
    if (feed.place !== place) show((place = feed.place));
    if (feed.state === told) return;
    told = feed.state;
    if (told === "ready") announce(summary(feed));
    if (told === "failed") announce("The quotes could not be loaded.");
  });
}

/** Shows the search and the order of a place. What is being typed stays as it is typed. */
function show({ search, order }) {
  if (input.value.trim() !== search) input.value = search;
  orders.querySelector(`[value=${order}]`).checked = true;
}

function summary({ quotes, place, hasMore }) {
  const found = place.search ? ` for “${place.search}”` : "";
  return `${counted(quotes.length, "quote")}${found}${hasMore ? ", and more below" : ""}.`;
}
