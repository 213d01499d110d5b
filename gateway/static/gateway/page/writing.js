// Writing a quote, and editing and deleting one's own.

import { logIn } from "./account.js";
import { formDialog } from "./dialog.js";
import { forgetDraft, keepDraft, keyOfDraft, readDraft } from "./drafts.js";
import { Refused, Unauthenticated } from "./graphql.js";
import { focusQuote } from "./list.js";
import { excerpt } from "./messages.js";
import { tell } from "./notices.js";
import { CREATE, DELETE, UPDATE } from "./operations.js";
import { mutate, session } from "./session.js";

const LONGEST = 500; // characters of a quote, as the schema says
const NEAR = 100; // characters left, from which on it is told
const find = (selector) => document.querySelector(selector);
const title = find("#quote-title");
const author = find("#quote-author");
let edited = null; // the quote that is edited, or null for a new one

/** Makes the buttons work that write. Answers what edits, and what deletes, the quote of an id. */
export function startWriting(feed) {
  const writing = formDialog(find("#writing"), {
    send: (values) => (edited ? saveChanges(feed, values) : create(feed, values)),
    instead: (error) => logInAgain(error, () => open(edited)),
  });
  const deleting = formDialog(find("#deleting"), {
    send: () => remove(feed),
    instead: (error) => logInAgain(error, () => deleting.open()),
  });

  function open(quote) {
    if (!session.user) {
      logIn({ reason: "Log in to write a quote.", action: () => open(quote) });
      return;
    }
    const isOther = edited?.id !== quote?.id;
    edited = quote;
    find("#writing-heading").textContent = quote ? "Edit your quote" : "Write a quote";
    find("#writing-submit").textContent = quote ? "Save" : "Publish";
    const values = quote ? { title: quote.title, author: quote.author ?? "" } : readDraft();
    if (isOther || !quote) [title.value, author.value] = [values.title, values.author];
    countCharacters();
    writing.open();
  }

  writing.form.addEventListener("input", () => {
    countCharacters();
    if (!edited) keepDraft({ title: title.value, author: author.value });
  });
  for (const button of document.querySelectorAll("[data-action=write]")) {
    button.addEventListener("click", () => open(null));
  }
  return {
    edit(id) {
      edited = null;
      open(feed.find(id));
    },
    remove(id) {
      edited = feed.find(id);
      find("#deleting-text").textContent = `“${excerpt(edited.title)}”`;
      deleting.open();
    },
  };
}

async function create(feed, { title, author }) {
  const quote = await mutate(CREATE, { title, author, idempotencyKey: keyOfDraft(title, author) });
  forgetDraft();
  return () => {
    tell("Your quote is published.");
    showFirst(feed, quote.id);
  };
}

async function showFirst(feed, id) {
  find("#search").value = "";
  find("#order-newest").checked = true;
  await feed.load({ order: "NEWEST", search: "" });
  scrollTo({ top: 0 });
  focusQuote(id);
}

async function saveChanges(feed, { title, author }) {
  const quote = await mutate(UPDATE, { id: edited.id, title, author });
  return () => {
    feed.change(quote.id, { title: quote.title, author: quote.author });
    tell("Your changes are saved.");
  };
}

async function remove(feed) {
  const { id } = edited;
  try {
    await mutate(DELETE, { id });
  } catch (error) {
    // A first try, whose answer got lost, has deleted it.
    if (!(error instanceof Refused && error.has("NOT_FOUND"))) throw error;
  }
  return () => {
    const index = feed.quotes.findIndex((quote) => quote.id === id);
    const next = feed.quotes[index + 1] ?? feed.quotes[index - 1];
    feed.remove(id);
    tell("Your quote is deleted.");
    focusQuote(next?.id);
  };
}

function logInAgain(error, action) {
  if (!(error instanceof Unauthenticated)) return null;
  return () => logIn({ reason: "Log in again to go on.", action });
}

function countCharacters() {
  const left = LONGEST - [...title.value.trim()].length;
  const text = left < 0 ? `${-left} characters too many` : `${left} characters left`;
  find("#quote-title-count").textContent = left < NEAR ? text : "";
  title.setCustomValidity(left < 0 ? text : title.value.trim() ? "" : "Nothing is said.");
}
