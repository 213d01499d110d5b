// Seeing what others do: at once by a subscription, or, where there is none, by asking again now and
// then; and at every return to the page. What has failed is tried again the same way.

import { inSight } from "./list.js";
import { Live } from "./live.js";
import { mayPass } from "./messages.js";
import { announce } from "./notices.js";

const EVERY = 10_000; // ms
const SOON = 2_000; // ms after a failure, then twice as long each time
const SELDOM = 60_000; // ms, while it keeps failing
const stale = document.querySelector("#stale");

/** Keeps `feed` up to date while the page is looked at. */
export function keepFresh(feed) {
  let timer;
  let pause = EVERY;
  let failed = false; // as of the last list
  const seen = () => document.visibilityState === "visible";
  const live = new Live({ changed: (change) => feed.hear(change, refresh), opened: refresh });
  const isWell = () => pause === EVERY && !feed.partial && feed.moreState !== "failed";

  async function refresh() {
    clearTimeout(timer);
    if (seen() && navigator.onLine) {
      const isFresh = feed.state === "failed" ? await tryAgain() : await renew();
      pause = isFresh ? EVERY : pause === EVERY ? SOON : Math.min(SELDOM, pause * 2);
    }
    wait();
  }

  async function tryAgain() {
    showStale(false);
    if (mayPass(feed.error)) await feed.load({ quietly: true });
    return feed.state === "ready";
  }

  async function renew() {
    try {
      const { first, last } = inSight();
      await feed.refresh(first, last);
      showStale(false);
      return true;
    } catch {
      showStale(pause !== EVERY && feed.quotes.length > 0); // one that got lost is nobody's matter
      return false;
    }
  }

  /** Asks again in a while, unless the subscription tells by then. */
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => (live.live && isWell() ? wait() : refresh()), pause);
  }

  feed.addEventListener("list", () => {
    if (feed.state === "failed" && !failed) {
      pause = SOON;
      wait();
    }
    failed = feed.state === "failed";
  });
  document.addEventListener("visibilitychange", () => {
    if (!seen()) return live.stop();
    live.start();
    refresh();
  });
  addEventListener("focus", refresh);
  addEventListener("online", refresh);
  if (seen()) live.start();
  wait();
}

function showStale(value) {
  if (stale.hidden === !value) return;
  stale.hidden = !value;
  announce(value ? stale.textContent : "What you see is up to date again.");
}
