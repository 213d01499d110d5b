// The quotes on this page: a part of the gateway's cursor connection, and what is known of it.

import { isSameList, numberOf } from "./addresses.js";
import { readPage } from "./lists.js";

const PAGE = 20; // quotes; two or three screens
// What others do in this time after an act of this page's user is asked for once it is over: the
// count that is told live may not have that act in it yet.
const SETTLES = 3_000; // ms
const MOST = 100; // quotes that the gateway gives at once
const FARTHEST = 500; // quotes that are loaded again where somebody comes back to their place
const LOOKS = 20; // pages in a row that a search may leave empty before a person is asked

/**
 * Dispatches "list" when quotes come or go or the state changes, and "quote" (its `detail` the
 * quote) when one changes. `place` says which quotes (addresses.js). `state` is "loading", "ready"
 * or "failed" (by `error`); `moreState` the same of the next page, or "far" when looking for it has
 * found nothing yet. `person` is whose list it is; `missing` tells that there is no such person or
 * quote. `partial` tells that the likes of the caller couldn't be told. `arrived` counts newer
 * quotes that are not shown yet.
 */
export class Feed extends EventTarget {
  quotes = [];
  state = "loading";
  moreState = "ready";
  error = null;
  person = null;
  missing = false;
  partial = false;
  arrived = 0;
  hasMore = false;
  loaded = Promise.resolve(); // fulfils when the last load has ended, be it by a failure
  #end = null;
  #wanted = PAGE; // quotes, of the last load
  #loading = new AbortController();
  #refreshing = false;

  constructor(place) {
    super();
    this.place = place;
  }

  find(id) {
    return this.quotes.find((quote) => quote.id === id);
  }

  /**
   * Loads from the start, at another place if given. `count` quotes are wanted: by default a page,
   * or as many as by the last load if that has brought none. An older load is given up. `anew`
   * forgets what this page's user has just done: it is another user now. `quietly` says nothing
   * of a load until it has ended, where an older one has failed.
   */
  load({ place, count, anew = false, quietly = false } = {}) {
    count ??= place || this.state === "ready" ? PAGE : this.#wanted;
    place ??= this.place;
    this.#loading.abort();
    this.#loading = new AbortController();
    if (!isSameList(place, this.place)) this.#leave(place);
    this.#wanted = Math.min(count, FARTHEST);
    Object.assign(this, { place, moreState: "ready" });
    if (!quietly) Object.assign(this, { state: "loading", error: null });
    this.#tellList();
    return (this.loaded = this.#load(anew, this.#loading.signal));
  }

  /** Loads as many as are here, as whoever has just logged in, or out, sees them. */
  reload() {
    const count = this.state === "ready" ? Math.max(this.quotes.length, PAGE) : undefined;
    return this.load({ count, anew: true });
  }

  async #load(anew, signal) {
    const asked = Date.now();
    try {
      const { connection, errors, person, missing } = await this.#pages(this.#wanted, signal);
      if (signal.aborted) return;
      const held = new Map(anew ? [] : this.quotes.map((quote) => [quote.id, quote]));
      this.quotes = connection.edges.map((edge) => merged(held.get(edge.node.id), edge, asked));
      this.#ends(connection.pageInfo);
      Object.assign(this, { state: "ready", partial: errors.length > 0, arrived: 0, person, missing });
      // Names are found in whatever form of Unicode they are written.
      if (person && person.username !== this.place.username) {
        this.place = { ...this.place, username: person.username };
      }
      this.moreState = this.#stateAfter(this.quotes);
    } catch (error) {
      if (signal.aborted) return;
      Object.assign(this, { state: "failed", error });
    }
    this.#tellList();
  }

  /** Loads the next page. Answers how many quotes it brought. */
  async more() {
    if (!this.hasMore || this.state !== "ready" || this.moreState === "loading") return 0;
    const { signal } = this.#loading;
    this.moreState = "loading";
    this.#tellList();
    let fresh = [];
    try {
      const { connection } = await this.#page({ first: PAGE, after: this.#end }, signal);
      if (signal.aborted) return 0;
      // A quote that lost likes meanwhile comes up a second time further down.
      fresh = connection.edges.filter((edge) => !this.find(edge.node.id)).map((edge) => merged(null, edge));
      this.quotes = [...this.quotes, ...fresh];
      this.#ends(connection.pageInfo);
      this.moreState = this.#stateAfter(fresh);
    } catch {
      if (signal.aborted) return 0;
      this.moreState = "failed";
    }
    this.#tellList();
    return fresh.length;
  }

  /**
   * Brings the quotes from index `first` to `last`, those in sight, up to date: others have liked,
   * edited or deleted them. Has the next page be tried again. Throws if that can't be told now.
   */
  async refresh(first, last) {
    if (this.state !== "ready" || this.#refreshing) return;
    const { signal } = this.#loading;
    const asked = Date.now();
    const window = this.quotes.slice(first, last + 1);
    this.#refreshing = true;
    try {
      const after = this.quotes[first - 1]?.cursor;
      const range = { first: Math.min(MOST, window.length + PAGE), after };
      const { connection, errors } = await this.#page(range, signal, 1);
      if (signal.aborted) return;
      this.#renew(window, connection, { asked, isStart: first === 0 });
      this.#recover(errors.length > 0);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#refreshing = false;
    }
  }

  /**
   * Takes a change that the gateway tells of. Where this page's user has just acted, what they did
   * stays, and `again` is called once it has settled.
   */
  hear({ id, change, quote }, again) {
    const held = this.find(id);
    if (held && !quote) {
      this.remove(id);
    } else if (held && (held.pending || held.changedAt > Date.now() - SETTLES)) {
      setTimeout(again, SETTLES);
    } else if (held) {
      Object.assign(held, quote);
      this.#tellQuote(held);
    } else if (change === "CREATED" && this.state === "ready" && this.#showsAllNewest()) {
      this.arrived += 1;
      this.#tellList();
    }
  }

  /** Asks for one quote anew, and answers it, or null if it is gone. */
  async ask(id) {
    const { connection } = await readPage({ kind: "quote", id });
    return connection.edges[0]?.node ?? null;
  }

  /** Changes what is known of a quote, as this page's user has it. */
  change(id, values) {
    const quote = this.find(id);
    if (!quote) return;
    Object.assign(quote, values, { changedAt: Date.now() });
    this.#tellQuote(quote);
  }

  remove(id) {
    this.quotes = this.quotes.filter((quote) => quote.id !== id);
    this.#tellList();
  }

  /** Keeps of the quotes here the one that stands at the next place, too. */
  #leave(place) {
    this.quotes = this.quotes.filter((quote) => place.kind === "quote" && numberOf(quote.id) === place.id);
    Object.assign(this, { person: null, missing: false, partial: false, arrived: 0, hasMore: false });
  }

  #showsAllNewest() {
    const { kind, search, order } = this.place;
    return kind === "all" && order === "NEWEST" && !search;
  }

  /** Answers the first page, made of as many as it takes. */
  async #pages(count, signal) {
    const found = await this.#page({ first: Math.min(MOST, count) }, signal);
    const edges = new Map(found.connection.edges.map((edge) => [edge.node.id, edge]));
    let { pageInfo } = found.connection;
    for (let left = count - edges.size; left > 0 && edges.size && pageInfo.hasNextPage; ) {
      const range = { first: Math.min(MOST, left), after: pageInfo.endCursor };
      const { connection } = await this.#page(range, signal);
      // By likes, one may have moved down meanwhile, and come a second time.
      for (const edge of connection.edges) edges.set(edge.node.id, edge);
      left -= range.first;
      pageInfo = connection.pageInfo;
    }
    return { ...found, connection: { edges: [...edges.values()], pageInfo } };
  }

  /** One request of a search looks only so far: with nothing found there, the next looks on. */
  async #page(range, signal, looks = LOOKS) {
    const found = await readPage(this.place, range, signal);
    const { edges, pageInfo } = found.connection;
    if (edges.length || !pageInfo.hasNextPage || looks < 2) return found;
    return this.#page({ ...range, after: pageInfo.endCursor }, signal, looks - 1);
  }

  #stateAfter(found) {
    return found.length || !this.hasMore ? "ready" : "far";
  }

  #ends({ hasNextPage, endCursor }) {
    this.hasMore = hasNextPage;
    this.#end = endCursor;
  }

  #recover(partial) {
    if (partial === this.partial && this.moreState !== "failed") return;
    this.partial = partial;
    if (this.moreState === "failed") this.moreState = "ready";
    this.#tellList();
  }

  #renew(window, { edges, pageInfo }, { asked, isStart }) {
    const nodes = new Map(edges.map((edge) => [edge.node.id, edge]));
    for (const quote of this.quotes) {
      const edge = nodes.get(quote.id);
      if (!edge) continue;
      Object.assign(quote, merged(quote, edge, asked));
      this.#tellQuote(quote);
    }
    // By likes, what is missing may have moved; by age, it is gone if older ones are there. Who likes
    // a quote no more, perhaps by mistake, still has it here.
    const { kind, order } = this.place;
    const stays = kind === "likes";
    const all = isStart && !pageInfo.hasNextPage && !stays;
    const byAge = order === "NEWEST" && !stays;
    const oldest = byAge ? window.findLastIndex((quote) => nodes.has(quote.id)) : -1;
    const gone = new Set(window.filter((quote, index) => !nodes.has(quote.id) && (all || index < oldest)));
    const newest = isStart && byAge ? edges.findIndex((edge) => this.find(edge.node.id)) : 0;
    const arrived = newest < 0 ? edges.length : newest;
    if (!gone.size && arrived === this.arrived) return;
    this.quotes = this.quotes.filter((quote) => !gone.has(quote));
    if (isStart) this.arrived = arrived;
    this.#tellList();
  }

  #tellList() {
    this.dispatchEvent(new Event("list"));
  }

  #tellQuote(quote) {
    this.dispatchEvent(new CustomEvent("quote", { detail: quote }));
  }
}

/** Answers a quote as an answer has it, but its likes as this page's user has just made them. */
function merged(held, { node, cursor }, asked = 0) {
  const quote = { ...node, cursor };
  if (held && (held.pending || held.changedAt > asked)) {
    const { likes, likedByMe, title, author, version, pending, changedAt } = held;
    Object.assign(quote, { likes, likedByMe, title, author, version, pending, changedAt });
  }
  return quote;
}
