//! The command line: every flag, with its environment variable and its place in `trailhound --help`.

mod alerts;
mod rules;
mod scan;
mod searches;
mod sinks;

use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) use alerts::{Alerts, AlertsAction, AlertsList, VerdictArg};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use rules::{ListFormat, Rules, RulesAction, RulesReplay, RulesTest};
pub(crate) use scan::{Scan, ScanFormat, ScanLanguage};
pub(crate) use searches::{Searches, SearchesAction, SearchesRun};
pub(crate) use sinks::{Sinks, SinksAction};

/// The CloudTrail SIEM in one binary.
#[derive(Debug, Parser)]
#[command(name = "trailhound", version, about, max_term_width = 110)]
pub(crate) struct Cli {
    /// Settings file; `trailhound.toml` in the current folder is read where it exists.
    #[arg(long, global = true, env = "TRAILHOUND_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Say more: -v informs, -vv explains.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How log lines look.
    #[arg(long, global = true, value_enum, default_value_t, env = "TRAILHOUND_LOG_FORMAT")]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Log lines for people or for machines.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sample logs and a server on loopback, in one go; prints the address.
    Demo(Demo),
    /// Answer on HTTP: the page and the API.
    Serve(Serve),
    /// Take logs into the lake. Exits with 0 only if everything is in.
    Ingest(Ingest),
    /// Run a query and print its rows.
    Query(Query),
    /// Show how a query would run. Exits with 0 if it plans, with 2 and diagnostics if not.
    Explain(Explain),
    /// Write sample logs with the investigations of the manual inside.
    Generate(Generate),
    /// Print logs as documents of ECS or OCSF, one a line; no lake is needed.
    Convert(Convert),
    /// Prove that CloudTrail's log files are those that it delivered. Exits with 0 only if everything is valid.
    Verify(Verify),
    /// What could not be decoded: see it, and try again.
    Quarantine(Quarantine),
    /// Dashboards of one's own: take over those of OpenSearch Dashboards and Kibana.
    Dashboards(Dashboards),
    /// Detection rules: what there is, and whether they find what they should.
    Rules(Rules),
    /// What rules have found: list, show, acknowledge, close.
    Alerts(Alerts),
    /// Searches that were saved on the page: list them, run one.
    Searches(Searches),
    /// Run all rules over logs in place, without a lake. Exits with 0 if everything was read, whatever was found.
    Scan(Scan),
    /// Where alerts go, and whether they get there.
    Sinks(Sinks),
    /// Look after the lake: compact, retain, vacuum, enrich anew.
    Maintain(Maintain),
    /// The files that enrichment reads: location databases, AWS's ranges, lists.
    Geoip(Geoip),
    /// Who may sign in.
    User(User),
    /// Tokens for programs.
    Token(Token),
}

/// Where the lake is and how to reach it.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LakeArgs {
    /// The lake: a folder or s3://bucket/prefix.
    #[arg(long, env = "TRAILHOUND_LAKE")]
    pub(crate) lake: Option<String>,
    /// Endpoint of an S3-compatible server.
    #[arg(long, env = "TRAILHOUND_AWS_ENDPOINT_URL")]
    pub(crate) aws_endpoint_url: Option<String>,
    /// Region of the bucket.
    #[arg(long, env = "TRAILHOUND_AWS_REGION")]
    pub(crate) aws_region: Option<String>,
}

/// What searches draw on beside the logs.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct KnowledgeArgs {
    /// Search macros: a file in the form of Splunk's macros.conf, or JSON lines.
    #[arg(long, value_name = "FILE", env = "TRAILHOUND_MACROS")]
    pub(crate) macros: Option<PathBuf>,
    /// Folder of lookup files (CSV), which searches read and write.
    #[arg(long, value_name = "DIR", env = "TRAILHOUND_LOOKUPS")]
    pub(crate) lookups: Option<PathBuf>,
}

/// The user's own location databases.
#[derive(Debug, Clone, Args)]
pub(crate) struct GeoArgs {
    /// MaxMind City database (may be given twice: IPv4 and IPv6).
    #[arg(long, value_name = "FILE", env = "TRAILHOUND_GEOIP_CITY", value_delimiter = ',')]
    pub(crate) geoip_city: Vec<PathBuf>,
    /// MaxMind ASN database.
    #[arg(long, value_name = "FILE", env = "TRAILHOUND_GEOIP_ASN", value_delimiter = ',')]
    pub(crate) geoip_asn: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder of the demo's logs and lake.
    #[arg(long, default_value = "data/demo")]
    pub(crate) dir: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8674")]
    pub(crate) listen: SocketAddr,
    /// Sample events.
    #[arg(long, default_value_t = 60_000)]
    pub(crate) events: u64,
    /// Seed of the samples.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    /// Where users, sessions and tokens are kept: sqlite:PATH.
    #[arg(long, env = "TRAILHOUND_STATE")]
    pub(crate) state: Option<String>,
    /// Address to listen on; anything but loopback demands sign-in.
    #[arg(long, env = "TRAILHOUND_LISTEN")]
    pub(crate) listen: Option<SocketAddr>,
    /// Folder of dashboards of one's own.
    #[arg(long, value_name = "DIR", env = "TRAILHOUND_DASHBOARDS")]
    pub(crate) dashboards: Option<PathBuf>,
    /// Check the settings and stop.
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
    #[command(flatten)]
    pub(crate) knowledge: KnowledgeArgs,
}

/// A log type, or none.
pub(crate) type LogTypeArg = Option<&'static event::LogType>;

fn log_type(text: &str) -> Result<LogTypeArg, String> {
    if text == "auto" {
        return Ok(None);
    }
    let known = || event::log_types().iter().map(|log_type| log_type.id).collect::<Vec<_>>().join(", ");
    event::log_type(text).map(Some).ok_or_else(|| format!("no such log type; there are auto, {}", known()))
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    /// Log type of what does not tell by itself; `auto` goes by the content alone.
    #[arg(long = "type", default_value = "auto", value_parser = log_type)]
    pub(crate) log_type: LogTypeArg,
    /// Count what would be taken in, by log type and rule, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The state whose rules watch the events as they come, and where alerts go: sqlite:PATH. Without it a server that is told
    /// of the lake watches what came in.
    #[arg(long, env = "TRAILHOUND_STATE")]
    pub(crate) state: Option<String>,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
    /// The report as one JSON object on standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// Take in what a source of `trailhound.toml` brings, until interrupted; may be given several times.
    #[arg(long = "source", value_name = "NAME", conflicts_with_all = ["paths", "dry_run"])]
    pub(crate) sources: Vec<String>,
    /// With --source: end when everything that is there now is in.
    #[arg(long, requires = "sources")]
    pub(crate) drain: bool,
    /// Files, folders or s3://bucket/prefix; `-` reads standard input.
    #[arg(required_unless_present = "sources")]
    pub(crate) paths: Vec<String>,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    #[default]
    Text,
    Json,
}

/// Forms of a query's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    #[default]
    Table,
    /// One object a line.
    Json,
    Csv,
    Parquet,
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    /// Read these logs in place instead of a lake. Of the last paths, what follows them is the query.
    #[arg(long, num_args = 1.., value_name = "PATH", conflicts_with = "lake")]
    pub(crate) from: Vec<String>,
    /// The query's language.
    #[arg(long, default_value = "auto")]
    pub(crate) lang: String,
    /// Events at or after: ISO 8601 or relative, such as -7d.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// Events before.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// Most rows.
    #[arg(long)]
    pub(crate) limit: Option<u64>,
    /// Seconds until the query is ended.
    #[arg(long, default_value_t = 600)]
    pub(crate) deadline: u64,
    /// Print events as they come into the lake, late ones too, until interrupted. What the query makes of them is left out.
    #[arg(long, conflicts_with_all = ["from", "since", "until", "limit"])]
    pub(crate) follow: bool,
    /// Form of the rows.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RowFormat,
    /// Where days begin: UTC, +09:00, Asia/Tokyo.
    #[arg(long, default_value = "UTC", allow_hyphen_values = true)]
    pub(crate) timezone: String,
    /// Value of a template variable, `name=value`; of SQL's `?` by number, `1=value`. May be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
    #[command(flatten)]
    pub(crate) knowledge: KnowledgeArgs,
    /// The query; `-` reads it from standard input, and with `--lang sigma` `@PATH` reads a file or a folder of rules.
    #[arg(allow_hyphen_values = true)]
    pub(crate) query: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The query's language.
    #[arg(long, default_value = "auto")]
    pub(crate) lang: String,
    /// Print the query in this language instead: spl, sql, insights, filter, lucene, kql or sigma.
    #[arg(long, value_name = "LANG")]
    pub(crate) to: Option<String>,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) knowledge: KnowledgeArgs,
    /// The query; `-` reads it from standard input, and with `--lang sigma` `@PATH` reads a file or a folder of rules.
    #[arg(allow_hyphen_values = true)]
    pub(crate) query: String,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// How many events.
    #[arg(long)]
    pub(crate) events: u64,
    /// Folder to write to.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Days that the samples span.
    #[arg(long, default_value_t = 30)]
    pub(crate) days: u32,
    /// The instant at which they end, ISO 8601 or `now`; a fixed one by default.
    #[arg(long)]
    pub(crate) end: Option<String>,
    /// Leave the scripted stories out: ordinary traffic alone, to measure how often rules find nothing worth it.
    #[arg(long)]
    pub(crate) background: bool,
    /// Records of each other log type (flow logs, findings, load balancers, …) beside CloudTrail's events.
    #[arg(long, default_value_t = 0)]
    pub(crate) logs: u64,
    /// Only these other log types; all of them by default.
    #[arg(long, value_delimiter = ',')]
    pub(crate) log_types: Vec<String>,
    /// Accounts that have the other logs, 1 to 6.
    #[arg(long, default_value_t = 3)]
    pub(crate) accounts: usize,
    /// Regions that have the other logs, 1 to 8.
    #[arg(long, default_value_t = 4)]
    pub(crate) regions: usize,
    /// `json` prints what was written as JSON, the other logs' records by type, account and region.
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    pub(crate) format: Printed,
}

/// How a command tells what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Printed {
    /// For people.
    Text,
    /// For scripts.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    /// A folder with a copy of the trail's bucket, or s3://bucket/prefix. Without it, the logs that the lake took in are proven, by
    /// the digests that it took in and the hashes that it kept: nothing is read again.
    pub(crate) path: Option<String>,
    /// Public keys, as `aws cloudtrail list-public-keys` prints them (may be given more than once); else those of the settings.
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,
    /// For folders: JSON with each digest's `signature` and `signature-algorithm` by its key in the bucket. Without it only
    /// the newest digest of a chain can't be proven: the others' signatures are in their successors.
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    pub(crate) format: Printed,
}

#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    #[command(subcommand)]
    pub(crate) action: QuarantineAction,
}

/// Which pieces are meant; all that is given has to fit.
#[derive(Debug, Clone, Args)]
pub(crate) struct WhichArgs {
    /// These pieces, by their ids.
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Of this reason, such as malformed, too-deep, bad-line.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Of objects with this in their paths.
    #[arg(long)]
    pub(crate) origin: Option<String>,
    /// That came in since: ISO 8601, or an age such as 7d.
    #[arg(long)]
    pub(crate) since: Option<String>,
    /// Those that were decoded after all, too.
    #[arg(long)]
    pub(crate) done: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineAction {
    /// List the pieces, newest first.
    List {
        #[command(flatten)]
        lake: LakeArgs,
        #[command(flatten)]
        which: WhichArgs,
        /// Most pieces.
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// How they are printed; json is one object a line.
        #[arg(long, value_enum, default_value_t = Printed::Text)]
        format: Printed,
    },
    /// Print a piece: what is known of it on standard error, its bytes on standard output.
    Show {
        #[command(flatten)]
        lake: LakeArgs,
        /// The piece.
        id: String,
    },
    /// Decode pieces again and add the rows that they give. Exits with 0 only if every piece was decoded.
    Replay {
        #[command(flatten)]
        lake: LakeArgs,
        #[command(flatten)]
        which: WhichArgs,
        /// Log type of what does not tell by itself.
        #[arg(long = "type", default_value = "auto", value_parser = log_type)]
        log_type: LogTypeArg,
        #[command(flatten)]
        geo: GeoArgs,
        /// How the result is printed.
        #[arg(long, value_enum, default_value_t = Printed::Text)]
        format: Printed,
    },
}

/// Whose names and shapes a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standard {
    /// Elastic Common Schema 8, as Elastic's AWS integrations write it.
    Ecs,
    /// Open Cybersecurity Schema Framework 1.5.
    Ocsf,
}

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Whose documents to write.
    #[arg(long, value_enum)]
    pub(crate) to: Standard,
    /// Log type of what does not tell by itself; `auto` goes by the content alone.
    #[arg(long = "type", default_value = "auto", value_parser = log_type)]
    pub(crate) log_type: LogTypeArg,
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
    /// Files, folders or s3://bucket/prefix.
    #[arg(required = true)]
    pub(crate) paths: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Geoip {
    #[command(subcommand)]
    pub(crate) action: GeoipAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GeoipAction {
    /// Fetch what the settings name, where something newer is to be had. Exits with 0 only if all is well.
    Update,
    /// Say which files are in use, and how old they are.
    Status {
        #[command(flatten)]
        geo: GeoArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Dashboards {
    #[command(subcommand)]
    pub(crate) action: DashboardsAction,
}

/// Where one's own dashboards are.
#[derive(Debug, Args)]
pub(crate) struct DashboardsFolder {
    /// Folder of dashboards of one's own.
    #[arg(long, value_name = "DIR", env = "TRAILHOUND_DASHBOARDS")]
    pub(crate) dashboards: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DashboardsAction {
    /// All dashboards, in their order.
    List {
        #[command(flatten)]
        folder: DashboardsFolder,
        /// A table, or one object a line.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// What a dashboard shows: its panels, with their queries.
    Show {
        #[command(flatten)]
        folder: DashboardsFolder,
        /// The dashboard's id.
        id: String,
    },
    /// Print the files of dashboards, built-in ones too, or write them to a folder.
    Export {
        #[command(flatten)]
        folder: DashboardsFolder,
        /// Folder to write to, a file each; without it the one file is printed.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Check files: ids, titles, places, drill-downs, queries. Exits with 0 if all are good, with 2 if not.
    Check {
        #[command(flatten)]
        folder: DashboardsFolder,
        /// Files; without any, all of one's own.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Store dashboards: files of Trailhound, and exports of OpenSearch Dashboards and Kibana (NDJSON of saved objects, or
    /// the JSON of old versions). Says what was left out, and why. Exits with 0 if a dashboard was written.
    Import {
        #[command(flatten)]
        folder: DashboardsFolder,
        /// Write nothing, only say what would be.
        #[arg(long)]
        check: bool,
        /// Replace dashboards of the same name.
        #[arg(long)]
        replace: bool,
        /// Files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Maintain {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Merge small files into large ones, sorted by time.
    Compact {
        #[command(flatten)]
        lake: LakeArgs,
        /// The table; all by default.
        #[arg(long)]
        table: Option<String>,
    },
    /// Delete whole days older than an age such as 400d.
    Retain {
        #[command(flatten)]
        lake: LakeArgs,
        /// The table; every log table by default.
        #[arg(long)]
        table: Option<String>,
        /// The age: a number and `d`.
        #[arg(long)]
        older_than: String,
    },
    /// Remove files that no version needs any more.
    Vacuum {
        #[command(flatten)]
        lake: LakeArgs,
        /// The table; all by default.
        #[arg(long)]
        table: Option<String>,
        /// Hours that removed files are kept for readers; writers need them too, so no less than 1.
        #[arg(long, default_value_t = 168)]
        retention_hours: u32,
    },
    /// Make location, AS, AWS ranges, lists, user agents and actors anew, with the files of today.
    Enrich {
        #[command(flatten)]
        lake: LakeArgs,
        /// The table; every log table by default.
        #[arg(long)]
        table: Option<String>,
        /// Only days since, as 2024-05-01 or an age such as 30d.
        #[arg(long)]
        since: Option<String>,
        #[command(flatten)]
        geo: GeoArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    /// Where users, sessions and tokens are kept: sqlite:PATH.
    #[arg(long, env = "TRAILHOUND_STATE")]
    pub(crate) state: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct User {
    #[command(subcommand)]
    pub(crate) action: UserAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Add a user; the password is asked for, or read from standard input where that is no terminal.
    Add {
        /// The name to sign in with.
        name: String,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Set a user's password anew.
    Password {
        /// The user.
        name: String,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Remove a user, with sessions and tokens.
    Remove {
        /// The user.
        name: String,
        #[command(flatten)]
        state: StateArgs,
    },
    /// List the users.
    List {
        #[command(flatten)]
        state: StateArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) action: TokenAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Make a token; it is shown once.
    Add {
        /// What it is for.
        name: String,
        /// Whose it is.
        #[arg(long)]
        user: Option<String>,
        /// Days until it expires.
        #[arg(long)]
        days: Option<u32>,
        #[command(flatten)]
        state: StateArgs,
    },
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let found = text.split_once('=').filter(|(name, _)| !name.is_empty());
    found.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "write name=value".to_owned())
}
