//! Flags of `trailhound scan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{GeoArgs, LakeArgs, LogTypeArg, log_type};

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Folders of rules beside the built-in ones and those of the settings: ours and Sigma's.
    #[arg(long, value_name = "DIR", env = "TRAILHOUND_RULES", value_delimiter = ',')]
    pub(crate) rules: Vec<PathBuf>,
    /// Run rules that are off too.
    #[arg(long)]
    pub(crate) all: bool,
    /// Logs of usual days: rules about what is new or rare learn from them and find nothing in them.
    #[arg(long, value_name = "PATH")]
    pub(crate) baseline: Vec<String>,
    /// Form of the report.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ScanFormat,
    /// Language of the table and the page.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) language: ScanLanguage,
    /// Write the report to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Log type of what does not tell by itself; `auto` goes by the content alone.
    #[arg(long = "type", default_value = "auto", value_parser = log_type)]
    pub(crate) log_type: LogTypeArg,
    #[command(flatten)]
    pub(crate) storage: LakeArgs,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
    /// Files, folders or s3://bucket/prefix.
    #[arg(required = true)]
    pub(crate) paths: Vec<String>,
}

/// Forms of a scan's report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For a terminal.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// One page that needs nothing else.
    Html,
}

/// The reader's language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanLanguage {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}
