/** The editor in each of the nine languages: recognised, coloured, completed, and told what is wrong while one types. */
import { describe, expect, it } from "vitest";

import { en } from "../src/i18n/en";
import { diagnosticsJa } from "../src/i18n/diagnostics.ja";
import { ja } from "../src/i18n/ja";
import { openSite, openView } from "./opening";
import { rewrite } from "./parts";

interface Case {
  id: string;
  /** How the choice of languages calls it. */
  name: string;
  right: string;
  /** Some words of it that have a colour. */
  coloured: readonly string[];
  /** What is typed, what is offered then, and what the editor holds when it is taken. */
  typed: string;
  offered: string;
  taken: string;
  wrong: string;
  code: string;
  marked: string;
  /** What is to stand instead of the marked characters, where that can be known. */
  meant?: string;
}

const CASES: readonly Case[] = [
  {
    id: "spl",
    name: "Splunk SPL",
    right: "sourcetype=aws:cloudtrail errorCode=* | stats count BY user",
    coloured: ["stats", "BY"],
    typed: "sourcetype=aws:cloudtrail | eventst",
    offered: "eventstats",
    taken: "sourcetype=aws:cloudtrail | eventstats",
    wrong: "sourcetype=aws:cloudtrail | statz count",
    code: "spl.unknown-command",
    marked: "statz",
    meant: "stats",
  },
  {
    id: "sql",
    name: "SQL",
    right: "SELECT eventName, count(*) AS n FROM cloudtrail_logs GROUP BY eventName",
    coloured: ["SELECT", "FROM"],
    typed: "SELECT recipient_acc",
    offered: "recipient_account_id",
    taken: "SELECT recipient_account_id",
    wrong: "SELEC eventName FROM cloudtrail_logs",
    code: "sql.syntax",
    marked: "SELEC",
    meant: "SELECT",
  },
  {
    id: "sumo",
    name: "Sumo Logic",
    right: '_sourceCategory=*cloudtrail* | json "eventName" | count by eventName',
    coloured: ["json", "count", "by"],
    typed: "_sourceCategory=*cloudtrail* | transp",
    offered: "transpose",
    taken: "_sourceCategory=*cloudtrail* | transpose",
    wrong: "_sourceCategory=*cloudtrail* | cuont by eventName",
    code: "sumo.unknown-operator",
    marked: "cuont",
    meant: "count",
  },
  {
    id: "insights",
    name: "CloudWatch Logs Insights",
    right: "fields @timestamp, eventName | filter ispresent(errorCode)",
    coloured: ["fields", "filter", "ispresent"],
    typed: "fillmi",
    offered: "fillmissing",
    taken: "fillmissing",
    wrong: "filtr errorCode = 'AccessDenied'",
    code: "insights.unknown-command",
    marked: "filtr",
    meant: "filter",
  },
  {
    id: "filter",
    name: "CloudWatch filter pattern",
    right: '{ ($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") }',
    coloured: ['"AccessDenied*"'],
    typed: "{ $.errorMess",
    offered: "errorMessage",
    taken: "{ $.errorMessage",
    wrong: '{ $.errorCode == "AccessDenied" }',
    code: "filter.operator",
    marked: "==",
    meant: "=",
  },
  {
    id: "lucene",
    name: "Lucene",
    right: "errorCode:AccessDenied* AND NOT userIdentity.type:AWSService",
    coloured: ["errorCode", "AND"],
    typed: "errorMess",
    offered: "errorMessage",
    taken: "errorMessage",
    wrong: "eventName:(ListUsers OR",
    code: "lucene.syntax",
    marked: "R",
  },
  {
    id: "kql",
    name: "KQL",
    right: "errorCode: AccessDenied* and not userIdentity.type: AWSService",
    coloured: ["errorCode", "and"],
    typed: "errorMess",
    offered: "errorMessage",
    taken: "errorMessage",
    wrong: "eventName: (ListUsers or",
    code: "kql.syntax",
    marked: "r",
  },
  {
    id: "dsl",
    name: "OpenSearch query DSL",
    right: '{ "query": { "term": { "eventName": "ConsoleLogin" } } }',
    coloured: ['"query"', '"ConsoleLogin"'],
    typed: '{"query":{"match_ph',
    offered: "match_phrase",
    taken: '{"query":{"match_phrase"',
    wrong: '{"query":{"trem":{"eventName":"ConsoleLogin"}}}',
    code: "dsl.unknown-query",
    marked: '"trem"',
    meant: '"term"',
  },
  {
    id: "sigma",
    name: "Sigma",
    right:
      "title: Denied\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    errorCode: AccessDenied\n  condition: selection",
    coloured: ["logsource", "condition"],
    typed: "title: Denied\ndetection:\n  selection:\n    errorMess",
    offered: "errorMessage",
    taken: "errorMessage",
    wrong:
      "title: Denied\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    errorCode: AccessDenied\n  condition: selecton",
    code: "sigma.unknown-search",
    marked: "selecton",
    meant: "selection",
  },
];

const site = openSite();

describe.each(CASES.map((one, at) => ({ ...one, language: at % 2 === 0 ? ("en" as const) : ("ja" as const) })))(
  "$id, read in $language",
  ({ id, name, right, coloured, typed, offered, taken, wrong, code, marked, meant, language }) => {
    const m = language === "en" ? en : ja;
    const view = openView(site, { language, dark: language === "ja" });
    const editor = () => view.page.locator(".cm-content");
    it("is recognised, has colours, and finds events", async () => {
      await view.open(`/search?since=-30d&q=${encodeURIComponent(right)}`);
      const choice = view.page.locator("select", { has: view.page.locator("option", { hasText: name }) }).first();
      expect(await choice.locator("option:checked").textContent()).toContain(name);
      const spans = await view.page.locator(".cm-line span").evaluateAll((all) =>
        all.flatMap((span) => {
          const plain = getComputedStyle(span.closest(".cm-line") ?? span).color;
          return getComputedStyle(span).color === plain ? [] : [span.textContent ?? ""];
        }),
      );
      for (const word of coloured) expect(spans).toContain(word);
      expect(await view.page.locator(".results tbody tr, .results .event-line").count()).toBeGreaterThan(0);
      await view.picture(`language-${id}`);
    });

    it("is completed", async () => {
      await view.open(`/search?ql=${id}`);
      await editor().focus();
      await view.page.keyboard.type(typed);
      const option = view.page.locator(".cm-tooltip-autocomplete li").filter({ has: view.page.getByText(offered, { exact: true }) });
      await option.first().click();
      expect(await editor().innerText()).toContain(taken);
      await view.settled();
      // What is in the making is no query yet: that the server says so is meant.
      view.onlyRefused(400);
    });

    it("says what is wrong at its characters, while one types, and mends it with a click", async () => {
      await view.open(`/search?ql=${id}`);
      await rewrite(editor(), wrong);
      await expect.poll(() => view.page.locator(".cm-lintRange").allTextContents()).toEqual([marked]);
      const said = view.page.locator(".diagnostic", { hasText: code }).first();
      if (language === "ja") expect(await said.textContent()).toContain(diagnosticsJa[code]);
      if (meant !== undefined) {
        await said.getByRole("button", { name: m.search.didYouMean(meant) }).click();
        await expect.poll(() => view.page.locator(".cm-lintRange").count()).toBe(0);
        expect((await editor().innerText()).replaceAll("\n\n", "\n")).toContain(meant);
      }
      await view.settled();
      // What is in the making is no query yet: that the server says so is meant.
      view.onlyRefused(400);
    });
  },
);
