/** What the server thinks of the query while it is being typed. */
import { useEffect, useState } from "react";

import { explain } from "../../api/client";
import type { Diagnostic, Explanation } from "../../api/types";
import type { TimeRange } from "../../state/time-range";

const PAUSE_MS = 450;
const NONE: readonly Diagnostic[] = [];

export interface Checked {
  /** The text that the findings point into. */
  text: string;
  diagnostics: readonly Diagnostic[];
  explanation: Explanation | null;
}

/** `range`: the time that it is planned over, where that matters; all there is without. */
export function useExplain(lang: string, text: string, range?: TimeRange): Checked {
  const { since = null, until = null } = range ?? {};
  const [checked, setChecked] = useState<Checked>({ text: "", diagnostics: NONE, explanation: null });
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      if (text.trim() === "") {
        setChecked({ text, diagnostics: NONE, explanation: null });
        return;
      }
      explain(lang, text, controller.signal, undefined, { since, until }).then(
        (explanation) => setChecked({ text, diagnostics: explanation.diagnostics, explanation }),
        (error: { diagnostics?: readonly Diagnostic[] }) => {
          if (!controller.signal.aborted) setChecked({ text, diagnostics: error.diagnostics ?? NONE, explanation: null });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [lang, text, since, until]);
  return checked;
}
