// One's own account: its e-mail address and password, where it is logged in, and its end.

import { logIn } from "./account.js";
import { handleForm } from "./dialog.js";
import { Failed, Unauthenticated } from "./graphql.js";
import { counted, explain } from "./messages.js";
import { tell } from "./notices.js";
import { CHANGE_EMAIL, CHANGE_PASSWORD, DELETE_ACCOUNT, END_SESSION, LOG_OUT, ME } from "./operations.js";
import { change, mutate, query, session } from "./session.js";

const find = (selector) => document.querySelector(selector);
const dialog = find("#settings");
const list = find("#sessions");
const template = find("#session-template");
const status = find("#settings-status");
const when = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });

/** Makes the user's name in the header open what they can change of their account. */
export function startSettings() {
  find("#own-account").addEventListener("click", open);
  for (const close of dialog.querySelectorAll("[data-close]")) {
    close.addEventListener("click", () => dialog.close());
  }
  handleForm(find("#email-form"), {
    send: ({ email }) => mutate(CHANGE_EMAIL, { email: email.trim() || null }),
    done: () => leave("Your e-mail address is saved."),
    instead: logInAgain,
  });
  handleForm(find("#password-form"), {
    send: ({ oldPassword, newPassword }) => mutate(CHANGE_PASSWORD, { oldPassword, newPassword }),
    done(payload) {
      session.take(payload);
      leave("Your password is changed. Everywhere else you have to log in again.");
    },
    instead: logInAgain,
  });
  handleForm(find("#deletion-form"), {
    send: ({ password }) => change(DELETE_ACCOUNT, { input: { password } }, { browser: true }),
    done() {
      session.end();
      leave("Your account is deleted.");
    },
    instead: logInAgain,
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) endSession(button);
  });
  find("#log-out-everywhere").addEventListener("click", logOutEverywhere);
}

async function open() {
  for (const form of dialog.querySelectorAll("form")) form.reset();
  find("#settings-username").value = session.user.username;
  list.replaceChildren();
  say("");
  dialog.showModal();
  try {
    const { data, errors } = await query(ME, {});
    if (!session.user) throw new Unauthenticated();
    if (!data.me?.sessions) throw new Failed(errors[0]?.message, errors[0]?.extensions?.code);
    find("#settings-email").value ||= data.me.email ?? "";
    list.replaceChildren(...data.me.sessions.map(entry));
  } catch (error) {
    failed(error);
  }
}

function entry({ id, createdAt, lastUsedAt, current }) {
  const item = template.content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(`[data-part="${name}"]`);
  const since = when.format(new Date(createdAt));
  part("name").textContent = current ? "This browser" : `Since ${since}`;
  part("times").textContent = current
    ? `since ${since}`
    : `last seen ${when.format(new Date(lastUsedAt))}`;
  const button = part("end");
  button.hidden = current;
  button.dataset.id = id;
  button.setAttribute("aria-label", `Log out there, since ${since}`);
  return item;
}

async function endSession(button) {
  try {
    session.take(await mutate(END_SESSION, { id: button.dataset.id }));
    button.closest("li").remove();
    say("Logged out there.");
    find("#settings-title").focus();
  } catch (error) {
    failed(error);
  }
}

async function logOutEverywhere() {
  try {
    const { ended } = await change(LOG_OUT, { all: true }, { browser: true });
    session.end();
    leave(`You are logged out everywhere: ${counted(ended, "session")} ended.`);
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  const instead = logInAgain(error);
  if (instead) instead();
  else say(explain(error));
}

function logInAgain(error) {
  if (!(error instanceof Unauthenticated)) return null;
  return () => {
    dialog.close();
    logIn({ reason: "Log in again to go on.", action: open });
  };
}

/** Behind an open dialog nothing is read aloud or can be focused, so it closes first. */
function leave(message) {
  dialog.close();
  tell(message);
  find(session.user ? "#own-account" : "#log-in").focus();
}

function say(message) {
  status.textContent = message;
}
