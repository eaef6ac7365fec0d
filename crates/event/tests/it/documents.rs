//! Documents of ECS and OCSF: single records against what they have to say, and every sample and log at hand against
//! OCSF's schema.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use event::convert::{Agent, Lookup, Nothing, Place, Standard, document};
use event::{Batcher, Limits, log_types};
use serde_json::{Value, json};

/// The documents of an object.
fn documents(standard: Standard, text: &[u8], lookup: &dyn Lookup) -> Vec<Value> {
    let mut batcher = Batcher::new(Limits::default());
    let mut all = Vec::new();
    if batcher.push_object(text, "o", 0).is_err() {
        return all;
    }
    while let Some(rows) = batcher.take_batch().expect("a batch") {
        for row in 0..rows.batch.num_rows() {
            all.push(document(standard, rows.log_type, &rows.batch, row, lookup));
        }
    }
    all
}

/// Knows one address and one user agent.
struct Some1;

impl Lookup for Some1 {
    fn place(&self, address: &str) -> Option<Place> {
        (address == "81.2.69.142").then(|| Place {
            country_code: Some("GB".into()),
            region_code: Some("GB-ENG".into()),
            city: Some("London".into()),
            latitude: Some(51.5),
            longitude: Some(-0.1),
            asn: Some(20712),
            ..Place::default()
        })
    }

    fn agent(&self, text: &str) -> Option<Agent> {
        text.starts_with("aws-cli/2").then(|| Agent {
            name: "aws-cli".into(),
            version: Some("2.0".into()),
            os_name: Some("Linux".into()),
            os_version: Some("5.10".into()),
            device: "Other".into(),
        })
    }
}

const CREATE_USER: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA1:eve","arn":"arn:aws:sts::111111111111:assumed-role/admin/eve","accountId":"111111111111","accessKeyId":"ASIA1","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1","arn":"arn:aws:iam::111111111111:role/admin","accountId":"111111111111","userName":"admin"},"attributes":{"creationDate":"2024-05-01T09:00:00Z","mfaAuthenticated":"true"}}},"eventTime":"2024-05-01T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"81.2.69.142","userAgent":"aws-cli/2.0","requestParameters":{"userName":"mallory","tags":[],"path":""},"responseElements":{"user":{"userName":"mallory","userId":"AIDA1"}},"requestID":"r1","eventID":"e1","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"222222222222","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"AES"}}"#;
const FLOW: &str = "2 123456789010 eni-1 81.2.69.142 172.31.16.139 20641 22 6 20 4249 1418530010 1418530070 REJECT OK";
const LOOKUP: &str = r#"{"version":"1.100000","account_id":"111111111111","region":"us-east-1","vpc_id":"vpc-1","query_timestamp":"2024-05-01T10:00:00Z","query_name":"www.example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"192.0.2.1","Type":"A","Class":"IN"}],"srcaddr":"10.0.0.5","srcport":"5353","transport":"UDP","srcids":{"instance":"i-1"}}"#;

/// The values at some paths of a record's document.
fn check(standard: Standard, record: &str, expected: &[(&str, Value)]) {
    let all = documents(standard, record.as_bytes(), &Some1);
    let [document] = all.as_slice() else { panic!("{} documents of {record}", all.len()) };
    for (path, value) in expected {
        let found = path.split('.').try_fold(document, |value, key| value.get(key));
        assert_eq!(found.unwrap_or(&Value::Null), value, "{path} of {document}");
    }
}

#[test]
fn ecs_says_what_elastics_integration_says() {
    check(
        Standard::Ecs,
        CREATE_USER,
        &[
            ("@timestamp", json!("2024-05-01T10:00:00.000Z")),
            ("event.category", json!(["iam"])),
            ("event.type", json!(["user", "creation"])),
            ("event.outcome", json!("success")),
            ("event.provider", json!("iam.amazonaws.com")),
            ("user.name", json!("admin")),
            ("user.id", json!("AROA1:eve")),
            ("user.target.name", json!("mallory")),
            ("related.user", json!(["mallory"])),
            ("cloud.account.id", json!("111111111111")),
            ("aws.cloudtrail.request_parameters", json!("{userName=mallory}")),
            ("aws.cloudtrail.flattened.request_parameters", json!({"userName": "mallory"})),
            ("aws.cloudtrail.user_identity.session_context.creation_date", json!("2024-05-01T09:00:00.000Z")),
            ("aws.cloudtrail.user_identity.session_context.mfa_authenticated", json!("true")),
            ("aws.cloudtrail.read_only", json!(false)),
            ("source.geo.region_iso_code", json!("GB-ENG")),
            ("source.as.number", json!(20712)),
            ("user_agent.os.full", json!("Linux 5.10")),
            ("tls.version", json!("1.3")),
        ],
    );
    check(
        Standard::Ecs,
        FLOW,
        &[
            ("@timestamp", json!("2014-12-14T04:07:50.000Z")),
            ("event.outcome", json!("failure")),
            ("network.iana_number", json!("6")),
            ("network.transport", json!("tcp")),
            ("network.type", json!("ipv4")),
            ("source.bytes", json!(4249)),
            ("destination.port", json!(22)),
            ("related.ip", json!(["81.2.69.142", "172.31.16.139"])),
            ("aws.vpcflow.version", json!("2")),
            ("source.geo.city_name", json!("London")),
        ],
    );
    check(
        Standard::Ecs,
        LOOKUP,
        &[
            ("dns.question.name", json!("www.example.com")),
            ("dns.question.registered_domain", json!("example.com")),
            ("dns.question.subdomain", json!("www")),
            ("dns.answers", json!([{"class": "IN", "type": "A", "data": "192.0.2.1"}])),
            ("related.ip", json!(["192.0.2.1", "10.0.0.5"])),
            ("event.outcome", json!("success")),
            ("cloud.instance.id", json!("i-1")),
        ],
    );
}

const FINDING: &str = r#"{"schemaVersion":"2.0","accountId":"111111111111","region":"us-east-1","partition":"aws","id":"f1","type":"Execution:ECS/MaliciousFile","resource":{"resourceType":"ECSCluster","ecsClusterDetails":{"taskDetails":{"containers":[{"id":"c1","name":"web","containerRuntime":"docker","image":"i"}]}},"s3BucketDetails":[{"name":"b","owner":{"id":"o1"},"createdAt":1513612691.551,"defaultServerSideEncryption":{"encryptionType":"SSEAlgorithm","kmsMasterKeyArn":"k"},"publicAccess":{"effectivePermission":"NOT_PUBLIC"}}]},"service":{"action":{"actionType":"PORT_PROBE","portProbeAction":{"portProbeDetails":[{"localPortDetails":{"port":22},"localIpDetails":{"ipAddressV4":"10.0.0.5"},"remoteIpDetails":{"ipAddressV4":"203.0.113.9","country":{"countryCode":"JP"}}}]}},"ebsVolumeScanDetails":{"scanDetections":{"threatDetectedByName":{"threatNames":[{"name":"EICAR","filePaths":[{"filePath":"/tmp/x","fileName":"x","hash":"h1"}]}]}}},"runtimeDetails":{"process":{"name":"sh","pwd":"/tmp","executableSha256":"h2"},"context":{"ianaProtocolNumber":6}}},"severity":8,"createdAt":"2024-05-01T09:00:00.000Z","updatedAt":"2024-05-01T10:00:00.000Z","title":"t","description":"d"}"#;
const REQUEST: &str = r#"{"timestamp":1714557600120,"formatVersion":1,"webaclId":"arn:aws:wafv2:us-east-1:111111111111:regional/webacl/w/1","terminatingRuleId":"r","terminatingRuleType":"REGULAR","action":"BLOCK","httpSourceName":"ALB","httpSourceId":"-","ruleGroupList":[],"httpRequest":{"clientIp":"81.2.69.142","country":"FR","headers":[{"name":"Host","value":"h"}],"uri":"/a","args":"","httpVersion":"HTTP/1.1","httpMethod":"GET","requestId":"q"}}"#;

#[test]
fn findings_name_files_containers_and_owners() {
    check(
        Standard::Ecs,
        FINDING,
        &[
            ("event.kind", json!(["alert"])),
            ("container", json!({"id": ["c1"], "name": ["web"], "runtime": ["docker"]})),
            ("file", json!({"hash": {"sha256": ["h1"]}, "name": ["x"], "path": ["/tmp/x"]})),
            ("related.hash", json!(["h1", "h2"])),
            ("related.user", json!(["o1"])),
            ("process", json!({"name": "sh", "working_directory": "/tmp"})),
            ("network.iana_number", json!("6")),
            ("source.address", json!(["203.0.113.9"])),
            ("destination.address", json!(["10.0.0.5"])),
            (
                "aws.guardduty.resource.s3_bucket_details",
                json!([{"name": "b", "owner": {"id": "o1"}, "created_at": "2017-12-18T15:58:11.551Z",
                    "default_server_side_encryption": {"encryption_type": "SSEAlgorithm", "kms_masterkey_arn": "k"},
                    "public_access": {"effectivePermission": "NOT_PUBLIC"}}]),
            ),
        ],
    );
}

#[test]
fn requests_are_of_the_country_that_the_firewall_went_by() {
    check(
        Standard::Ecs,
        REQUEST,
        &[
            ("source.geo", json!({"country_iso_code": "FR"})),
            ("source.as.number", json!(20712)),
            ("event.type", json!(["access", "denied"])),
            ("aws.waf.source", json!({"name": "ALB"})),
            ("aws.waf.request.headers", json!({"Host": "h"})),
        ],
    );
    check(
        Standard::Ecs,
        &REQUEST.replace("\"FR\"", "\"GB\""),
        &[("source.geo.country_iso_code", json!("GB")), ("source.geo.city_name", json!("London"))],
    );
}

#[test]
fn requests_without_a_client_s_name_have_the_parser_s() {
    let line = r#"http 2018-07-02T22:23:00.186641Z app/lb/1 192.0.2.9:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/a%20b?x=%2F HTTP/1.1" "-" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/1 "Root=1-5" "-" "-" -1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#;
    check(
        Standard::Ecs,
        line,
        &[
            ("user_agent", json!({"original": "-", "name": "Other", "device": {"name": "Other"}})),
            ("url.path", json!("/a b")),
            ("url.query", json!("x=/")),
            ("url.original", json!("http://www.example.com:80/a%20b?x=%2F")),
            ("aws.elb.matched_rule_priority", Value::Null),
            ("event.start", json!("2018-07-02T22:22:48.364000Z")),
        ],
    );
}

#[test]
fn ocsf_events_are_of_their_class() {
    check(
        Standard::Ocsf,
        CREATE_USER,
        &[
            ("class_uid", json!(3001)),
            ("type_uid", json!(300_101)),
            ("user.name", json!("mallory")),
            ("actor.user.name", json!("admin")),
            ("actor.session.is_mfa", json!(true)),
            ("actor.session.created_time", json!(1_714_554_000_000_i64)),
            ("cloud.account.uid", json!("222222222222")),
            ("src_endpoint.location.city", json!("London")),
            ("time", json!(1_714_557_600_000_i64)),
            ("unmapped.managementEvent", json!(true)),
        ],
    );
    check(
        Standard::Ocsf,
        FLOW,
        &[
            ("class_uid", json!(4001)),
            ("activity_id", json!(5)),
            ("action_id", json!(2)),
            ("connection_info.protocol_ver_id", json!(4)),
            ("src_endpoint.interface_uid", json!("eni-1")),
            ("traffic.packets", json!(20)),
            ("start_time", json!(1_418_530_010_000_i64)),
        ],
    );
    check(
        Standard::Ocsf,
        LOOKUP,
        &[
            ("class_uid", json!(4003)),
            ("query.hostname", json!("www.example.com")),
            ("rcode", json!("NoError")),
            ("answers", json!([{"rdata": "192.0.2.1", "type": "A", "class": "IN"}])),
        ],
    );
}

/// What OCSF says of an attribute.
struct Attribute {
    ty: &'static str,
    list: bool,
    required: bool,
    profile: &'static str,
    values: HashSet<&'static str>,
}

#[derive(Default)]
struct Schema {
    attributes: HashMap<&'static str, HashMap<&'static str, Attribute>>,
    one_of: HashMap<&'static str, Vec<&'static str>>,
    classes: HashMap<i64, &'static str>,
}

impl Schema {
    fn read() -> Self {
        let mut schema = Self::default();
        for line in include_str!("../data/ocsf-1.5.tsv").lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            let [owner, name, ty, required, profile, values] = cells[..] else { panic!("{line}") };
            let values: HashSet<&str> = values.split(',').filter(|value| !value.is_empty()).collect();
            match name {
                "=" => {
                    schema.classes.insert(ty.parse().expect("a number"), owner);
                }
                "|" => {
                    schema.one_of.insert(owner, values.into_iter().collect());
                }
                _ => {
                    let list = ty.ends_with("[]");
                    let ty = ty.trim_end_matches("[]");
                    let attribute = Attribute { ty, list, required: !required.is_empty(), profile, values };
                    schema.attributes.entry(owner).or_default().insert(name, attribute);
                }
            }
        }
        schema
    }

    /// What is wrong with an event.
    fn faults(&self, event: &Value) -> Vec<String> {
        let number = |name: &str| event[name].as_i64().unwrap_or(-1);
        let Some(class) = self.classes.get(&number("class_uid")) else { return vec!["unknown class".into()] };
        let mut faults = Vec::new();
        if number("type_uid") != number("class_uid") * 100 + number("activity_id") {
            faults.push("type_uid".into());
        }
        if number("category_uid") != number("class_uid") / 1000 {
            faults.push("category_uid".into());
        }
        let profiles: Vec<&str> =
            event["metadata"]["profiles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        self.object(class, event, class, &profiles, &mut faults);
        faults
    }

    fn object(&self, owner: &str, value: &Value, path: &str, profiles: &[&str], faults: &mut Vec<String>) {
        let Some(map) = value.as_object() else { return faults.push(format!("{path}: no object")) };
        let known = &self.attributes[owner];
        for (name, value) in map {
            let path = format!("{path}.{name}");
            let Some(attribute) = known.get(name.as_str()) else {
                faults.push(format!("{path}: not of {owner}"));
                continue;
            };
            if !attribute.profile.is_empty() && !profiles.contains(&attribute.profile) {
                faults.push(format!("{path}: without the profile {}", attribute.profile));
            }
            match (attribute.list, value) {
                (true, Value::Array(list)) => {
                    list.iter().for_each(|one| self.value(attribute, one, &path, profiles, faults));
                }
                (true, _) => faults.push(format!("{path}: no list")),
                (false, one) => self.value(attribute, one, &path, profiles, faults),
            }
        }
        for (name, attribute) in known {
            let asked = attribute.profile.is_empty() || profiles.contains(&attribute.profile);
            if attribute.required && asked && !map.contains_key(*name) {
                faults.push(format!("{path}.{name}: missing"));
            }
        }
        if let Some(names) = self.one_of.get(owner)
            && !names.iter().any(|name| map.contains_key(*name))
        {
            faults.push(format!("{path}: none of {names:?}"));
        }
    }

    fn value(&self, attribute: &Attribute, value: &Value, path: &str, profiles: &[&str], faults: &mut Vec<String>) {
        let good = match attribute.ty {
            "integer_t" | "long_t" | "port_t" | "timestamp_t" => value.is_i64() || value.is_u64(),
            "float_t" => value.is_number(),
            "boolean_t" => value.is_boolean(),
            "json_t" => true,
            "object" => value.is_object(),
            "ip_t" => value.as_str().is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok()),
            object if self.attributes.contains_key(object) => {
                return self.object(object, value, path, profiles, faults);
            }
            _ => value.is_string(),
        };
        if !good {
            faults.push(format!("{path}: {value} is no {}", attribute.ty));
        }
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !attribute.values.is_empty() && !attribute.values.contains(written.as_str()) {
            faults.push(format!("{path}: {value} is none of its values"));
        }
    }
}

/// The files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn every_event_is_valid_against_the_schema() {
    let schema = Schema::read();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILHOUND_SHARED").map_or_else(beside, PathBuf::from);
    let mut found = Vec::new();
    files(&samples, &mut found);
    assert!(found.len() >= log_types().len(), "{found:?}");
    for folder in ["corpora/logs/cloudtrail", "corpora/logs/opensearch-catalog"] {
        let folder = shared.join(folder);
        if folder.exists() {
            files(&folder, &mut found);
        } else {
            eprintln!("skipped: no {}", folder.display());
        }
    }
    let mut events = 0;
    for path in found {
        let bytes = std::fs::read(&path).expect("reads");
        for event in documents(Standard::Ocsf, &bytes, &Nothing) {
            // What came as OCSF is of the version it came in.
            if event["metadata"]["version"] == "1.5.0" {
                let faults = schema.faults(&event);
                assert!(faults.is_empty(), "{}: {faults:?}\n{event}", path.display());
                events += 1;
            }
        }
    }
    assert!(events > 10, "{events}");
}
