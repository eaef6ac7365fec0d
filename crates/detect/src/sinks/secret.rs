//! Secrets of sinks: given in place, by an environment variable or by a file; never shown.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// Where a secret is: `"…"`, `{ env = "NAME" }` or `{ file = "/run/secrets/x" }`.
#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "a secret is a text, { env = NAME } or { file = PATH }")]
pub(crate) enum SecretSource {
    /// In the settings.
    Text(String),
    /// In an environment variable.
    Env(Env),
    /// In a file, whose last line end is not part of it.
    File(File),
}

/// `{ env = "NAME" }`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Env {
    env: String,
}

/// `{ file = "PATH" }`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    file: PathBuf,
}

/// A text that must not be seen.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The text, for the one place that sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("SecretSource(…)"),
            Self::Env(Env { env }) => write!(f, "SecretSource(env {env})"),
            Self::File(File { file }) => write!(f, "SecretSource(file {})", file.display()),
        }
    }
}

impl SecretSource {
    /// The secret. The error says where it was looked for, never what was found.
    pub(crate) fn read(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Secret, String> {
        let (text, place) = match self {
            Self::Text(text) => (text.clone(), "the settings".to_owned()),
            Self::Env(Env { env: name }) => {
                let text = env(name).ok_or_else(|| format!("the environment variable {name} is not set"))?;
                (text, format!("the environment variable {name}"))
            }
            Self::File(File { file }) => {
                let text = std::fs::read_to_string(file).map_err(|e| format!("can't read {}: {e}", file.display()))?;
                let text = text.strip_suffix('\n').map(|t| t.strip_suffix('\r').unwrap_or(t)).unwrap_or(&text);
                (text.to_owned(), file.display().to_string())
            }
        };
        if text.is_empty() { Err(format!("{place}: the secret is empty")) } else { Ok(Secret(text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(toml: &str) -> SecretSource {
        #[derive(Deserialize)]
        struct Holder {
            key: SecretSource,
        }
        toml::from_str::<Holder>(&format!("key = {toml}")).unwrap().key
    }

    #[test]
    fn secrets_are_found_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "hunter2\n").unwrap();
        let env = |name: &str| (name == "TOKEN").then(|| "hunter2".to_owned());
        for text in ["\"hunter2\"".to_owned(), "{ env = \"TOKEN\" }".into(), format!("{{ file = {file:?} }}")] {
            let source = source(&text);
            let secret = source.read(&env).unwrap();
            assert_eq!(secret.reveal(), "hunter2");
            assert!(!format!("{source:?}{secret:?}").contains("hunter2"));
        }
        for text in ["\"\"", "{ env = \"NOPE\" }", "{ file = \"/nonexistent\" }"] {
            assert!(source(text).read(&env).is_err(), "{text}");
        }
    }
}
