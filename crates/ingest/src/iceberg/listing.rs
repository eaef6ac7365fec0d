//! Tables among the files of a folder or bucket: of theirs, only the data of the current snapshot is taken.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use lake::Bucket;

use super::table::{Store, current, newest};
use super::{is_metadata, root_of};
use crate::discover::{Discovery, Place, Source};

/// A table's files, where the listing found them.
enum Files {
    Folder(String),
    Bucket(Arc<Bucket>, String),
}

impl Store for Files {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Bytes, String>> {
        Box::pin(async move {
            match self {
                Self::Folder(root) => {
                    let path = format!("{root}/{path}");
                    let read = tokio::fs::read(&path).await;
                    read.map(Bytes::from).map_err(|error| format!("{path}: {error}"))
                }
                Self::Bucket(bucket, root) => {
                    let path = format!("{root}/{path}");
                    bucket.read(&path).await.map_err(|error| format!("{path}: {error}"))
                }
            }
        })
    }
}

/// Leaves out of what was found the metadata of tables, and the data that their current snapshots do not name.
pub(crate) async fn keep_current(found: &mut Discovery) {
    let mut live: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for (root, (files, names)) in tables(&found.sources) {
        let names = newest(names.iter().map(String::as_str));
        let files = match current(&files, &names).await {
            Ok(metadata) => metadata.files(&files).await,
            Err(reason) => Err(reason),
        };
        let files = files.unwrap_or_else(|reason| {
            // Which of its data is current is not known: none is read, and the ingest is not complete.
            found.unreadable.push((format!("{root}/metadata"), reason));
            HashSet::new()
        });
        live.insert(root, files);
    }
    if !live.is_empty() {
        found.sources.retain(|source| {
            let origin = source.origin();
            let of_table = root_of(&origin).and_then(|(root, inside)| Some((live.get(root)?, inside)));
            of_table.is_none_or(|(files, inside)| files.contains(inside))
        });
    }
}

/// The tables by their roots, with the names of their metadata files.
fn tables(sources: &[Source]) -> BTreeMap<String, (Files, Vec<String>)> {
    let mut tables: BTreeMap<String, (Files, Vec<String>)> = BTreeMap::new();
    for source in sources {
        let origin = source.origin();
        let Some((root, name)) =
            root_of(&origin).and_then(|(root, inside)| Some((root, inside.strip_prefix("metadata/")?)))
        else {
            continue;
        };
        if !is_metadata(name) || name.contains('/') {
            continue;
        }
        let files = match &source.place {
            Place::File(_) => Files::Folder(root.to_owned()),
            Place::Object(bucket, key) => match root_of(key) {
                Some((root, _)) => Files::Bucket(bucket.clone(), root.to_owned()),
                None => continue,
            },
            Place::Given(_) | Place::Stdin => continue,
        };
        tables.entry(root.to_owned()).or_insert_with(|| (files, Vec::new())).1.push(name.to_owned());
    }
    tables
}
