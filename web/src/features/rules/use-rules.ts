/** Rules and the ATT&CK matrix as the page uses them. */
import { getAttack, getRule, getRules, type RuleDetail, type RuleList, type Tactic } from "../../api/detections";
import type { Schemas } from "../../api/types";
import type { Text } from "../dashboards/file";
import type { RuleQuery } from "../alerts/search-link";
import { useResource, type Resource } from "../query/use-resource";
import { useFetched, type Fetched } from "../query/use-fetched";

export const useRules = (): Fetched<RuleList> => useFetched("rules", getRules);

export function useRule(id: string | null): Fetched<RuleDetail> {
  return useFetched(id === null ? null : `rule ${id}`, (signal) => getRule(id ?? "", signal));
}

/** Null where there is no one query: each step of a correlation has its own. */
export function ruleQueryOf(rule: RuleDetail | null): RuleQuery | null {
  return rule && rule.query !== "" && rule.mode !== "correlation" ? { lang: rule.lang, text: rule.query } : null;
}

export const useAttack = (): Resource<Schemas["AttackMatrix"]> => useResource("attack", getAttack);

export function attackName(id: string, tactics: readonly Tactic[], text: (text: Text) => string): string {
  for (const tactic of tactics) {
    if (tactic.id === id) return text(tactic.name);
    const technique = tactic.techniques.find((each) => each.id === id);
    if (technique) return text(technique.name);
  }
  return "";
}
