// Logging in, registering and logging out.

import { formDialog } from "./dialog.js";
import { Unauthenticated } from "./graphql.js";
import { explain } from "./messages.js";
import { tell, warn } from "./notices.js";
import { LOG_IN, LOG_OUT, REGISTER } from "./operations.js";
import { change, session } from "./session.js";

const TEXTS = {
  login: {
    title: "Log in",
    other: "New here? Register",
    password: "current-password",
    shortest: 1,
    hint: "",
  },
  register: {
    title: "Register",
    other: "Have an account? Log in",
    password: "new-password",
    shortest: 8, // characters
    hint: "At least 8 characters, not all digits, and not a common one.",
  },
};
const find = (selector) => document.querySelector(selector);
const dialog = find("#account");
const password = find("#account-password");
let mode = "login";
let then = null; // what is done once somebody is logged in

const { form, open, clearErrors } = formDialog(dialog, {
  async send({ username, password, email }) {
    const registers = mode === "register";
    const input = registers ? { username, password, email: email.trim() || null } : { username, password };
    const login = await change(registers ? REGISTER : LOG_IN, { input }, { browser: true });
    return () => {
      form.reset();
      session.begin(login);
      tell(`${registers ? "Welcome" : "Welcome back"}, ${login.user.username}.`);
      if (then) then();
      else find("#log-out").focus({ preventScroll: true });
    };
  },
});

/** Has the user log in, and then does `action`. `reason` says what for. */
export function logIn({ reason = "", action = null } = {}) {
  then = action;
  find("#account-reason").textContent = reason;
  find("#account-reason").hidden = !reason;
  setMode("login");
  password.value = "";
  open();
}

/** Makes the header's buttons work, and show who is logged in. */
export function startAccount() {
  find("#log-in").addEventListener("click", () => logIn());
  find("#log-out").addEventListener("click", logOut);
  find("#account-other").addEventListener("click", () => {
    setMode(mode === "login" ? "register" : "login");
    find("#account-username").focus();
  });
  session.addEventListener("change", showUser);
  session.addEventListener("expired", () => warn("Your login has run out. Log in again to go on."));
  showUser();
}

async function logOut() {
  try {
    await change(LOG_OUT, { all: false }, { browser: true });
  } catch (error) {
    if (!(error instanceof Unauthenticated)) {
      warn(`You are still logged in. ${explain(error)}`);
      return;
    }
  }
  session.end();
  tell("You are logged out.");
  find("#log-in").focus({ preventScroll: true }); // it may stand above, and the quotes stay in sight
}

function setMode(value) {
  mode = value;
  const texts = TEXTS[mode];
  clearErrors();
  find("#account-title").textContent = texts.title;
  find("#account-submit").textContent = texts.title;
  find("#account-other").textContent = texts.other;
  password.autocomplete = texts.password;
  password.setAttribute("minlength", texts.shortest);
  find("#account-email-field").hidden = mode === "login";
  find("#account-password-hint").textContent = texts.hint;
}

function showUser() {
  const { user } = session;
  find("#log-in").hidden = Boolean(user);
  find("#user").hidden = !user;
  find("#username").textContent = user?.username ?? "";
}
