// Hearing what others do as they do it: a subscription to all quotes, which goes on by its cursor
// when it was cut off.

import { CHANGES } from "./operations.js";

const ENDPOINT = document.querySelector("meta[name=live]").content;
const FIRST_PAUSE = 1_000; // ms
const LONGEST_PAUSE = 60_000; // ms
// The gateway gives a sign of life every 10 s.
const SILENCE = 25_000; // ms

/** Something of the subscription's own, such as that its cursor is too old. */
class Ended extends Error {
  constructor({ extensions = {} }) {
    super(extensions.code);
    this.code = extensions.code;
    this.retryAfter = (extensions.retryAfter ?? 0) * 1_000;
  }
}

/**
 * Calls `changed` with each change of a quote, and `opened` when a stream begins that may have
 * missed some. `live` says whether there is a stream now.
 */
export class Live {
  live = false;
  #cursor = null;
  #stop = null;
  #pause = FIRST_PAUSE;

  constructor({ changed, opened }) {
    Object.assign(this, { changed, opened });
  }

  /** Listens until `stop`, trying again after whatever goes wrong. */
  async start() {
    if (this.#stop) return;
    const { signal } = (this.#stop = new AbortController());
    while (!signal.aborted) {
      let pause = this.#pause;
      try {
        await this.#listen(signal);
      } catch (error) {
        if (error instanceof Ended) pause = error.retryAfter;
        else this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
      }
      this.live = false;
      if (!signal.aborted) await new Promise((done) => setTimeout(done, pause));
    }
  }

  stop() {
    this.#stop?.abort();
    this.#stop = null;
  }

  async #listen(signal) {
    const cut = new AbortController();
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => cut.abort(), SILENCE);
    };
    heard();
    try {
      const response = await fetch(ENDPOINT, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify({ query: CHANGES, variables: { after: this.#cursor } }),
        signal: AbortSignal.any([signal, cut.signal]),
      });
      if (!response.ok) throw new Error(`No stream (${response.status}).`);
      this.live = true;
      this.opened();
      for await (const result of results(response.body, heard)) this.#take(result);
    } finally {
      clearTimeout(silence);
      cut.abort();
    }
  }

  #take({ data, errors }) {
    this.#pause = FIRST_PAUSE;
    const change = data?.quoteChanged;
    if (change) {
      this.#cursor = change.cursor;
      this.changed(change);
    } else if (errors?.[0]?.extensions?.code === "CURSOR_EXPIRED") {
      this.opened();
    } else if (errors) {
      throw new Ended(errors[0]);
    }
  }
}

/** Yields the results in a body of server-sent events, and calls `heard` at each sign of life. */
async function* results(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard();
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event);
      if (data) yield JSON.parse(data[1]);
    }
  }
}
