/** The manual of the query languages: every command, function and form, with a query to try. */
import { useEffect, useMemo } from "react";

import type { LanguageEntry } from "../api/types";
import { useLanguages } from "../features/query/catalogue";
import { ErrorMessage } from "../features/query/error-message";
import { useSettings } from "../i18n";
import { Link, useLocation, useSetParams } from "../router";
import { linkTo } from "../state/url";

type Entry = LanguageEntry["commands"][number];
const PARTS = ["commands", "functions", "forms"] as const;

export function ReferenceView({ id }: { id: string }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const { value, error } = useLanguages();
  const language = value?.find((candidate) => candidate.id === id) ?? value?.[0];
  const wanted = params.get("find") ?? "";
  const find = (text: string) =>
    setParams((changed) => (text === "" ? changed.delete("find") : changed.set("find", text)), { replace: true });
  useEffect(() => {
    document.title = `${m.reference.title} – Trailhound`;
  }, [m]);
  const shown = useMemo(
    () => PARTS.map((part) => ({ part, entries: (language?.[part] ?? []).filter(matching(wanted)) })),
    [language, wanted],
  );
  const messages = useMemo(() => (language?.messages ?? []).filter(aboutMessage(wanted)), [language, wanted]);
  const count = shown.reduce((sum, { entries }) => sum + entries.length, messages.length);
  return (
    <div className="view reference-view">
      <header className="view-header">
        <h1>{m.reference.title}</h1>
        <p>{m.reference.intro}</p>
      </header>
      <nav className="languages" aria-label={m.search.language}>
        {(value ?? []).map(({ id: other, name }) => (
          <Link key={other} to={linkTo(`/reference/${other}`, params, {})} aria-current={other === language?.id ? "page" : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <div className="fields-tools">
        <input
          className="input"
          type="search"
          placeholder={m.reference.filter}
          aria-label={m.reference.filter}
          value={wanted}
          onChange={(event) => find(event.target.value)}
        />
        <span className="none" role="status">
          {value ? m.reference.count(count) : m.states.loading}
        </span>
      </div>
      {error && <ErrorMessage error={error} />}
      {shown.map(({ part, entries }) =>
        entries.length === 0 || !language ? null : (
          <section key={part} aria-label={m.reference[part]}>
            <h2 className="section-title">{m.reference[part]}</h2>
            {entries.map((entry) => (
              <EntryCard key={`${part} ${entry.name}`} entry={entry} language={language.id} />
            ))}
          </section>
        ),
      )}
      {messages.length > 0 && (
        <section aria-label={m.reference.messages}>
          <h2 className="section-title">{m.reference.messages}</h2>
          {messages.map(({ code, meaning, remedy }) => (
            <article key={code} className="card entry" id={code}>
              <h3 className="mono">{code}</h3>
              <p>
                {meaning} {remedy}
              </p>
            </article>
          ))}
        </section>
      )}
      {value && count === 0 && <p className="message">{m.reference.none}</p>}
    </div>
  );
}

function EntryCard({ entry, language }: { entry: Entry; language: string }) {
  const { m } = useSettings();
  const { params } = useLocation();
  return (
    <article className="card entry" id={entry.name}>
      <h3 className="mono">{entry.name}</h3>
      <p>{entry.help}</p>
      <pre className="code-block">{entry.syntax}</pre>
      {entry.example && (
        <div className="example">
          <pre className="code-block">{entry.example}</pre>
          <Link className="button quiet small" to={linkTo("/search", params, { own: { q: entry.example, ql: language } })}>
            {m.reference.run}
          </Link>
        </div>
      )}
    </article>
  );
}

function matching(wanted: string): (entry: Entry) => boolean {
  const text = wanted.trim().toLowerCase();
  return ({ name, help, syntax }) => text === "" || [name, help, syntax].some((part) => part.toLowerCase().includes(text));
}

type Message = NonNullable<LanguageEntry["messages"]>[number];

function aboutMessage(wanted: string): (message: Message) => boolean {
  const text = wanted.trim().toLowerCase();
  return ({ code, meaning, remedy }) => text === "" || [code, meaning, remedy].some((part) => part.toLowerCase().includes(text));
}
