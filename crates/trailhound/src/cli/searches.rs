//! Flags of `trailhound searches`.

use clap::{Args, Subcommand};

use super::{GeoArgs, KnowledgeArgs, LakeArgs, ListFormat, RowFormat};

#[derive(Debug, Args)]
pub(crate) struct Searches {
    /// Where searches are kept: sqlite:PATH.
    #[arg(long, global = true, env = "TRAILHOUND_STATE")]
    pub(crate) state: Option<String>,
    #[command(subcommand)]
    pub(crate) action: SearchesAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SearchesAction {
    /// List the saved searches of all users.
    List {
        /// Form of the list.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Run a saved search over the lake and print its rows.
    Run(Box<SearchesRun>),
}

#[derive(Debug, Args)]
pub(crate) struct SearchesRun {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    /// Whose search it is, where several have that name.
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// Events at or after, instead of the saved range.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// Events before, instead of the saved range.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// Most rows.
    #[arg(long)]
    pub(crate) limit: Option<u64>,
    /// Seconds until the query is ended.
    #[arg(long, default_value_t = 600)]
    pub(crate) deadline: u64,
    /// Form of the rows.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RowFormat,
    /// Where days begin: UTC, +09:00, Asia/Tokyo.
    #[arg(long, default_value = "UTC", allow_hyphen_values = true)]
    pub(crate) timezone: String,
    #[command(flatten)]
    pub(crate) geo: GeoArgs,
    #[command(flatten)]
    pub(crate) knowledge: KnowledgeArgs,
    /// The search's name.
    pub(crate) name: String,
}
