//! The `trailhound` program: reads flags, environment and `trailhound.toml` once, wires the crates together, and turns
//! what they answer into output and exit codes. No logic of its own.

mod cli;
mod commands;
mod config;
mod detection;
mod health;
mod inlets;
mod keys;
mod output;
mod sources;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code of a query that is wrong: its diagnostics are on standard error.
pub(crate) const EXIT_INVALID: u8 = 2;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    output::logging(cli.verbose, cli.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(8 << 20).build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&anyhow::anyhow!("the runtime can't start: {error}")),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(error) => output::fail(&error),
    }
}
