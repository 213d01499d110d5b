// Puts the page together: the quotes, what finds them, and what is done with them.

import { logIn, startAccount } from "./account.js";
import { Feed } from "./feed.js";
import { Refused, Unauthenticated } from "./graphql.js";
import { setLiked } from "./liking.js";
import { focusQuote, showFeed } from "./list.js";
import { counted, explain } from "./messages.js";
import { announce, warn } from "./notices.js";
import { startPasswords } from "./passwords.js";
import { keepFresh } from "./refreshing.js";
import { readAddress, startSearch } from "./search.js";
import { session } from "./session.js";
import { startSettings } from "./settings.js";
import { startWriting } from "./writing.js";

const find = (selector) => document.querySelector(selector);
const feed = new Feed();
Object.assign(feed, readAddress());

showFeed(feed);
startPasswords();
startAccount();
startSettings();
startSearch(feed);
const { edit, remove } = startWriting(feed);

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

session.addEventListener("change", () => feed.load({ anew: true }));
for (const event of ["online", "offline"]) addEventListener(event, showNetwork);
showNetwork();
keepFresh(feed);
feed.load();

async function like(id, liked) {
  if (!session.user) {
    logIn({ reason: "Log in to like a quote.", action: () => likeAfterLogin(id) });
    return;
  }
  try {
    await setLiked(feed, id, liked);
    const quote = feed.find(id);
    if (!quote || quote.pending) return; // told when the last answer is there
    announce(`${quote.likedByMe ? "Liked" : "No longer liked"}. ${counted(quote.likes, "like")}.`);
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

/** Likes a quote once it is known whether the user, who has just logged in, likes it already. */
async function likeAfterLogin(id) {
  await feed.load();
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
