/** The panels of an entity's page: what it did, when, from where and as whom. */
import type { Panel } from "../dashboards/file";
import type { Kind } from "./kinds";

const LOGS = "sourcetype=aws:cloudtrail";

const overTime: Panel = {
  id: "entity-over-time",
  title: { en: "Activity over Time", ja: "活動の推移" },
  description: { en: "Events by outcome.", ja: "結果別のイベント数です。" },
  lang: "spl",
  query: `${LOGS} | timechart span=$span$ count BY action`,
  chart: "stacked-column",
  width: 12,
  height: 240,
  drill: { search: LOGS, set: { action: "series" } },
};

const didWhat: Panel = {
  id: "entity-did",
  title: { en: "What Was Done", ja: "何をしたか" },
  description: { en: "Calls, most frequent first, and how many of them failed.", ja: "呼び出しを多い順に、失敗の数とともに示します。" },
  lang: "spl",
  query: `${LOGS} | stats count, count(eval(errorCode!="success")) AS errors, max(_time) AS last BY eventName, eventSource | sort - count | head 100`,
  chart: "table",
  width: 7,
  height: 380,
  drill: { search: LOGS, set: { eventName: "eventName", eventSource: "eventSource" } },
};

const errors: Panel = {
  id: "entity-errors",
  title: { en: "Errors", ja: "エラー" },
  description: { en: "What was refused or failed.", ja: "拒否された、または失敗した操作です。" },
  lang: "spl",
  query: `${LOGS} errorCode!=success | stats count BY errorCode, eventName | sort - count | head 50`,
  chart: "table",
  width: 5,
  height: 380,
  drill: { search: LOGS, set: { errorCode: "errorCode", eventName: "eventName" } },
};

const map: Panel = {
  id: "entity-map",
  title: { en: "From Where", ja: "送信元の場所" },
  description: { en: "Places of the source addresses.", ja: "送信元アドレスの場所です。" },
  lang: "spl",
  query: `${LOGS} sourceIPAddress=* | iplocation sourceIPAddress | fillnull value="" Region, City | stats count, avg(lat) AS lat, avg(lon) AS lon BY Country, Region, City, action`,
  chart: "map",
  width: 7,
  height: 380,
  drill: { search: LOGS, set: { geo_country_name: "Country" } },
};

const addresses: Panel = {
  id: "entity-addresses",
  title: { en: "Source Addresses", ja: "送信元アドレス" },
  description: { en: "When each was first and last in use.", ja: "それぞれの最初と最後の使用時刻です。" },
  lang: "spl",
  query: `${LOGS} sourceIPAddress=* | stats count, min(_time) AS first, max(_time) AS last BY sourceIPAddress | sort - last | head 100`,
  chart: "table",
  width: 5,
  height: 380,
  drill: { search: LOGS, set: { sourceIPAddress: "sourceIPAddress" } },
};

const actors: Panel = {
  id: "entity-actors",
  title: { en: "Who Was Behind It", ja: "実行者" },
  description: { en: "Who is behind these calls.", ja: "呼び出しの背後にいる実行者です。" },
  lang: "spl",
  query: `${LOGS} | stats count, count(eval(errorCode!="success")) AS errors, min(_time) AS first, max(_time) AS last BY actor_name | sort - count | head 100`,
  chart: "table",
  width: 5,
  height: 380,
  drill: { search: LOGS, set: { actor_name: "actor_name" } },
};

const identities: Panel = {
  id: "entity-identities",
  title: { en: "As Whom", ja: "どの権限で" },
  description: { en: "Identities and access keys that made the calls.", ja: "呼び出しに使われたアイデンティティとアクセスキーです。" },
  lang: "spl",
  query: `${LOGS} | fillnull value="-" userIdentity.arn, userIdentity.accessKeyId | stats count, min(_time) AS first, max(_time) AS last BY userIdentity.arn, userIdentity.accessKeyId | sort - last | head 100`,
  chart: "table",
  width: 7,
  height: 340,
  drill: { search: LOGS, set: { "userIdentity.arn": "userIdentity.arn", "userIdentity.accessKeyId": "userIdentity.accessKeyId" } },
};

const where: Panel = {
  id: "entity-accounts",
  title: { en: "Accounts and Regions", ja: "アカウントとリージョン" },
  description: { en: "In which accounts and regions.", ja: "どのアカウントのどのリージョンかを示します。" },
  lang: "spl",
  query: `${LOGS} | stats count BY recipientAccountId, awsRegion | sort - count | head 100`,
  chart: "table",
  width: 5,
  height: 340,
  drill: { search: LOGS, set: { recipientAccountId: "recipientAccountId", awsRegion: "awsRegion" } },
};

const agents: Panel = {
  id: "entity-agents",
  title: { en: "User Agents", ja: "ユーザーエージェント" },
  description: { en: "Programs that made the calls.", ja: "呼び出しに使われたプログラムです。" },
  lang: "spl",
  query: `${LOGS} | stats count, min(_time) AS first, max(_time) AS last BY userAgent | sort - last | head 50`,
  chart: "table",
  width: 12,
  height: 300,
  drill: { search: LOGS, set: { userAgent: "userAgent" } },
};

const recent: Panel = {
  id: "entity-recent",
  title: { en: "Newest Events", ja: "最新のイベント" },
  description: { en: "The newest fifty, each down to its raw record.", ja: "新しい順に 50 件を、元の記録までたどれます。" },
  lang: "spl",
  query: `${LOGS} | sort - _time | head 50 | table _time, eventID, eventName, eventSource, user, action, errorCode, sourceIPAddress, awsRegion, _raw`,
  chart: "events",
  width: 12,
  height: 300,
};

/** Where the entity is itself a source address, its own address would say nothing; who used it does. */
export function panelsOf(kind: Kind): Panel[] {
  const beside = kind === "address" || kind === "account" || kind === "resource" ? actors : addresses;
  return [overTime, didWhat, errors, map, beside, identities, where, agents, recent];
}

/** When it was first and last seen, over all time, and how much. */
export const SEEN = `${LOGS} | stats count, min(_time) AS first, max(_time) AS last, count(eval(errorCode!="success")) AS errors, dc(eventName) AS calls, dc(sourceIPAddress) AS addresses`;
