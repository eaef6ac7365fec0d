//! The public keys that prove digests: from files, and from AWS where the settings name a source by whose access it is asked.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ingest::verify::{Keys, WantedKeys};

use crate::config::Settings;
use crate::sources;

/// The keys of the flags, else those of the settings and those that were asked for before.
pub(crate) fn keys(settings: &Settings, named: &[PathBuf]) -> anyhow::Result<Keys> {
    let mut keys = Keys::default();
    for path in if named.is_empty() { &settings.integrity.keys[..] } else { named } {
        keys.extend(parsed(path)?);
    }
    let kept = settings.integrity.kept_keys();
    if named.is_empty() && kept.is_file() {
        keys.extend(parsed(&kept)?);
    }
    Ok(keys)
}

fn parsed(path: &Path) -> anyhow::Result<Keys> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(Keys::parse(&text, &path.display().to_string())?)
}

/// Asks AWS for keys and keeps them; none where no source is named, or there is nothing to ask for.
pub(crate) async fn fetch(settings: &Settings, wanted: &[WantedKeys]) -> anyhow::Result<Option<Keys>> {
    let Some(name) = settings.integrity.keys_from.as_deref().filter(|_| !wanted.is_empty()) else { return Ok(None) };
    let source = settings.source.iter().find(|source| source.name() == name);
    let source = source.with_context(|| format!("[integrity] keys_from: there is no source `{name}`"))?;
    let session = aws::Session::open(&sources::access(settings, source.access())).await?;
    let fetched = Keys::fetch(&session, wanted).await.context("can't ask for public keys (ListPublicKeys)")?;
    if fetched.is_empty() {
        return Ok(None);
    }
    let path = settings.integrity.kept_keys();
    let mut all = if path.is_file() { parsed(&path)? } else { Keys::default() };
    all.extend(fetched.clone());
    keep(&path, &all.to_json()).with_context(|| format!("can't write {}", path.display()))?;
    tracing::info!(file = %path.display(), "public keys of digests are kept");
    Ok(Some(fetched))
}

/// Whole or not at all.
fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, path)
}
