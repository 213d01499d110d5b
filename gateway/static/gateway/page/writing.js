// Writing a quote, and editing and deleting what one may: one's own, and staff any.

import { logIn } from "./account.js";
import { HOME } from "./addresses.js";
import { currentOf, hideConflict, holds, showConflict, startConflict } from "./conflict.js";
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
// The quote that is edited or deleted, as it was when that began; null for a new one. What others
// make of it meanwhile doesn't get here, so that its version tells.
let edited = null;

/** Makes the buttons work that write. Answers what edits, and what deletes, the quote of an id. */
export function startWriting(feed, navigation) {
  const writing = formDialog(find("#writing"), {
    send: (values) => (edited ? saveChanges(feed, values) : create(feed, navigation, values)),
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
    const isAnew = !quote || edited?.id !== quote.id; // else what was typed before a login stays
    edited = quote && { ...quote };
    find("#writing-heading").textContent = quote ? `Edit ${called(quote)}` : "Write a quote";
    find("#writing-submit").textContent = quote ? "Save" : "Publish";
    const values = quote ? { title: quote.title, author: quote.author ?? "" } : readDraft();
    if (isAnew) {
      [title.value, author.value] = [values.title, values.author];
      hideConflict();
    }
    countCharacters();
    writing.open();
  }

  startConflict((quote) => {
    [title.value, author.value] = [quote.title, quote.author ?? ""];
    writing.clearErrors();
    countCharacters();
    title.focus();
  });
  title.addEventListener("input", countCharacters); // before the form asks whether it is right
  writing.form.addEventListener("input", () => {
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
      edited = { ...feed.find(id) };
      find("#deleting-text").textContent = `“${excerpt(edited.title)}”`;
      deleting.open();
    },
  };
}

async function create(feed, navigation, { title, author }) {
  const quote = await mutate(CREATE, { title, author, idempotencyKey: keyOfDraft(title, author) });
  forgetDraft();
  return () => {
    tell("Your quote is published.");
    showFirst(navigation, quote.id);
  };
}

async function showFirst(navigation, id) {
  await navigation.go(HOME, { focus: false });
  scrollTo({ top: 0 });
  focusQuote(id);
}

async function saveChanges(feed, values) {
  const quote = await changed(feed, values);
  return () => {
    take(feed, quote);
    tell("Your changes are saved.");
  };
}

/** Saves changes, and answers the quote as it then is. Throws why they are not saved. */
async function changed(feed, values) {
  const { id, version: expectedVersion } = edited;
  try {
    return await mutate(UPDATE, { id, ...values, expectedVersion });
  } catch (error) {
    const current = currentOf(error);
    if (!current) throw error;
    goOnFrom(feed, current);
    if (holds(current, values)) return current;
    showConflict(current);
    throw new Refused([{ message: "Yours is not saved yet. Saved again, it takes the place of that." }]);
  }
}

async function remove(feed) {
  const { id, version: expectedVersion } = edited;
  try {
    await mutate(DELETE, { id, expectedVersion });
  } catch (error) {
    const current = currentOf(error);
    if (current) {
      goOnFrom(feed, current);
      find("#deleting-text").textContent = `“${excerpt(current.title)}”`;
      throw new Refused([{ message: "It was changed meanwhile, and reads so now. Delete it all the same?" }]);
    }
    // A first try, whose answer got lost, has deleted it.
    if (!(error instanceof Refused && error.has("NOT_FOUND"))) throw error;
  }
  const name = called(edited);
  return () => {
    const index = feed.quotes.findIndex((quote) => quote.id === id);
    const next = feed.quotes[index + 1] ?? feed.quotes[index - 1];
    feed.remove(id);
    tell(`${name[0].toUpperCase()}${name.slice(1)} is deleted.`);
    focusQuote(next?.id);
  };
}

/** Has the next try be for what somebody else has made of the quote. */
function goOnFrom(feed, current) {
  edited = current;
  take(feed, current);
}

/** Has the list show a quote as it is now. */
function take(feed, { id, title, author, version }) {
  feed.change(id, { title, author, version });
}

function called(quote) {
  return quote.createdBy?.id === session.user?.id ? "your quote" : "this quote";
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
