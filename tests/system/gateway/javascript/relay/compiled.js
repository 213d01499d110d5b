// What Relay's compiler makes of the operations in a file, checked against schema.graphql.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

// Returns what loads an artifact by its name.
export function compiled(source, schema) {
  const folder = mkdtempSync(join(tmpdir(), "relay-"));
  mkdirSync(join(folder, "src"));
  mkdirSync(join(folder, "artifacts"));
  copyFileSync(source, join(folder, "src", basename(source)));
  copyFileSync(schema, join(folder, "schema.graphql"));
  const config = {
    src: "src", schema: "schema.graphql", artifactDirectory: "artifacts", language: "javascript",
    eagerEsModules: false,
  };
  writeFileSync(join(folder, "relay.config.json"), JSON.stringify(config));
  const command = createRequire(import.meta.url).resolve("relay-compiler/cli.js");
  const run = spawnSync(process.execPath, [command, "relay.config.json"], { cwd: folder });
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
  const load = createRequire(join(folder, "artifacts", "any.js"));
  return (name) => load(`./${name}.graphql`);
}
