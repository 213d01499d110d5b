// The addresses of this page, and the place that each stands for.
//
// A place is one list of quotes, be it of one: `kind` is "all", "author" (with `author`), "person"
// (what somebody with that `username` has written), "likes" (what they like) or "quote" (with the
// number `id`). `search` and `order` are as the schema has them. What has no order has "NEWEST".
//
// An author may be called anything, "../a/b" too, which no path can hold. So may somebody with an
// account, but for the slash; behind an @ two dots lead nowhere else.

const MOST_LIKED = "most-liked";
const LONGEST = { search: 200, author: 100 }; // characters, as the schema says
const ANYWHERE = { search: "", order: "NEWEST" };

export const HOME = { kind: "all", ...ANYWHERE };

/** Answers the place at a URL of this origin; null if it is no place of this page. */
export function placeAt({ pathname, searchParams }) {
  const order = searchParams.get("order") === MOST_LIKED ? "MOST_LIKED" : "NEWEST";
  if (pathname === "/") {
    const [author, search] = ["author", "search"].map((name) => valueOf(searchParams, name));
    return author ? { ...HOME, kind: "author", author, order } : { ...HOME, search, order };
  }
  const [, id] = /^\/quotes\/0*(\d+)$/.exec(pathname) ?? [];
  if (id) return { kind: "quote", id, ...ANYWHERE };
  const [, name, likes] = /^\/@([^/]+)(\/likes)?$/.exec(pathname) ?? [];
  if (!name) return null;
  const username = decoded(name);
  return likes ? { kind: "likes", username, ...ANYWHERE } : { kind: "person", username, ...ANYWHERE, order };
}

/** Answers the address of a place, beginning with a slash. */
export function addressOf({ kind, id, username, author, search, order }) {
  if (kind === "quote") return `/quotes/${id}`;
  if (kind === "likes") return `/@${encodeURI(username)}/likes`;
  const values = new URLSearchParams();
  if (author) values.set("author", author);
  if (search) values.set("search", search);
  if (order !== "NEWEST") values.set("order", MOST_LIKED);
  const query = values.size ? `?${values}` : "";
  return kind === "person" ? `/@${encodeURI(username)}${query}` : `/${query}`;
}

/** Answers whether two places have the same quotes, but for a search or in another order. */
export function isSameList(one, other) {
  return ["kind", "id", "username", "author"].every((name) => one[name] === other[name]);
}

/** Answers the number in the id of a quote: an address is short, and ids are longer than that. */
export function numberOf(id) {
  return /^\d+$/.test(id) ? id : atob(id).split(":")[1];
}

function valueOf(values, name) {
  return [...(values.get(name) ?? "")].slice(0, LONGEST[name]).join("").trim();
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // nobody is called that
  }
}
