import { describe, expect, it } from "vitest";

import { dateOfVersion } from "./geo-databases.ts";

describe("the data base's date", () => {
  it("is in the package's version", () => expect(dateOfVersion("2.3.2026061719")).toBe("2026-06-17"));
  it.each(["2.3.1", "1.0.0-beta", ""])("is missing from %j", (version) => expect(() => dateOfVersion(version)).toThrow("holds no date"));
});
