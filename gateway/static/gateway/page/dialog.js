// Dialogs with a form: opened, sent, and told what is wrong with each field.

import { Refused } from "./graphql.js";
import { explain } from "./messages.js";

/**
 * Makes a form work. `send(values)` is called with its values. When that has fulfilled, `done` is
 * called with what it answered; when it has rejected, the form says why, unless `instead(error)`
 * answers what to do. What it says of a field goes once the field is right, as far as this page can
 * tell.
 */
export function handleForm(form, { send, done, instead = () => null }) {
  const button = form.querySelector("[type=submit]");
  const general = form.querySelector("[data-error-general]");
  let sending = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    clearErrors();
    setSending(true);
    try {
      done(await send(Object.fromEntries(new FormData(form))));
    } catch (error) {
      const action = instead(error);
      if (action) action();
      else show(error);
    } finally {
      setSending(false);
    }
  });
  form.addEventListener("reset", clearErrors);
  form.addEventListener("input", ({ target }) => {
    general.textContent = "";
    if (target.hasAttribute("aria-invalid") && target.validity.valid) clearError(target);
  });

  function setSending(value) {
    sending = value;
    button.setAttribute("aria-disabled", value);
    form.setAttribute("aria-busy", value);
  }

  function show(error) {
    const messages = error instanceof Refused ? error.messages : [{ message: explain(error) }];
    const rest = [];
    for (const { field, message } of messages) {
      const input = field && form.elements[field];
      if (input) showAt(input, message);
      else rest.push(message);
    }
    general.textContent = rest.join(" ");
    form.querySelector("[aria-invalid=true]")?.focus();
  }

  function showAt(input, message) {
    const place = document.getElementById(`${input.id}-error`);
    place.textContent = place.textContent ? `${place.textContent} ${message}` : message;
    input.setAttribute("aria-invalid", "true");
  }

  function clearErrors() {
    general.textContent = "";
    for (const input of form.querySelectorAll("[aria-invalid]")) clearError(input);
  }

  function clearError(input) {
    input.removeAttribute("aria-invalid");
    document.getElementById(`${input.id}-error`).textContent = "";
  }

  return { clearErrors };
}

/**
 * Makes a dialog of the page work. `send(values)` is called with the form's values. When it has
 * fulfilled, the dialog closes, and what it answered is called; when it has rejected, the dialog
 * stays open and says why, unless `instead(error)` answers what to do with it closed.
 */
export function formDialog(dialog, { send, instead = () => null }) {
  const form = dialog.querySelector("form");
  const { clearErrors } = handleForm(form, {
    send,
    done: leave,
    instead(error) {
      const action = instead(error);
      return action && (() => leave(action));
    },
  });

  for (const close of dialog.querySelectorAll("[data-close]")) {
    close.addEventListener("click", () => dialog.close());
  }

  /** Behind an open dialog nothing is read aloud or can be focused, so it closes first. */
  function leave(action) {
    dialog.close();
    action();
  }

  return {
    form,
    clearErrors,
    open() {
      clearErrors();
      if (!dialog.open) dialog.showModal();
    },
  };
}
