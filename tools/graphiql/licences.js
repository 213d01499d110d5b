// Print the name, version and licence of each installed package, for the browser files hold their code.
const { existsSync, readFileSync, readdirSync } = require("node:fs");
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));

console.log("GraphiQL's browser files hold code of these packages. The fonts in graphiql.min.css are");
console.log("Roboto (Apache License 2.0) and Fira Code (SIL Open Font License 1.1).");
for (const folder of Object.keys(packages).filter((name) => name && existsSync(name)).sort()) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  console.log(`\n${"=".repeat(80)}\n${name} ${version}: ${license}\n`);
  for (const file of readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file)).sort()) {
    console.log(readFileSync(`${folder}/${file}`, "utf8").trimEnd().replace(/\r\n/g, "\n"));
  }
}
