// Print each fault that @asyncapi/parser finds in the documents that are named, a line each.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const ERROR = 0; // what else it says are suggestions
const parser = new Parser();
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(readFileSync(file, "utf8"));
  for (const { severity, path, message } of diagnostics) {
    const kind = severity === ERROR ? "error" : "suggestion";
    console.log(`${file}: ${kind}: ${path.join("/")}: ${message}`);
  }
  console.log(`${file}: ${document?.messages().length ?? 0} messages`);
}
