//! An object as CloudTrail delivers it: `{"Records":[…]}` on one line, gzip, under the path that its account, region, kind
//! and time of delivery make.

use crate::accounts::{FROTHLY, ORGANISATION};
use crate::catalogue::Entry;
use crate::plan::{self, Object};
use crate::record::{Stream, Writer};
use crate::rng::{self, Rng};
use crate::text::{self, put};
use crate::{Error, Layout, Options};
use libdeflater::{CompressionLvl, Compressor};
use std::fs;
use std::path::PathBuf;

/// Compression takes twice the time of all the rest; from this level on it gains little.
const LEVEL: i32 = 4;

/// What an object came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Written {
    pub(crate) events: u64,
    pub(crate) bytes_raw: u64,
    pub(crate) bytes_gz: u64,
}

/// What every object is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factory<'a> {
    pub(crate) options: &'a Options,
    pub(crate) entries: &'a [Entry],
    pub(crate) streams: &'a [Stream],
    pub(crate) quiet_from: i64,
}

/// A worker's buffers, used again for each object.
pub(crate) struct Bench {
    raw: Vec<u8>,
    gz: Vec<u8>,
    times: Vec<i64>,
    compressor: Compressor,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            raw: Vec::new(),
            gz: Vec::new(),
            times: Vec::new(),
            compressor: Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default()),
        }
    }
}

impl Factory<'_> {
    /// Makes and writes one object.
    pub(crate) fn make(&self, bench: &mut Bench, object: &Object) -> Result<Written, Error> {
        let mut rng = Rng::new(rng::fold(&[
            self.options.seed,
            rng::fold_str(object.account),
            rng::fold_str(object.region),
            rng::fold_str(object.folder),
            object.from.unsigned_abs(),
        ]));
        self.records(bench, object, &mut rng);
        compress(bench)?;
        let path = self.path(object, &mut rng);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| Error::Write { path: folder.to_owned(), source })?;
        }
        fs::write(&path, &bench.gz).map_err(|source| Error::Write { path, source })?;
        Ok(Written {
            events: object.records + object.scripted.len() as u64,
            bytes_raw: bench.raw.len() as u64,
            bytes_gz: bench.gz.len() as u64,
        })
    }

    fn records(&self, bench: &mut Bench, object: &Object, rng: &mut Rng) {
        let Bench { raw, times, .. } = bench;
        raw.clear();
        put(raw, r#"{"Records":["#);
        let mut scripted = object.scripted.iter().peekable();
        if let Some(stream) = object.stream.and_then(|n| self.streams.get(n)) {
            moments(times, object, rng);
            let mut writer = Writer::new(self.entries, stream, rng.next(), self.quiet_from);
            for &time in &*times {
                while let Some(event) = scripted.next_if(|s| s.time <= time) {
                    raw.extend_from_slice(&event.json);
                    raw.push(b',');
                }
                writer.record(raw, time);
                raw.push(b',');
            }
        }
        for event in scripted {
            raw.extend_from_slice(&event.json);
            raw.push(b',');
        }
        if raw.last() == Some(&b',') {
            raw.pop();
        }
        put(raw, "]}");
    }

    /// `AWSLogs/[o-orgid/]{account}/{folder}/{region}/YYYY/MM/DD/{account}_{folder}_{region}_{YYYYMMDDTHHmmZ}_{16}.json.gz`.
    fn path(&self, object: &Object, rng: &mut Rng) -> PathBuf {
        let Object { account, region, folder, .. } = object;
        // Delivered some minutes after the last event, in steps of five; never after the end of the samples.
        let due = object.to + 120 + rng.below(480) as i64;
        let delivered = due.min(self.options.end.timestamp().max(object.from));
        let delivered = text::instant(delivered - delivered.rem_euclid(300));
        let suffix = text::built(|b| text::mixed(b, rng, 16));
        let name = format!("{account}_{folder}_{region}_{}_{suffix}.json.gz", delivered.format("%Y%m%dT%H%MZ"));
        let mut path = self.options.out.join("AWSLogs");
        if self.options.layout == Layout::Organisation && *account != FROTHLY {
            path.push(ORGANISATION);
        }
        for part in [*account, *folder, *region] {
            path.push(part);
        }
        path.push(delivered.format("%Y/%m/%d").to_string());
        path.join(name)
    }
}

/// Draws the times of an object's background records: more by day than by night, in order.
fn moments(times: &mut Vec<i64>, object: &Object, rng: &mut Rng) {
    times.clear();
    let length = (object.to - object.from).max(1) as u64;
    while (times.len() as u64) < object.records {
        let time = object.from + rng.below(length) as i64;
        if length <= 3_600 || rng.chance(plan::activity(time)) {
            times.push(time);
        }
    }
    times.sort_unstable();
}

fn compress(bench: &mut Bench) -> Result<(), Error> {
    let Bench { raw, gz, compressor, .. } = bench;
    gz.resize(compressor.gzip_compress_bound(raw.len()), 0);
    let length = compressor.gzip_compress(raw, gz).map_err(|_| Error::Compress)?;
    gz.truncate(length);
    Ok(())
}
