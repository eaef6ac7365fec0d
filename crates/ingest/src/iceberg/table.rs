//! What a table's metadata says of its files.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

use super::{avro, is_metadata, number, root_of};

/// Bytes of a metadata file or manifest, decompressed.
const MOST: usize = 256 << 20;

/// Where the files of a table are: by their path below its root.
pub(crate) trait Store: Sync {
    /// The bytes of a file.
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Bytes, String>>;
}

/// A table's metadata.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    location: String,
    #[serde(rename = "last-updated-ms", default)]
    updated: i64,
    #[serde(rename = "current-snapshot-id")]
    current: Option<i64>,
    #[serde(default)]
    pub(crate) snapshots: Vec<Snapshot>,
}

/// One of a table's snapshots.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Snapshot {
    #[serde(rename = "snapshot-id")]
    pub(crate) id: i64,
    #[serde(rename = "manifest-list")]
    list: Option<String>,
    /// Manifests without a list, as the first version of the format may have them.
    #[serde(default)]
    manifests: Vec<String>,
    #[serde(default)]
    summary: BTreeMap<String, Value>,
}

/// A file that a snapshot added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// With new rows.
    New,
    /// With rows of files that it takes the place of.
    Rewritten,
}

impl Snapshot {
    /// Rows were only moved from files to files.
    fn only_rewrites(&self) -> bool {
        self.summary.get("operation").and_then(Value::as_str) == Some("replace")
    }
}

/// The newest of the names of metadata files; of several with the same number all.
pub(crate) fn newest<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let names: Vec<&str> = names.filter(|name| is_metadata(name)).collect();
    let most = names.iter().map(|name| number(name)).max();
    names.into_iter().filter(|name| Some(number(name)) == most).collect()
}

/// The metadata of a table, the newest of those named.
pub(crate) async fn current(store: &impl Store, names: &[&str]) -> Result<Metadata, String> {
    let mut found: Option<Metadata> = None;
    for name in names {
        let path = format!("metadata/{name}");
        let bytes = store.read(&path).await?;
        let text = event::compression::decompress(&bytes, MOST).map_err(|error| format!("{path}: {error}"))?;
        let read: Metadata =
            serde_json::from_slice(&text).map_err(|error| format!("{path} is no metadata of a table: {error}"))?;
        if found.as_ref().is_none_or(|known| known.updated < read.updated) {
            found = Some(read);
        }
    }
    found.ok_or_else(|| "the table has no metadata".into())
}

impl Metadata {
    /// The data files of the current snapshot, by their paths below the table's root.
    pub(crate) async fn files(&self, store: &impl Store) -> Result<HashSet<String>, String> {
        // A table without rows has no snapshot, or one with the number -1.
        let Some(snapshot) = self.snapshots.iter().find(|snapshot| Some(snapshot.id) == self.current) else {
            return match self.current {
                None | Some(-1) => Ok(HashSet::new()),
                Some(id) => Err(format!("the metadata lacks its current snapshot {id}")),
            };
        };
        let mut files = HashSet::new();
        for manifest in self.manifests(store, snapshot).await? {
            for entry in self.entries(store, &manifest.path).await? {
                if entry.status != DELETED {
                    files.insert(entry.path);
                }
            }
        }
        Ok(files)
    }

    /// The data files that a snapshot added.
    pub(crate) async fn added(&self, store: &impl Store, id: i64) -> Result<HashMap<String, Added>, String> {
        let Some(snapshot) = self.snapshots.iter().find(|snapshot| snapshot.id == id) else {
            return Ok(HashMap::new());
        };
        let kind = if snapshot.only_rewrites() { Added::Rewritten } else { Added::New };
        let mut files = HashMap::new();
        let manifests = self.manifests(store, snapshot).await?;
        // A manifest without the number of its snapshot may be of any.
        for manifest in manifests.iter().filter(|manifest| manifest.snapshot.is_none_or(|of| of == id)) {
            for entry in self.entries(store, &manifest.path).await? {
                if entry.status == ADDED && entry.snapshot.is_none_or(|of| of == id) {
                    files.insert(entry.path, kind);
                }
            }
        }
        Ok(files)
    }

    async fn manifests(&self, store: &impl Store, snapshot: &Snapshot) -> Result<Vec<Manifest>, String> {
        let Some(list) = &snapshot.list else {
            let manifest = |path: &String| Manifest { path: path.clone(), snapshot: None };
            return Ok(snapshot.manifests.iter().map(manifest).collect());
        };
        let path = self.below(list)?;
        let bytes = store.read(&path).await?;
        let wanted = ["manifest_path", "content", "added_snapshot_id"];
        let rows = avro::read(&bytes, &wanted).map_err(|error| format!("{path}: {error}"))?;
        // Manifests of deletes name rows that are not to be read; Security Lake has none.
        let of_data = rows.iter().filter(|row| row.get("content").and_then(Value::as_i64).unwrap_or(0) == 0);
        let manifest = |row: &Value| {
            let path = row.get("manifest_path").and_then(Value::as_str).ok_or("a manifest has no path")?;
            Ok(Manifest { path: path.to_owned(), snapshot: row.get("added_snapshot_id").and_then(Value::as_i64) })
        };
        of_data.map(manifest).collect()
    }

    async fn entries(&self, store: &impl Store, manifest: &str) -> Result<Vec<Entry>, String> {
        let path = self.below(manifest)?;
        let bytes = store.read(&path).await?;
        let wanted = ["status", "snapshot_id", "data_file", "content", "file_path"];
        let rows = avro::read(&bytes, &wanted).map_err(|error| format!("{path}: {error}"))?;
        let entry = |row: &Value| {
            let file = row.get("data_file").ok_or_else(|| format!("{path} is no manifest"))?;
            if file.get("content").and_then(Value::as_i64).unwrap_or(0) != 0 {
                return Ok(None);
            }
            let named = file.get("file_path").and_then(Value::as_str).ok_or("a data file has no path")?;
            Ok(Some(Entry {
                status: row.get("status").and_then(Value::as_i64).unwrap_or(ADDED),
                snapshot: row.get("snapshot_id").and_then(Value::as_i64),
                path: self.below(named)?,
            }))
        };
        rows.iter().filter_map(|row| entry(row).transpose()).collect()
    }

    /// A path below the table's root. The table may have been copied elsewhere: its files name where they were written.
    fn below(&self, path: &str) -> Result<String, String> {
        let plain = |text: &str| text.replacen("s3a://", "s3://", 1).replacen("s3n://", "s3://", 1);
        let (path, location) = (plain(path), plain(&self.location));
        let inside = path.strip_prefix(location.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
        let inside = inside.or_else(|| root_of(&path).map(|(_, inside)| inside));
        match inside {
            Some(inside) if inside.split('/').all(|part| part != "..") => Ok(inside.to_owned()),
            _ => Err(format!("the table's metadata names a file that is not in it: {path}")),
        }
    }
}

const ADDED: i64 = 1;
const DELETED: i64 = 2;

struct Manifest {
    path: String,
    snapshot: Option<i64>,
}

struct Entry {
    status: i64,
    snapshot: Option<i64>,
    path: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::avro::tests::{file, long, text};
    use super::*;

    impl Store for HashMap<&str, Vec<u8>> {
        fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Bytes, String>> {
            let found = self.get(path).map(|bytes| bytes.clone().into());
            Box::pin(std::future::ready(found.ok_or_else(|| format!("there is no {path}"))))
        }
    }

    const ROOT: &str = "s3://lake/aws/X/2.0";

    fn list(manifests: &[(&str, i64, i64)]) -> Vec<u8> {
        let schema = json!({"type": "record", "name": "manifest_file", "fields": [
            {"name": "manifest_path", "type": "string"}, {"name": "manifest_length", "type": "long"},
            {"name": "content", "type": "int"}, {"name": "added_snapshot_id", "type": "long"}]});
        let row = |(path, content, id): &(&str, i64, i64)| {
            [text(&format!("{ROOT}/metadata/{path}")), long(9), long(*content), long(*id)].concat()
        };
        let rows: Vec<Vec<u8>> = manifests.iter().map(row).collect();
        file(&schema, "deflate", i64::try_from(rows.len()).unwrap(), &rows.concat())
    }

    fn manifest(entries: &[(i64, Option<i64>, &str)]) -> Vec<u8> {
        let schema = json!({"type": "record", "name": "manifest_entry", "fields": [
            {"name": "status", "type": "int"}, {"name": "snapshot_id", "type": ["null", "long"]},
            {"name": "data_file", "type": {"type": "record", "name": "r2", "fields": [
                {"name": "content", "type": "int"}, {"name": "file_path", "type": "string"}]}}]});
        let row = |(status, id, path): &(i64, Option<i64>, &str)| {
            let id = id.map_or(long(0), |id| [long(1), long(id)].concat());
            [long(*status), id, long(0), text(&format!("s3a://lake/aws/X/2.0/{path}"))].concat()
        };
        let rows: Vec<Vec<u8>> = entries.iter().map(row).collect();
        file(&schema, "null", i64::try_from(rows.len()).unwrap(), &rows.concat())
    }

    fn table() -> HashMap<&'static str, Vec<u8>> {
        let snapshot = |id: i64, operation: &str| json!({"snapshot-id": id, "manifest-list": format!("{ROOT}/metadata/snap-{id}.avro"), "summary": {"operation": operation}});
        let metadata = |current: i64, updated: i64| {
            json!({"format-version": 2, "location": ROOT, "last-updated-ms": updated, "current-snapshot-id": current,
                "snapshots": [snapshot(1, "append"), snapshot(2, "replace"), snapshot(3, "append")]})
            .to_string()
            .into_bytes()
        };
        HashMap::from([
            ("metadata/00002-a.metadata.json", metadata(3, 20)),
            ("metadata/00002-b.metadata.json", metadata(1, 10)),
            ("metadata/snap-1.avro", list(&[("m1.avro", 0, 1)])),
            ("metadata/snap-2.avro", list(&[("m2.avro", 0, 2)])),
            ("metadata/snap-3.avro", list(&[("m2.avro", 0, 2), ("m3.avro", 0, 3), ("deletes.avro", 1, 3)])),
            ("metadata/m1.avro", manifest(&[(1, Some(1), "data/a.parquet"), (1, None, "data/b.parquet")])),
            ("metadata/m2.avro", manifest(&[(1, Some(2), "data/ab.parquet"), (2, Some(2), "data/a.parquet")])),
            ("metadata/m3.avro", manifest(&[(1, Some(3), "data/c.parquet"), (0, Some(1), "data/old.parquet")])),
        ])
    }

    #[tokio::test]
    async fn the_current_snapshot_has_its_files() {
        let table = table();
        let names: Vec<&str> = table.keys().filter_map(|path| path.strip_prefix("metadata/")).collect();
        let mut found = newest(names.into_iter());
        found.sort_unstable();
        assert_eq!(found, ["00002-a.metadata.json", "00002-b.metadata.json"]);
        let metadata = current(&table, &found).await.unwrap();
        let mut files: Vec<String> = metadata.files(&table).await.unwrap().into_iter().collect();
        files.sort();
        assert_eq!(files, ["data/ab.parquet", "data/c.parquet", "data/old.parquet"]);
    }

    #[tokio::test]
    async fn snapshots_add_or_rewrite() {
        let table = table();
        let metadata = current(&table, &["00002-a.metadata.json"]).await.unwrap();
        let first = metadata.added(&table, 1).await.unwrap();
        assert_eq!(
            first,
            HashMap::from([("data/a.parquet".into(), Added::New), ("data/b.parquet".into(), Added::New)])
        );
        let second = metadata.added(&table, 2).await.unwrap();
        assert_eq!(second, HashMap::from([("data/ab.parquet".into(), Added::Rewritten)]));
        let third = metadata.added(&table, 3).await.unwrap();
        assert_eq!(third, HashMap::from([("data/c.parquet".into(), Added::New)]));
    }

    #[tokio::test]
    async fn paths_stay_in_the_table() {
        let table = table();
        let metadata = current(&table, &["00002-a.metadata.json"]).await.unwrap();
        assert_eq!(metadata.below("s3://lake/aws/X/2.0/data/x.parquet"), Ok("data/x.parquet".into()));
        assert_eq!(metadata.below("s3://other/place/data/x.parquet"), Ok("data/x.parquet".into()));
        assert!(metadata.below("s3://lake/aws/X/2.0/../y").is_err());
        assert!(metadata.below("s3://elsewhere/x").is_err());
        assert!(current(&table, &[]).await.is_err());
    }
}
