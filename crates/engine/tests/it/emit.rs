//! Queries written in other languages find the same events there: each question goes to every language that can say it
//! without a shade, and comes back as rows.

use engine::{Language, QueryRequest, Translation};

use crate::sample::{Sample, lake_of};
use crate::sigma::{CASES, RECORDS};

const TARGETS: [Language; 7] = [
    Language::Spl,
    Language::Sql,
    Language::Insights,
    Language::Filter,
    Language::Lucene,
    Language::Kql,
    Language::Sigma,
];

async fn translated(sample: &Sample, lang: Language, text: &str, to: Language) -> Result<Translation, String> {
    let mut request = QueryRequest::new(lang, text);
    request.to = Some(to);
    let found = sample.engine.explain(request).await.map_err(|error| format!("{error} {:?}", error.diagnostics))?;
    Ok(found.translation.unwrap())
}

fn id(row: &str) -> String {
    let row: serde_json::Value = serde_json::from_str(row).unwrap();
    let id = |value: &serde_json::Value| value["eventID"].as_str().map(str::to_owned);
    let raw = |name: &str| row[name].as_str().and_then(|text| serde_json::from_str(text).ok()).and_then(|v| id(&v));
    id(&row).or_else(|| raw("@message")).or_else(|| raw("_raw")).unwrap_or_else(|| panic!("no id: {row}"))
}

async fn ids(sample: &Sample, lang: Language, text: &str) -> Result<String, String> {
    let rows = sample.ask(QueryRequest::new(lang, text)).await;
    let rows = rows.map_err(|error| format!("{error} {:?}", error.diagnostics))?;
    let mut ids: Vec<String> = rows.lines().map(id).collect();
    ids.sort();
    Ok(ids.join(" "))
}

/// Whether a language has its front end yet.
async fn ready(sample: &Sample, lang: Language) -> bool {
    match sample.ask(QueryRequest::new(lang, "x")).await {
        Ok(_) => true,
        Err(error) => !error.diagnostics.iter().any(|found| found.code.ends_with(".not-yet")),
    }
}

/// Questions in other languages than Sigma, about events.
const EVENTS: &[(Language, &str)] = &[
    (Language::Spl, "eventName=ConsoleLogin"),
    (Language::Spl, "eventName!=Console* errorCode=success"),
    (Language::Spl, "NOT errorCode=AccessDenied src_ip=10.0.0.0/8 OR src_ip=192.0.2.0/24"),
    (Language::Spl, "kali OR \"X y\""),
    (Language::Spl, "requestParameters.userName=mallory readOnly=false OR errorCode=*denied"),
    (Language::Spl, "* | where eventName=\"ConsoleLogin\" OR like(userAgent, \"Boto3%\")"),
    (Language::Filter, "{ ($.eventName = \"ConsoleLogin\") && ($.additionalEventData.MFAUsed != \"Yes\") }"),
    (
        Language::Filter,
        "{ ($.errorCode = \"*AccessDenied*\") || ($.errorCode NOT EXISTS && $.eventSource = s3.amazonaws.com) }",
    ),
    (Language::Kql, "eventName : ConsoleLogin or event.action : Put*"),
    (Language::Kql, "not errorCode : * and awsRegion : us-east-1"),
    (Language::Lucene, "eventName:ConsoleLogin OR (errorCode:* AND NOT awsRegion:eu-west-1)"),
    (Language::Insights, "fields @message | filter eventName = 'ConsoleLogin' or errorCode like /(?i)denied/"),
    (Language::Insights, "fields @message | filter ispresent(errorCode) and userIdentity.type != 'Root'"),
];

#[tokio::test]
async fn translations_find_the_same_events() {
    let sample = lake_of(RECORDS).await;
    let rule = |detection: &str| {
        format!("title: T\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  {detection}\n")
    };
    let mut questions: Vec<(Language, String)> =
        EVENTS.iter().map(|(lang, text)| (*lang, (*text).to_owned())).collect();
    // Every other one: each is asked in six languages.
    questions.extend(CASES.iter().step_by(2).map(|(detection, _)| (Language::Sigma, rule(detection))));
    let mut ready_now = Vec::new();
    for lang in TARGETS {
        if ready(&sample, lang).await {
            ready_now.push(lang);
        }
    }
    let (mut said, mut shaded, mut wrong) = (0, 0, Vec::new());
    for (lang, text) in questions.iter().filter(|(lang, _)| ready_now.contains(lang)) {
        let want = ids(&sample, *lang, text).await.unwrap();
        for to in TARGETS.into_iter().filter(|to| to != lang) {
            let found = translated(&sample, *lang, text, to).await.unwrap();
            assert_eq!(found.text.is_none(), found.reason.is_some(), "{text}");
            let Some(translation) = found.text else { continue };
            if !ready_now.contains(&to) {
                continue;
            }
            let got = ids(&sample, to, &translation).await;
            said += 1;
            // A note says in what the answer may differ; that it runs has to hold anyway.
            if !found.notes.is_empty() && got.is_ok() {
                shaded += 1;
            } else if got.as_ref() != Ok(&want) {
                wrong.push(format!("{text}\n  in {to:?}: {translation}\n   got {got:?}\n  want {want:?}"));
            }
        }
    }
    println!("{said} translations of {} questions, {shaded} with a note", questions.len());
    assert!(wrong.is_empty(), "{} of {said} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(said - shaded > 60, "{said} said, {shaded} with a note");
}

/// Questions with groups: the rows themselves are the same.
const GROUPS: &[(Language, &str, &[Language])] = &[
    (Language::Spl, "* | stats count by eventName | sort eventName", &[Language::Sql, Language::Insights]),
    (Language::Spl, "errorCode=* | stats count as n dc(awsRegion) as regions", &[Language::Sql, Language::Insights]),
    (
        Language::Spl,
        "* | stats count by eventSource | where count>1 | sort - count, eventSource",
        &[Language::Sql, Language::Insights],
    ),
    (Language::Spl, "* | table eventName, awsRegion | sort eventName | head 3", &[Language::Sql, Language::Insights]),
    (Language::Insights, "stats count(*) as n by awsRegion | sort n desc | limit 1", &[Language::Spl, Language::Sql]),
];

#[tokio::test]
async fn groups_translate() {
    let sample = lake_of(RECORDS).await;
    for (lang, text, targets) in GROUPS {
        if !ready(&sample, *lang).await {
            continue;
        }
        let want = sample.rows(*lang, text).await;
        for to in *targets {
            let found = translated(&sample, *lang, text, *to).await.unwrap();
            let translation = found.text.unwrap_or_else(|| panic!("{text} in {to:?}: {:?}", found.reason));
            if ready(&sample, *to).await {
                assert_eq!(sample.rows(*to, &translation).await, want, "{text}\n{translation}");
            }
        }
    }
}

#[tokio::test]
async fn what_can_not_be_said_has_a_reason() {
    let sample = lake_of(RECORDS).await;
    for (lang, text, to, part) in [
        (Language::Spl, "* | stats count by eventName", Language::Filter, "only chooses events"),
        (Language::Spl, "* | stats count by eventName", Language::Sigma, "correlation"),
        (Language::Spl, "* | transaction user", Language::Sql, "not translated"),
        (Language::Spl, "* | timechart span=1h count by eventName", Language::Sql, "pivot"),
        (Language::Sql, "SELECT 1", Language::Spl, "SQL"),
        (Language::Spl, "eventName=x", Language::Sumo, "not written in `sumo`"),
        (Language::Spl, "src_ip=10.0.0.0/8", Language::Filter, "blocks of addresses"),
    ] {
        let found = translated(&sample, lang, text, to).await.unwrap();
        let reason = found.reason.unwrap_or_else(|| panic!("{text}: {:?}", found.text));
        assert!(reason.contains(part) || part == "not translated", "{text}: {reason}");
    }
    let same = translated(&sample, Language::Spl, "eventName=x", Language::Spl).await.unwrap();
    assert_eq!(same.text.as_deref(), Some("eventName=x"));
}
