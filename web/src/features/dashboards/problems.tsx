/** Why a dashboard was not stored: each problem with the panel and the part it is about. */
import type { ApiError } from "../../api/client";
import type { DashboardProblem } from "../../api/types";
import { useSettings } from "../../i18n";
import { problemsJa } from "../../i18n/boards.ja";
import { DiagnosticView } from "../query/error-message";
import { said } from "./draft";
import type { DashboardFile } from "./file";

interface ProblemsProps {
  error: ApiError;
  file: DashboardFile;
  /** Opens the panel of this number. */
  onPanel?: ((index: number) => void) | undefined;
}

export function Problems({ error, file, onPanel }: ProblemsProps) {
  const { m } = useSettings();
  const t = m.boards.problems;
  return (
    <div className="message left error-message" role="alert">
      <strong>{error.problems.length > 0 ? t.title : (t.byCode[error.code] ?? t.failed)}</strong>
      {error.problems.length === 0 && <p lang="en">{error.message}</p>}
      <ul className="problem-list">
        {error.problems.map((problem, index) => (
          <Problem key={index} problem={problem} file={file} onPanel={onPanel} />
        ))}
      </ul>
    </div>
  );
}

function Problem({ problem, file, onPanel }: { problem: DashboardProblem; file: DashboardFile; onPanel: ProblemsProps["onPanel"] }) {
  const { m, language } = useSettings();
  const t = m.boards.problems;
  const place = placeOf(problem.at);
  const panel = place.panel === null ? undefined : file.panels[place.panel];
  const part = t.parts[place.part] ?? place.part;
  const where = panel ? `${said(panel.title) || panel.id} · ${part}` : part;
  const translated = language === "ja" ? problemsJa[problem.code] : undefined;
  const query = panel ? (place.part === "drill/search" ? String(panel.drill?.search ?? "") : panel.query) : "";
  return (
    <li>
      <p>
        {panel && onPanel && place.panel !== null ? (
          <button type="button" className="link-button" onClick={() => onPanel(place.panel ?? 0)}>
            {where}
          </button>
        ) : (
          <b>{where}</b>
        )}{" "}
        {problem.diagnostics.length === 0 && (translated ?? problem.message)}
      </p>
      {problem.diagnostics.map((diagnostic, index) => (
        <DiagnosticView key={index} diagnostic={diagnostic} query={query} />
      ))}
    </li>
  );
}

/** `/panels/2/query` → the third panel's query. */
export function placeOf(pointer: string): { panel: number | null; part: string } {
  const [first = "", second = "", ...rest] = pointer.split("/").slice(1);
  if (first !== "panels" || !/^\d+$/.test(second)) return { panel: null, part: first };
  const part = rest[0] === "drill" && rest[1] === "search" ? "drill/search" : (rest[0] ?? "");
  return { panel: Number(second), part };
}
