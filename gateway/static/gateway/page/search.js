// What is shown: the search, the order, and both in the page's address so that it can be shared.

import { counted } from "./messages.js";
import { announce } from "./notices.js";

const PAUSE = 250; // ms without a key, after which a word is taken for typed
const MOST_LIKED = "most-liked";
const input = document.querySelector("#search");
const orders = document.querySelector("#order");

/** Answers the search and order that the address asks for. */
export function readAddress() {
  const address = new URLSearchParams(location.search);
  const search = (address.get("search") ?? "").slice(0, input.maxLength);
  const order = address.get("order") === MOST_LIKED ? "MOST_LIKED" : "NEWEST";
  input.value = search;
  orders.querySelector(`[value=${order}]`).checked = true;
  return { search, order };
}

/** Makes the search field and the order work. */
export function startSearch(feed) {
  let timer;

  async function load() {
    clearTimeout(timer);
    const search = input.value.trim();
    const order = orders.querySelector(":checked").value;
    if (search === feed.search && order === feed.order) return;
    scrollTo({ top: 0 });
    await feed.load({ search, order });
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, PAUSE);
  });
  document.querySelector("#search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    load();
  });
  orders.addEventListener("change", load);
  document.querySelector("#clear-search").addEventListener("click", () => {
    input.value = "";
    input.focus();
    load();
  });

  let told = "loading";
  feed.addEventListener("list", () => {
    if (feed.state === told) return;
    told = feed.state;
    if (told === "ready") finished(feed);
    if (told === "failed") announce("The quotes could not be loaded.");
  });
}

function finished(feed) {
  const count = counted(feed.quotes.length, "quote");
  const found = feed.search ? ` for “${feed.search}”` : "";
  announce(`${count}${found}${feed.hasMore ? ", and more below" : ""}.`);
  const address = new URL(location.href);
  set(address, "search", feed.search);
  set(address, "order", feed.order === "NEWEST" ? "" : MOST_LIKED);
  if (address.href !== location.href) history.replaceState(null, "", address);
}

function set(address, name, value) {
  if (value) address.searchParams.set(name, value);
  else address.searchParams.delete(name);
}
