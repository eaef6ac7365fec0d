/** The ATT&CK matrix: a column a tactic, a cell a technique that rules look for. Each cell leads to its rules. */
import type { RuleSummary, Tactic, Technique } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatCompact } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";

interface AttackMatrixProps {
  tactics: readonly Tactic[];
  /** Only these count: the rules under the filters of the catalogue. */
  rules: readonly RuleSummary[];
}

export function AttackMatrix({ tactics, rules }: AttackMatrixProps) {
  const { m, text, language } = useSettings();
  const { params } = useLocation();
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const columns = matrixOf(tactics, byId);
  const most = Math.max(1, ...columns.flatMap(({ cells }) => cells.map(({ hits }) => hits)));
  return (
    <div className="matrix-scroll" role="region" aria-label={m.rules.matrix} tabIndex={0}>
      <ol className="matrix">
        {columns.map(({ tactic, cells }) => (
          <li key={tactic.id} className="matrix-column">
            <h2>
              <Link to={linkTo("/rules", params, { own: { attack: tactic.id } })}>{text(tactic.name)}</Link>
              <span className="second">
                <span className="mono">{tactic.id}</span> · {m.rules.techniques(cells.length)}
              </span>
            </h2>
            <ul>
              {cells.map(({ technique, own, hits }) => (
                <li key={technique.id}>
                  <Link
                    to={linkTo("/rules", params, { own: { attack: technique.id } })}
                    className={`matrix-cell heat-${heat(hits, most)} ${own.some(({ enabled }) => enabled) ? "" : "off"}`}
                  >
                    <span>{text(technique.name) || technique.id}</span>
                    <span className="second">
                      <span className="mono">{technique.id}</span> · {m.rules.ruleCount(own.length)}
                      {hits > 0 && ` · ${m.rules.hitCount(formatCompact(hits, language))}`}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface Cell {
  technique: Technique;
  own: RuleSummary[];
  hits: number;
}

/** Techniques that none of the rules looks for are left out, and tactics without techniques. */
export function matrixOf(tactics: readonly Tactic[], rules: ReadonlyMap<string, RuleSummary>): { tactic: Tactic; cells: Cell[] }[] {
  return tactics
    .map((tactic) => ({
      tactic,
      cells: tactic.techniques
        .map((technique) => {
          const own = technique.rules.flatMap((id) => rules.get(id) ?? []);
          return { technique, own, hits: own.reduce((sum, rule) => sum + rule.hits_30d, 0) };
        })
        .filter(({ own }) => own.length > 0),
    }))
    .filter(({ cells }) => cells.length > 0);
}

/** 0 for none, then by orders of magnitude up to 4 for the most. */
export function heat(hits: number, most: number): number {
  if (hits <= 0) return 0;
  return Math.max(1, Math.min(4, Math.ceil((4 * Math.log1p(hits)) / Math.log1p(most))));
}
