//! The flags of `trailhound alerts`.

use clap::{Args, Subcommand, ValueEnum};

use super::ListFormat;

/// What an alert turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum VerdictArg {
    /// It was what the rule looks for.
    TruePositive,
    /// It was, and was allowed.
    Benign,
    /// It was something else.
    FalsePositive,
}

impl VerdictArg {
    pub(crate) fn verdict(self) -> detect::store::Verdict {
        match self {
            Self::TruePositive => detect::store::Verdict::TruePositive,
            Self::Benign => detect::store::Verdict::Benign,
            Self::FalsePositive => detect::store::Verdict::FalsePositive,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Alerts {
    /// Where alerts are kept: sqlite:PATH.
    #[arg(long, global = true, env = "TRAILHOUND_STATE")]
    pub(crate) state: Option<String>,
    #[command(subcommand)]
    pub(crate) action: AlertsAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsAction {
    /// List alerts, those that changed last first.
    List(AlertsList),
    /// Show one with its evidence, notes and history.
    Show {
        /// Its id.
        id: i64,
        /// Form of the answer.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Say that somebody looks at it.
    #[command(alias = "ack")]
    Acknowledge {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Whose they are from now on.
        #[arg(long)]
        owner: Option<String>,
    },
    /// Close alerts. What their rules find next opens others.
    Close {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<i64>,
        /// What they turned out to be.
        #[arg(long, value_enum)]
        verdict: Option<VerdictArg>,
        /// A note to add.
        #[arg(long)]
        note: Option<String>,
    },
    /// Open alerts again.
    Open {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Add a note.
    Note {
        /// The alert's id.
        id: i64,
        /// The text.
        text: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AlertsList {
    /// open, acknowledged, closed (several with commas), or all.
    #[arg(long, default_value = "open")]
    pub(crate) status: String,
    /// Only of these severities.
    #[arg(long, value_delimiter = ',')]
    pub(crate) severity: Vec<String>,
    /// Only of these rules.
    #[arg(long, value_delimiter = ',')]
    pub(crate) rule: Vec<String>,
    /// With an event at or after it: ISO 8601 or relative, such as -7d.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// With an event before it.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// Only of this account.
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// Only of this actor.
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// Words of the title, the key, the rule, the actor or the address.
    #[arg(long)]
    pub(crate) search: Option<String>,
    /// Which come first: updated (those that changed last), last_seen, severity or events (the most).
    #[arg(long, default_value = "updated")]
    pub(crate) sort: String,
    /// Most alerts.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
    /// Form of the list.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}
