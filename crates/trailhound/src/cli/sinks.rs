//! Flags of `trailhound sinks`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Sinks {
    #[command(subcommand)]
    pub(crate) action: SinksAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SinksAction {
    /// List the sinks of the settings, and what waits for them.
    List {
        /// Where messages wait: sqlite:PATH.
        #[arg(long, env = "TRAILHOUND_STATE")]
        state: Option<String>,
    },
    /// Send a test to a sink. Exits with 0 if it was taken.
    Test {
        /// The sink's name.
        name: String,
    },
}
