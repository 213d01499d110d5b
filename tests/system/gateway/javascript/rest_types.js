// Generates TypeScript from the OpenAPI documents of both services, and compiles a use of it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const USE = `
import type { components, operations } from "./quotes";
import type { operations as likes } from "./likes";

type Ok<T> = T extends { responses: { 200: { content: { "application/json": infer B } } } } ? B : never;
type Quote = Ok<operations["read_quote"]>;
type Filter = NonNullable<operations["list_quotes"]["parameters"]["query"]>;
const filter: Filter = { author: "Camus", created_after: "2026-11-27T06:20:00Z", order: "most_liked" };
// @ts-expect-error no such order
const wrong: Filter = { order: "best" };
const refused: components["schemas"]["TooManyRequestsOut"]["retry_after"] = 3;
export const found = (quote: Quote): string => quote.author ?? quote.title;
export const who = (page: Ok<likes["list_likes"]>): number[] => page.items.map((like) => like.user_id);
export { filter, refused, wrong };
`;
const [quotes, likes] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "rest-types-"));
for (const [name, url] of Object.entries({ quotes, likes })) {
  const nodes = await openapiTS(new URL(`${url}/openapi.json`));
  writeFileSync(join(folder, `${name}.d.ts`), astToString(nodes));
}
const use = join(folder, "use.ts");
writeFileSync(use, USE);
const program = ts.createProgram([use], { strict: true, noEmit: true, types: [], target: ts.ScriptTarget.ES2022 });
const faults = ts.getPreEmitDiagnostics(program).map((fault) => ts.flattenDiagnosticMessageText(fault.messageText, "\n"));
assert.deepEqual(faults, []);
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ faults }));
