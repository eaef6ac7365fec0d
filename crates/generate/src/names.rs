//! The names and ids of the resources in the sample organisation.
//!
//! A resource is a kind and a number; its id follows from account, region, kind and number, so that the same bucket or
//! instance turns up again in other events, and in other objects, without a table of all of them.

use crate::rng::{self, Rng};
use crate::text::{self, put};

/// What distinguishes one kind of resource id: its prefix, the digits behind it and how many there are of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct IdKind {
    pub(crate) name: &'static str,
    prefix: &'static str,
    digits: usize,
    upper: bool,
    pool: u64,
}

const fn hex(name: &'static str, prefix: &'static str, pool: u64) -> IdKind {
    IdKind { name, prefix, digits: 17, upper: false, pool }
}

/// The kinds of ids that the catalogue may name.
pub(crate) const IDS: &[IdKind] = &[
    hex("ami", "ami-0", 30),
    IdKind { digits: 13, upper: true, ..hex("dist", "E", 8) },
    hex("eni", "eni-0", 900),
    hex("instance", "i-0", 300),
    hex("lt", "lt-0", 12),
    hex("rtb", "rtb-0", 12),
    hex("sg", "sg-0", 60),
    hex("snap", "snap-0", 3_000),
    hex("subnet", "subnet-0", 18),
    hex("vol", "vol-0", 700),
    hex("vpc", "vpc-0", 4),
    hex("vpce", "vpce-0", 8),
    IdKind { digits: 20, upper: true, ..hex("zone", "Z", 10) },
];

/// A kind of resource that people name: its words, of which each account has all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NameKind {
    pub(crate) name: &'static str,
    before: &'static str,
    words: &'static [&'static str],
}

/// The kinds of names that the catalogue may use.
pub(crate) const NAMES: &[NameKind] = &[
    NameKind {
        name: "asg",
        before: "",
        words: &["web-blue", "web-green", "api", "workers", "batch", "eks-general", "eks-spot", "bastion"],
    },
    NameKind {
        name: "db",
        before: "",
        words: &["orders-1", "orders-2", "billing", "catalog", "identity", "reports", "metabase"],
    },
    NameKind { name: "ecs", before: "", words: &["web", "payments", "jobs", "internal"] },
    NameKind { name: "eks", before: "", words: &["platform", "platform-canary", "ml"] },
    NameKind { name: "function", before: "", words: FUNCTIONS },
    NameKind { name: "gluedb", before: "", words: &["raw", "curated", "finance", "clickstream", "security_logs"] },
    NameKind { name: "lb", before: "", words: &["web", "api", "internal", "partners"] },
    NameKind { name: "loggroup", before: "/aws/lambda/", words: FUNCTIONS },
    NameKind {
        name: "param",
        before: "",
        words: &[
            "/app/orders/db-url",
            "/app/orders/feature-flags",
            "/app/payments/api-key",
            "/app/web/session-secret",
            "/infra/dns/zone-id",
            "/infra/vpc/subnets",
            "/shared/slack/webhook",
            "/shared/datadog/api-key",
            "/app/search/endpoint",
            "/app/mailer/from",
        ],
    },
    NameKind {
        name: "policy",
        before: "",
        words: &[
            "app-read",
            "app-write",
            "deploy",
            "s3-artifacts",
            "kms-use",
            "logs-write",
            "data-lake-read",
            "breakglass",
        ],
    },
    NameKind {
        name: "queue",
        before: "",
        words: &["orders", "orders-dlq", "emails", "thumbnails", "cloudtrail-ingest", "webhooks", "exports"],
    },
    NameKind {
        name: "repo",
        before: "",
        words: &["web", "api", "worker", "mailer", "search", "gateway", "batch", "ml-serving"],
    },
    NameKind { name: "role", before: "", words: ROLES },
    NameKind {
        name: "rule",
        before: "",
        words: &[
            "every-5-minutes",
            "nightly-export",
            "guardduty-findings",
            "ecs-task-state",
            "root-sign-in",
            "billing-daily",
        ],
    },
    NameKind {
        name: "secret",
        before: "",
        words: &[
            "prod/orders/db-aXk2Pq",
            "prod/payments/stripe-9fLs0z",
            "shared/github-app-Qw81mN",
            "prod/web/jwt-7RtY2b",
            "data/redshift-etl-Zz0pLk",
            "shared/pagerduty-u3YhGc",
        ],
    },
    NameKind {
        name: "stack",
        before: "",
        words: &[
            "network",
            "web",
            "api",
            "orders",
            "payments",
            "data-lake",
            "monitoring",
            "StackSet-baseline-4f0c",
            "CDKToolkit",
        ],
    },
    NameKind {
        name: "table",
        before: "",
        words: &[
            "orders",
            "order-events",
            "customers",
            "sessions",
            "inventory",
            "idempotency",
            "audit",
            "feature-flags",
            "clickstream",
            "payments",
        ],
    },
    NameKind {
        name: "tg",
        before: "",
        words: &["web-blue", "web-green", "api-8080", "k8s-platform-ing", "internal-9090"],
    },
    NameKind {
        name: "topic",
        before: "",
        words: &["alarms", "orders-events", "deployments", "security-findings", "billing"],
    },
    NameKind {
        name: "user",
        before: "",
        words: &["svc-grafana", "svc-backup", "svc-jenkins", "reports-broker", "mailer-smtp"],
    },
];

/// Lambda functions, and the services that share their names.
pub(crate) const FUNCTIONS: &[&str] = &[
    "orders-api",
    "order-events",
    "payments-webhook",
    "thumbnailer",
    "mailer",
    "search-indexer",
    "session-cleaner",
    "inventory-sync",
    "invoice-pdf",
    "tag-enforcer",
    "snapshot-rotator",
    "key-age-check",
    "finding-router",
    "export-nightly",
    "clickstream-etl",
    "auth-hooks",
];

/// Roles of services and workloads.
pub(crate) const ROLES: &[&str] = &[
    "orders-api-task",
    "payments-task",
    "web-task",
    "worker-task",
    "lambda-orders",
    "lambda-mailer",
    "lambda-etl",
    "ec2-app",
    "ec2-bastion",
    "eks-node",
    "glue-jobs",
    "firehose-delivery",
    "stepfunctions-orders",
    "codebuild-base",
    "flow-logs",
    "backup-service",
    "config-recorder",
];

const BUCKETS: &[&str] = &[
    "cloudtrail",
    "data-raw",
    "data-curated",
    "artifacts",
    "web-assets",
    "athena-results",
    "app-logs",
    "media",
    "exports",
    "backups",
    "tfstate",
    "ml-models",
    "invoices",
    "clickstream",
];

/// Where an event happens and which of the resources there it is about; the same numbers give the same names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) account: &'a str,
    pub(crate) alias: &'a str,
    pub(crate) region: &'a str,
    /// Unix time of the event in seconds.
    pub(crate) time: i64,
    /// The event's own random number: picks the resources.
    pub(crate) pick: u64,
    /// The caller is the public internet: only the public bucket can be meant.
    pub(crate) public: bool,
}

impl Scene<'_> {
    fn choice(&self, kind: &str, pool: u64) -> u64 {
        rng::skew(rng::mix(self.pick ^ kind.len() as u64 ^ u64::from(kind.as_bytes()[0]) << 8), pool)
    }

    /// The id of the resource of this kind that the event is about.
    pub(crate) fn id(&self, buf: &mut Vec<u8>, kind: &IdKind) {
        resource_id(buf, kind, self.account, self.region, self.choice(kind.name, kind.pool));
    }

    /// The name of the resource of this kind that the event is about.
    pub(crate) fn name(&self, buf: &mut Vec<u8>, kind: &NameKind) {
        put(buf, kind.before);
        put(buf, kind.words[self.choice(kind.name, kind.words.len() as u64) as usize]);
    }

    /// A KMS key id, shaped as a UUID.
    pub(crate) fn key_id(&self, buf: &mut Vec<u8>) {
        let number = self.choice("kms", 12);
        text::uuid(buf, &mut Rng::new(rng::fold(&[rng::fold_str(self.account), rng::fold_str(self.region), number])));
    }

    pub(crate) fn bucket(&self, buf: &mut Vec<u8>) {
        let word =
            if self.public { "public-site" } else { BUCKETS[self.choice("bucket", BUCKETS.len() as u64) as usize] };
        for part in ["acme-", self.alias, "-", word, "-", self.region] {
            put(buf, part);
        }
    }

    /// An object's key; the same wherever the event names it.
    pub(crate) fn object(&self, buf: &mut Vec<u8>) {
        let mut own = Rng::new(self.pick);
        let (before, dated, digits, after) = match (self.public, own.below(6)) {
            (true, 0) => ("index.html", false, 0, ""),
            (true, _) => ("assets/", false, 8, ".js"),
            (_, 0) => ("raw/", true, 20, ".json.gz"),
            (_, 1) => ("curated/", true, 16, ".snappy.parquet"),
            (_, 2) => ("images/", false, 24, ".webp"),
            (_, 3) => ("state/", false, 6, "/terraform.tfstate"),
            (_, 4) => ("exports/", true, 12, ".csv"),
            _ => ("artifacts/", false, 32, ".zip"),
        };
        put(buf, before);
        if dated {
            text::day(buf, self.time);
            buf.push(b'/');
        }
        text::hex(buf, &mut own, digits);
        put(buf, after);
    }
}

/// The id of the `number`-th resource of a kind in an account and region.
pub(crate) fn resource_id(buf: &mut Vec<u8>, kind: &IdKind, account: &str, region: &str, number: u64) {
    let mut own =
        Rng::new(rng::fold(&[rng::fold_str(kind.name), rng::fold_str(account), rng::fold_str(region), number]));
    put(buf, kind.prefix);
    if kind.upper {
        text::upper(buf, &mut own, kind.digits);
    } else {
        text::hex(buf, &mut own, kind.digits - 1);
    }
}

/// The id kind of this name, which must be in [`IDS`].
pub(crate) fn id_kind(name: &str) -> Option<&'static IdKind> {
    IDS.iter().find(|k| k.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(pick: u64) -> Scene<'static> {
        Scene { account: "111122223333", alias: "base", region: "eu-west-1", time: 1_700_000_000, pick, public: false }
    }

    #[test]
    fn the_same_scene_names_the_same_things() {
        let said = |s: Scene| {
            text::built(|b| {
                s.bucket(b);
                s.object(b);
                s.key_id(b)
            })
        };
        assert_eq!(said(scene(5)), said(scene(5)));
        assert_ne!(said(scene(5)), said(scene(6)));
    }

    #[test]
    fn ids_have_the_length_that_aws_gives_them() {
        let check = |kind, expect| {
            let kind = id_kind(kind).expect("a kind in IDS");
            assert_eq!(text::built(|b| scene(1).id(b, kind)).len(), expect);
        };
        check("instance", "i-0123456789abcdef0".len());
        check("vpc", "vpc-0123456789abcdef0".len());
        check("dist", "E123456789ABCD".len());
    }

    #[test]
    fn the_public_reads_the_public_bucket() {
        let open = Scene { public: true, ..scene(9) };
        assert_eq!(text::built(|b| open.bucket(b)), "acme-base-public-site-eu-west-1");
    }
}
