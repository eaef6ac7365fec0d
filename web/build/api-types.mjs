/** Writes src/api/types.gen.ts from the server's OpenAPI document. Only the schemas are used by the page, so only they are written. */
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const HEAD = "// Made from openapi.json by `npm run types`; not to be edited.\n\n";

const at = (path) => new URL(`../${path}`, import.meta.url);
const document = JSON.parse(await readFile(at("openapi.json"), "utf8"));
const types = await openapiTS({
  openapi: document.openapi,
  info: document.info,
  paths: {},
  components: { schemas: document.components.schemas },
});
const target = at("src/api/types.gen.ts");
const made = HEAD + astToString(types);
if (process.argv.includes("--check")) {
  // Run by the tests: the page must be compiled against what the server says today.
  if ((await readFile(target, "utf8")) !== made) {
    console.error("src/api/types.gen.ts is not what openapi.json says: run `npm run types`");
    process.exit(1);
  }
} else {
  await writeFile(target, made);
}
