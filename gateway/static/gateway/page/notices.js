// Telling what has happened: in a notice that is seen, or for screen readers alone.

const LASTS = 6_000; // ms; time to read a line twice
const notice = document.querySelector("#notice");
const text = notice.querySelector("p");
const status = document.querySelector("#status");
let timer;

notice.querySelector("button").addEventListener("click", hide);

/** Says something to screen readers, when they have finished what they are at. */
export function announce(message) {
  // The same text twice in a row would not be read again.
  status.textContent = status.textContent === message ? `${message}\u00a0` : message;
}

/** Shows that something went well. It goes by itself. */
export function tell(message) {
  show(message, "done");
  timer = setTimeout(hide, LASTS);
}

/** Shows that something failed. It stays until it is closed, or something else is to be said. */
export function warn(message) {
  show(message, "failed");
}

function show(message, kind) {
  clearTimeout(timer);
  text.textContent = message;
  notice.dataset.kind = kind;
  notice.hidden = false;
  announce(message);
}

function hide() {
  clearTimeout(timer);
  const hadFocus = notice.contains(document.activeElement);
  notice.hidden = true;
  if (hadFocus) document.querySelector("#list").focus({ preventScroll: true });
}
