//! Every code that a diagnostic may have, with what it means and what to do: the manual's section on messages.

/// The table: code, meaning, remedy, sorted by code.
const TABLE: &str = include_str!("codes.tsv");

/// A code, and what is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Code {
    /// Stable identifier, e.g. `spl.unknown-command`; the part before the dot is the language.
    pub code: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What to do, in a sentence.
    pub remedy: &'static str,
}

/// The codes in the order of their names.
pub fn codes() -> impl Iterator<Item = Code> {
    TABLE.lines().filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Code { code: cells.next()?, meaning: cells.next()?, remedy: cells.next()? })
    })
}

/// The codes of a language, by its id.
pub fn codes_of(language: &str) -> impl Iterator<Item = Code> {
    codes().filter(move |code| code.code.split_once('.').is_some_and(|(of, _)| of == language))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// Languages whose code is put together from the language and a name.
    const FAMILY: [&str; 3] = ["dsl", "lucene", "kql"];

    fn sources(folder: &Path, out: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                sources(&path, out);
            } else if name.ends_with(".rs") && !name.contains("test") && name != "codes.rs" {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                out.insert(path.to_string_lossy().into_owned(), code);
            }
        }
    }

    fn all() -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        sources(&here.join("src"), &mut out);
        sources(&here.join("../engine/src"), &mut out);
        sources(&here.join("../detect/src"), &mut out);
        out
    }

    #[test]
    fn every_code_of_the_sources_is_explained_and_every_explained_one_is_used() {
        let known: BTreeSet<&str> = codes().map(|code| code.code).collect();
        let languages: BTreeSet<&str> =
            known.iter().filter_map(|code| code.split_once('.')).map(|(of, _)| of).collect();
        let quoted = regex::Regex::new(r#""([a-z]+)\.([a-z]+(?:-[a-z]+)*)""#).unwrap();
        let named = regex::Regex::new(r#"(?:reader|self)\s*\.(?:error|warning|code)\(\s*&?"([a-z-]+)""#).unwrap();
        let reader = regex::Regex::new(r#""\{[a-z_]*\}\.(yaml[a-z-]*)""#).unwrap();
        // The reader of rules puts `rule` before.
        let of_rule = regex::Regex::new(r#"(?:reader|self)\s*\.(?:error|unknown)\(\s*\(?"([a-z-]+)""#).unwrap();
        let (mut used, mut parts) = (BTreeSet::new(), BTreeSet::new());
        for (path, text) in all() {
            used.extend(
                quoted
                    .captures_iter(&text)
                    .filter(|found| {
                        languages.contains(&found[1])
                            && (&found[1] != "rule" || path.contains("/detect/"))
                            && text[found.get(0).unwrap().end()..].starts_with([',', ' ', ')', ']', ':', ';', '\n'])
                    })
                    .map(|found| format!("{}.{}", &found[1], &found[2])),
            );
            // The reader of YAML puts its reader's name before.
            used.extend(reader.captures_iter(&text).map(|found| format!("sigma.{}", &found[1])));
            if path.contains("/detect/src/rule/") {
                used.extend(of_rule.captures_iter(&text).map(|found| format!("rule.{}", &found[1])));
            }
            if path.contains("/dsl/") || path.contains("/opensearch/") {
                parts.extend(named.captures_iter(&text).map(|found| found[1].to_owned()));
            }
        }
        let unexplained: Vec<_> = used.iter().filter(|code| !known.contains(code.as_str())).collect();
        assert_eq!(unexplained, Vec::<&String>::new(), "codes without a line in codes.tsv");
        for part in &parts {
            assert!(known.contains(format!("dsl.{part}").as_str()), "no line for dsl.{part}");
        }
        let unused: Vec<_> = known
            .iter()
            .filter(|code| !used.contains(**code))
            .filter(|code| code.split_once('.').is_none_or(|(of, part)| !FAMILY.contains(&of) || !parts.contains(part)))
            .collect();
        assert_eq!(unused, Vec::<&&str>::new(), "codes that nothing gives");
    }

    #[test]
    fn each_line_says_something_once() {
        let all: Vec<Code> = codes().collect();
        assert!(all.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert_eq!(all.len(), TABLE.lines().count());
        assert!(all.iter().all(|code| code.meaning.len() > 15 && code.remedy.ends_with('.')));
    }
}
