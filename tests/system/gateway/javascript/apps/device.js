// Another device, or another person: what they do over plain HTTP while an app is looked at.
import assert from "node:assert/strict";

const LOGIN = "... on LoginPayload { token refreshToken user { id } }";
const INFO = "... on OperationInfo { messages { code } }";

export const PASSWORD = "an-uncommon-one-1815";
export const TITLES = Array.from({ length: 25 }, (_, place) => `Épreuve ${place + 1}`);

export class Device {
  constructor(uri) {
    this.uri = uri;
    this.token = null;
  }

  async mutate(name, input, selection) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${selection} ${INFO} } }`;
    return this.ask(query, { input });
  }

  async ask(query, variables = {}) {
    const headers = { "Content-Type": "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const body = JSON.stringify({ query, variables });
    const { data, errors } = await (await fetch(this.uri, { method: "POST", headers, body })).json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.answer;
  }

  async register(username) {
    this.#begin(await this.mutate("register", { username, password: PASSWORD }, LOGIN));
  }

  async login(username) {
    this.#begin(await this.mutate("login", { username, password: PASSWORD }, LOGIN));
  }

  // Returns the code with which the session is refused to go on; undefined if it goes on.
  async refresh() {
    const answer = await this.mutate("refreshSession", { refreshToken: this.refreshToken }, LOGIN);
    return answer.messages?.[0].code;
  }

  async write(titles, author) {
    for (const title of titles) {
      const answer = await this.mutate("createQuote", { title, author }, "... on Quote { id }");
      assert.ok(answer.id, JSON.stringify(answer));
    }
  }

  async edit(id, title) {
    const { version } = await this.mutate("updateQuote", { id, title }, "... on Quote { version }");
    return version;
  }

  logout() {
    return this.ask("mutation { answer: logout { ... on LogoutPayload { ended } } }");
  }

  #begin(answer) {
    assert.ok(answer.token, JSON.stringify(answer));
    ({ token: this.token, refreshToken: this.refreshToken } = answer);
  }
}
