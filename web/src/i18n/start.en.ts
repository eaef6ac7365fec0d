/** The sentences of the first-run guide, in English. */
import { plural } from "./plural";

export const startEn = {
  title: "Getting started",
  intro: "From an empty lake to alerts: this page follows along as logs arrive.",
  done: "Done",
  now: "Next",
  later: "To do",
  copy: "Copy",
  copied: "Copied",
  once: "Once, with a command:",
  always: "As they arrive, in trailhound.toml (then start the server again):",
  point: {
    title: "Point at your logs",
    intro:
      "CloudTrail and other AWS logs as they lie in a bucket, packed or not, of any number of accounts and regions. Types are told by content.",
    ways: { folder: "Folder", bucket: "S3 bucket", sent: "Sent to us", samples: "Sample logs" },
    folder: "The folder is read by the machine that the command runs on. Repeat it as often as you like: what is in is not read again.",
    bucket: "Credentials come from where the AWS tools find them. Notifications over SQS bring new objects within seconds.",
    sent: "Firehose, Vector, Fluent Bit and the OpenTelemetry Collector send to the HTTP Event Collector. Each sender gets a token.",
    samples: "A server of its own with generated logs, to look around before yours are there:",
  },
  arrive: {
    title: "See them arrive",
    waiting: "Nothing has arrived yet. This page looks again every few seconds.",
    events: (n: string, tables: number) => `${n} events in ${tables} ${plural(tables, "log type", "log types")}`,
    table: "Log type",
    rows: "Events",
    newest: "Newest event",
    sources: "Sources",
    noSources: "No source is set up in trailhound.toml; the command above needs none.",
    toSources: "Sources and what could not be read",
  },
  controls: {
    title: "Let the 14 controls watch",
    intro:
      "The CloudWatch controls of AWS Security Hub: root use, sign-in without MFA, changes of policies, trails, keys and networks. They see every event as it arrives.",
    on: (on: number, all: number) => `${on} of ${all} are on`,
    switchOn: (n: number) => `Switch on ${n} more`,
    toRules: "All rules",
    failed: "A rule could not be switched on:",
  },
  sinks: {
    title: "Say where alerts go",
    intro:
      "Alerts are on the page in any case. To be told elsewhere, add a sink to trailhound.toml and start the server again: e-mail, Slack, SNS, PagerDuty, a webhook and others.",
    found: (n: number) => `${n} ${plural(n, "sink is", "sinks are")} set up`,
    none: "None is set up yet.",
    toSinks: "Alert sinks: test them",
  },
  look: {
    title: "Look around",
    intro: "Security Overview shows what deserves a look first. Every number on it leads to the events that it counts.",
    overview: "Open Security Overview",
    alerts: "Open alerts",
    waiting: "As soon as events are there.",
  },
};
