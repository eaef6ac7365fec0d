import { describe, expect, it } from "vitest";

import { packageFolder, tellsLicence } from "./licences.ts";

describe("the package of a module", () => {
  it.each([
    ["/p/web/node_modules/react/index.js", "/p/web/node_modules/react"],
    ["/p/web/node_modules/@codemirror/view/dist/index.js", "/p/web/node_modules/@codemirror/view"],
    ["/p/web/node_modules/a/node_modules/b/c.js?commonjs-module", "/p/web/node_modules/a/node_modules/b"],
    ["\0/p/web/node_modules/react/index.js", "/p/web/node_modules/react"],
    ["/p/web/src/main.tsx", null],
  ])("%j", (id, folder) => expect(packageFolder(id)).toBe(folder));
});

describe("files that tell a licence", () => {
  it.each(["LICENSE", "license.md", "NOTICE.txt", "DBIP-LICENSE", "NRO_LICENSE", "MODIFICATIONS"])("%s", (file) =>
    expect(tellsLicence(file)).toBe(true),
  );
  it.each(["README.md", "licenses.json", "index.js"])("not %s", (file) => expect(tellsLicence(file)).toBe(false));
});
