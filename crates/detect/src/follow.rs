//! Following the lake: what came in without being watched (another machine took it in, or a program with another state) is
//! watched here, commit by commit, in the order of the lake's log. How far this has come is written with what was found, so
//! every row is watched once whatever ends when.

use engine::{Arrived, Engine, Mark, StoredRows};
use event::{Decoded, LogType};
use futures::StreamExt;

use crate::detections::{Detections, Error};
use crate::store::{Recorded, Telling};

/// Rows of a lake that is met for the first time up to which all of it is watched; beyond, only what comes from then on.
const HISTORY: u64 = 10_000_000;
/// Bytes of rows that are watched in one change.
const SLICE: usize = 32 << 20;

/// What following did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followed {
    /// Commits looked at.
    pub commits: u64,
    /// Rows in them.
    pub rows: u64,
    /// Alerts opened.
    pub opened: u64,
    /// Findings.
    pub findings: u64,
}

/// The part of a table that is to be looked at.
struct Stretch {
    log_type: &'static LogType,
    after: i64,
    upto: i64,
}

impl Detections {
    /// Watches what has come into the lake at `address` since the last time and was not watched by whoever brought it.
    ///
    /// A lake that is met for the first time is watched from its beginning, without messages to the outside; a large one from
    /// now on.
    ///
    /// # Errors
    /// The store's and the lake's. What was watched until then stays so.
    pub async fn follow(&self, engine: &Engine, address: &str) -> Result<Followed, Error> {
        let upto = engine.mark().await?;
        let address = address.to_owned();
        let known = {
            let address = address.clone();
            self.blocking(move |detections| Ok(detections.store().mark(&address)?)).await?
        };
        let (mut mark, telling) = match known {
            Some(mark) if mark.at > 0 => (mark, Telling::Sinks),
            Some(mark) => (mark, Telling::Nobody),
            None => (self.begin(engine, &upto).await?, Telling::Nobody),
        };
        let mut followed = Followed::default();
        let before = mark.clone();
        for log_type in event::log_types().iter().copied() {
            let Some(newest) = upto.versions.get(log_type.id).copied() else { continue };
            let after = mark.versions.get(log_type.id).copied().unwrap_or(-1);
            // A table with less history than was seen is another one.
            let after = if after > newest { -1 } else { after };
            let stretch = Stretch { log_type, after, upto: newest };
            self.stretch(engine, &address, stretch, &mut mark, telling, &mut followed).await?;
        }
        mark.at = upto.at;
        if mark.versions != before.versions || before.at == 0 {
            self.keep_mark(&address, &mark).await?;
        }
        Ok(followed)
    }

    /// Where a lake begins that was never watched.
    async fn begin(&self, engine: &Engine, upto: &Mark) -> Result<Mark, Error> {
        let rows: u64 =
            engine.tables().await?.iter().filter(|table| upto.versions.contains_key(&table.name)).map(|t| t.rows).sum();
        if rows <= HISTORY {
            return Ok(Mark::default());
        }
        tracing::warn!(
            rows,
            "the lake holds much: rules watch what comes from now on; `rules replay` looks at the past"
        );
        Ok(Mark { at: 0, versions: upto.versions.clone() })
    }

    async fn keep_mark(&self, address: &str, mark: &Mark) -> Result<(), Error> {
        let (address, mark) = (address.to_owned(), mark.clone());
        self.blocking(move |detections| {
            let store = detections.store();
            store.change(|change| Ok(store.set_mark(change, &address, &mark)?))
        })
        .await
    }

    async fn stretch(
        &self,
        engine: &Engine,
        address: &str,
        stretch: Stretch,
        mark: &mut Mark,
        telling: Telling,
        followed: &mut Followed,
    ) -> Result<(), Error> {
        let table = stretch.log_type.id;
        let read = self.reads(stretch.log_type)?;
        let mut from = stretch.after;
        for version in stretch.after + 1..=stretch.upto {
            let arrival = if read { engine.arrival(table, version).await? } else { Some(engine::Arrival::default()) };
            let (after, upto) = match arrival {
                Some(arrival) if arrival.files.is_empty() || arrival.watched.as_deref() == Some(self.store().id()) => {
                    mark.versions.insert(table.to_owned(), version);
                    continue;
                }
                Some(_) => (version - 1, version),
                // The log does not reach back that far: the rows' time of ingest tells.
                None => (from, stretch.upto),
            };
            let rows = Arrived { after: at(mark, table, after), upto: at(mark, table, upto) };
            self.rows(engine, stretch.log_type, rows, telling, followed).await?;
            mark.versions.insert(table.to_owned(), upto);
            self.keep_mark(address, mark).await?;
            followed.commits += 1;
            from = upto;
            if upto == stretch.upto {
                break;
            }
        }
        Ok(())
    }

    fn reads(&self, log_type: &'static LogType) -> Result<bool, Error> {
        let current = self.fresh()?;
        Ok(current.detector.lock().unwrap_or_else(std::sync::PoisonError::into_inner).reads(log_type))
    }

    async fn rows(
        &self,
        engine: &Engine,
        log_type: &'static LogType,
        arrived: Arrived,
        telling: Telling,
        followed: &mut Followed,
    ) -> Result<(), Error> {
        let wanted = StoredRows { table: log_type.id.to_owned(), arrived: Some(arrived), ..StoredRows::default() };
        let mut stream = engine.stored(&wanted).await?;
        let (mut held, mut bytes) = (Vec::new(), 0);
        while let Some(batch) = stream.next().await.transpose()? {
            followed.rows += batch.num_rows() as u64;
            bytes += batch.get_array_memory_size();
            held.push(Decoded { log_type, batch });
            if bytes >= SLICE {
                bytes = 0;
                self.slice(std::mem::take(&mut held), telling, followed).await?;
            }
        }
        self.slice(held, telling, followed).await
    }

    async fn slice(&self, batches: Vec<Decoded>, telling: Telling, followed: &mut Followed) -> Result<(), Error> {
        if batches.is_empty() {
            return Ok(());
        }
        let recorded = self.blocking(move |detections| -> Result<Recorded, Error> {
            Ok(detections.observe(&batches, telling, false, |_| Ok(()))?.recorded)
        });
        let recorded = recorded.await?;
        followed.opened += recorded.opened;
        followed.findings += recorded.counted;
        Ok(())
    }
}

fn at(mark: &Mark, table: &str, version: i64) -> Mark {
    Mark { at: mark.at, versions: [(table.to_owned(), version)].into() }
}
