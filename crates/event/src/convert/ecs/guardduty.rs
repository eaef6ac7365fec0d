//! GuardDuty findings in ECS. The finding's own fields stand under `aws.guardduty` with keys in snake case; a few keys
//! become two levels, as Elastic's integration has them.

use serde_json::{Map, Value, json};

use super::locate;
use crate::convert::Lookup;
use crate::convert::document::{Document, pruned};
use crate::convert::net::family;
use crate::convert::record::{Record, at, iso_value, scalar};

/// Keys whose name in ECS is not their snake case.
const RENAMED: [(&str, &str); 48] = [
    ("accessKeyId", "accesskey_id"),
    ("actionType", "type"),
    ("asnOrg", "asnorg"),
    ("cityName", "name"),
    ("countryCode", "code"),
    ("countryName", "name"),
    ("dbClusterIdentifier", "cluster_identifier"),
    ("dbInstanceArn", "instance_arn"),
    ("dbInstanceIdentifier", "instance_identifier"),
    ("definitionArn", "definitionarn"),
    ("eventFirstSeen", "event.first_seen"),
    ("eventLastSeen", "event.last_seen"),
    ("fileName", "file.name"),
    ("filePath", "file.path"),
    ("groupId", "group.id"),
    ("groupName", "group.name"),
    ("iamInstanceProfile", "iaminstance_profile"),
    ("imageDescription", "image.description"),
    ("imageId", "image.id"),
    ("imagePrefix", "image.prefix"),
    ("instanceId", "instance.id"),
    ("instanceState", "instance.state"),
    ("instanceType", "instance.type"),
    ("kmsKeyArn", "kmskey_arn"),
    ("ldPreloadValue", "ld_preload"),
    ("namespace", "name_space"),
    ("port", "port.value"),
    ("portName", "port.name"),
    ("privateDnsName", "private.dns_name"),
    ("privateIpAddress", "private.ip_address"),
    ("privateIpAddresses", "private.ip_addresses"),
    ("productCodeId", "product_code.id"),
    ("productCodeType", "product_code.type"),
    ("publicDnsName", "public.dns_name"),
    ("publicIp", "public.ip"),
    ("rdsDbInstanceDetails", "rdsdb_instance_details"),
    ("rdsDbUserDetails", "rdsdb_user_details"),
    ("resourceType", "type"),
    ("scanCompletedAt", "scan.completed_at"),
    ("scanDetections", "scan.detections"),
    ("scanId", "scan.id"),
    ("scanStartedAt", "scan.started_at"),
    ("sourceIPs", "source_ips"),
    ("threatListName", "threat.list_name"),
    ("userType", "user.type"),
    ("username", "user_name"),
    ("volumeSizeInGB", "volume.size_in_gb"),
    ("volumeType", "volume.type"),
];

/// Keys that hold a time.
const TIMES: [&str; 11] = [
    "createdAt",
    "updatedAt",
    "eventFirstSeen",
    "eventLastSeen",
    "launchTime",
    "startedAt",
    "scanCompletedAt",
    "scanStartedAt",
    "modifiedAt",
    "startTime",
    "creationDate",
];

/// Fields that are copied to the names that all logs share.
const SHARED: [(&str, &str); 30] = [
    ("updated_at", "@timestamp"),
    ("description", "message"),
    ("account_id", "cloud.account.id"),
    ("partition", "cloud.provider"),
    ("region", "cloud.region"),
    ("service.service_name", "cloud.service.name"),
    ("service.action.dns_request_action.domain", "dns.question.name"),
    ("service.action.type", "event.action"),
    ("created_at", "event.created"),
    ("service.event.first_seen", "event.start"),
    ("service.event.last_seen", "event.end"),
    ("id", "event.id"),
    ("service.action.aws_api_call_action.service_name", "event.provider"),
    ("resource.instance_details.instance.id", "cloud.instance.id"),
    ("resource.instance_details.instance.id", "host.id"),
    ("resource.instance_details.instance.type", "cloud.machine.type"),
    ("resource.instance_details.instance.type", "host.type"),
    ("resource.instance_details.platform", "host.os.platform"),
    ("resource.container_details.security_context.privileged", "container.security_context.privileged"),
    ("resource.kubernetes_details.kubernetes_workload_details.name", "orchestrator.resource.name"),
    ("resource.kubernetes_details.kubernetes_workload_details.name_space", "orchestrator.namespace"),
    ("resource.kubernetes_details.kubernetes_workload_details.type", "orchestrator.resource.type"),
    ("service.runtime_details.process.executable_path", "process.executable"),
    ("service.runtime_details.process.name", "process.name"),
    ("service.runtime_details.process.pid", "process.pid"),
    ("service.runtime_details.process.start_time", "process.start"),
    ("service.runtime_details.process.pwd", "process.working_directory"),
    ("service.runtime_details.context.threat_file_path", "threat.indicator.file.path"),
    ("service.runtime_details.context.tool_name", "threat.software.name"),
    ("resource.kubernetes_details.kubernetes_user_details.groups", "user.roles"),
];

/// Actions that have a remote side.
const CALLS: [&str; 4] =
    ["aws_api_call_action", "kubernetes_api_call_action", "network_connection_action", "rds_login_attempt_action"];

pub(super) fn fill(record: &Record<'_>, document: &mut Document, lookup: &dyn Lookup) {
    let json = finding(&record.json);
    let severity = at(json, "severity").and_then(Value::as_f64);
    let mut own = Document::default();
    if let Value::Object(map) = pruned(json) {
        let rest: Map<String, Value> = map.into_iter().filter(|(key, _)| key != "severity").collect();
        own = Document::of(named(&Value::Object(rest), Around::Finding));
    }
    if let Some(severity) = severity {
        own.set("severity.code", severity);
        own.set_some("severity.value", word(severity));
        document.set("event.severity", severity as i64);
    }
    document.set("event.kind", json!(["alert"]));
    document.set("event.type", json!(["info"]));
    for (from, to) in SHARED {
        document.set_some(to, own.get(from).cloned());
    }
    rule(&own, document);
    users(&own, document);
    ends(&own, document, lookup);
    transport(&own, document);
    containers(&own, document);
    files(&own, document);
    gather(json, document);
    document.set("aws.guardduty", own.finish());
}

/// The finding itself, also where it comes in an EventBridge envelope.
fn finding(json: &Value) -> &Value {
    match json.get("detail") {
        Some(detail) if detail.get("service").is_some() => detail,
        _ => json,
    }
}

/// What stands around a key and changes its name.
#[derive(Clone, Copy, PartialEq)]
enum Around {
    Finding,
    AccessKey,
    EksCluster,
    Connection,
    Containers,
    Threats,
    Volumes,
    Buckets,
    AsIs,
}

fn named(value: &Value, around: Around) -> Value {
    match value {
        Value::Object(map) if around != Around::AsIs => {
            let mut out = Document::default();
            for (key, inner) in map {
                let within = match key.as_str() {
                    "accessKeyDetails" => Around::AccessKey,
                    "eksClusterDetails" => Around::EksCluster,
                    "networkConnectionAction" => Around::Connection,
                    "containers" => Around::Containers,
                    "threatIntelligenceDetails" => Around::Threats,
                    "scannedVolumeDetails" | "skippedVolumeDetails" => Around::Volumes,
                    "s3BucketDetails" => Around::Buckets,
                    "additionalInfo" | "tags" | "affectedResources" | "publicAccess" => Around::AsIs,
                    _ if around == Around::Connection => Around::Finding,
                    _ => around,
                };
                let written = if TIMES.contains(&key.as_str()) { iso_value(inner) } else { None };
                out.set(&name_of(key, around), written.unwrap_or_else(|| named(inner, within)));
            }
            out.finish()
        }
        Value::Array(list) => list.iter().map(|inner| named(inner, around)).collect(),
        other => other.clone(),
    }
}

fn name_of(key: &str, around: Around) -> String {
    let special = match (key, around) {
        ("userName", Around::AccessKey) => "user.name",
        ("vpcId", Around::EksCluster) => "vpcid",
        ("protocol", Around::Connection) => "transport",
        ("image", Around::Containers) => "image.value",
        ("threatNames", Around::Threats) => "threat.names",
        ("volumeArn", Around::Volumes) => "volume.arn",
        ("kmsMasterKeyArn", Around::Buckets) => "kms_masterkey_arn",
        _ => RENAMED.iter().find(|(from, _)| *from == key).map_or("", |(_, to)| to),
    };
    if special.is_empty() { snake(key) } else { special.to_owned() }
}

fn snake(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 4);
    let mut before = '_';
    for letter in key.chars() {
        if letter.is_ascii_uppercase() && before != '_' && !before.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
        before = letter;
    }
    out
}

fn word(severity: f64) -> Option<&'static str> {
    match severity {
        s if s >= 9.0 => Some("Critical"),
        s if s >= 7.0 => Some("High"),
        s if s >= 4.0 => Some("Medium"),
        s if s >= 1.0 => Some("Low"),
        _ => None,
    }
}

/// `Trojan:EC2/BlackholeTraffic!DNS`: category, then rule set, then the rule.
fn rule(own: &Document, document: &mut Document) {
    let Some(name) = own.text("type") else { return };
    document.set("rule.name", name);
    if let Some((category, rest)) = name.split_once(':') {
        let family: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        document.set("rule.category", category);
        document.set("rule.ruleset", format!("{category}:{family}"));
    }
}

fn users(own: &Document, document: &mut Document) {
    const PATHS: [(&str, &str); 5] = [
        ("resource.access_key_details.principal_id", "user.id"),
        ("resource.access_key_details.user.name", "user.name"),
        ("resource.kubernetes_details.kubernetes_user_details.uid", "user.id"),
        ("resource.kubernetes_details.kubernetes_user_details.user_name", "user.name"),
        ("resource.rdsdb_user_details.user", "user.name"),
    ];
    for (path, field) in PATHS {
        if let Some(value) = own.get(path) {
            document.append(field, value.clone());
            document.append("related.user", value.clone());
        }
    }
    for owner in list(own, "resource.s3_bucket_details").iter().filter_map(|bucket| at(bucket, "owner.id")) {
        document.append("related.user", owner.clone());
    }
}

/// The elements of a list; none where there is no list.
fn list<'d>(own: &'d Document, path: &str) -> &'d [Value] {
    own.get(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn containers(own: &Document, document: &mut Document) {
    for container in list(own, "resource.ecs_cluster_details.task_details.containers") {
        for (from, to) in
            [("id", "container.id"), ("name", "container.name"), ("container_runtime", "container.runtime")]
        {
            document.append(to, container.get(from).cloned().unwrap_or_default());
        }
    }
}

/// Files with malware in them, and the hashes that the finding names.
fn files(own: &Document, document: &mut Document) {
    let threats = list(own, "service.ebs_volume_scan_details.scan.detections.threat_detected_by_name.threat_names");
    for file in threats.iter().filter_map(|threat| threat.get("file_paths")?.as_array()).flatten() {
        let part = |path: &str| at(file, path).cloned().unwrap_or_default();
        document.append("related.hash", part("hash"));
        document.append("file.hash.sha256", part("hash"));
        document.append("file.name", part("file.name"));
        document.append("file.path", part("file.path"));
    }
    for path in ["context.module_sha256", "process.executable_sha256"] {
        document
            .append("related.hash", own.get(&format!("service.runtime_details.{path}")).cloned().unwrap_or_default());
    }
}

fn ends(own: &Document, document: &mut Document, lookup: &dyn Lookup) {
    for call in CALLS {
        let base = format!("service.action.{call}");
        let Some(remote) = own.get(&format!("{base}.remote_ip_details")) else { continue };
        let outbound =
            own.text(&format!("{base}.connection_direction")).is_some_and(|d| d.eq_ignore_ascii_case("outbound"));
        let (near, far) = if outbound { ("source", "destination") } else { ("destination", "source") };
        address(remote, far, document);
        described(remote, document);
        if let Some(local) = own.get(&format!("{base}.local_ip_details")) {
            address(local, near, document);
        }
        if let Some(port) = own.get(&format!("{base}.local_port_details.port.value")) {
            document.append("source.port", port.clone());
        }
        if let Some(Value::Array(addresses)) = own.get(&format!("{base}.source_ips")) {
            addresses.iter().for_each(|address| document.append("source.ip", address.clone()));
        }
    }
    probes(own, document);
    if document.get("source.geo").is_none() {
        locate(document, "source", lookup);
    }
}

fn probes(own: &Document, document: &mut Document) {
    let Some(Value::Array(probes)) = own.get("service.action.port_probe_action.port_probe_details") else { return };
    for probe in probes {
        if let Some(remote) = probe.get("remote_ip_details") {
            address(remote, "source", document);
            described(remote, document);
        }
        if let Some(local) = probe.get("local_ip_details") {
            address(local, "destination", document);
        }
        if let Some(port) = at(probe, "local_port_details.port.value") {
            document.append("source.port", port.clone());
        }
    }
}

fn address(details: &Value, end: &str, document: &mut Document) {
    for key in ["ip_address_v4", "ip_address_v6"] {
        if let Some(address) = details.get(key).and_then(scalar) {
            document.append(&format!("{end}.address"), address);
        }
    }
}

/// What GuardDuty itself says of the remote side.
fn described(remote: &Value, document: &mut Document) {
    let number = at(remote, "organization.asn").and_then(scalar).and_then(|number| number.parse::<i64>().ok());
    if let Some(number) = number {
        document.append("source.as.number", number);
    }
    for (from, to) in [
        ("organization.asnorg", "source.as.organization.name"),
        ("city.name", "source.geo.city_name"),
        ("country.code", "source.geo.country_iso_code"),
        ("country.name", "source.geo.country_name"),
        ("geo_location", "source.geo.location"),
    ] {
        if let Some(value) = at(remote, from) {
            document.append(to, value.clone());
        }
    }
}

fn transport(own: &Document, document: &mut Document) {
    for path in ["service.action.network_connection_action.transport", "service.action.dns_request_action.protocol"] {
        if let Some(name) = own.text(path) {
            document.append("network.transport", name.to_lowercase());
        }
    }
    let direction = own.text("service.action.network_connection_action.connection_direction");
    document.set_some("network.direction", direction.map(str::to_lowercase));
    document.set_some(
        "network.iana_number",
        own.get("service.runtime_details.context.iana_protocol_number").and_then(scalar),
    );
    for path in ["aws_api_call_action.domain_details.domain", "dns_request_action.domain"] {
        if let Some(domain) = own.text(&format!("service.action.{path}")) {
            document.append("related.hosts", domain);
        }
    }
}

/// Every address that the finding names.
fn gather(value: &Value, document: &mut Document) {
    match value {
        Value::Object(map) => map.values().for_each(|inner| gather(inner, document)),
        Value::Array(list) => list.iter().for_each(|inner| gather(inner, document)),
        Value::String(text) if family(text).is_some() => document.append("related.ip", text.as_str()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_the_integration_names_them() {
        let check = |key: &str, expected: &str| assert_eq!(name_of(key, Around::Finding), expected);
        check("schemaVersion", "schema_version");
        check("kubernetesApiCallAction", "kubernetes_api_call_action");
        check("ipAddressV4", "ip_address_v4");
        check("sourceIPs", "source_ips");
        check("networkInterfaceId", "network_interface_id");
        check("executableSha256", "executable_sha256");
        check("vpcId", "vpc_id");
        assert_eq!(name_of("vpcId", Around::EksCluster), "vpcid");
        assert_eq!(name_of("kmsMasterKeyArn", Around::Buckets), "kms_masterkey_arn");
    }
}
