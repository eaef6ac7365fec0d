/** Every shortcut, by the place where it works; the help dialog lists them. */
import type { keyboardEn } from "../../i18n/keyboard.en";

interface Shortcut {
  does: keyof typeof keyboardEn.does;
  /** Any of these. */
  press: readonly string[];
}

export const KEYS: readonly { place: keyof typeof keyboardEn.places; keys: readonly Shortcut[] }[] = [
  {
    place: "everywhere",
    keys: [
      { does: "palette", press: ["Ctrl+K"] },
      { does: "help", press: ["?"] },
      { does: "close", press: ["Esc"] },
    ],
  },
  {
    place: "search",
    keys: [
      { does: "run", press: ["Ctrl+Enter"] },
      { does: "complete", press: ["Ctrl+Space"] },
      { does: "leave", press: ["Esc", "Tab"] },
    ],
  },
  {
    place: "lists",
    keys: [
      { does: "next", press: ["↓", "J"] },
      { does: "previous", press: ["↑", "K"] },
      { does: "page", press: ["PageDown", "PageUp"] },
      { does: "ends", press: ["Home", "End"] },
      { does: "open", press: ["Enter"] },
    ],
  },
  {
    place: "alerts",
    keys: [
      { does: "select", press: ["X", "Space"] },
      { does: "acknowledge", press: ["A"] },
      { does: "closeAlert", press: ["C"] },
      { does: "filter", press: ["/"] },
    ],
  },
  {
    place: "tables",
    keys: [
      { does: "cell", press: ["←", "→", "↑", "↓"] },
      { does: "actions", press: ["Enter", "Space"] },
    ],
  },
  {
    place: "record",
    keys: [
      { does: "fold", press: ["←", "→"] },
      { does: "walk", press: ["↑", "↓"] },
    ],
  },
  { place: "dashboards", keys: [{ does: "movePanel", press: ["Alt+←", "Alt+→"] }] },
];
