// Liking: shown at once, sent behind, and taken back if it failed.

import { Refused } from "./graphql.js";
import { LIKE, UNLIKE } from "./operations.js";
import { mutate } from "./session.js";

/**
 * Makes the caller like a quote, or no longer, be it in the list or not. Shows it at once. Answers
 * `{ likedByMe, likes }`, or null if another call is waiting for the answer. Throws what went wrong,
 * after all is shown as it was before.
 */
export async function setLiked(feed, id, liked) {
  const quote = feed.find(id);
  if (!quote) return send(feed, id, liked);
  if (Boolean(quote.likedByMe) === liked) return quote;
  const before = { likedByMe: Boolean(quote.likedByMe), likes: quote.likes };
  feed.change(id, { likedByMe: liked, likes: Math.max(0, quote.likes + (liked ? 1 : -1)) });
  if (quote.pending) return null; // whoever waits for the answer sends this one after it
  feed.change(id, { pending: true });
  let known = before;
  try {
    for (let now = feed.find(id); now && now.likedByMe !== known.likedByMe; now = feed.find(id)) {
      known = await send(feed, id, now.likedByMe);
    }
  } finally {
    feed.change(id, { ...known, pending: false });
  }
  return known;
}

async function send(feed, id, liked) {
  try {
    const quote = await mutate(liked ? LIKE : UNLIKE, { quoteId: id });
    return { likedByMe: quote.likedByMe ?? liked, likes: quote.likes };
  } catch (error) {
    // It was so already: by another tab, or by a request whose answer got lost.
    const isSo = error instanceof Refused && error.has(liked ? "ALREADY_LIKED" : "NOT_LIKED");
    if (!isSo) throw error;
    const quote = await feed.ask(id);
    return { likedByMe: liked, likes: quote?.likes ?? 0 };
  }
}
