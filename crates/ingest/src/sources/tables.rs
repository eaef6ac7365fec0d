//! The tables that a queue's messages are about: Security Lake tells of every file of its Iceberg tables, but not whether the
//! file is part of the table, and whether its rows are new or only rewritten from files that were told of before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use aws::s3::{Listing, Objects};
use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::fetch::Trouble;
use super::notice::Named;
use crate::iceberg::{Added, Store, current, newest, root_of};

/// Metadata is read again after this.
const FRESH: Duration = Duration::from_secs(10);
/// Bytes of a metadata file as stored.
const MOST: u64 = 256 << 20;

/// What a file is to its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It has new rows, or is of no table.
    Rows,
    /// It is of a table, and has no new rows; why.
    None(&'static str),
    /// No snapshot names it, yet.
    Unnamed,
}

/// The tables by bucket and root.
#[derive(Debug)]
pub(crate) struct Tables {
    objects: Objects,
    known: Mutex<HashMap<Place, Arc<Mutex<Table>>>>,
}

/// A bucket, and the root of a table in it.
type Place = (String, String);

#[derive(Debug, Default)]
struct Table {
    read: Option<Instant>,
    /// There is no metadata: files just lie there.
    plain: bool,
    snapshots: HashSet<i64>,
    added: HashMap<String, Added>,
}

struct Files<'a> {
    objects: &'a Objects,
    bucket: &'a str,
    root: &'a str,
}

impl Store for Files<'_> {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Bytes, String>> {
        Box::pin(async move {
            let key = format!("{}/{path}", self.root);
            let got = self.objects.get(self.bucket, &key, None, MOST).await;
            got.map(|object| object.bytes).map_err(|error| format!("s3://{}/{key}: {error}", self.bucket))
        })
    }
}

impl Tables {
    pub(crate) fn new(objects: Objects) -> Self {
        Self { objects, known: Mutex::default() }
    }

    /// What an object is to the table that it is in.
    pub(crate) async fn part(&self, named: &Named) -> Result<Part, Trouble> {
        let Some((root, inside)) = root_of(&named.key) else { return Ok(Part::Rows) };
        if inside.starts_with("metadata/") {
            return Ok(Part::None("metadata"));
        }
        let place = (named.bucket.clone(), root.to_owned());
        let table = self.known.lock().await.entry(place).or_default().clone();
        let mut table = table.lock().await;
        if let Some(part) = table.part(inside) {
            return Ok(part);
        }
        if table.read.is_none_or(|read| read.elapsed() > FRESH) {
            let files = Files { objects: &self.objects, bucket: &named.bucket, root };
            table.refresh(&files).await.map_err(|message| Trouble::passing("metadata", &message))?;
        }
        Ok(table.part(inside).unwrap_or(Part::Unnamed))
    }
}

impl Table {
    fn part(&self, inside: &str) -> Option<Part> {
        if self.plain {
            return Some(Part::Rows);
        }
        self.added.get(inside).map(|added| match added {
            Added::New => Part::Rows,
            Added::Rewritten => Part::None("rewritten"),
        })
    }

    /// Reads the newest metadata, and of its snapshots those that were not read before.
    async fn refresh(&mut self, files: &Files<'_>) -> Result<(), String> {
        let names = names(files).await?;
        let newest = newest(names.iter().map(String::as_str));
        self.plain = newest.is_empty();
        if !self.plain {
            let metadata = current(files, &newest).await?;
            for snapshot in &metadata.snapshots {
                if !self.snapshots.contains(&snapshot.id) {
                    self.added.extend(metadata.added(files, snapshot.id).await?);
                    self.snapshots.insert(snapshot.id);
                }
            }
        }
        self.read = Some(Instant::now());
        Ok(())
    }
}

async fn names(files: &Files<'_>) -> Result<Vec<String>, String> {
    let prefix = format!("{}/metadata/", files.root);
    let (mut names, mut next) = (Vec::new(), None);
    loop {
        let listing = Listing { prefix: &prefix, next: next.as_deref(), ..Listing::default() };
        let page = files.objects.list(files.bucket, &listing).await.map_err(|error| error.to_string())?;
        names.extend(page.objects.iter().filter_map(|object| object.key.strip_prefix(&prefix)).map(str::to_owned));
        next = page.next;
        if next.is_none() {
            return Ok(names);
        }
    }
}
