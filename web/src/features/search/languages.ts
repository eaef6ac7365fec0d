/** The languages that are no SPL and no SQL, as the editor colours them: what a comment, a string and a keyword look like. */
import { StreamLanguage, type StringStream } from "@codemirror/language";

export type LanguageId = "auto" | "spl" | "sumo" | "sql" | "insights" | "filter" | "lucene" | "kql" | "dsl" | "sigma";

/** Offered until the server has said which there are. */
export const LANGUAGES: readonly { id: LanguageId; name: string }[] = [
  { id: "spl", name: "Splunk SPL" },
  { id: "sql", name: "SQL" },
];

/** Languages whose queries are commands after pipes. */
export const PIPES: ReadonlySet<string> = new Set(["spl", "sumo", "insights"]);

/** Those of them whose first word is a command too, and no term to search for. */
export const BEGINS_WITH_COMMAND: ReadonlySet<string> = new Set(["insights"]);

/** Those in which a count or a sum stands after a pipe as it is. */
export const AGGREGATES_ARE_COMMANDS: ReadonlySet<string> = new Set(["sumo"]);

interface Grammar {
  comment: RegExp | null;
  /** Words that are keywords wherever they stand. */
  words: RegExp;
  /** A word after a pipe is a command. */
  pipes: boolean;
  /** The query's first word is a command. */
  begins?: boolean;
  /** Text between slashes is a regular expression. */
  regex: boolean;
  /** A name before a colon is a key (YAML, JSON, Lucene, KQL). */
  keys: boolean;
}

const GRAMMARS: Record<string, Grammar> = {
  sumo: {
    comment: /^\/\/.*/,
    words: /^(and|or|not|as|by|in|from|on|nodrop|multi|field|matches|contains|asc|desc|if|auto)$/i,
    pipes: true,
    regex: true,
    keys: false,
  },
  insights: {
    comment: /^(#|\/\/).*/,
    words: /^(and|or|not|as|by|in|like|asc|desc|any)$/i,
    pipes: true,
    begins: true,
    regex: true,
    keys: false,
  },
  filter: { comment: null, words: /^(NOT|EXISTS|IS|NULL|TRUE|FALSE)$/, pipes: false, regex: false, keys: false },
  lucene: { comment: null, words: /^(AND|OR|NOT|TO)$/, pipes: false, regex: true, keys: true },
  kql: { comment: null, words: /^(and|or|not)$/i, pipes: false, regex: false, keys: true },
  dsl: { comment: null, words: /^(true|false|null)$/, pipes: false, regex: false, keys: true },
  yaml: { comment: /^#.*/, words: /^(true|false|null)$/, pipes: false, regex: false, keys: true },
  sigma: {
    comment: /^#.*/,
    words: /^(true|false|null|and|or|not|of|them|all)$/,
    pipes: false,
    regex: false,
    keys: true,
  },
};

interface State {
  command: boolean;
}

const made = new Map<string, StreamLanguage<State>>();

/** The colours of a language; undefined where it has an editor mode of its own. */
export function colouring(id: string): StreamLanguage<State> | undefined {
  const grammar = GRAMMARS[id];
  if (!grammar) return undefined;
  let language = made.get(id);
  if (!language) {
    language = StreamLanguage.define<State>({
      name: id,
      startState: () => ({ command: true }),
      copyState: (state) => ({ ...state }),
      token: (stream, state) => token(grammar, stream, state),
      languageData: { closeBrackets: { brackets: ["(", "[", "{", '"'] } },
    });
    made.set(id, language);
  }
  return language;
}

function token(grammar: Grammar, stream: StringStream, state: State): string | null {
  if (stream.eatSpace()) return null;
  // `geo://location` is an address, no comment.
  if (grammar.comment && stream.string[stream.pos - 1] !== ":" && stream.match(grammar.comment)) return "comment";
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return ended(state, keyed(grammar, stream) ?? "string");
  if (grammar.regex && stream.match(/^\/(?:[^/\\]|\\.)+\//)) return ended(state, "string.special");
  if (stream.match("|") || stream.match("[")) {
    state.command = true;
    return "punctuation";
  }
  if (stream.match(/^-?\d+(\.\d+)?([eE][-+]?\d+)?(?![\w.-])/)) return ended(state, "number");
  if (stream.match(/^\$[.[]?/)) return ended(state, "operator");
  if (stream.match(/^[\p{L}_@%][\p{L}\p{N}_.@-]*/u)) return word(grammar, stream, state);
  stream.next();
  return null;
}

function word(grammar: Grammar, stream: StringStream, state: State): string | null {
  const first = state.command;
  state.command = false;
  if (first && (grammar.begins || (grammar.pipes && stream.string.slice(0, stream.start).trimEnd().endsWith("|")))) return "keyword";
  if (grammar.words.test(stream.current())) return "operatorKeyword";
  if (stream.match(/^\(/, false)) return "variableName.function";
  return keyed(grammar, stream);
}

function keyed(grammar: Grammar, stream: StringStream): string | null {
  return grammar.keys && stream.match(/^\s*:/, false) ? "propertyName" : null;
}

function ended(state: State, style: string): string {
  state.command = false;
  return style;
}
