// A button beside each password that shows what has been typed, until it is sent.

/** Gives each field for a password of the page its button. */
export function startPasswords() {
  for (const input of document.querySelectorAll("input[type=password]")) addButton(input);
}

function addButton(input) {
  const button = document.createElement("button");
  const name = document.createElement("span");
  const label = document.querySelector(`label[for="${input.id}"]`).textContent;
  name.className = "unseen";
  name.textContent = ` ${label.toLowerCase()}`;
  Object.assign(button, { type: "button", className: "quiet reveal" });
  button.append("", name);
  show(false);
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers remember what was sent as text, and show it to whoever types there next.
  input.form.addEventListener("submit", () => show(false), { capture: true });
  input.form.addEventListener("reset", () => show(false));
  input.closest("dialog").addEventListener("close", () => show(false));

  const box = document.createElement("div");
  box.className = "password";
  input.replaceWith(box);
  box.append(input, button);

  function show(seen) {
    input.type = seen ? "text" : "password";
    button.firstChild.data = seen ? "Hide" : "Show";
  }
}
