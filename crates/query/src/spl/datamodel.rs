//! The data models of Splunk's Common Information Model: which events make up each of them here, and the fields that a
//! model computes. Written in SPL, as the add-on writes its own: a model is a search and a list of calculated fields.

use super::{
    ast::{Search, Word},
    build, event,
    lowering::{Lower, Lowerer},
    parser,
    source::Source,
    tables::ACROSS,
};
use crate::{diagnostic::Diagnostic, pipeline::Expr, span::Span};

/// A data model that some of the tables fill.
pub(crate) struct Model {
    /// Its name.
    pub name: &'static str,
    /// The objects that its fields' names begin with, the root first.
    pub objects: &'static [&'static str],
    /// The tables whose events are in it.
    pub tables: &'static [&'static str],
    /// Which of their events, as a search; empty: all.
    pub search: &'static str,
    /// The tags that stand for it.
    pub tags: &'static [&'static str],
    /// Fields that it computes: name, eval expression.
    pub fields: &'static [(&'static str, &'static str)],
}

/// How a call ended, as the models say it: what was not permitted failed.
const STATUS: &str = r#"if(status="success", "success", "failure")"#;

static MODELS: &[Model] = &[
    Model {
        name: "Alerts",
        objects: &["Alerts"],
        tables: &["guardduty", "security_hub"],
        search: "",
        tags: &["alert"],
        fields: &[],
    },
    Model {
        name: "Authentication",
        objects: &["Authentication", "Failed_Authentication", "Successful_Authentication", "Privileged_Authentication"],
        tables: &["cloudtrail"],
        search: "eventName IN (ConsoleLogin, AssumeRole*, GetSessionToken, GetFederationToken, SwitchRole, ExitRole, RenewRole)",
        tags: &["authentication"],
        fields: &[("action", STATUS), ("app", "coalesce(eventType, eventSource)")],
    },
    Model {
        name: "Change",
        objects: &[
            "All_Changes",
            "Account_Management",
            "Instance_Changes",
            "Network_Changes",
            "Endpoint_Changes",
            "Auditing_Changes",
        ],
        tables: &["cloudtrail"],
        // Changes are what is not read-only.
        search: "NOT readOnly=true",
        tags: &["change"],
        fields: &[
            (
                "action",
                r#"case(match(eventName, "^(Create|Run|Allocate|Register|Import|Copy|Request|Issue|Generate|Publish|Upload)"), "created",
                    match(eventName, "^(Delete|Terminate|Deregister|Release|Remove|Purge|Cancel)"), "deleted",
                    match(eventName, "^(Start|Reboot|Restart|Resume)"), "started",
                    match(eventName, "^(Stop|Suspend|Pause)"), "stopped",
                    true(), "modified")"#,
            ),
            (
                "change_type",
                r#"case(eventSource="ec2.amazonaws.com", "EC2", eventSource="iam.amazonaws.com", "AAA",
                    true(), upper(replace(eventSource, "\.amazonaws\.com$", "")))"#,
            ),
            (
                "image_id",
                "coalesce('requestParameters.instancesSet.items{}.imageId', 'responseElements.instancesSet.items{}.imageId', 'requestParameters.imageId')",
            ),
            (
                "instance_type",
                "coalesce('requestParameters.instanceType', 'responseElements.instancesSet.items{}.instanceType')",
            ),
            (
                "object",
                "coalesce('requestParameters.userName', 'requestParameters.roleName', 'requestParameters.groupName', \
                 'requestParameters.policyName', 'requestParameters.bucketName', 'requestParameters.functionName', \
                 'requestParameters.instancesSet.items{}.instanceId', 'responseElements.instancesSet.items{}.instanceId', \
                 'requestParameters.groupId', 'requestParameters.networkAclId', 'requestParameters.name')",
            ),
            (
                "object_category",
                r#"case(match(eventName, "SecurityGroup|NetworkAcl|FirewallRule|WebACL|IPSet"), "firewall",
                    match(eventName, "Instance"), "instance",
                    match(eventName, "Volume|Snapshot|Bucket|Object"), "storage",
                    match(eventName, "User|LoginProfile|AccessKey|MFADevice|SSHPublicKey"), "user",
                    true(), "cloud")"#,
            ),
            (
                "object_id",
                "coalesce('requestParameters.instancesSet.items{}.instanceId', 'responseElements.instancesSet.items{}.instanceId', \
                 'requestParameters.groupId', 'responseElements.groupId', 'requestParameters.networkAclId', \
                 'requestParameters.instanceId', 'requestParameters.volumeId', 'requestParameters.keyId', \
                 'requestParameters.policyArn', 'requestParameters.roleArn')",
            ),
            ("status", STATUS),
            ("vendor_product", "\"AWS CloudTrail\""),
        ],
    },
    Model {
        name: "Data_Access",
        objects: &["Data_Access"],
        tables: &["cloudtrail"],
        search: "eventSource=s3.amazonaws.com eventName=*Object*",
        tags: &["data"],
        fields: &[("status", STATUS)],
    },
    Model {
        name: "Intrusion_Detection",
        objects: &["IDS_Attacks"],
        tables: &["guardduty", "network_firewall"],
        search: "",
        tags: &["ids", "attack"],
        fields: &[],
    },
    Model {
        name: "Network_Resolution",
        objects: &["DNS"],
        tables: &["route53_resolver"],
        search: "",
        tags: &["resolution", "dns"],
        fields: &[],
    },
    Model {
        name: "Network_Traffic",
        objects: &["All_Traffic", "Traffic_By_Action", "Allowed_Traffic", "Blocked_Traffic"],
        tables: &["vpc_flow"],
        search: "",
        tags: &["network", "communicate"],
        fields: &[(
            "action",
            r#"case(upper(action)="ACCEPT", "allowed", upper(action)="REJECT", "blocked", true(), lower(action))"#,
        )],
    },
    Model {
        name: "Vulnerabilities",
        objects: &["Vulnerabilities"],
        tables: &["security_hub"],
        search: "",
        tags: &["vulnerability"],
        fields: &[],
    },
    Model {
        name: "Web",
        objects: &["Web", "Proxy"],
        tables: &["cloudfront", "elb", "s3_access", "waf"],
        search: "",
        tags: &["web"],
        fields: &[],
    },
];

/// Models of the Common Information Model that no AWS log here fills.
const NOT_FILLED: &[&str] = &[
    "Application_State",
    "Certificates",
    "Compute_Inventory",
    "DLP",
    "Databases",
    "Email",
    "Endpoint",
    "Event_Signatures",
    "Interprocess_Messaging",
    "JVM",
    "Malware",
    "Network_Sessions",
    "Performance",
    "Risk",
    "Splunk_Audit",
    "Ticket_Management",
    "Updates",
];

/// The model that a tag stands for.
pub(crate) fn tagged(tag: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.tags.iter().any(|known| known.eq_ignore_ascii_case(tag)))
}

/// The model of this name; `Change.All_Changes` names an object of it.
pub(crate) fn find(lowerer: &mut Lowerer<'_>, name: &str, span: Span) -> Lower<&'static Model> {
    let name = name.split('.').next().unwrap_or_default();
    let tables = lowerer.env.schema.tables();
    match MODELS.iter().find(|model| model.name.eq_ignore_ascii_case(name)) {
        Some(model) if model.tables.iter().any(|table| tables.iter().any(|known| known == table)) => Ok(model),
        known => {
            let unfilled = known.is_some() || NOT_FILLED.iter().any(|unfilled| unfilled.eq_ignore_ascii_case(name));
            let message = match unfilled {
                true => format!("no log that is stored here fills the data model `{name}`"),
                false => format!("the data model `{name}` is not one of the Common Information Model"),
            };
            let names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
            let help = format!("there are: {}", names.join(", "));
            Err(lowerer.error(Diagnostic::error("spl.unsupported-datamodel", message, span).with_help(help)))
        }
    }
}

/// Reads the model's events.
pub(crate) fn read(lowerer: &mut Lowerer<'_>, model: &Model, span: Span) -> Lower<()> {
    let stored = lowerer.env.schema.tables();
    let mut tables = model.tables.iter().filter(|table| stored.iter().any(|known| known == *table));
    let table = match (tables.next(), tables.next()) {
        (Some(only), None) => (*only).to_owned(),
        _ => ACROSS.to_owned(),
    };
    lowerer.read(table);
    let predicate = constraint(lowerer, model, span)?;
    if !build::is_truth(&predicate) {
        lowerer.filter(predicate);
    }
    Ok(())
}

/// Whether an event is in the model.
pub(crate) fn constraint(lowerer: &mut Lowerer<'_>, model: &Model, span: Span) -> Lower<Expr> {
    let tables = model.tables.iter().map(|&table| table.to_owned()).collect();
    let mut terms = vec![lowerer.of_tables(&tables, span)];
    if !model.search.is_empty() {
        let (search, _) = parser::parse_search(&Source::fixed(model.search, span));
        let said = lowerer.diagnostics.len();
        terms.push(lowerer.predicate(&search.unwrap_or(Search::All))?);
        lowerer.diagnostics.truncate(said);
    }
    terms.retain(|term| !build::is_truth(term));
    Ok(build::all(terms, span))
}

/// Makes those of the model's computed fields that are wanted.
pub(crate) fn compute(
    lowerer: &mut Lowerer<'_>,
    model: &Model,
    wanted: impl Fn(&str) -> bool,
    span: Span,
) -> Lower<()> {
    let said = lowerer.diagnostics.len();
    for (name, expression) in model.fields.iter().filter(|(name, _)| wanted(name)) {
        if let Some(ast) = parser::parse_expression(&Source::fixed(expression, span)).0 {
            let value = lowerer.expr(&ast)?;
            lowerer.extend(name, value);
        }
    }
    lowerer.diagnostics.truncate(said);
    Ok(())
}

/// A model's field as the events name it: `All_Changes.Instance_Changes.image_id` is `image_id`.
pub(crate) fn bare<'n>(model: Option<&Model>, name: &'n str) -> &'n str {
    let mut rest = name;
    while let Some((head, tail)) = rest.split_once('.') {
        let object = model.is_some_and(|model| model.name == head || model.objects.contains(&head))
            || head.starts_with("All_")
            || head.ends_with("_Changes")
            || head.ends_with("_Authentication");
        if !object {
            break;
        }
        rest = tail;
    }
    rest
}

/// A search over a model's fields as one over the events' own.
pub(crate) fn renamed(model: Option<&Model>, search: Search) -> Search {
    let rename = |field: Word| Word { text: bare(model, &field.text).to_owned(), ..field };
    let each = |terms: Vec<Search>| terms.into_iter().map(|term| renamed(model, term)).collect();
    match search {
        Search::And(terms) => Search::And(each(terms)),
        Search::Or(terms) => Search::Or(each(terms)),
        Search::Not(inner) => Search::Not(Box::new(renamed(model, *inner))),
        // Which object of the model: all of its events are read.
        Search::Compare { field, .. } if field.text == "nodename" => Search::All,
        Search::Compare { field, comparison, value, exact } => {
            Search::Compare { field: rename(field), comparison, value, exact }
        }
        Search::In { field, values } => Search::In { field: rename(field), values },
        other => other,
    }
}

/// Gives the model's fields its object's name: what `datamodel … search` shows. `fields` are those that are read later.
pub(crate) fn prefix(lowerer: &mut Lowerer<'_>, model: &Model, fields: impl IntoIterator<Item = String>, span: Span) {
    for name in fields {
        let own = bare(Some(model), &name);
        if own != name && event::default_field(own, span).is_none() {
            let value = lowerer.name(own, span);
            lowerer.extend(&name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spl::testing;

    #[test]
    fn models_are_read_without_a_word_of_complaint() {
        assert!(MODELS.is_sorted_by_key(|model| model.name));
        let span = Span::default();
        for model in MODELS {
            let (search, found) = parser::parse_search(&Source::fixed(model.search, span));
            assert!(search.is_some() && found.is_empty(), "{}: {found:?}", model.name);
            for (name, expression) in model.fields {
                let (ast, found) = parser::parse_expression(&Source::fixed(expression, span));
                assert!(ast.is_some() && found.is_empty(), "{} {name}: {found:?}", model.name);
            }
            assert!(testing::errors(&format!("| tstats count from datamodel={} by _time", model.name)).len() <= 1);
        }
    }
}
