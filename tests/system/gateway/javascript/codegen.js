// Generates TypeScript from schema.graphql and the operations, and compiles what comes out.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "@graphql-codegen/cli";
import ts from "typescript";

const [schema] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "codegen-"));
const [types, operations] = ["schema.ts", "operations.ts"].map((name) => join(folder, name));
const config = { strictScalars: true, scalars: { DateTime: "string" }, useTypeImports: true };
await generate(
  {
    schema,
    documents: "./operations.js",
    silent: true,
    generates: {
      [types]: { plugins: ["typescript"], config },
      [operations]: { plugins: ["typescript-operations"], config },
    },
  },
  true,
);
const program = ts.createProgram([types, operations], { strict: true, noEmit: true, types: [] });
const faults = ts.getPreEmitDiagnostics(program).map((fault) => fault.messageText);
assert.deepEqual(faults, []);
const text = [types, operations].map((file) => readFileSync(file, "utf8")).join("\n");
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ text }));
