//! Sigma rules from a file, or from all of a folder: one broken rule is named and left out, the others run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use query::diagnostic::Severity;
use query::sigma::{File, load};

use crate::output::note;

/// The rules under a path as one text.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    let read = |path: &PathBuf| -> anyhow::Result<File> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
        Ok(File { name: path.display().to_string(), text })
    };
    let files = found(path)?.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    if let [file] = files.as_slice() {
        return Ok(file.text.clone());
    }
    let mut broken = BTreeSet::new();
    for (file, diagnostic) in load(&files).diagnostics {
        if diagnostic.severity == Severity::Error {
            let File { name, text } = &files[file];
            let line = text[..diagnostic.span.start].matches('\n').count() + 1;
            note(&format!("{name}:{line}: left out: {} [{}]", diagnostic.message, diagnostic.code));
            broken.insert(file);
        }
    }
    let whole = files.iter().enumerate().filter(|(at, _)| !broken.contains(at)).map(|(_, file)| file.text.as_str());
    let text = whole.collect::<Vec<_>>().join("\n---\n");
    if text.is_empty() {
        bail!("{} holds no rule that can be read", path.display());
    }
    Ok(text)
}

/// The file itself, or the YAML files of a folder and of those inside, sorted.
fn found(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut out = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("{} can't be read", folder.display()))? {
            let entry = entry?;
            let path = entry.path();
            // A link could lead back up.
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "yml" || end == "yaml") {
                out.push(path);
            }
        }
    }
    out.sort();
    Ok(out)
}
