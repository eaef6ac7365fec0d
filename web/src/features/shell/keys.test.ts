import { describe, expect, it } from "vitest";

import { keyboardEn } from "../../i18n/keyboard.en";
import { KEYS } from "./keys";

describe("the keyboard help", () => {
  it("says everything that it has words for, once", () => {
    const said = KEYS.flatMap(({ keys }) => keys.map(({ does }) => does));
    expect([...said].sort()).toEqual(Object.keys(keyboardEn.does).sort());
    expect(KEYS.map(({ place }) => place)).toEqual(Object.keys(keyboardEn.places));
  });
  it("gives no key two meanings in one place", () => {
    for (const { place, keys } of KEYS) {
      const pressed = keys.flatMap(({ press }) => press);
      expect(new Set(pressed).size, place).toBe(pressed.length);
    }
  });
});
