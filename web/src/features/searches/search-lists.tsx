/** What can be asked again: the searches that are saved, and the queries one has run in this browser. */
import { useMemo, useState } from "react";

import type { SavedSearch } from "../../api/searches";
import { listSearches } from "../../api/searches";
import { useSettings } from "../../i18n";
import { formatInstant, formatNumber } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkBack } from "../../state/url";
import { ErrorMessage } from "../query/error-message";
import { refetch, useResource } from "../query/use-resource";
import { useHistory, type Run } from "./history";
import { linkOf, matching, SEARCHES } from "./saved";
import { SavedMenu } from "./saved-menu";

/** Entries drawn; the field above finds the others. */
const MOST_SHOWN = 20;

export function SearchLists({ onOpen }: { onOpen?: () => void }) {
  const { m } = useSettings();
  const t = m.searches;
  const [typed, setTyped] = useState("");
  const { value, error } = useResource(SEARCHES, listSearches);
  const { runs, forget } = useHistory();
  const saved = useMemo(() => matching(value ?? [], typed), [value, typed]);
  const recent = useMemo(() => runsLike(runs, typed), [runs, typed]);
  const any = (value?.length ?? 0) + runs.length > 0;
  return (
    <div className="search-lists">
      {any && (
        <input
          className="input"
          type="search"
          value={typed}
          aria-label={t.find}
          placeholder={t.find}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <section aria-label={t.saved}>
        <h2 className="section-title">{t.saved}</h2>
        {error && <ErrorMessage error={error} onRetry={() => refetch(SEARCHES)} />}
        {value === null && !error && <p className="none">{m.states.loading}</p>}
        {value !== null && saved.length === 0 && <p className="none">{value.length === 0 ? t.noneSaved : t.noneMatch}</p>}
        <ul className="search-list">
          {saved.slice(0, MOST_SHOWN).map((search) => (
            <SavedEntry key={search.id} search={search} onOpen={onOpen} />
          ))}
        </ul>
        {saved.length > MOST_SHOWN && <p className="none">{t.more(saved.length - MOST_SHOWN)}</p>}
      </section>
      <section aria-label={t.recent}>
        <h2 className="section-title">
          {t.recent}
          {runs.length > 0 && (
            <button type="button" className="link-button" onClick={forget}>
              {t.forget}
            </button>
          )}
        </h2>
        {recent.length === 0 && <p className="none">{runs.length === 0 ? t.noneRecent : t.noneMatch}</p>}
        <ul className="search-list">
          {recent.slice(0, MOST_SHOWN).map((run) => (
            <RecentEntry key={run.search} run={run} onOpen={onOpen} />
          ))}
        </ul>
        {recent.length > MOST_SHOWN && <p className="none">{t.more(recent.length - MOST_SHOWN)}</p>}
      </section>
    </div>
  );
}

function runsLike(runs: readonly Run[], typed: string): Run[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter(({ query }) => words.every((word) => query.toLowerCase().includes(word)));
}

function SavedEntry({ search, onOpen }: { search: SavedSearch; onOpen: (() => void) | undefined }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const whose = search.mine ? null : m.searches.by(search.owner ?? "");
  return (
    <li>
      <Link to={linkOf(search, params)} onClick={onOpen}>
        <b>{search.name}</b>
        {search.shared && search.mine && <span className="badge">{m.searches.shared}</span>}
        {whose && <span className="badge">{whose}</span>}
        <code>{search.query}</code>
      </Link>
      <SavedMenu search={search} />
    </li>
  );
}

function RecentEntry({ run, onOpen }: { run: Run; onOpen: (() => void) | undefined }) {
  const { m, zone, language } = useSettings();
  const { params } = useLocation();
  const t = m.searches;
  const { end } = run;
  const how = end === undefined ? "" : typeof end === "object" ? t.rows(formatNumber(end.rows, language)) : t[end];
  return (
    <li>
      <Link to={linkBack("/search", run.search, params)} onClick={onOpen}>
        <time dateTime={new Date(run.at).toISOString()}>{formatInstant(run.at, zone, "minute")}</time>
        {how !== "" && <span className="none">{how}</span>}
        <code>{run.query}</code>
      </Link>
    </li>
  );
}
