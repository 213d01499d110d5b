// Seeing what others do: at once by a subscription, or, where there is none, by asking again now and
// then; and at every return to the page.

import { inSight } from "./list.js";
import { Live } from "./live.js";

const EVERY = 10_000; // ms
const SELDOM = 120_000; // ms, while it keeps failing

/** Keeps `feed` up to date while the page is looked at. */
export function keepFresh(feed) {
  let timer;
  let pause = EVERY;
  const seen = () => document.visibilityState === "visible";
  const live = new Live({ changed: (change) => feed.hear(change, refresh), opened: refresh });

  async function refresh() {
    clearTimeout(timer);
    if (seen() && navigator.onLine) {
      try {
        const { first, last } = inSight();
        await feed.refresh(first, last);
        pause = EVERY;
      } catch {
        // What is shown stays as it is; whoever does something is told then.
        pause = Math.min(SELDOM, pause * 2);
      }
    }
    wait();
  }

  /** Asks again in a while, unless the subscription tells by then. */
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => (live.live && pause === EVERY ? wait() : refresh()), pause);
  }

  document.addEventListener("visibilitychange", () => {
    if (!seen()) return live.stop();
    live.start();
    refresh();
  });
  addEventListener("focus", refresh);
  addEventListener("online", () => (feed.state === "failed" ? feed.load() : refresh()));
  if (seen()) live.start();
  wait();
}
