/** Colours for SPL: commands after a pipe, functions, strings, numbers, operators, macros, comments. */
import { StreamLanguage, type StringStream } from "@codemirror/language";

interface State {
  /** The next word is a command: at the start of the query, after `|` and after `[`. */
  command: boolean;
  /** Between triple backticks. */
  comment: boolean;
}

const OPERATOR_WORDS = new Set(["AND", "OR", "NOT", "XOR", "BY", "AS", "IN", "LIKE", "OUTPUT", "OUTPUTNEW", "WHERE", "FROM", "OVER"]);
/** A search may begin without its command; only these words are commands there. */
const GENERATING = new Set(["search", "tstats", "inputlookup", "makeresults", "from", "union", "multisearch", "metadata", "rest"]);

export const splLanguage = StreamLanguage.define<State>({
  name: "spl",
  startState: () => ({ command: true, comment: false }),
  copyState: (state) => ({ ...state }),
  token: nextToken,
  languageData: { closeBrackets: { brackets: ["(", "[", '"'] }, commentTokens: { block: { open: "```", close: "```" } } },
});

function nextToken(stream: StringStream, state: State): string | null {
  if (state.comment) return restOfComment(stream, state);
  if (stream.eatSpace()) return null;
  if (stream.match("```")) {
    state.comment = true;
    return restOfComment(stream, state);
  }
  if (stream.match(/^`[^`]*`?/)) return "macroName";
  const character = stream.peek() ?? "";
  if (character === "|" || character === "[") {
    stream.next();
    state.command = true;
    return "punctuation";
  }
  if (character === '"') return quoted(stream, state, '"', "string");
  if (character === "'") return quoted(stream, state, "'", "propertyName");
  if (stream.match(/^[-+]?\d+(\.\d+)?(?![\w.-])/)) return ended(state, "number");
  if (stream.match(/^(!=|<=|>=|==|[=<>+*/%.!-])/)) return ended(state, "operator");
  if (stream.match(/^[^\s|[\]()"'`=<>!,+*/%]+/)) return word(stream, state);
  stream.next();
  return null;
}

function restOfComment(stream: StringStream, state: State): string {
  if (stream.skipTo("```")) {
    stream.match("```");
    state.comment = false;
  } else stream.skipToEnd();
  return "comment";
}

function quoted(stream: StringStream, state: State, quote: string, token: string): string {
  stream.next();
  for (let character = stream.next(); character !== undefined && character !== null; character = stream.next()) {
    if (character === "\\") stream.next();
    else if (character === quote) break;
  }
  return ended(state, token);
}

function ended(state: State, token: string): string {
  state.command = false;
  return token;
}

function word(stream: StringStream, state: State): string | null {
  const text = stream.current();
  const first = state.command;
  state.command = false;
  if (first && isCommand(stream, text)) return "keyword";
  if (OPERATOR_WORDS.has(text.toUpperCase()) && (text === text.toUpperCase() || text.toLowerCase() === "by" || text.toLowerCase() === "as"))
    return "operatorKeyword";
  if (stream.match(/^\s*(?=\()/, false) && stream.peek() === "(") return "variableName.function";
  if (stream.match(/^\s*(=|!=|<|>)/, false)) return "propertyName";
  return null;
}

/** After a pipe any word is a command; at the start only a generating one is, anything else is a search term. */
function isCommand(stream: StringStream, text: string): boolean {
  const before = stream.string.slice(0, stream.start).trimEnd();
  return before.endsWith("|") || GENERATING.has(text.toLowerCase());
}
