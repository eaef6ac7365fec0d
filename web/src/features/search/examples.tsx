/** Where to begin: questions that people ask of CloudTrail, one click each. */
import { useSettings } from "../../i18n";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";

type ExampleKey = keyof ReturnType<typeof useSettings>["m"]["search"]["exampleList"];

const EXAMPLES: readonly { key: ExampleKey; lang: string; query: string }[] = [
  { key: "errors", lang: "spl", query: "sourcetype=aws:cloudtrail | stats count by errorCode | sort - count" },
  {
    key: "denied",
    lang: "spl",
    query: "sourcetype=aws:cloudtrail action=unauthorized | table _time, user, eventName, errorCode, errorMessage, src_ip",
  },
  {
    key: "signins",
    lang: "spl",
    query:
      "sourcetype=aws:cloudtrail eventName=ConsoleLogin | stats count by user, additionalEventData.MFAUsed, responseElements.ConsoleLogin",
  },
  {
    key: "keys",
    lang: "spl",
    query:
      "sourcetype=aws:cloudtrail eventName=CreateAccessKey | table _time, user, responseElements.accessKey.userName, responseElements.accessKey.accessKeyId, src_ip",
  },
  { key: "root", lang: "spl", query: "sourcetype=aws:cloudtrail userIdentity.type=Root | sort - _time" },
  {
    key: "sql",
    lang: "sql",
    query:
      "SELECT recipientaccountid, eventname, count(*) AS events\nFROM cloudtrail_logs\nGROUP BY recipientaccountid, eventname\nORDER BY events DESC\nLIMIT 50",
  },
];

export function Examples({ languages }: { languages: readonly { id: string; name: string }[] }) {
  const { m } = useSettings();
  const { params } = useLocation();
  return (
    <section aria-label={m.search.examples}>
      <h2 className="section-title">{m.search.examples}</h2>
      <ul className="examples">
        {EXAMPLES.filter(({ lang }) => languages.some(({ id }) => id === lang)).map(({ key, lang, query }) => (
          <li key={key}>
            <Link to={linkTo("/search", params, { own: { q: query, ql: lang } })}>
              <b>{m.search.exampleList[key]}</b>
              <code>{query}</code>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
