//! A bucket of every log type: each record goes to the table of its type, once, and rules leave out what nobody wants.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use enrich::NamedList;
use event::log_types;
use ingest::rules::{Action, Condition, Rule, Rules, Test};
use parquet::arrow::ArrowWriter;

use crate::setting::{Setting, gzip, records, setting};

const FLOWS: &str = "AWSLogs/111111111111/vpcflowlogs/us-east-1/2026/03/02/flows.log.gz";

/// A sample of every log type under a key of its own, and what they add up to.
fn every_type(setting: &Setting) -> BTreeMap<&'static str, u64> {
    for log_type in log_types() {
        setting.write(
            &format!("AWSLogs/111111111111/{}/us-east-1/2026/03/02/x.log.gz", log_type.id),
            gzip(log_type.sample.as_bytes()),
        );
    }
    let counts = [
        ("cloudtrail", 1),
        ("cloudfront", 1),
        ("config", 1),
        ("elb", 4),
        ("guardduty", 1),
        ("network_firewall", 1),
        ("ocsf", 1),
        ("other", 2),
        ("route53_resolver", 1),
        ("s3_access", 2),
        ("security_hub", 1),
        ("vpc_flow", 3),
        ("waf", 1),
    ];
    counts.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_goes_to_its_table_once() {
    let setting = setting();
    let expected = every_type(&setting);
    let report = setting.ingest().await;
    assert!(report.is_complete(), "{:?}", report.problems);
    let added: BTreeMap<_, _> = report.by_type.iter().map(|(id, of)| (*id, of.rows_added)).collect();
    assert_eq!(added, expected);
    assert_eq!(report.rows_added, expected.values().sum::<u64>());
    for (table, rows) in &expected {
        assert_eq!(setting.column(table, "raw").await.len() as u64, *rows, "{table}");
    }
    assert_eq!(setting.column("vpc_flow", "account_id").await, ["111111111111"; 3]);
    // Again, and after a crash between rows and ledger: nothing is doubled.
    assert_eq!(setting.ingest().await.rows_added, 0);
    std::fs::remove_dir_all(setting.folder.path().join("lake/objects")).unwrap();
    let setting = setting.reopened();
    let again = setting.ingest().await;
    assert_eq!((again.rows_added, again.duplicates), (0, report.rows_added));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_bucket_of_three_accounts_and_four_regions_adds_up() {
    let setting = setting();
    let options = generate::Options::new(500, setting.logs(), 7);
    generate::run(&options, &mut |_| {}).unwrap();
    let logs = generate::Logs { records: 600, kinds: Vec::new(), accounts: 3, regions: 4 };
    let made = generate::run_logs(&options, &logs).unwrap();
    let report = setting.ingest().await;
    assert!(report.is_complete(), "{:?}", report.problems);
    assert_eq!(report.by_type["cloudtrail"].records, 500);
    for kind in generate::log_kinds() {
        let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
        for count in made.iter().filter(|count| count.kind == kind) {
            // CloudFront is of no region.
            let region = if kind == "cloudfront" { "global" } else { count.region };
            *expected.entry((count.account.to_owned(), region.to_owned())).or_default() += count.records;
        }
        let places = setting.column(kind, "account_id").await.into_iter().zip(setting.column(kind, "region").await);
        let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
        places.for_each(|place| *found.entry(place).or_default() += 1);
        assert_eq!(found, expected, "{kind}");
        assert_eq!(report.by_type[kind].records, expected.values().sum::<u64>(), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_line_twice_in_an_object_counts_twice() {
    let setting = setting();
    let line = "2 111111111111 eni-1 10.0.0.1 192.0.2.1 1 443 6 3 180 1700000000 1700000059 ACCEPT OK\n";
    setting.write(FLOWS, gzip(line.repeat(3).as_bytes()));
    assert_eq!(setting.ingest().await.rows_added, 3);
    setting.write("copy.log", line.repeat(2));
    let report = setting.ingest().await;
    assert_eq!((report.rows_added, report.duplicates), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_of_lines_keep_their_header() {
    let setting = setting();
    // Two pieces of lines that compress badly, as the object has to be large itself.
    let mut text = String::from("srcaddr dstport bytes start end action\n");
    let mut lines = 0_u64;
    while text.len() < 18 << 20 {
        let n = lines.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let [a, b, c, d, ..] = n.to_be_bytes();
        let (port, bytes, end) = (n % 65_536, n >> 20 & 0xffff_ffff, 1_700_000_000 + lines);
        text.push_str(&format!("{a}.{b}.{c}.{d} {port} {bytes} 1700000000 {end} ACCEPT\n"));
        lines += 1;
    }
    text.push_str("what is this\n");
    setting.write("AWSLogs/111111111111/vpcflowlogs/us-east-1/2026/03/02/large.log.gz", gzip(text.as_bytes()));
    let report = setting.ingest().await;
    assert_eq!((report.rows_added, report.rejected), (lines, 1), "{:?}", report.problems);
    assert!(report.problems[0].message.starts_with(&format!("line {}:", lines + 2)), "{:?}", report.problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_is_read_by_the_names_of_its_columns() {
    let setting = setting();
    let column = |values: &[&str]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let number = |values: &[i64]| Arc::new(Int64Array::from(values.to_vec())) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("version", number(&[5, 5])),
        ("account_id", column(&["222222222222", "222222222222"])),
        ("interface_id", column(&["eni-1", "eni-1"])),
        ("srcaddr", column(&["192.0.2.1", "-"])),
        ("dstaddr", column(&["10.0.0.1", "-"])),
        ("dstport", number(&[22, 0])),
        ("protocol", number(&[6, 0])),
        ("start", number(&[1_700_000_000, 1_700_000_000])),
        ("end", number(&[1_700_000_059, 1_700_000_059])),
        ("action", column(&["REJECT", "-"])),
        ("log_status", column(&["OK", "NODATA"])),
    ])
    .unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    setting.write("flows.log.parquet", &file);
    setting.write("broken.parquet", &file[..file.len() / 2]);
    let report = setting.ingest().await;
    assert_eq!((report.rows_added, report.bad_objects), (2, 1), "{report:?}");
    assert_eq!(report.problems[0].reason, "damaged");
    assert_eq!(setting.column("vpc_flow", "source_address").await, ["192.0.2.1", ""]);
    assert_eq!(setting.column("vpc_flow", "outcome").await, ["failure", ""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_lines_of_other_where_its_name_says_log() {
    let setting = setting();
    setting.write("app/server.log", "2026-03-02T09:14:07Z started\nstopped\n");
    setting.write("notes.md", "# Notes\n\nnothing\n");
    let report = setting.ingest().await;
    assert_eq!(report.by_type.get("other").map(|of| of.rows_added), Some(2));
    assert_eq!(report.skipped.get("not-a-log"), Some(&1));
    assert_eq!(setting.column("other", "message").await, ["2026-03-02T09:14:07Z started", "stopped"]);
}

fn rules() -> Rules {
    let condition = |field: &str, test| Condition { field: field.into(), test, not: false };
    let rule =
        |name: &str, action, conditions| Rule { name: name.into(), log_type: None, action, any: false, conditions };
    Rules::new(vec![
        rule("no data", Action::Exclude, vec![condition("log_status", Test::OneOf(vec!["NODATA".into()]))]),
        rule("inside", Action::Count, vec![condition("src_ip", Test::Within(NamedList::parse("", "203.0.113.0/24")))]),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_leave_out_and_count_and_a_dry_run_writes_nothing() {
    let mut setting = setting();
    let expected = every_type(&setting);
    setting.write("more.json", records(0..10));
    setting.options.rules = Arc::new(rules());
    setting.options.dry_run = true;
    let dry = setting.ingest().await;
    assert_eq!((dry.rows_added, dry.commits, dry.excluded), (0, 0, 1));
    let counted: u64 = dry.by_type.values().map(|of| of.records).sum();
    assert_eq!(counted, expected.values().sum::<u64>() + 10 - 1);
    assert!(dry.by_rule["inside"] >= 8 && dry.by_rule["no data"] == 1, "{:?}", dry.by_rule);
    assert!(setting.column("vpc_flow", "raw").await.is_empty() && setting.column("objects", "object").await.is_empty());
    setting.options.dry_run = false;
    let report = setting.ingest().await;
    assert_eq!((report.rows_added, report.excluded), (counted, 1));
    assert_eq!(setting.column("vpc_flow", "raw").await.len(), 2);
}
