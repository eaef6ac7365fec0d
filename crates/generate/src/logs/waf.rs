//! AWS WAF logs of regional web ACLs.

use super::{AGENTS, CLIENTS, Kind, LINES, PATHS, Place, client, hex, one_of};
use crate::rng::Rng;
use std::fmt::Write;

pub(super) const KIND: Kind = Kind { id: "waf", one_in: None, head: "", around: LINES, gzip: true, record, key };

fn record(out: &mut String, rng: &mut Rng, place: Place) {
    let Place { account, region, .. } = place;
    let (action, rule, kind) = if rng.chance(0.85) {
        ("ALLOW", "Default_Action", "REGULAR")
    } else {
        (
            "BLOCK",
            one_of(rng, &["AWS-AWSManagedRulesSQLiRuleSet", "AWS-AWSManagedRulesCommonRuleSet", "geo-block"]),
            "MANAGED_RULE_GROUP",
        )
    };
    let client = client(rng);
    // Those of the stories scan, the others browse.
    let scans = CLIENTS[..2].contains(&client);
    let agent = if scans { AGENTS[AGENTS.len() - 1] } else { one_of(rng, &AGENTS[..AGENTS.len() - 1]) };
    let (path, args) = one_of(rng, &PATHS).split_once('?').unwrap_or(("/login", ""));
    let _ = write!(
        out,
        "{{\"timestamp\":{time}{ms:03},\"formatVersion\":1,\"webaclId\":\"arn:aws:wafv2:{region}:{account}:regional/webacl/web/a1b2c3d4-5678-90ab-cdef-000000000001\",\"terminatingRuleId\":\"{rule}\",\"terminatingRuleType\":\"{kind}\",\"action\":\"{action}\",\"terminatingRuleMatchDetails\":[],\"httpSourceName\":\"ALB\",\"httpSourceId\":\"{account}-app/web/50dc6c495c0c9188\",\"ruleGroupList\":[],\"rateBasedRuleList\":[],\"nonTerminatingMatchingRules\":[],\"requestHeadersInserted\":null,\"responseCodeSent\":null,\"httpRequest\":{{\"clientIp\":\"{client}\",\"country\":\"{country}\",\"headers\":[{{\"name\":\"Host\",\"value\":\"www.example.com\"}},{{\"name\":\"User-Agent\",\"value\":\"{agent}\"}}],\"uri\":\"{path}\",\"args\":\"{args}\",\"httpVersion\":\"HTTP/2.0\",\"httpMethod\":\"{method}\",\"requestId\":\"1-{a}-{b}\"}}}}",
        time = place.time,
        ms = rng.below(1000),
        country = one_of(rng, &["JP", "US", "DE", "CU"]),
        method = one_of(rng, &["GET", "POST"]),
        a = hex(rng, 8),
        b = hex(rng, 24),
    );
}

fn key(rng: &mut Rng, place: Place) -> String {
    let Place { account, region, .. } = place;
    format!(
        "AWSLogs/{account}/WAFLogs/{region}/web/{}/{account}_waflogs_{region}_web_{}_{}.log.gz",
        place.at().format("%Y/%m/%d/%H/%M"),
        place.at().format("%Y%m%dT%H%MZ"),
        hex(rng, 8),
    )
}
