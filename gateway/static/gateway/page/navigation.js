// Going from place to place by the browser's history, and coming back to where one was.
//
// Each entry of the history keeps how many quotes were loaded, which of them stood where, and which
// had the focus, so that Back, Forward and a reload lead there again. Quotes that came on top
// meanwhile move nothing.

import { addressOf, placeAt } from "./addresses.js";
import { cardOf, firstInSight, focusQuote } from "./list.js";

const RESTS = 150; // ms without scrolling, after which a place in the list is kept
const HEADING = "heading"; // gets the focus at a new place; no quote has that id
const main = document.querySelector("#list");

export class Navigation {
  #feed;
  #pending = null; // where to stand in the list once it is there
  #timer;

  constructor(feed) {
    this.#feed = feed;
    history.scrollRestoration = "manual";
    feed.addEventListener("list", () => {
      if (this.#pending && feed.state === "ready") this.#arrive();
      else this.#keepSoon();
    });
    addEventListener("scroll", () => this.#keepSoon(), { passive: true });
    addEventListener("pagehide", () => this.#keep());
    addEventListener("popstate", ({ state }) => this.#return(state));
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Shows the place at the address of the page, as it was left if it was. */
  start() {
    this.#show(placeAt(new URL(location.href)), history.state);
  }

  /**
   * Goes to a place: as a new entry of the history, unless it stands `instead` of the last. `focus`
   * says whether the keyboard goes with it. Fulfils when the quotes are there.
   */
  async go(place, { instead = false, focus = true } = {}) {
    const address = addressOf(place);
    if (!instead) this.#keep();
    if (address !== location.pathname + location.search && !instead) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    await this.#show(place, { focus: focus ? HEADING : null });
  }

  #return(state) {
    const place = placeAt(new URL(location.href));
    // A link to a part of this page makes an entry of the history, too.
    if (!place || (!state && addressOf(place) === addressOf(this.#feed.place))) return;
    document.querySelector("dialog[open]")?.close();
    this.#show(place, state);
  }

  async #show(place, state) {
    this.#pending = state ?? {};
    await this.#feed.load({ place, count: state?.count || undefined });
  }

  /** Follows a link to a place of this page without leaving the page. */
  #follow(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || link.target) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    const place = url.origin === location.origin && !url.hash ? placeAt(url) : null;
    if (!place) return;
    event.preventDefault();
    this.go(place);
  }

  #arrive() {
    const { id, top = 0, scroll = 0, focus } = this.#pending;
    this.#pending = null;
    const card = cardOf(id);
    const y = card ? scrollY + card.getBoundingClientRect().top - top : scroll;
    scrollTo({ top: y, behavior: "instant" });
    if (focus === HEADING) main.querySelector("h2").focus({ preventScroll: true });
    else if (focus) focusQuote(focus, { preventScroll: true });
    this.#keep();
  }

  #keepSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), RESTS);
  }

  #keep() {
    clearTimeout(this.#timer);
    if (this.#pending || this.#feed.state !== "ready") return; // it isn't where it is going to be
    const first = scrollY > 0 ? firstInSight() : null;
    const focused = main.contains(document.activeElement) && document.activeElement.closest("[data-id]");
    history.replaceState(
      {
        count: this.#feed.quotes.length,
        id: first?.dataset.id,
        top: first?.getBoundingClientRect().top,
        scroll: scrollY,
        focus: focused ? focused.dataset.id : null,
      },
      "",
    );
  }
}
