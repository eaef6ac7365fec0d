//! The flags of `trailhound rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{GeoArgs, LakeArgs};

#[derive(Debug, Args)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) action: RulesAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// The rules that come with the product and those of one's own.
    List(RulesList),
    /// Run the tests in rule files. Exits with 0 only if all pass.
    Test(RulesTest),
    /// Run a rule over what is stored: how often it would have fired, on whom, with which events.
    Replay(RulesReplay),
}

#[derive(Debug, Args)]
pub(crate) struct RulesList {
    /// Folders of rules beside those of the settings: ours and Sigma's.
    #[arg(long, value_name = "DIR", env = "TRAILHOUND_RULES", value_delimiter = ',')]
    pub(crate) rules: Vec<PathBuf>,
    /// How they are printed; json is one object a line.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}

/// How lists are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    #[default]
    Table,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct RulesTest {
    /// Rule files, or folders of them; without any, the rules that come with the product and those of the settings.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How the outcome is printed; json is one test a line.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct RulesReplay {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    /// Events at or after: ISO 8601 or relative, such as -30d.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// Events before.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// Most keys and events shown; the counts are whole.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
    /// A rule's id, or a file with a rule.
    #[arg(value_name = "ID|FILE")]
    pub(crate) rule: String,
}
