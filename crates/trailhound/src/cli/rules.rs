//! The flags of `trailhound rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
