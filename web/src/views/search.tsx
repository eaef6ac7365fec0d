/** Search: a query in any of the languages, over the filters of the bar. The link holds all of it. */
import { lazy, Suspense, useEffect, useMemo, useState } from "react";

import { FilterBar } from "../features/filters/filter-bar";
import { requestOf } from "../features/dashboards/request";
import { useCatalogue, useLanguages } from "../features/query/catalogue";
import { DiagnosticView, ErrorMessage } from "../features/query/error-message";
import { RangeBanner } from "../features/query/range-banner";
import { useRows } from "../features/query/use-rows";
import { vocabularyOf } from "../features/search/completion";
import { Examples } from "../features/search/examples";
import { LANGUAGES } from "../features/search/languages";
import { Histogram } from "../features/search/histogram";
import { Live, LiveButton } from "../features/search/live";
import { Results } from "../features/search/results";
import { toUtf16 } from "../features/search/span";
import { Toolbar } from "../features/search/toolbar";
import { useExplain } from "../features/search/use-explain";
import { useRecorded } from "../features/searches/use-recorded";
import { SearchLists } from "../features/searches/search-lists";
import type { Diagnostic } from "../api/types";
import { useSettings } from "../i18n";
import { useLocation, useSetParams } from "../router";
import { readConditions } from "../state/filters";
import { readRange } from "../state/time-range";
import { Icon } from "../ui/icon";

const Editor = lazy(() => import("../features/search/editor"));
const ROW_LIMIT = 2000;

export function SearchView() {
  const { m, language: shownIn } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const asked = params.get("q") ?? "";
  const lang = params.get("ql") ?? "auto";
  const [text, setText] = useState(asked);
  const [nonce, setNonce] = useState(0);
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    document.title = `${m.search.title} – Trailhound`;
  }, [m]);

  const languages = useLanguages().value;
  const catalogue = useCatalogue();
  const checked = useExplain(lang, text);
  const told = useTold(lang, checked.explanation?.language);
  const vocabulary = useMemo(
    () =>
      vocabularyOf(
        languages?.find(({ id }) => id === told),
        catalogue,
        shownIn,
      ),
    [languages, catalogue, told, shownIn],
  );
  const live = params.get("live") === "1" && asked.trim() !== "";
  const request = asked.trim() === "" || live ? null : requestOf(lang, asked, readRange(params), readConditions(params), ROW_LIMIT);
  const rows = useRows(request, { nonce, progressive: true });
  useRecorded(request === null ? null : asked, lang, params, rows);
  const diagnostics = useMemo(() => findingsFor(text, asked, checked, rows.error?.diagnostics), [text, asked, checked, rows.error]);

  const run = () => {
    setNonce(nonce + 1);
    setParams((changed) => {
      changed.set("q", text);
      changed.set("ql", lang);
      changed.delete("row");
    });
  };
  const choose = (id: string) => setParams((changed) => changed.set("ql", id), { replace: true });
  const suggest = (diagnostic: Diagnostic) => {
    const { from, to } = toUtf16(text, diagnostic.span);
    setText(text.slice(0, from) + (diagnostic.suggestion ?? "") + text.slice(to));
  };
  const showsEvents = request !== null && rows.meta?.kind === "events" && rows.state !== "failed";
  return (
    <>
      <FilterBar asked={[{ lang: told ?? lang, query: asked }]} />
      <div className="view search-view">
        <h1 className="visually-hidden">{m.search.title}</h1>
        <div className="search-box">
          <Suspense fallback={<div className="editor placeholder" />}>
            <Editor
              value={text}
              language={told}
              vocabulary={vocabulary}
              diagnostics={diagnostics}
              label={m.search.query}
              hint={m.search.start}
              onChange={setText}
              onRun={run}
            />
          </Suspense>
          <div className="search-actions">
            <label className="visually-hidden" htmlFor="query-language">
              {m.search.language}
            </label>
            <select id="query-language" className="select" value={lang} onChange={(event) => choose(event.target.value)}>
              <option value="auto">{m.search.auto(languages?.find(({ id }) => id === told && lang === "auto")?.name)}</option>
              {(languages ?? LANGUAGES).map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
            {rows.state === "loading" ? (
              <button type="button" className="button" onClick={rows.cancel}>
                <Icon name="stop" />
                {m.search.cancel}
              </button>
            ) : (
              <button type="button" className="button primary" disabled={text.trim() === ""} onClick={run}>
                <Icon name="play" />
                {m.search.run}
              </button>
            )}
            <LiveButton query={text} live={live} />
            <span className="hint">{m.search.runHint}</span>
            <Toolbar lang={lang} told={told} query={text} rows={text === asked ? rows : null} explanation={checked.explanation} />
          </div>
        </div>
        {diagnostics.length > 0 && (
          <div className="findings" role="status" aria-label={m.search.diagnostics}>
            {diagnostics.map((diagnostic, index) => (
              <DiagnosticView key={index} diagnostic={diagnostic} query={text} onSuggestion={() => suggest(diagnostic)} />
            ))}
          </div>
        )}
        {!live && <RangeBanner />}
        {live && <Live lang={lang} query={asked} nonce={nonce} onRetry={() => setNonce(nonce + 1)} />}
        {request === null && !live && (
          <>
            <SearchLists />
            <Examples languages={languages ?? LANGUAGES} />
          </>
        )}
        {rows.state === "failed" && rows.error && (rows.error.diagnostics.length === 0 || text !== asked) && (
          <ErrorMessage error={rows.error} query={asked} onRetry={run} />
        )}
        {showsEvents && <Histogram lang={lang} query={asked} nonce={nonce} />}
        {request !== null && rows.state !== "failed" && <Results rows={rows} request={request} />}
      </div>
    </>
  );
}

/** The language that a text is read in: the chosen one, or the one that the server told it for; it stays while the text is broken. */
function useTold(lang: string, language: string | undefined): string {
  const [told, setTold] = useState("spl");
  useEffect(() => {
    if (language) setTold(language);
  }, [language]);
  return lang === "auto" ? told : lang;
}

/** Findings of the run where they are about the text as it stands, else those of the check while typing. */
function findingsFor(
  text: string,
  asked: string,
  checked: { text: string; diagnostics: readonly Diagnostic[] },
  failed: readonly Diagnostic[] | undefined,
): readonly Diagnostic[] {
  if (text === asked && failed && failed.length > 0) return failed;
  return checked.text === text ? checked.diagnostics : [];
}
