// Fetches the part of the page that changes, once a second, and shows it where it differs.

const EVERY = 1000; // ms
const live = document.getElementById("flow-live");
const status = document.getElementById("flow-status");
const pause = document.getElementById("flow-pause");
let shown = "";
let stopped = false;

function show(html) {
  const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
  live.innerHTML = html;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function look() {
  const address = new URL(location.href);
  address.searchParams.set("part", "");
  const headers = shown ? { "If-None-Match": shown } : {};
  const response = await fetch(address, { headers, signal: AbortSignal.timeout(10 * EVERY) });
  if (response.redirected || response.status === 403) {
    location.reload(); // the login has ended
    return;
  }
  if (response.status !== 304) {
    if (!response.ok) throw new Error(`status ${response.status}`);
    show(await response.text());
    shown = response.headers.get("ETag") ?? "";
  }
  say("Follows what happens.");
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

async function follow() {
  if (!stopped && !document.hidden) {
    try {
      await look();
    } catch {
      say("The service doesn't answer: this is how it was before.");
    }
  }
  setTimeout(follow, EVERY);
}

pause.hidden = false;
pause.addEventListener("click", () => {
  stopped = !stopped;
  pause.setAttribute("aria-pressed", String(stopped));
  say(stopped ? "Paused." : "Follows what happens.");
});
follow();
