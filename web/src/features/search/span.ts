/** The server counts a query's characters in UTF-8 bytes, the editor in UTF-16 units. */

export interface Range {
  from: number;
  to: number;
}

/** Byte offsets into `text` as UTF-16 offsets. Offsets inside a character go to its start, those beyond to the end. */
export function toUtf16(text: string, span: { start: number; end: number }): Range {
  const from = offset(text, span.start);
  return { from, to: Math.max(from, offset(text, span.end)) };
}

function offset(text: string, bytes: number): number {
  let seen = 0;
  let at = 0;
  for (const character of text) {
    const next = seen + utf8Length(character.codePointAt(0) ?? 0);
    if (next > bytes) return at;
    seen = next;
    at += character.length;
  }
  return at;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** Line and column (from 1) of an UTF-16 offset, for messages. */
export function positionOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: [...(before[before.length - 1] ?? "")].length + 1 };
}
