// Seeing what others do: the quotes in sight are asked again now and then, and at every return.

import { inSight } from "./list.js";

const EVERY = 10_000; // ms
const SELDOM = 120_000; // ms, while it keeps failing

/** Keeps `feed` up to date while the page is looked at. */
export function keepFresh(feed) {
  let timer;
  let pause = EVERY;

  async function refresh() {
    clearTimeout(timer);
    if (document.visibilityState === "visible" && navigator.onLine) {
      try {
        const { first, last } = inSight();
        await feed.refresh(first, last);
        pause = EVERY;
      } catch {
        // What is shown stays as it is; whoever does something is told then.
        pause = Math.min(SELDOM, pause * 2);
      }
    }
    clearTimeout(timer);
    timer = setTimeout(refresh, pause);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh();
  });
  addEventListener("focus", refresh);
  addEventListener("online", () => (feed.state === "failed" ? feed.load() : refresh()));
  timer = setTimeout(refresh, pause);
}
