/** What the server thinks of the query while it is being typed. */
import { useEffect, useState } from "react";

import { explain } from "../../api/client";
import type { Diagnostic, Explanation } from "../../api/types";

const PAUSE_MS = 450;
const NONE: readonly Diagnostic[] = [];

export interface Checked {
  /** The text that the findings point into. */
  text: string;
  diagnostics: readonly Diagnostic[];
  explanation: Explanation | null;
}

export function useExplain(lang: string, text: string): Checked {
  const [checked, setChecked] = useState<Checked>({ text: "", diagnostics: NONE, explanation: null });
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      if (text.trim() === "") {
        setChecked({ text, diagnostics: NONE, explanation: null });
        return;
      }
      explain(lang, text, controller.signal).then(
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
  }, [lang, text]);
  return checked;
}
