/** The first-run guide: from an empty lake to alerts. It asks the server again and again, and goes on as things happen. */
import { useEffect, useRef, useState, type ReactNode } from "react";

import { getStatus, type ApiError } from "../api/client";
import { changeRule, getRules, type RuleSummary } from "../api/detections";
import { getSinks, getSources, type Source } from "../api/ingestion";
import type { Status } from "../api/types";
import { recipe, SINK, WAYS, type Way } from "../features/start/commands";
import { currentStep, isDone, lakeArgument, progressOf, STEPS, type Progress, type Step } from "../features/start/progress";
import { ErrorMessage } from "../features/query/error-message";
import { asApiError, useFetched } from "../features/query/use-fetched";
import { refetch } from "../features/query/use-resource";
import { useSettings } from "../i18n";
import { formatInstant, formatNumber } from "../i18n/format";
import { Link, useLocation } from "../router";
import { linkTo } from "../state/url";
import { copyText } from "../ui/copy";
import { Icon } from "../ui/icon";
import { useToast } from "../ui/toast";

const EVERY_SECONDS = 3;

export function StartView() {
  const { m } = useSettings();
  const t = m.start;
  const status = useFetched("status", getStatus, EVERY_SECONDS);
  const sources = useFetched("sources", getSources, EVERY_SECONDS);
  const rules = useFetched("rules", getRules);
  const sinks = useFetched("sinks", getSinks, EVERY_SECONDS);
  const progress = progressOf(status.value, rules.value?.rules ?? [], sinks.value?.sinks.length ?? 0);
  const known = status.value !== null && rules.value !== null && sinks.value !== null;
  const current = currentStep(progress);
  useEffect(() => {
    document.title = `${t.title} – Trailhound`;
  }, [t]);
  // What was asked for while the lake was empty is asked again.
  useEffect(() => {
    if (progress.events > 0) refetch("status");
  }, [progress.events]);
  useBringIntoSight(known ? current : null);
  const error = status.error ?? rules.error ?? sinks.error;
  const bodies: Record<Step, ReactNode> = {
    point: <PointStep lake={status.value?.lake ?? ""} />,
    arrive: <ArriveStep progress={progress} sources={sources.value?.sources ?? []} />,
    controls: <ControlsStep progress={progress} onChanged={rules.reload} />,
    sinks: <SinksStep progress={progress} />,
    look: <LookStep ready={progress.events > 0} />,
  };
  return (
    <div className="view start-view" aria-busy={!known && error === null}>
      <header className="view-header">
        <h1>{t.title}</h1>
        <p>{t.intro}</p>
      </header>
      {error && <ErrorMessage error={error} onRetry={status.reload} />}
      {known && (
        <ol className="steps">
          {STEPS.map((step, index) => {
            const state = isDone(step, progress) ? "done" : step === current ? "now" : "later";
            return (
              <li key={step} id={`step-${step}`} className={`card step ${state}`} aria-current={state === "now" ? "step" : undefined}>
                <span className="step-mark" aria-hidden="true">
                  {state === "done" ? <Icon name="check" size={16} /> : index + 1}
                </span>
                <div className="step-body">
                  <h2>
                    {t[step].title} <span className={`badge step-state ${state}`}>{t[state]}</span>
                  </h2>
                  {bodies[step]}
                </div>
              </li>
            );
          })}
        </ol>
      )}
    </div>
  );
}

/** When a step is done, the next one comes into sight. */
function useBringIntoSight(current: Step | null) {
  const before = useRef<Step | null>(null);
  useEffect(() => {
    if (before.current !== null && current !== null && before.current !== current)
      document.getElementById(`step-${current}`)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    before.current = current;
  }, [current]);
}

function PointStep({ lake }: { lake: string }) {
  const { m } = useSettings();
  const t = m.start;
  const [way, setWay] = useState<Way>("folder");
  const { command, settings } = recipe(way, lakeArgument(lake));
  return (
    <>
      <p>{t.point.intro}</p>
      <div className="tabs" role="group" aria-label={t.point.title}>
        {WAYS.map((each) => (
          <button key={each} type="button" aria-pressed={each === way} onClick={() => setWay(each)}>
            {t.point.ways[each]}
          </button>
        ))}
      </div>
      <p>{t.point[way]}</p>
      {command && (
        <>
          {settings && <p className="none">{t.once}</p>}
          <Snippet text={command} />
        </>
      )}
      {settings && (
        <>
          <p className="none">{t.always}</p>
          <Snippet text={settings} />
        </>
      )}
    </>
  );
}

function Snippet({ text }: { text: string }) {
  const { m } = useSettings();
  const toast = useToast();
  return (
    <div className="snippet">
      <pre className="code-block" tabIndex={0}>
        <code>{text}</code>
      </pre>
      <button type="button" className="button small" onClick={() => void copyText(text).then(() => toast(m.start.copied))}>
        <Icon name="copy" />
        {m.start.copy}
      </button>
    </div>
  );
}

function ArriveStep({ progress, sources }: { progress: Progress; sources: readonly Source[] }) {
  const { m, language } = useSettings();
  const { params } = useLocation();
  const t = m.start.arrive;
  return (
    <>
      <p role="status">
        {progress.events === 0 ? (
          <>
            <span className="spinner" aria-hidden="true" /> {t.waiting}
          </>
        ) : (
          <strong className="arrived">{t.events(formatNumber(progress.events, language), progress.tables.length)}</strong>
        )}
      </p>
      {progress.events > 0 && <Tables tables={progress.tables} />}
      {sources.length === 0 ? (
        <p className="none">{t.noSources}</p>
      ) : (
        <ul className="start-sources" aria-label={t.sources}>
          {sources.map(({ name, type, state, rows_added: added, last_error: problem }) => (
            <li key={name}>
              <span className={`badge source ${state}`}>{m.ingestion.sources.states[state] ?? state}</span> {name}{" "}
              <span className="none">
                {type} · {formatNumber(added, language)}
              </span>
              {problem && (
                <p className="problem" lang="en">
                  {problem}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <p>
        <Link to={linkTo("/sources", params)}>{t.toSources}</Link>
      </p>
    </>
  );
}

function Tables({ tables }: { tables: Status["tables"] }) {
  const { m, language, zone } = useSettings();
  const t = m.start.arrive;
  return (
    <div className="table-scroll">
      <table className="grid plain-table">
        <thead>
          <tr>
            <th scope="col">
              <span>{t.table}</span>
            </th>
            <th scope="col" className="number">
              <span>{t.rows}</span>
            </th>
            <th scope="col">
              <span>{t.newest}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tables.map(({ name, rows, newest }) => (
            <tr key={name}>
              <th scope="row" className="mono">
                <span>{name}</span>
              </th>
              <td className="number">{formatNumber(rows, language)}</td>
              <td>{newest ? formatInstant(newest, zone) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ControlsStep({ progress, onChanged }: { progress: Progress; onChanged: () => void }) {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const t = m.start.controls;
  const { controls, off } = progress;
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ rule: RuleSummary; error: ApiError } | null>(null);
  const switchOn = async () => {
    setBusy(true);
    setFailed(null);
    for (const rule of off) {
      try {
        await changeRule(rule.id, { enabled: true });
      } catch (cause) {
        setFailed({ rule, error: asApiError(cause) });
        break;
      }
    }
    setBusy(false);
    onChanged();
  };
  return (
    <>
      <p>{t.intro}</p>
      <p className="controls-count" role="status">
        <strong>{t.on(controls.length - off.length, controls.length)}</strong>
        {off.length > 0 && (
          <button type="button" className="button primary small" disabled={busy} onClick={() => void switchOn()}>
            {t.switchOn(off.length)}
          </button>
        )}
      </p>
      {failed && (
        <p className="problem" role="alert">
          {t.failed} {text(failed.rule.title)}: <span lang="en">{failed.error.message}</span>
        </p>
      )}
      <ul className="controls">
        {controls.map((rule) => (
          <li key={rule.id} className={rule.enabled ? "on" : "off"}>
            <Icon name={rule.enabled ? "check" : "minus"} size={12} />
            <Link to={linkTo(`/rules/${encodeURIComponent(rule.id)}`, params)}>{text(rule.title)}</Link>
          </li>
        ))}
      </ul>
      <p>
        <Link to={linkTo("/rules", params)}>{t.toRules}</Link>
      </p>
    </>
  );
}

function SinksStep({ progress }: { progress: Progress }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const t = m.start.sinks;
  return (
    <>
      <p>{t.intro}</p>
      {progress.sinks === 0 && <Snippet text={SINK} />}
      <p>{progress.sinks > 0 ? t.found(progress.sinks) : t.none}</p>
      <p>
        <Link to={linkTo("/sinks", params)}>{t.toSinks}</Link>
      </p>
    </>
  );
}

function LookStep({ ready }: { ready: boolean }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const t = m.start.look;
  return (
    <>
      <p>{t.intro}</p>
      {ready ? (
        <p className="error-actions">
          <Link to={linkTo("/dashboards/security-overview", params)} className="button primary">
            {t.overview}
          </Link>
          <Link to={linkTo("/alerts", params)} className="button">
            {t.alerts}
          </Link>
        </p>
      ) : (
        <p className="none">{t.waiting}</p>
      )}
    </>
  );
}
