//! `trailhound user` and `trailhound token`: who may come in.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serve::state::State;

use crate::cli::{StateArgs, Token, TokenAction, User, UserAction};
use crate::config::Settings;
use crate::output::{line, note};

fn open(settings: &Settings, args: &StateArgs) -> anyhow::Result<State> {
    let path = settings.state(args.state.as_deref())?;
    state(&path)
}

/// Opens the state file; its folder is made, for its owner alone, where it is missing.
pub(crate) fn state(path: &Path) -> anyhow::Result<State> {
    State::open(path).with_context(|| format!("can't open the state {}", path.display()))
}

/// Adds, changes, removes and lists users.
pub(crate) fn user(settings: &Settings, args: User) -> anyhow::Result<ExitCode> {
    match args.action {
        UserAction::Add { name, state } => {
            open(settings, &state)?.add_user(&name, &password()?)?;
            note(&format!("added the user {name}"));
        }
        UserAction::Password { name, state } => {
            open(settings, &state)?.set_password(&name, &password()?)?;
            note(&format!("set the password of {name}; its sessions have ended"));
        }
        UserAction::Remove { name, state } => {
            open(settings, &state)?.remove_user(&name)?;
            note(&format!("removed the user {name}"));
        }
        UserAction::List { state } => {
            for user in open(settings, &state)?.list_users()? {
                line(&user.name)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// From the terminal without echo and twice; from a pipe, its first line.
fn password() -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        let mut text = String::new();
        io::stdin().read_line(&mut text)?;
        return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
    }
    let first = rpassword::prompt_password("password: ")?;
    if rpassword::prompt_password("once more: ")? != first {
        bail!("the two passwords differ");
    }
    Ok(first)
}

/// Makes tokens.
pub(crate) fn token(settings: &Settings, args: Token) -> anyhow::Result<ExitCode> {
    let TokenAction::Add { name, user, days, state } = args.action;
    let made = open(settings, &state)?.create_token(user.as_deref(), &name, days)?;
    note("the token is shown this once:");
    line(&made.token)?;
    Ok(ExitCode::SUCCESS)
}
