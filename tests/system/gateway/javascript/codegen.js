// Generates TypeScript from schema.graphql and the operations, and compiles what comes out.
//
// By GraphQL Code Generator's core and plugins, without its command line, which needs a newer Node
// than Debian 12 has.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as typescript from "@graphql-codegen/typescript";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";
import ts from "typescript";
import * as documents from "./operations.js";

const [schemaFile] = process.argv.slice(2);
const schema = parse(readFileSync(schemaFile, "utf8"));
const config = { strictScalars: true, scalars: { DateTime: "string" }, useTypeImports: true };
const folder = mkdtempSync(join(tmpdir(), "codegen-"));
const written = { typescript, operations };
const texts = [];
for (const [name, plugin] of Object.entries(written)) {
  const filename = join(folder, `${name}.ts`);
  const text = await codegen({
    filename,
    schema,
    documents: Object.values(documents).map((document) => ({ document })),
    config,
    plugins: [{ [name]: {} }],
    pluginMap: { [name]: plugin },
  });
  writeFileSync(filename, text);
  texts.push(text);
}
const files = Object.keys(written).map((name) => join(folder, `${name}.ts`));
const program = ts.createProgram(files, { strict: true, noEmit: true, types: [] });
const faults = ts.getPreEmitDiagnostics(program).map((fault) => fault.messageText);
assert.deepEqual(faults, []);
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ text: texts.join("\n") }));
