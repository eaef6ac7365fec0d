/**
 * The editor's look. It lives in a shadow root: there its styles are adopted, and the policy of the page, which forbids style elements,
 * needs no exception. Colours come in from outside as custom properties; so do the heights `--editor-most` and `--editor-least`.
 */
import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const look = EditorView.theme({
  "&": { outline: "none !important", fontSize: "1.02rem", color: "var(--text)" },
  ".cm-scroller": {
    fontFamily: "var(--mono)",
    lineHeight: "1.6",
    maxHeight: "var(--editor-most, 22rem)",
    minHeight: "var(--editor-least, 4.4rem)",
  },
  ".cm-content": { padding: "0.55rem 0", caretColor: "var(--text)", minHeight: "var(--editor-least, 4.2rem)" },
  ".cm-line": { padding: "0 0.75rem" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-placeholder": { color: "var(--faint)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 25%, transparent) !important",
  },
  ".cm-matchingBracket": { background: "var(--selected) !important", outline: "1px solid var(--border-strong)" },
  ".cm-tooltip": {
    background: "var(--raised) !important",
    color: "var(--text)",
    border: "1px solid var(--border) !important",
    borderRadius: "var(--radius)",
    boxShadow: "var(--shadow-raised)",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono) !important", maxHeight: "18rem !important" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "0.15rem 0.6rem !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--selected) !important", color: "var(--text) !important" },
  ".cm-completionDetail": { color: "var(--faint)", fontStyle: "normal !important", marginLeft: "1rem !important" },
  ".cm-completionMatchedText": { textDecoration: "none !important", color: "var(--accent)", fontWeight: "600" },
  ".cm-tooltip.cm-completionInfo": { padding: "0.5rem 0.7rem", maxWidth: "24rem" },
  ".cm-diagnostic": { padding: "0.4rem 0.7rem !important", borderLeftWidth: "3px !important", whiteSpace: "pre-line" },
  ".cm-diagnosticAction": {
    background: "var(--accent) !important",
    color: "var(--on-accent) !important",
    borderRadius: "4px !important",
    padding: "0.1rem 0.5rem !important",
    font: "inherit",
  },
});

/** For texts that are read only: no cursor, and no bracket marked for being beside it. */
export const readOnlyLook = EditorView.theme({
  ".cm-cursor": { display: "none !important" },
  ".cm-matchingBracket": { background: "none !important", outline: "none !important" },
});

export const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--code-keyword)", fontWeight: "600" },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: "var(--code-function)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.propertyName], color: "var(--code-key)" },
  { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.macroName], color: "var(--code-number)" },
]);
