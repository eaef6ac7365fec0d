//! The samples as a reader finds them: parsed back from the files, whatever the amount of background.

#![allow(clippy::unwrap_used, reason = "a test that can not go on is a test that fails")]

mod samples;
mod stories;

use generate::{Error, Layout, Options};
use regex::Regex;
use samples::{Samples, files};
use std::collections::HashSet;

/// Enough background for every kind of caller to turn up.
const MUCH: u64 = 15_000;

#[test]
fn the_same_options_give_the_same_bytes() {
    let made = |seed| {
        let dir = tempfile::tempdir().expect("a folder");
        generate::run(&Options::new(3_000, dir.path(), seed), &mut |_| {}).expect("samples");
        files(dir.path())
    };
    let (first, second, other) = (made(7), made(7), made(8));
    assert!(first == second, "same seed, other bytes");
    assert!(first != other, "another seed, the same bytes");
}

#[test]
fn there_are_as_many_events_as_asked_for() {
    let check = |events: u64| {
        let samples = Samples::make(events);
        assert_eq!(samples.records.len() as u64, events);
        assert_eq!(samples.report.events, events);
        assert_eq!(samples.told, events, "the last progress");
        assert_eq!(samples.report.objects, samples.files.len() as u64);
        assert_eq!(samples.report.bytes_gz, samples.files.values().map(|gz| gz.len() as u64).sum::<u64>());
        assert_eq!(samples.report.bytes_raw, samples.raw_bytes);
    };
    for events in [1, 10, generate::scripted_events(), 1_000, 12_345] {
        check(events);
    }
}

#[test]
fn few_events_hold_the_first_story() {
    let samples = Samples::make(2);
    let names: Vec<_> = samples.records.iter().map(|r| r["eventName"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["ListUsers", "CreateUser"]);
}

#[test]
fn every_event_has_an_id_of_its_own() {
    let uuid = Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").expect("a pattern");
    let samples = Samples::shared(MUCH);
    let ids: HashSet<_> = samples.records.iter().filter_map(|r| r["eventID"].as_str()).collect();
    assert_eq!(ids.len(), samples.records.len());
    assert!(ids.iter().all(|id| uuid.is_match(id)));
}

#[test]
fn objects_lie_where_aws_puts_them() {
    let check = |layout, pattern: &str| {
        let path = Regex::new(pattern).expect("a pattern");
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { layout, ..Options::new(4_000, dir.path(), 1) };
        generate::run(&options, &mut |_| {}).expect("samples");
        for name in files(dir.path()).keys() {
            assert!(path.is_match(name), "{name}");
        }
    };
    let tail = r"(\d{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity)/[a-z]{2}-[a-z]+-\d/\d{4}/\d\d/\d\d/\d{12}_CloudTrail(-[A-Za-z]+)?_[a-z]{2}-[a-z]+-\d_\d{8}T\d{4}Z_[0-9A-Za-z]{16}\.json\.gz$";
    check(Layout::Organisation, &format!("^AWSLogs/(o-[a-z0-9]{{10}}/)?{tail}"));
    check(Layout::Account, &format!("^AWSLogs/{tail}"));
}

/// The path, the file's name and the records agree, and nothing is delivered before it happened.
#[test]
fn an_object_holds_its_own_account_region_and_day() {
    let samples = Samples::shared(MUCH);
    for (name, records) in &samples.objects {
        let file = name.rsplit('/').next().unwrap_or_default();
        let parts: Vec<_> = file.split('_').collect();
        let delivered = parts[3];
        for record in records {
            assert_eq!(record["recipientAccountId"], parts[0], "{name}");
            assert_eq!(record["awsRegion"], parts[2], "{name}");
            let time: String =
                record["eventTime"].as_str().unwrap_or_default().chars().filter(|c| !matches!(c, '-' | ':')).collect();
            assert!(time[..13] <= delivered[..13], "{time} in {name}");
        }
        let folder = name.rsplit('/').skip(1).take(3).collect::<Vec<_>>();
        assert_eq!(delivered[..8], format!("{}{}{}", folder[2], folder[1], folder[0]), "{name}");
    }
}

#[test]
fn records_look_like_the_real_ones() {
    let samples = Samples::shared(MUCH);
    let mean = samples.raw_bytes / samples.records.len() as u64;
    assert!((1_200..1_550).contains(&mean), "{mean} bytes a record");
    let share = |test: &dyn Fn(&serde_json::Value) -> bool| {
        samples.records.iter().filter(|r| test(r)).count() as f64 / samples.records.len() as f64
    };
    let errors = share(&|r| r.get("errorCode").is_some());
    assert!((0.02..0.06).contains(&errors), "{errors} of the calls fail");
    let data = share(&|r| r["eventCategory"] == "Data");
    assert!((0.1..0.35).contains(&data), "{data} are data events");
    let by_day =
        share(&|r| r["userIdentity"]["type"] == "AWSService" && r["sourceIPAddress"] == r["userIdentity"]["invokedBy"]);
    assert!(by_day > 0.1, "services call under their own names");
    let distinct = |field: &str| samples.records.iter().filter_map(|r| r[field].as_str()).collect::<HashSet<_>>().len();
    assert!(distinct("eventName") >= 300, "{} event names", distinct("eventName"));
    assert!(distinct("awsRegion") >= 8 && distinct("recipientAccountId") == 7);
    assert!(samples.records.iter().any(|r| r["sourceIPAddress"].as_str().is_some_and(|a| a.contains(':'))), "IPv6");
    for version in ["1.05", "1.08", "1.10", "1.11"] {
        assert!(samples.records.iter().any(|r| r["eventVersion"] == version), "{version}");
    }
    for kind in [
        "Root",
        "IAMUser",
        "AssumedRole",
        "FederatedUser",
        "AWSService",
        "AWSAccount",
        "WebIdentityUser",
        "SAMLUser",
        "IdentityCenterUser",
        "Unknown",
    ] {
        assert!(samples.records.iter().any(|r| r["userIdentity"]["type"] == kind), "{kind}");
    }
}

/// Sessions that a call of the background hands out are used by later calls.
#[test]
fn background_sessions_can_be_followed_to_their_beginning() {
    let samples = Samples::shared(MUCH);
    let handed: HashSet<_> =
        samples.records.iter().filter_map(|r| r["responseElements"]["credentials"]["accessKeyId"].as_str()).collect();
    let used = samples
        .records
        .iter()
        .filter(|r| r["userIdentity"]["accessKeyId"].as_str().is_some_and(|k| handed.contains(k)))
        .count();
    assert!(used > 300, "{used} events use a session whose beginning is there");
}

#[test]
fn a_folder_is_not_filled_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = || generate::run(&Options::new(600, dir.path(), 1), &mut |_| {});
    assert!(run().is_ok());
    assert!(matches!(run(), Err(Error::Occupied(_))));
}

#[test]
fn an_unwritable_folder_is_an_error() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    let result = generate::run(&Options::new(5_000, file, 1), &mut |_| {});
    assert!(matches!(result, Err(Error::Write { .. })), "{result:?}");
}

/// The other logs: what is counted is what is there, and the same options give the same bytes.
#[test]
fn other_logs_are_counted_by_type_account_and_region() {
    let made = || {
        let dir = tempfile::tempdir().expect("a folder");
        let logs = generate::Logs { records: 101, kinds: Vec::new(), accounts: 3, regions: 4 };
        let counts = generate::run_logs(&Options::new(0, dir.path(), 5), &logs).expect("logs");
        (counts, files(dir.path()))
    };
    let (counts, written) = made();
    // AWS Config's history and its notifications are counted by themselves.
    assert_eq!(counts.len(), (generate::log_kinds().len() + 1) * 12);
    for kind in generate::log_kinds() {
        let records: u64 = counts.iter().filter(|c| c.kind == kind).map(|c| c.records).sum();
        assert_eq!(records, 101, "{kind}");
    }
    assert_eq!(
        counts.iter().map(|c| c.objects).sum::<u64>(),
        written.len() as u64,
        "every object has a name of its own"
    );
    assert!(written == made().1, "same seed, other bytes");
    let wrong = generate::Logs { records: 1, kinds: vec!["syslog".into()], accounts: 1, regions: 1 };
    let error = generate::run_logs(&Options::new(0, "/nowhere", 1), &wrong).expect_err("an error");
    assert!(error.to_string().contains("vpc_flow"), "{error}");
}
