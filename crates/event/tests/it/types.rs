//! Every log type: told apart with no hint, read whole, in whatever it is wrapped, and broken lines named.

use super::{cell, decode_types, typed};
use event::{Batcher, Foreign, Limits, ObjectError, log_types};

/// Decodes `text`; the values of `columns` of the rows of `log_type`, `|` between them.
fn check(log_type: &str, text: &str, columns: &[&str], expected: &[&str]) {
    let found = typed(text.as_bytes(), "o");
    let (_, batch) = found.iter().find(|(id, _)| *id == log_type).unwrap_or_else(|| panic!("no {log_type}: {text}"));
    let rows: Vec<String> = (0..batch.num_rows())
        .map(|row| columns.iter().map(|name| cell(batch, name, row)).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(rows, expected, "{text}");
}

#[test]
fn samples_are_told_apart_and_read_whole() {
    for log_type in log_types() {
        let (batches, outcome) = decode_types(log_type.sample.as_bytes(), "o").expect(log_type.id);
        let ids: Vec<&str> = batches.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [log_type.id], "{:?}", outcome.rejected);
        assert!(outcome.rejected.is_empty(), "{}: {:?}", log_type.id, outcome.rejected);
        for row in 0..batches[0].1.num_rows() {
            assert_eq!(&cell(&batches[0].1, "event_date", row)[..4], "2026", "{}", log_type.id);
        }
    }
}

#[test]
fn samples_are_read_alike_in_every_envelope() {
    for log_type in log_types().iter().filter(|log_type| log_type.id != "other") {
        let lines: Vec<&str> = log_type.sample.lines().filter(|line| !line.starts_with('#')).collect();
        let expected = typed(log_type.sample.as_bytes(), "o");
        let quoted = |line: &str| serde_json::to_string(line).expect("a string");
        let events: Vec<String> = lines
            .iter()
            .map(|line| format!(r#"{{"id":"1","timestamp":1772442847000,"message":{}}}"#, quoted(line)))
            .collect();
        let logs = format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{}]}}"#,
            events.join(",")
        );
        let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, log_type.sample);
        let shapes = [
            logs,
            format!(r#"{{"requestId":"r","timestamp":1,"records":[{{"data":"{data}"}}]}}"#),
            lines
                .iter()
                .map(|line| format!(r#"{{"message":{},"host":"h"}}"#, quoted(line)))
                .collect::<Vec<_>>()
                .join("\n"),
            lines.iter().map(|line| format!(r#"{{"time":1,"event":{}}}"#, quoted(line))).collect::<String>(),
        ];
        for shape in shapes {
            let found = typed(shape.as_bytes(), "o");
            let rows = |of: &[(&str, arrow::array::RecordBatch)]| {
                of.iter().map(|(id, batch)| (id.to_string(), batch.num_rows())).collect::<Vec<_>>()
            };
            assert_eq!(rows(&found), rows(&expected), "{}: {shape}", log_type.id);
        }
    }
}

#[test]
fn line_ends_and_edges() {
    for id in ["vpc_flow", "elb", "s3_access", "cloudfront"] {
        let sample = event::log_type(id).expect(id).sample;
        let rows = |text: &str| typed(text.as_bytes(), "o").iter().map(|(_, batch)| batch.num_rows()).sum::<usize>();
        let expected = rows(sample);
        assert_eq!(rows(sample.trim_end()), expected, "{id}");
        assert_eq!(rows(&sample.replace('\n', "\r\n")), expected, "{id}");
        assert_eq!(rows(&format!("\u{feff}{sample}")), expected, "{id}");
        assert_eq!(rows(&sample.replace('\n', "\n\n")), expected, "{id}");
        let wider = if id == "cloudfront" { "\tnew\n" } else { " new\n" };
        if id != "vpc_flow" {
            assert_eq!(rows(&sample.replace('\n', wider)), expected, "{id}");
        }
        let broken = format!("{sample}what is this\n{}", sample.lines().last().expect("a line"));
        let (_, outcome) = decode_types(broken.as_bytes(), "o").expect(id);
        assert_eq!((outcome.records as usize, outcome.rejected.len()), (expected + 1, 1), "{id}");
        let piece = &outcome.rejected[0];
        assert_eq!((piece.reason.code(), &piece.bytes[..]), ("bad-line", &b"what is this"[..]));
        let line = format!("line {}:", sample.lines().count() + 1);
        assert!(piece.message.starts_with(&line), "{}", piece.message);
        assert_eq!(piece.offset as usize, sample.len());
    }
}

#[test]
fn flows() {
    let columns = [
        "account_id",
        "source_address",
        "destination_port",
        "protocol",
        "bytes",
        "disposition",
        "event_time",
        "end_time",
    ];
    check(
        "vpc_flow",
        "2 111111111111 eni-1 192.0.2.1 10.0.0.2 443 51234 6 3 180 1700000000 1700000059 ACCEPT OK\n",
        &columns,
        &["111111111111|192.0.2.1|51234|tcp|180|allowed|2023-11-14T22:13:20Z|2023-11-14T22:14:19Z"],
    );
    // A custom order, an unknown field, a field twice, a header again.
    check(
        "vpc_flow",
        "srcaddr dstport brand-new protocol action start end srcaddr\n192.0.2.1 22 x 17 REJECT 1700000000 1700000059 y\nstart end srcaddr protocol\n1700000000 1700000060 2001:db8::1 58\n",
        &["source_address", "destination_port", "protocol", "outcome", "bytes"],
        &["192.0.2.1|22|udp|failure|-", "2001:db8::1|-|ipv6-icmp|-|-"],
    );
    check(
        "vpc_flow",
        "2023-11-14T22:15:00.000Z 2 unknown eni-1 - - - - - - - 1700000000 1700000059 - SKIPDATA",
        &["account_id", "source_address", "log_status"],
        &["unknown|-|SKIPDATA"],
    );
    check(
        "vpc_flow",
        r#"{"version":5,"account_id":"111111111111","srcaddr":"192.0.2.1","dstaddr":"10.0.0.2","srcport":1,"dstport":2,"protocol":6,"bytes":9,"start":1700000000,"end":1700000059,"action":"REJECT","log_status":"OK","pkt_srcaddr":"192.0.2.9"}"#,
        &["source_address", "packet_source_address", "protocol", "disposition", "event_time"],
        &["192.0.2.1|192.0.2.9|tcp|blocked|2023-11-14T22:13:20Z"],
    );
}

/// CloudWatch Logs has no header: the formats that AWS publishes are told by their values, and may follow one another.
#[test]
fn flows_of_published_formats_need_no_header() {
    let default = "2 111111111111 eni-1 192.0.2.1 10.0.0.2 443 51234 6 3 180 1700000000 1700000059 ACCEPT OK";
    let all = format!(
        "{} vpc-1 subnet-1 i-1 19 IPv4 192.0.2.9 10.0.0.2 ap-northeast-1 apne1-az1 - - S3 - ingress -",
        default.replacen('2', "5", 1)
    );
    let rejected = format!("{} - - - - - - - - - - BPA", all.replacen('5', "8", 1));
    let transit = "3 eni-33333333333333333 222222222222 vpc-1 subnet-1 i-2 192.0.2.1 10.0.0.2 39812 80 6 2 IPv4 192.0.2.1 10.0.0.2 ACCEPT OK";
    let flags = "3 vpc-1 subnet-1 i-3 eni-1 333333333333 IPv4 192.0.2.1 10.0.0.2 43416 5001 192.0.2.1 10.0.0.2 6 568 8 1700000000 1700000059 ACCEPT 2 OK";
    let nat = "- eni-2 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5";
    let columns =
        ["account_id", "source_address", "destination_port", "instance_id", "tcp_flags", "flow_direction", "bytes"];
    check(
        "vpc_flow",
        &format!("{default}\n{all}\n{rejected}\n{transit}\n{flags}\n{nat}\n{default}\n"),
        &columns,
        &[
            "111111111111|192.0.2.1|51234|-|-|-|180",
            "111111111111|192.0.2.1|51234|i-1|19|ingress|180",
            "111111111111|192.0.2.1|51234|i-1|19|ingress|180",
            "222222222222|192.0.2.1|80|i-2|2|-|-",
            "333333333333|192.0.2.1|5001|i-3|2|-|568",
            "-|10.0.1.5|-|-|-|-|-",
            "111111111111|192.0.2.1|51234|-|-|-|180",
        ],
    );
    for line in [default, all.as_str(), rejected.as_str(), transit, flags, nat] {
        let ids: Vec<_> = typed(line.as_bytes(), "o").iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, ["vpc_flow"], "{line}");
    }
    // Addresses alone are no flow, and a header's format stays in spite of more fields.
    assert!(decode_types(b"i-1 eni-2 10.0.1.5 x 10.0.1.5 203.0.113.5\n", "o").is_err());
    check(
        "vpc_flow",
        "srcaddr dstaddr bytes start end\n192.0.2.1 10.0.0.2 7 1700000000 1700000059 and more\n",
        &["source_address", "bytes"],
        &["192.0.2.1|7"],
    );
}

#[test]
fn load_balancers() {
    let sample = event::log_type("elb").expect("elb").sample;
    check(
        "elb",
        sample,
        &[
            "elb_type",
            "client_ip",
            "client_port",
            "target_port",
            "elb_status_code",
            "url_domain",
            "url_path",
            "url_query",
            "http_version",
            "protocol",
            "outcome",
            "region",
        ],
        &[
            "alb|203.0.113.10|46532|80|403|shop.example.com|/login|next=%2Fcart|2.0|https|failure|ap-northeast-1",
            "nlb|203.0.113.10|51341|443|-|-|-|-|-|tls|success|ap-northeast-1",
            "clb|203.0.113.10|2817|80|200|old.example.com|/|-|1.1|https|success|-",
            "alb-connection|203.0.113.10|36280|-|-|-|-|-|-|tls|success|-",
        ],
    );
    check(
        "elb",
        r#"http 2026-03-02T09:14:07.273035Z app/a/1 [2001:db8::1]:1 - -1 -1 -1 460 - 0 0 "- http://a.example:80- -" "say \"hi\" x" - - - "-" "-" "-" 0 2026-03-02T09:14:07.273035Z "-" "-" "-""#,
        &[
            "client_ip",
            "target_ip",
            "request_processing_time",
            "user_agent",
            "request_verb",
            "target_group_arn",
            "classification",
        ],
        &[r#"2001:db8::1|-|-1.0|say \"hi\" x|-|-|-"#],
    );
}

#[test]
fn buckets_and_the_edge() {
    check(
        "s3_access",
        event::log_type("s3_access").expect("s3").sample,
        &[
            "key",
            "url_path",
            "url_query",
            "actor_name",
            "http_status",
            "outcome",
            "region",
            "remote_ip",
            "operation",
            "event_time",
        ],
        &[
            "2026/q1 summary.pdf|/reports-example/2026/q1%20summary.pdf|versionId=3|alice|403|unauthorized|ap-northeast-1|203.0.113.10|REST.GET.OBJECT|2026-03-02T09:14:07Z",
            "old/log.gz|-|-|-|-|success|-|-|S3.EXPIRE.OBJECT|2026-03-02T09:14:09Z",
        ],
    );
    check(
        "cloudfront",
        event::log_type("cloudfront").expect("cloudfront").sample,
        &["client_ip", "status", "user_agent", "url", "bytes", "http_version", "log_kind", "outcome", "event_time"],
        &[
            "203.0.113.10|404|Mozilla/5.0 (X11; Linux x86_64)|https://www.example.com/admin/?id=1|540|2.0|standard|failure|2026-03-02T09:14:07Z",
        ],
    );
    check(
        "cloudfront",
        "1772442847.123\t2001:db8::1\t0.001\t200\t10\tGET\thttps\td.example\t/\t20\tNRT57-P1\tR1\twww.example.com\t0.002\tHTTP/3.0\tIPv6\tcurl/8\n",
        &["client_ip", "status", "log_kind", "http_version", "event_time"],
        &["2001:db8::1|200|realtime|3.0|2026-03-02T09:14:07.123Z"],
    );
    check(
        "cloudfront",
        r#"{"date":"2026-03-02","time":"09:14:07","x-edge-location":"NRT57-P1","sc-bytes":"10","c-ip":"203.0.113.10","cs-method":"GET","cs(Host)":"d.example","cs-uri-stem":"/","sc-status":"200","cs(User-Agent)":"a%20b","x-edge-request-id":"R","x-host-header":"www.example.com","cs-protocol":"https","cs-uri-query":"-"}"#,
        &["client_ip", "status", "user_agent", "url", "event_time"],
        &["203.0.113.10|200|a b|https://www.example.com/|2026-03-02T09:14:07Z"],
    );
}

#[test]
fn json_logs() {
    let sample = |id: &str| event::log_type(id).expect("a type").sample;
    check(
        "waf",
        sample("waf"),
        &[
            "account_id",
            "region",
            "webacl_name",
            "action",
            "disposition",
            "host",
            "user_agent",
            "url",
            "labels",
            "http_version",
        ],
        &[
            "111111111111|ap-northeast-1|shop|BLOCK|blocked|shop.example.com|sqlmap/1.8|shop.example.com/items?id=1%20OR%201|awswaf:managed:aws:sql-database:SQLi_QueryArguments|1.1",
        ],
    );
    check(
        "guardduty",
        sample("guardduty"),
        &[
            "event_id",
            "finding_id",
            "severity",
            "source_address",
            "source_port",
            "destination_address",
            "destination_port",
            "direction",
            "protocol",
            "resource",
            "public_ip",
            "archived",
            "count",
        ],
        &[
            "00000000000000000000000000000001_2026-03-02T09:20:00.000Z|00000000000000000000000000000001|critical|203.0.113.10|46532|10.0.1.20|22|inbound|tcp|i-0a1b2c3d4e5f60001|198.51.100.20|false|12",
        ],
    );
    check(
        "guardduty",
        r#"{"version":"0","detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":{"SchemaVersion":"2.0","AccountId":"1","Region":"us-east-1","Id":"x","Type":"Backdoor:EC2/C&CActivity.B!DNS","Severity":3.9,"UpdatedAt":"2026-03-02T09:14:07Z","Resource":{"ResourceType":"Instance","InstanceDetails":{"InstanceId":"i-1"}},"Service":{"Action":{"ActionType":"DNS_REQUEST","DnsRequestAction":{"Domain":"bad.example","Protocol":"UDP"}}}}}"#,
        &["finding_id", "severity", "domain", "direction", "instance_id", "threat_purpose"],
        &["x|low|bad.example|outbound|i-1|Backdoor"],
    );
    check(
        "route53_resolver",
        sample("route53_resolver"),
        &["domain", "answers", "answer_types", "answer_count", "protocol", "outcome", "source_port"],
        &["www.example.com|edge.example.net 198.51.100.7|CNAME A|2|udp|success|47801"],
    );
    check(
        "config",
        sample("config"),
        &["message_type", "config_kind", "account_id", "resource_type", "resource_id", "change_type", "event_time"],
        &[
            "ConfigurationItemChangeNotification|notification|111111111111|AWS::EC2::SecurityGroup|sg-0a1b2c3d4e5f60001|UPDATE|2026-03-02T09:14:10Z",
        ],
    );
    let item = |id: &str| {
        format!(
            r#"{{"configurationItemCaptureTime":"2026-03-02T09:14:07Z","configurationItemStatus":"OK","resourceType":"AWS::S3::Bucket","resourceId":"{id}","awsRegion":"us-east-1"}}"#
        )
    };
    check(
        "config",
        &format!(
            r#"{{"fileVersion":"1.0","configSnapshotId":"s","configurationItems":[{},{}]}}"#,
            item("a"),
            item("b")
        ),
        &["resource_id", "config_kind"],
        &["a|snapshot", "b|snapshot"],
    );
    check(
        "config",
        r#"{"messageType":"ComplianceChangeNotification","notificationCreationTime":"2026-03-02T09:14:07Z","configRuleName":"r","resourceType":"T","resourceId":"i","awsAccountId":"1","awsRegion":"us-east-1","newEvaluationResult":{"complianceType":"NON_COMPLIANT"},"oldEvaluationResult":{"complianceType":"COMPLIANT"}}"#,
        &["config_rule_name", "compliance", "previous_compliance", "outcome"],
        &["r|NON_COMPLIANT|COMPLIANT|failure"],
    );
    check(
        "security_hub",
        sample("security_hub"),
        &["finding_id", "severity", "control_id", "outcome", "resource_type", "types", "detail_type"],
        &[
            "arn:aws:securityhub:ap-northeast-1:111111111111:security-control/EC2.13/finding/00000000-0000-4000-8000-000000000001|HIGH|EC2.13|failure|AwsEc2SecurityGroup|Software and Configuration Checks/Industry and Regulatory Standards|Security Hub Findings - Imported",
        ],
    );
    check(
        "network_firewall",
        sample("network_firewall"),
        &["event_type", "region", "action", "disposition", "protocol", "tls_sni", "severity", "outcome", "event_time"],
        &["alert|ap-northeast-1|blocked|blocked|tcp|bad.example.net|high|failure|2026-03-02T09:14:07.957933Z"],
    );
    check(
        "ocsf",
        sample("ocsf"),
        &["event_id", "class_uid", "action", "actor_name", "account_id", "source_address", "outcome", "profiles"],
        &[
            "3f6d2c1a-0000-4000-8000-000000000003|6003|CreateBucket|alice|111111111111|203.0.113.10|success|cloud,datetime",
        ],
    );
    check(
        "other",
        sample("other"),
        &["format", "log_group", "message", "source_address", "event_time"],
        &[
            "text|/aws/lambda/resize|START RequestId: 00000000-0000-4000-8000-000000000001|-|2026-03-02T09:14:07Z",
            "json|/aws/lambda/resize|slow|203.0.113.10|2026-03-02T09:14:08Z",
        ],
    );
}

#[test]
fn a_mixed_object_goes_to_the_tables_of_its_records() {
    let text: String = ["waf", "guardduty", "cloudtrail", "ocsf", "waf"]
        .iter()
        .map(|id| event::log_type(id).expect("a type").sample)
        .chain(["{\"hello\":\"world\"}\n"])
        .collect();
    let found = typed(text.as_bytes(), "o");
    let rows: Vec<_> = found.iter().map(|(id, batch)| (*id, batch.num_rows())).collect();
    assert_eq!(rows, [("cloudtrail", 1), ("guardduty", 1), ("ocsf", 1), ("other", 1), ("waf", 2)]);
}

#[test]
fn exports_of_log_groups_have_a_time_before_each_record() {
    for id in ["waf", "vpc_flow", "cloudtrail", "route53_resolver"] {
        let lines = event::log_type(id).expect(id).sample.lines().filter(|line| !line.starts_with("version "));
        let text: String = lines.map(|line| format!("2026-03-02T09:14:07.000Z {line}\n")).collect();
        let ids: Vec<_> = typed(text.as_bytes(), "o").iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [id]);
    }
}

#[test]
fn what_the_key_tells() {
    let key = "s3://b/AWSLogs/222222222222/network-firewall/alert/eu-west-1/2026/03/02/09/222222222222_network-firewall_log_alert_eu-west-1_egress_202603020900_1.log.gz";
    let found = typed(event::log_type("network_firewall").expect("nfw").sample.as_bytes(), key);
    assert_eq!(cell(&found[0].1, "account_id", 0), "222222222222");
    // A format that no line tells: the key does, and every line is named.
    let (batches, outcome) = decode_types(b"a b c\nd e f\n", "AWSLogs/1/vpcflowlogs/us-east-1/x.log").expect("a log");
    assert_eq!((batches.len(), outcome.rejected.len()), (0, 2));
    let unknown = decode_types(b"a b c\nd e f\n", "notes.txt");
    assert!(matches!(unknown, Err(ObjectError::NotALog(Foreign::OtherText))), "{unknown:?}");
    let mut batcher = Batcher::new(Limits::default());
    let outcome = batcher.push_lines(b"2026-03-02T09:14:07Z INFO a\nb\n", "app.log", 7).expect("lines");
    assert_eq!((outcome.records, outcome.rejected.len()), (2, 0));
    let batch = batcher.take_batch().expect("a batch").expect("rows").batch;
    assert_eq!(
        [cell(&batch, "event_time", 0), cell(&batch, "event_time", 1)],
        ["2026-03-02T09:14:07Z", "1970-01-01T00:00:00.000007Z"]
    );
}

#[test]
fn pieces_go_on_from_one_another() {
    let sample = event::log_type("vpc_flow").expect("flows").sample;
    let line = sample.lines().nth(1).expect("a flow");
    let mut batcher = Batcher::new(Limits::default());
    let mut going_on = event::Continuation::default();
    let first = batcher.push_piece(sample.as_bytes(), "o", 0, &mut going_on).expect("a piece");
    let second = batcher.push_piece(format!("{line}\nbad\n").as_bytes(), "o", 0, &mut going_on).expect("a piece");
    assert_eq!((first.records, second.records, second.rejected.len()), (3, 1, 1));
    assert_eq!((second.rejected[0].position, second.rejected[0].offset as usize), (4, sample.len() + line.len() + 1));
    let batch = batcher.take_batch().expect("a batch").expect("rows").batch;
    assert_eq!(cell(&batch, "origin_position", 3), "3");
    assert!(cell(&batch, "event_id", 0).ends_with("-0") && cell(&batch, "event_id", 3).ends_with("-1"));
}

#[test]
fn hostile_lines_never_panic() {
    for log_type in log_types() {
        super::hostile::mutate_and_decode_with(log_type.sample.as_bytes(), 400, log_type.id.len() as u64 + 11);
    }
    for text in [
        "#Fields:",
        "#Fields: a b c\n\t\t\t",
        "#Version: 1.0\nx",
        "srcaddr srcaddr srcaddr\n1 2 3",
        "version action end\n- - 99999999999999999999",
    ] {
        let _ = decode_types(text.as_bytes(), "o");
    }
}
