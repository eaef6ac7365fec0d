//! Puts detections together: the built-in rules, those of the settings' folders and of the flags.

use std::path::PathBuf;

use anyhow::Context;
use detect::Attack;
use detect::rule::{File, Loaded, folder, load};

use crate::config::Settings;

/// ATT&CK as rules name it.
pub(crate) fn attack() -> Attack {
    Attack::parse(assets::attack())
}

/// The rules that come with the product.
pub(crate) fn builtin() -> Vec<File> {
    let file =
        |(path, text): (&str, &str)| File { name: format!("rules/{path}"), text: text.to_owned(), builtin: true };
    assets::rules().map(file).collect()
}

/// The rules that come with the product, those of the settings' folders, and those of further ones.
pub(crate) fn rules(settings: &Settings, further: &[PathBuf]) -> anyhow::Result<Loaded> {
    let mut files = builtin();
    for path in settings.rules.folders.iter().chain(further) {
        files.extend(folder(path).with_context(|| format!("can't read the rules of {}", path.display()))?);
    }
    Ok(load(&files, &attack()))
}

/// The rules of some files and folders alone.
pub(crate) fn rules_at(paths: &[PathBuf]) -> anyhow::Result<Loaded> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(folder(path).with_context(|| format!("can't read the rules of {}", path.display()))?);
    }
    Ok(load(&files, &attack()))
}
