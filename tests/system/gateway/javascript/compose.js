// Composes subgraphs (name, address, file of its schema; name, address, …) into a supergraph, as
// Apollo's own rover does.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const given = process.argv.slice(2);
const services = [];
for (let place = 0; place < given.length; place += 3) {
  const [name, url, file] = given.slice(place, place + 3);
  services.push({ name, url, typeDefs: parse(readFileSync(file, "utf8")) });
}
const { errors, supergraphSdl } = composeServices(services);
assert.deepEqual(errors ?? [], []);
console.log(JSON.stringify({ supergraph: supergraphSdl }));
