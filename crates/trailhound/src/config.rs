//! Settings: flags win over the environment, the environment over `trailhound.toml`. Read once, into types that can't be
//! wrong; an unknown key is an error that names it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use detect::sinks::SinkSettings;
use enrich::NamedList;
use event::time_status::OLD_AFTER;
use ingest::rules::{Action, Condition, Rule, Rules as Applied, Test};
use serde::Deserialize;

use crate::cli::{GeoArgs, KnowledgeArgs, LakeArgs};
use crate::sources::{self, Source};

/// `trailhound.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Folder or `s3://bucket/prefix`.
    pub(crate) lake: Option<String>,
    /// `sqlite:PATH`.
    pub(crate) state: Option<String>,
    /// Folder of lookup files (CSV); `data/lookups` where none is named.
    pub(crate) lookups: Option<PathBuf>,
    /// Folder of the user's own dashboards.
    pub(crate) dashboards: Option<PathBuf>,
    /// File of search macros, in the form of Splunk's macros.conf; `data/macros.conf` where it is there.
    pub(crate) macros: Option<PathBuf>,
    pub(crate) server: Server,
    pub(crate) geoip: Geoip,
    pub(crate) aws: Aws,
    pub(crate) query: Query,
    pub(crate) rules: Rules,
    pub(crate) ingest: IngestRules,
    /// `[[list]]`: lists of addresses and domains.
    pub(crate) list: Vec<List>,
    /// `[[source]]`: what brings logs in by itself.
    pub(crate) source: Vec<Source>,
    /// Folder of the sources' checkpoints; `data/sources` where none is named.
    pub(crate) checkpoints: Option<PathBuf>,
    /// `[[sink]]`: where alerts go.
    pub(crate) sink: Vec<SinkSettings>,
    pub(crate) integrity: Integrity,
    pub(crate) journal: Journal,
    /// Age after which whole days are deleted, by table: `cloudtrail = "400d"`.
    pub(crate) retention: BTreeMap<String, String>,
}

/// `[server]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// Address to listen on.
    pub(crate) listen: Option<SocketAddr>,
    /// Where people reach the page; messages about alerts link to it.
    pub(crate) url: Option<String>,
    /// Names under which a proxy reaches the server.
    pub(crate) hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
}

/// `[geoip]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Geoip {
    /// MaxMind City database.
    pub(crate) city: Option<PathBuf>,
    /// MaxMind ASN database.
    pub(crate) asn: Option<PathBuf>,
    /// Number of the MaxMind account with which GeoLite2 is fetched.
    pub(crate) account_id: Option<String>,
    /// Its licence key.
    pub(crate) license_key: Option<String>,
    /// Keep the files fresh while the server runs.
    pub(crate) update: bool,
    /// Folder of fetched files; `data/geoip` by default.
    pub(crate) folder: Option<PathBuf>,
    /// AWS's `ip-ranges.json`; where it is not there, `geoip update` fetches it.
    pub(crate) aws_ranges: Option<PathBuf>,
    /// Where MaxMind answers, for tests and mirrors.
    pub(crate) endpoint_url: Option<String>,
    /// Where AWS's ranges are, for tests and mirrors.
    pub(crate) aws_ranges_url: Option<String>,
}

impl Geoip {
    /// The folder of fetched files.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| PathBuf::from("data/geoip"))
    }

    /// The file of a MaxMind edition: the one that is set, else the fetched one.
    pub(crate) fn edition(&self, edition: &str) -> PathBuf {
        let set = if edition.ends_with("ASN") { &self.asn } else { &self.city };
        set.clone().unwrap_or_else(|| self.folder().join(format!("{edition}.mmdb")))
    }

    /// The file of AWS's ranges.
    pub(crate) fn ranges(&self) -> PathBuf {
        self.aws_ranges.clone().unwrap_or_else(|| self.folder().join("ip-ranges.json"))
    }
}

/// `[integrity]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Integrity {
    /// Files of public keys, as `aws cloudtrail list-public-keys` prints them.
    pub(crate) keys: Vec<PathBuf>,
    /// The source whose access to AWS is used to ask for keys that no file has.
    pub(crate) keys_from: Option<String>,
    /// Where the keys that were asked for are kept; `data/public-keys.json` by default.
    pub(crate) kept_keys: Option<PathBuf>,
}

impl Integrity {
    /// The file of the keys that were asked for.
    pub(crate) fn kept_keys(&self) -> PathBuf {
        self.kept_keys.clone().unwrap_or_else(|| PathBuf::from("data/public-keys.json"))
    }
}

/// `[journal]`: what was acknowledged before it is in the lake.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Journal {
    /// Its folder; `data/journal` by default.
    pub(crate) folder: Option<PathBuf>,
    /// How much it may hold, MiB; 1024 by default, 256 at least.
    pub(crate) most_mib: Option<u64>,
}

/// `[[list]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    /// What the list is called in the columns `source_lists` and `destination_lists`.
    pub(crate) name: String,
    /// The file; one address, range or domain a line.
    pub(crate) path: PathBuf,
    /// Where `geoip update` fetches it from.
    #[serde(default)]
    pub(crate) url: Option<String>,
}

/// `[aws]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Aws {
    /// Endpoint of an S3-compatible server.
    pub(crate) endpoint_url: Option<String>,
    /// Region of the lake's bucket.
    pub(crate) region: Option<String>,
}

/// `[rules]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// Folders of the user's own rules: ours and Sigma's.
    pub(crate) folders: Vec<PathBuf>,
}

/// `[query]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Query {
    /// Memory that all queries share, MiB.
    pub(crate) memory_mib: Option<usize>,
    /// Seconds until a query is ended.
    pub(crate) deadline_seconds: Option<u64>,
    /// Stored bytes that one query may open, MiB.
    pub(crate) scan_mib: Option<u64>,
    /// `[query.parameters]`: values of template variables (`{{name}}`, `%name%`, `:name`) where a request gives none.
    pub(crate) parameters: BTreeMap<String, String>,
}

/// `[ingest]`: what is taken in and what is left out, by decoded fields, and which times are believed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IngestRules {
    /// Age at which an event that comes in is flagged as old: `365d`.
    pub(crate) old_after: Option<String>,
    /// `[[ingest.include]]`: of the log types that these name, only what they match is taken in.
    pub(crate) include: Vec<IngestRule>,
    /// `[[ingest.exclude]]`: what these match is left out.
    pub(crate) exclude: Vec<IngestRule>,
}

/// One rule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IngestRule {
    /// What reports call it.
    pub(crate) name: String,
    /// Log type; all where it is left out.
    #[serde(rename = "type")]
    pub(crate) log_type: Option<String>,
    /// Conditions that all have to hold.
    pub(crate) all: Vec<IngestCondition>,
    /// Conditions of which one is enough.
    pub(crate) any: Vec<IngestCondition>,
    /// It only counts.
    pub(crate) count: bool,
}

/// One condition: a field, and one of the tests.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IngestCondition {
    pub(crate) field: String,
    pub(crate) equals: Option<Scalar>,
    #[serde(rename = "in")]
    pub(crate) one_of: Option<Vec<Scalar>>,
    pub(crate) glob: Option<String>,
    pub(crate) cidr: Option<Vec<String>>,
    pub(crate) from: Option<f64>,
    pub(crate) to: Option<f64>,
    pub(crate) exists: Option<bool>,
    pub(crate) not: bool,
}

/// A value to compare with.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

impl Scalar {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Bool(truth) => truth.to_string(),
        }
    }
}

impl IngestRules {
    /// How far behind the clock an event's time may be, microseconds.
    pub(crate) fn old_after(&self) -> anyhow::Result<i64> {
        let Some(age) = &self.old_after else { return Ok(OLD_AFTER) };
        let days = days(age).context("[ingest] old_after")?;
        Ok(i64::from(days).saturating_mul(86_400_000_000))
    }

    /// The rules as the ingest takes them.
    pub(crate) fn rules(&self) -> anyhow::Result<Applied> {
        let included = self.include.iter().map(|rule| (rule, Action::Include));
        let excluded = self.exclude.iter().map(|rule| (rule, Action::Exclude));
        let rules: anyhow::Result<Vec<Rule>> =
            included.chain(excluded).map(|(rule, action)| rule.rule(action)).collect();
        Ok(Applied::new(rules?))
    }
}

impl IngestRule {
    fn rule(&self, action: Action) -> anyhow::Result<Rule> {
        let named = || format!("the ingest rule `{}`", self.name);
        if self.name.is_empty() || (!self.all.is_empty() && !self.any.is_empty()) {
            bail!("{} needs a name, and either `all` or `any`", named());
        }
        let log_type = match self.log_type.as_deref() {
            Some(id) => Some(event::log_type(id).with_context(|| format!("{}: there is no log type `{id}`", named()))?),
            None => None,
        };
        let conditions = self.all.iter().chain(&self.any).map(IngestCondition::condition);
        Ok(Rule {
            name: self.name.clone(),
            log_type,
            action: if self.count { Action::Count } else { action },
            any: !self.any.is_empty(),
            conditions: conditions.collect::<anyhow::Result<_>>().with_context(named)?,
        })
    }
}

impl IngestCondition {
    fn condition(&self) -> anyhow::Result<Condition> {
        let tests = [
            self.equals.as_ref().map(|value| Test::OneOf(vec![value.text()])),
            self.one_of.as_ref().map(|values| Test::OneOf(values.iter().map(Scalar::text).collect())),
            self.glob.clone().map(Test::Glob),
            self.cidr.as_ref().map(|ranges| Test::Within(NamedList::parse("", &ranges.join("\n")))),
            (self.from.is_some() || self.to.is_some()).then_some(Test::Range(self.from, self.to)),
            self.exists.map(|_| Test::Exists),
        ];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) if !self.field.is_empty() => {
                let not = self.not != (self.exists == Some(false));
                Ok(Condition { field: self.field.clone(), test, not })
            }
            _ => bail!("a condition needs a field and one of equals, in, glob, cidr, from/to, exists"),
        }
    }
}

const FILE: &str = "trailhound.toml";

/// MaxMind's free editions.
pub(crate) const CITY: &str = "GeoLite2-City";
/// The autonomous systems.
pub(crate) const ASN: &str = "GeoLite2-ASN";

impl Settings {
    /// The named file, else `trailhound.toml` of the current folder, else nothing set.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let path = match path {
            Some(path) => path.to_owned(),
            None if Path::new(FILE).is_file() => PathBuf::from(FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        let settings: Self = toml::from_str(&text).map_err(|error| anyhow!("{}", wrong(&path, &text, &error)))?;
        for (table, age) in &settings.retention {
            days(age).with_context(|| format!("{}: [retention] {table}", path.display()))?;
        }
        settings.ingest.rules().with_context(|| path.display().to_string())?;
        sources::check(&settings.source).with_context(|| path.display().to_string())?;
        Ok(settings)
    }

    /// The settings with what the flags say instead.
    pub(crate) fn with(&self, args: &KnowledgeArgs) -> Self {
        let mut settings = self.clone();
        settings.macros = args.macros.clone().or(settings.macros);
        settings.lookups = args.lookups.clone().or(settings.lookups);
        settings
    }

    /// The lake's address; `./data/lake` where nothing names one.
    pub(crate) fn lake(&self, args: &LakeArgs) -> String {
        args.lake.clone().or_else(|| self.lake.clone()).unwrap_or_else(|| "data/lake".to_owned())
    }

    /// The state file; PostgreSQL is for later.
    pub(crate) fn state(&self, flag: Option<&str>) -> anyhow::Result<PathBuf> {
        let text = flag.or(self.state.as_deref()).unwrap_or("sqlite:data/state.db");
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(PathBuf::from(path)),
            _ => bail!("the state `{text}` is not understood; give sqlite:PATH"),
        }
    }

    /// The folder of the user's own dashboards; `data/dashboards` where nothing names one.
    pub(crate) fn dashboards(&self, flag: Option<&Path>) -> PathBuf {
        flag.map(Path::to_owned).or_else(|| self.dashboards.clone()).unwrap_or_else(|| PathBuf::from("data/dashboards"))
    }

    /// City and ASN databases.
    pub(crate) fn geoip(&self, args: &GeoArgs) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let or = |flags: &[PathBuf], set: &Option<PathBuf>, edition: &str| {
            let fetched = self.geoip.edition(edition);
            match (flags, set) {
                ([], Some(set)) => vec![set.clone()],
                ([], None) if fetched.is_file() => vec![fetched],
                (flags, _) => flags.to_vec(),
            }
        };
        let city = or(&args.geoip_city, &self.geoip.city, CITY);
        (city, or(&args.geoip_asn, &self.geoip.asn, ASN))
    }
}

/// What is wrong with a settings file, and where. The line itself is not shown: there may be a secret in it.
fn wrong(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line} is not valid: {}", path.display(), detect::sinks::hide_values(error.message()))
}

/// An age in whole days: `400d`.
pub(crate) fn days(text: &str) -> anyhow::Result<u32> {
    let number = text.trim().strip_suffix('d').and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
    number.with_context(|| format!("`{text}` is no age; give a number of days such as 400d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_days() {
        assert_eq!(days("400d").ok(), Some(400));
        for bad in ["", "400", "0d", "-3d", "1y"] {
            assert!(days(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ingest_rules_are_read_or_refused() {
        let check = |text: &str, good: bool| {
            let read = toml::from_str::<Settings>(text).map_err(anyhow::Error::from);
            let rules = read.and_then(|settings| settings.ingest.rules().map(|_| ()));
            assert_eq!(rules.is_ok(), good, "{text}: {rules:?}");
        };
        let rule = |inner: &str| format!("[[ingest.exclude]]\nname = \"x\"\n{inner}");
        check(&rule("type = \"elb\"\nall = [{ field = \"user_agent\", glob = \"ELB-HealthChecker*\" }]"), true);
        check(
            &rule("any = [{ field = \"src_ip\", cidr = [\"10.0.0.0/8\"] }, { field = \"bytes\", from = 1, to = 9 }]"),
            true,
        );
        check(&rule("count = true\nall = [{ field = \"dstport\", in = [22, 3389], not = true }]"), true);
        check(&rule("type = \"nope\""), false);
        check(&rule("all = [{ field = \"a\" }]"), false);
        check(&rule("all = [{ field = \"a\", equals = 1, glob = \"x\" }]"), false);
        check(&rule("all = [{ feild = \"a\", equals = 1 }]"), false);
        check("[[ingest.include]]\nall = [{ field = \"a\", equals = 1 }]", false);
    }

    #[test]
    fn ages_of_old_events_are_read_or_refused() {
        let check = |text: &str, expected: Option<i64>| {
            let settings: Settings = toml::from_str(text).unwrap();
            assert_eq!(settings.ingest.old_after().ok().map(|micros| micros / 86_400_000_000), expected, "{text}");
        };
        check("", Some(365));
        check("[ingest]\nold_after = \"4000d\"", Some(4000));
        check("[ingest]\nold_after = \"1y\"", None);
    }

    #[test]
    fn unknown_keys_are_named() {
        let error = toml::from_str::<Settings>("laek = \"x\"").map(|_| ()).map_err(|e| e.to_string());
        assert!(error.is_err_and(|e| e.contains("laek")));
    }
}
