// The quote that somebody is writing: it outlives that its dialog is closed and that the page is
// loaded again, and is shown to nobody else.

import { session } from "./session.js";

const KEY = "quotes-in-step.draft";
const NOTHING = { title: "", author: "" };
// With `user`, the id of who writes it, and `sent`, the key and text of the last try to publish it.
let draft = stored();

session.addEventListener("change", () => {
  if (session.user && !isOwn()) draft = null;
  store(); // what is stored ends with the login; whoever logs in again here still finds it
});

/** Answers the title and author of what the user has not published yet. */
export function readDraft() {
  return isOwn() ? draft : NOTHING;
}

/** Keeps what the user has typed. */
export function keepDraft({ title, author }) {
  const user = session.user?.id ?? draft?.user;
  draft = { user, title, author, sent: isOwn() ? draft.sent : undefined };
  store();
}

/** Answers the same key for the same quote, so that sending it again makes no second one. */
export function keyOfDraft(title, author) {
  keepDraft({ title, author });
  const text = JSON.stringify([title, author]);
  if (draft.sent?.text !== text) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    draft.sent = { text, key };
    store();
  }
  return draft.sent.key;
}

/** Forgets it, once it is published. */
export function forgetDraft() {
  draft = null;
  store();
}

function isOwn() {
  return Boolean(draft) && draft.user === session.user?.id;
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null; // storage is forbidden here, or holds what is no draft
  }
}

function store() {
  try {
    if (isOwn()) sessionStorage.setItem(KEY, JSON.stringify(draft));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden here: the draft lasts until the page is left.
  }
}
