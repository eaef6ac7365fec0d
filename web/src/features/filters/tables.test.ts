import { describe, expect, it } from "vitest";

import type { FieldEntry, LogTypeEntry } from "../../api/types";
import { offeringOf, tablesOf } from "./tables";

const text = { en: "", ja: "" };
const logType = (id: string, sourcetype: string, sql: string): LogTypeEntry => ({
  id,
  about: text,
  title: text,
  indices: [],
  sourcetypes: [sourcetype],
  sql_tables: [sql],
});
const LOGS = [
  logType("cloudtrail", "aws:cloudtrail", "cloudtrail_logs"),
  logType("waf", "aws:waf", "waf_logs"),
  logType("vpc_flow", "aws:cloudwatchlogs:vpcflow", "vpc_flow_logs"),
];

describe("tablesOf", () => {
  it.each([
    ["spl", "sourcetype=aws:waf | stats count", ["waf"]],
    ["spl", 'sourcetype="aws:cloudwatchlogs:vpcflow" action=blocked', ["vpc_flow"]],
    ["spl", "sourcetype=all | stats count BY region", ["all"]],
    ["spl", "eventName=CreateUser", ["cloudtrail"]],
    ["spl", "sourcetype=aws:config:notification | stats count", []],
    ["sql", "SELECT * FROM waf_logs WHERE x = 1", ["waf"]],
    ["sql", "SELECT sum(size) FROM objects", []],
    ["insights", "stats count(*)", ["cloudtrail"]],
  ])("%s: %s", (lang, query, wanted) => expect(tablesOf([{ lang, query }], LOGS)).toEqual(wanted));
  it("gathers the tables of all panels", () =>
    expect(
      tablesOf(
        [
          { lang: "spl", query: "sourcetype=aws:waf" },
          { lang: "spl", query: "sourcetype=aws:cloudtrail" },
          { lang: "spl", query: "sourcetype=aws:waf | head 1" },
        ],
        LOGS,
      ),
    ).toEqual(["waf", "cloudtrail"]));
});

const field = (table: string, column: string, names: Partial<FieldEntry> = {}): FieldEntry => ({
  table,
  column,
  type: "text",
  splunk: [],
  meaning: text,
  ...names,
});
const FIELDS = [
  field("cloudtrail", "source_ip_address", { cloudtrail: "sourceIPAddress", splunk: ["src_ip"], common: "source_address" }),
  field("cloudtrail", "user", { splunk: ["user"], common: "actor_name" }),
  field("waf", "client_ip", { splunk: ["src_ip"], common: "source_address" }),
  field("all", "source_address"),
  field("all", "actor_name"),
];

describe("offeringOf", () => {
  it.each([
    ["sourceIPAddress", ["cloudtrail"], { table: "cloudtrail", column: "sourceIPAddress" }],
    ["sourceIPAddress", ["waf"], { table: "waf", column: "client_ip" }],
    ["src_ip", ["waf"], { table: "waf", column: "client_ip" }],
    ["sourceIPAddress", ["waf", "cloudtrail"], { table: "all", column: "source_address" }],
    ["user", ["all"], { table: "all", column: "actor_name" }],
    ["user", ["waf"], null],
    ["user", [], { table: "cloudtrail", column: "user" }],
  ])("%s in %s", (name, tables, wanted) => expect(offeringOf(name, tables, FIELDS)).toEqual(wanted));
});
