//! Iceberg tables, in which Security Lake keeps its logs since its second version: which files hold the rows of the table now,
//! and which were only rewritten from others.
//!
//! A table is a folder with `metadata/*.metadata.json`. Such a file names the table's snapshots; a snapshot has a list of
//! manifests (Avro), and a manifest lists data files (Avro). What is not in the current snapshot was deleted, or rewritten, or
//! never committed, and is not read.

mod avro;
mod listing;
mod table;

pub(crate) use listing::keep_current;
pub(crate) use table::{Added, Store, current, newest};

/// Where a table's root ends in the path of one of its files, and what follows.
pub(crate) fn root_of(path: &str) -> Option<(&str, &str)> {
    let at = path.rfind("/metadata/").into_iter().chain(path.rfind("/data/")).max()?;
    Some((&path[..at], &path[at + 1..]))
}

/// Whether a name is that of a table's metadata: `00003-<uuid>.metadata.json`, `v3.metadata.json`, either compressed.
pub(crate) fn is_metadata(name: &str) -> bool {
    name.ends_with(".metadata.json") || name.ends_with(".metadata.json.gz")
}

/// The number in the name of a metadata file.
pub(crate) fn number(name: &str) -> u64 {
    let digits: String = name.trim_start_matches('v').chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_a_root() {
        let check = |path: &str, expected: Option<(&str, &str)>| assert_eq!(root_of(path), expected, "{path}");
        check("aws/X/2.0/metadata/00001-a.metadata.json", Some(("aws/X/2.0", "metadata/00001-a.metadata.json")));
        check("aws/X/2.0/data/r/a.parquet", Some(("aws/X/2.0", "data/r/a.parquet")));
        check("data/lake/aws/2.0/data/a.parquet", Some(("data/lake/aws/2.0", "data/a.parquet")));
        check("aws/X/1.0/region=r/a.parquet", None);
    }

    #[test]
    fn metadata_has_numbers() {
        let check = |name: &str, expected: Option<u64>| {
            assert_eq!(is_metadata(name).then(|| number(name)), expected, "{name}");
        };
        check("00012-3f.metadata.json", Some(12));
        check("v7.metadata.json", Some(7));
        check("v8.metadata.json.gz", Some(8));
        check("00012-3f.gz.metadata.json", Some(12));
        check("snap-1.avro", None);
        check("other.json", None);
    }
}
