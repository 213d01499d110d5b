// What a place is called, and what is said where it has no quotes.

import { excerpt } from "./messages.js";
import { session } from "./session.js";

const SITE = "Quotes in step";

/** Answers `{ kicker, text, seen }`: the heading where a feed is, and whether it is shown. */
export function headingOf({ place: { kind, search, author, username }, missing }) {
  const seen = !missing;
  if (kind === "author") return { kicker: "Said by", text: author, seen };
  if (kind === "person") return { kicker: isOwn(username) ? "Your quotes" : "Shared by", text: username, seen };
  if (kind === "likes") return { kicker: isOwn(username) ? "Your likes" : "Liked by", text: username, seen };
  const text = kind === "quote" ? "One quote" : search ? `Quotes with “${search}”` : "The quotes";
  return { kicker: "", text, seen: false };
}

/** Answers the title of the page where a feed is. */
export function titleOf({ place, missing, quotes }) {
  const { kind, search, author, username } = place;
  const [quote] = quotes;
  const names = {
    all: search ? `“${search}”` : "",
    author,
    person: missing ? "Nobody of that name" : `Shared by ${username}`,
    likes: missing ? "Nobody of that name" : `Liked by ${username}`,
    quote: quote ? `“${excerpt(quote.title)}” ${quote.author ?? ""}`.trim() : "No such quote",
  };
  return names[kind] ? `${names[kind]} · ${SITE}` : SITE;
}

/** Answers `{ title, text }` for a place that has no quotes, or of which none was found yet. */
export function emptyOf({ place, hasMore, missing }) {
  const { kind, search, username, author } = place;
  if (kind === "quote") return { title: "No such quote.", text: "It may have been deleted." };
  if (missing) return { title: "Nobody of that name.", text: `No account here is called “${username}”.` };
  if (hasMore && search) {
    return { title: "Nothing yet.", text: `No quote holds “${search}” as far as this has looked.` };
  }
  if (search) {
    return {
      title: "No quote says that.",
      text: `Nothing here holds “${search}”, in its text or its author.`,
    };
  }
  const text = {
    all: "Somebody has to say the first word.",
    author: `No quote of “${author}” is here.`,
    person: isOwn(username) ? "What you share stands here." : `${username} has shared no quote so far.`,
    likes: isOwn(username) ? "What you like stands here." : `${username} likes no quote so far.`,
  };
  return { title: "Nothing here yet.", text: text[kind] };
}

function isOwn(username) {
  return session.user?.username === username;
}
