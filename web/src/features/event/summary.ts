/** What, who, when, where, result: an event in the order in which one reads it. */
import type { Value } from "../../api/types";
import { textOf } from "../results/value";
import { at, textAt, type Json } from "./record";

/** One line of the summary; `field` is what a filter on the value is set on. */
export interface Fact {
  label: Label;
  field: string;
  value: string;
  kind?: "time" | "outcome" | "country" | "mono" | "long";
}

export type Label =
  | "eventName"
  | "service"
  | "eventType"
  | "readOnly"
  | "target"
  | "principal"
  | "identityType"
  | "account"
  | "accessKey"
  | "mfa"
  | "invokedBy"
  | "eventTime"
  | "ingestTime"
  | "sourceAddress"
  | "place"
  | "network"
  | "userAgent"
  | "region"
  | "outcome"
  | "error"
  | "signIn";

export interface Summary {
  what: Fact[];
  who: Fact[];
  when: Fact[];
  where: Fact[];
  result: Fact[];
  /** What the service said of an error; as long as it likes. */
  message: string;
}

/** The stored columns, by name; a record that is not in the lake has none. */
export type Columns = Record<string, unknown>;

const TARGETS = [
  "userName",
  "roleName",
  "groupName",
  "policyName",
  "policyArn",
  "roleArn",
  "bucketName",
  "instanceId",
  "groupId",
  "keyId",
  "functionName",
  "keyName",
  "name",
];

export function summaryOf(record: Json, columns: Columns): Summary {
  const field = (label: Label, path: string, kind?: Fact["kind"]): Fact => ({
    label,
    field: path,
    value: textAt(record, path),
    ...(kind ? { kind } : {}),
  });
  const stored = (label: Label, name: string, kind?: Fact["kind"]): Fact => ({
    label,
    field: name,
    value: columnText(columns, name),
    ...(kind ? { kind } : {}),
  });
  const target = targetOf(record);
  const city = columnText(columns, "geo_city");
  return {
    what: present([
      field("eventName", "eventName"),
      field("service", "eventSource"),
      target ? field("target", target) : null,
      field("eventType", "eventType"),
      field("readOnly", "readOnly"),
    ]),
    who: present([
      stored("principal", "user_name").value !== ""
        ? { ...stored("principal", "user_name"), field: "user" }
        : field("principal", "userIdentity.userName"),
      field("identityType", "userIdentity.type"),
      field("account", "userIdentity.accountId", "mono"),
      field("accessKey", "userIdentity.accessKeyId", "mono"),
      mfaFact(record),
      field("invokedBy", "userIdentity.invokedBy"),
    ]),
    when: present([field("eventTime", "eventTime", "time"), stored("ingestTime", "ingest_time", "time")]),
    where: present([
      field("sourceAddress", "sourceIPAddress", "mono"),
      city !== "" ? stored("place", "geo_city") : null,
      stored("place", "geo_country_name", "country"),
      networkFact(columns),
      field("region", "awsRegion"),
      field("userAgent", "userAgent", "long"),
    ]),
    result: present([stored("outcome", "outcome", "outcome"), field("error", "errorCode"), signInFact(record)]),
    message: textAt(record, "errorMessage"),
  };
}

/** The path of what the call was about. */
function targetOf(record: Json): string | undefined {
  return TARGETS.map((name) => `requestParameters.${name}`).find((path) => textAt(record, path) !== "");
}

/** A query for events like this one: the same call by the same identity. */
export function queryOf(record: Json): string {
  const paths = ["eventSource", "eventName", "userIdentity.arn", "errorCode"];
  const terms = paths.flatMap((path) => {
    const value = textAt(record, path);
    return value === "" ? [] : [`${path}="${value.replaceAll(/["\\]/g, "\\$&")}"`];
  });
  return ["sourcetype=aws:cloudtrail", ...terms].join(" ");
}

/** Sign-in events carry their result under their own name. */
function signInFact(record: Json): Fact {
  const path = `responseElements.${textAt(record, "eventName")}`;
  return { label: "signIn", field: path, value: textAt(record, path) };
}

function mfaFact(record: Json): Fact {
  const signIn = textAt(record, "additionalEventData.MFAUsed");
  const path = signIn !== "" ? "additionalEventData.MFAUsed" : "userIdentity.sessionContext.attributes.mfaAuthenticated";
  return { label: "mfa", field: path, value: textAt(record, path) };
}

function networkFact(columns: Columns): Fact {
  const number = columnText(columns, "geo_asn");
  const organisation = columnText(columns, "geo_as_org");
  return { label: "network", field: "geo_as_org", value: organisation !== "" ? organisation : number !== "" ? `AS${number}` : "" };
}

function present(facts: readonly (Fact | null)[]): Fact[] {
  return facts.filter((fact): fact is Fact => fact !== null && fact.value !== "");
}

export function columnText(columns: Columns, name: string): string {
  return textOf((columns[name] ?? null) as Value);
}

/** A link of the chain from the person or workload behind a call to the credentials that made it. */
export interface ActorLink {
  label: "principal" | "role" | "session" | "accessKey";
  field: string;
  value: string;
}

export function actorChain(record: Json, columns: Columns): ActorLink[] {
  const issuer = "userIdentity.sessionContext.sessionIssuer";
  const session = sessionName(textAt(record, "userIdentity.arn"), textAt(record, "userIdentity.type"));
  const name =
    columnText(columns, "actor_name") ||
    textAt(record, "userIdentity.userName") ||
    (textAt(record, "userIdentity.type") === "Root" ? "root" : "");
  const role =
    columnText(columns, "actor_role") || (textAt(record, `${issuer}.type`) === "Role" ? textAt(record, `${issuer}.userName`) : "");
  const links: ActorLink[] = [
    { label: "principal", field: "actor_name", value: name === session && role !== "" ? "" : name },
    { label: "role", field: `${issuer}.userName`, value: role },
    { label: "session", field: "actor_session", value: columnText(columns, "actor_session") || session },
    { label: "accessKey", field: "userIdentity.accessKeyId", value: textAt(record, "userIdentity.accessKeyId") },
  ];
  return links.filter(({ value }) => value !== "");
}

function sessionName(arn: string, type: string): string {
  if (type !== "AssumedRole" && type !== "FederatedUser") return "";
  return arn.split("/").slice(2).join("/");
}

/** What the events next to this one may have in common with it. */
export interface Neighbour {
  label: "sameKey" | "sameSession" | "sameActor" | "sameAddress" | "sameTarget";
  field: string;
  value: string;
}

export function neighboursOf(record: Json, columns: Columns): Neighbour[] {
  const all: Neighbour[] = [
    { label: "sameKey", field: "userIdentity.accessKeyId", value: textAt(record, "userIdentity.accessKeyId") },
    {
      label: "sameSession",
      field: "userIdentity.arn",
      value: at(record, "userIdentity.sessionContext.sessionIssuer") === null ? "" : textAt(record, "userIdentity.arn"),
    },
    { label: "sameActor", field: "user", value: columnText(columns, "user_name") || textAt(record, "userIdentity.userName") },
    { label: "sameAddress", field: "sourceIPAddress", value: textAt(record, "sourceIPAddress") },
    { label: "sameTarget", field: targetOf(record) ?? "", value: textAt(record, targetOf(record) ?? "") },
  ];
  return all.filter(({ value }) => value !== "");
}
