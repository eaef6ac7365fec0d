/** The rules: a catalogue to search and to switch, and the ATT&CK matrix of what they look for. */
import { useEffect, useMemo } from "react";

import { changeRule, type RuleSummary } from "../api/detections";
import { ErrorMessage } from "../features/query/error-message";
import { asApiError } from "../features/query/use-fetched";
import { useLogTypes } from "../features/query/catalogue";
import { AttackMatrix } from "../features/rules/attack-matrix";
import { catalogueState, choices, clearRuleFilters, isFiltered, matches, readRuleFilters, sortRules } from "../features/rules/filters";
import { RuleGrid } from "../features/rules/rule-grid";
import { RuleFilterBar } from "../features/rules/rule-filter-bar";
import { attackName, useAttack, useRules } from "../features/rules/use-rules";
import { useSettings } from "../i18n";
import { Link, useLocation, useSetParams } from "../router";
import { linkTo } from "../state/url";
import { Icon } from "../ui/icon";
import { useToast } from "../ui/toast";

export function RulesView() {
  const { m, text, language } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const { value, error, loading, reload, set } = useRules();
  const attack = useAttack();
  const types = useLogTypes().value ?? [];
  const toast = useToast();
  const filters = readRuleFilters(params);
  const matrix = params.get("view") === "matrix";
  const all = value?.rules ?? [];
  const key = JSON.stringify(filters);
  const shown = useMemo(
    () =>
      sortRules(
        all.filter((rule) => matches(rule, filters)),
        filters.sort,
        text,
        language,
      ),
    [all, key, text, language],
  );
  useEffect(() => {
    document.title = `${m.rules.title} – Trailhound`;
  }, [m]);
  const switchRule = (rule: RuleSummary, enabled: boolean) => {
    const put = (on: boolean) =>
      set(({ rules }) => ({ rules: rules.map((each) => (each.id === rule.id ? { ...each, enabled: on } : each)) }));
    put(enabled);
    changeRule(rule.id, { enabled }).then(
      () => toast(enabled ? m.rules.switchedOn : m.rules.switchedOff),
      (problem: unknown) => {
        put(!enabled);
        toast(`${m.alerts.failed}: ${asApiError(problem).message}`);
      },
    );
  };
  const show = (view: string | null) => setParams((changed) => (view ? changed.set("view", view) : changed.delete("view")));
  const on = all.filter(({ enabled }) => enabled).length;
  return (
    <div className="view rules-view" aria-busy={loading}>
      <header className="view-header">
        <h1>{m.rules.title}</h1>
        <p role="status">{value ? m.rules.summary(shown.length, all.length, on) : m.states.loading}</p>
        <span className="view-tools">
          <Link to={linkTo("/rules/new", params)} className="button small">
            <Icon name="plus" />
            {m.rules.create}
          </Link>
        </span>
      </header>
      <div className="rule-tabs">
        <div className="tabs" role="group" aria-label={m.rules.view}>
          <button type="button" aria-pressed={!matrix} onClick={() => show(null)}>
            {m.rules.list}
          </button>
          <button type="button" aria-pressed={matrix} onClick={() => show("matrix")}>
            {m.rules.matrix}
          </button>
        </div>
      </div>
      <RuleFilterBar
        filters={filters}
        groups={choices(all, ({ group }) => [group]).map((id) => ({ id, label: m.rules.groups[id] ?? id }))}
        logs={choices(all, ({ logs }) => logs).map((id) => ({ id, label: titleOf(id) }))}
        attacks={choices(all, ({ attack: ids }) => ids).map((id) => ({
          id,
          label: `${id} ${attackName(id, attack.value?.tactics ?? [], text)}`.trim(),
        }))}
        filtered={isFiltered(filters)}
        onClear={() => setParams(clearRuleFilters)}
      />
      {error && <ErrorMessage error={error} onRetry={reload} />}
      {matrix && attack.error && <ErrorMessage error={attack.error} />}
      {value && shown.length === 0 && <p className="message card">{all.length === 0 ? m.rules.none : m.rules.noneMatch}</p>}
      {shown.length > 0 &&
        (matrix ? (
          attack.value && <AttackMatrix tactics={attack.value.tactics} rules={shown} />
        ) : (
          <RuleGrid
            rules={shown}
            link={(id) => linkTo(`/rules/${encodeURIComponent(id)}`, params, { own: catalogueState(params) })}
            onSwitch={switchRule}
          />
        ))}
    </div>
  );

  function titleOf(id: string): string {
    const title = types.find((type) => type.id === id)?.title;
    return title ? text(title) : id;
  }
}
