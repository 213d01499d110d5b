// Puts the page together: the quotes, what finds them, and what is done with them.

import { logIn, startAccount } from "./account.js";
import { HOME, placeAt } from "./addresses.js";
import { Feed } from "./feed.js";
import { Refused, Unauthenticated } from "./graphql.js";
import { showHeading } from "./heading.js";
import { setLiked } from "./liking.js";
import { focusQuote, showFeed } from "./list.js";
import { counted, explain } from "./messages.js";
import { Navigation } from "./navigation.js";
import { announce, tell, warn } from "./notices.js";
import { startPasswords } from "./passwords.js";
import { keepFresh } from "./refreshing.js";
import { startSearch } from "./search.js";
import { session } from "./session.js";
import { startSettings } from "./settings.js";
import { startWriting } from "./writing.js";

const find = (selector) => document.querySelector(selector);
const feed = new Feed(placeAt(new URL(location.href)) ?? HOME);
const navigation = new Navigation(feed);

showFeed(feed);
showHeading(feed);
startPasswords();
startAccount();
startSettings();
startSearch(feed, navigation);
const { edit, remove } = startWriting(feed, navigation);

find("#quotes").addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  const id = button?.closest("[data-id]").dataset.id;
  if (button?.dataset.action === "like") like(id, button.getAttribute("aria-pressed") !== "true");
  if (button?.dataset.action === "edit") edit(id);
  if (button?.dataset.action === "delete") remove(id);
});
find("#retry").addEventListener("click", () => feed.load());
find("#arrived").addEventListener("click", async () => {
  await feed.load();
  scrollTo({ top: 0 });
  focusQuote(feed.quotes[0]?.id);
});
find("#more button").addEventListener("click", () => more());
watchEnd();

session.addEventListener("change", () => feed.reload());
for (const event of ["online", "offline"]) addEventListener(event, showNetwork);
showNetwork();
keepFresh(feed);
navigation.start();

async function like(id, liked) {
  if (!session.user) {
    logIn({ reason: "Log in to like a quote.", action: () => likeAfterLogin(id) });
    return;
  }
  try {
    const known = await setLiked(feed, id, liked);
    if (!known) return; // told when the last answer is there
    const show = feed.find(id) ? announce : tell;
    show(`${known.likedByMe ? "Liked" : "No longer liked"}. ${counted(known.likes, "like")}.`);
  } catch (error) {
    if (error instanceof Unauthenticated) {
      logIn({ reason: "Your login has run out. Log in to go on.", action: () => likeAfterLogin(id) });
    } else if (error instanceof Refused && error.has("NOT_FOUND")) {
      feed.remove(id);
      warn("That quote has been deleted meanwhile.");
    } else {
      warn(`That wasn’t saved. ${explain(error)}`);
    }
  }
}

/** Likes a quote once the list, if it can be had, is as the user sees it who has just logged in. */
async function likeAfterLogin(id) {
  await feed.loaded;
  await like(id, true);
}

async function more() {
  const count = await feed.more();
  if (count) announce(`${counted(count, "more quote")} loaded.`);
}

/** Loads more when the end of the list comes near; its button does the same for everybody. */
function watchEnd() {
  if (!("IntersectionObserver" in window)) return;
  const end = find("#more");
  const observer = new IntersectionObserver(
    ([entry]) => {
      if (entry.isIntersecting && feed.moreState === "ready") more();
    },
    { rootMargin: "600px" },
  );
  // An observer tells when something comes near; a page so short that the end stays near is told
  // only to one that begins to look.
  feed.addEventListener("list", () => {
    observer.unobserve(end);
    if (feed.state === "ready" && feed.moreState === "ready") observer.observe(end);
  });
}

function showNetwork() {
  find("#offline").hidden = navigator.onLine;
}
