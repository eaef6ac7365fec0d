//! One file a subcommand.

mod alerts;
mod convert;
mod dashboards;
mod demo;
mod explain;
mod follow;
mod generate;
mod geoip;
mod ingest;
mod maintain;
mod quarantine;
mod query;
mod rules;
mod rules_replay;
pub(crate) mod rules_test;
mod scan;
mod searches;
mod serve;
mod sigma;
mod sinks;
mod user;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::config::Settings;

/// Runs the subcommand.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(cli.config.as_deref())?;
    match cli.command {
        Command::Demo(args) => demo::run(&settings, args).await,
        Command::Serve(args) => serve::run(&settings, args).await,
        Command::Ingest(args) => ingest::run(&settings, args).await,
        Command::Query(args) => query::run(&settings, args).await,
        Command::Explain(args) => explain::run(&settings, args).await,
        Command::Generate(args) => generate::run(&args),
        Command::Verify(args) => verify::run(&settings, args).await,
        Command::Convert(args) => convert::run(&settings, args).await,
        Command::Quarantine(args) => quarantine::run(&settings, args).await,
        Command::Dashboards(args) => dashboards::run(&settings, args).await,
        Command::Geoip(args) => geoip::run(&settings, args).await,
        Command::Rules(args) => rules::run(&settings, args).await,
        Command::Alerts(args) => alerts::run(&settings, args),
        Command::Searches(args) => searches::run(&settings, args).await,
        Command::Scan(args) => scan::run(&settings, args).await,
        Command::Sinks(args) => sinks::run(&settings, args).await,
        Command::Maintain(args) => maintain::run(&settings, args).await,
        Command::User(args) => user::user(&settings, args),
        Command::Token(args) => user::token(&settings, args),
    }
}

/// The query's text; `-` stands for standard input, and `@PATH` for a file, or a folder of Sigma rules.
fn query_text(argument: &str, lang: &str) -> anyhow::Result<String> {
    match argument.strip_prefix('@') {
        Some(path) if lang == "sigma" => sigma::text(Path::new(path)),
        _ if argument == "-" => Ok(std::io::read_to_string(std::io::stdin())?),
        _ => Ok(argument.to_owned()),
    }
}

/// Until Ctrl-C or SIGTERM.
async fn interrupted() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
