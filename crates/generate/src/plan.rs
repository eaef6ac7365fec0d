//! Which objects there will be: each stream's time cut into windows, each window given its number of events.
//!
//! A quiet stream delivers small objects and a busy one large ones, as CloudTrail does; windows shrink as the number of
//! events grows, so that an object holds some hundreds of records whatever the size of the run. Every figure follows from
//! the options alone, so that objects can be made in any order and on any thread.

use crate::Options;
use crate::people::Zone;
use crate::record::Stream;
use crate::rng::{self, Rng};
use crate::stories::{DAY, Scripted};

/// Records that an object should hold on average.
const RECORDS_PER_OBJECT: f64 = 650.0;

/// An object to be made: a window of a stream, or scripted events that lie outside all of them.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
    pub(crate) folder: &'static str,
    /// Unix seconds; the end is exclusive.
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Where the background comes from, and how many records of it.
    pub(crate) stream: Option<usize>,
    pub(crate) records: u64,
    pub(crate) scripted: Vec<Scripted>,
}

/// How many background records there are, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) records: u64,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// All objects with anything in them, in the order of their delivery.
pub(crate) fn objects(options: &Options, streams: &[Stream], span: Span, scripted: Vec<Scripted>) -> Vec<Object> {
    let mut objects = Vec::new();
    for (number, records) in spread(span.records, &shares(streams)).into_iter().enumerate() {
        windows(options.seed, streams, number, Span { records, ..span }, &mut objects);
    }
    place(scripted, &mut objects);
    objects.retain(|o| o.records > 0 || !o.scripted.is_empty());
    objects.sort_by_key(|o| (o.to, o.account, o.region, o.folder));
    objects
}

fn shares(streams: &[Stream]) -> Vec<f64> {
    streams.iter().map(|s| s.share).collect()
}

/// Divides a number by weights so that the parts add up to it exactly.
fn spread(total: u64, weights: &[f64]) -> Vec<u64> {
    let sum: f64 = weights.iter().sum();
    let mut upto = 0.0;
    let mut given = 0;
    let part = |weight: &f64| {
        upto += weight;
        // The last sum may miss the whole by a rounding error; the clamp keeps the parts exact.
        let due = ((upto / sum * total as f64).round() as u64).clamp(given, total);
        let part = due - given;
        given = due;
        part
    };
    let mut parts: Vec<u64> = weights.iter().map(part).collect();
    if let Some(last) = parts.last_mut() {
        *last += total - given;
    }
    parts
}

fn windows(seed: u64, streams: &[Stream], number: usize, span: Span, out: &mut Vec<Object>) {
    let stream = &streams[number];
    let length = span.to - span.from;
    let minutes = (length / 60).max(1) as u64;
    let fewest = (length / (5 * DAY)).max(1) as u64;
    let count = ((span.records as f64 / RECORDS_PER_OBJECT) as u64).clamp(fewest, minutes) as i64;
    let edge = |n: i64| span.from + (i128::from(length) * i128::from(n) / i128::from(count)) as i64;
    let mut rng = Rng::new(rng::fold(&[seed, rng::fold_str("windows"), number as u64]));
    let weights: Vec<f64> = (0..count).map(|n| busy(edge(n), edge(n + 1)) * uneven(&mut rng)).collect();
    for (n, records) in (0..count).zip(spread(span.records, &weights)) {
        out.push(Object {
            account: stream.account.id,
            region: stream.region.name,
            folder: stream.folder,
            from: edge(n),
            to: edge(n + 1),
            stream: Some(number),
            records,
            scripted: Vec::new(),
        });
    }
}

/// Traffic comes in bursts: most objects are near the mean, a few several times as large.
fn uneven(rng: &mut Rng) -> f64 {
    let usual = 0.4 + 1.2 * rng.unit();
    if rng.chance(0.04) { usual * 4.0 } else { usual }
}

/// How busy the organisation is at a Unix time, 0.5 to 1: machines always, people by day.
pub(crate) fn activity(time: i64) -> f64 {
    0.5 + 0.28 * Zone::Tokyo.activity(time) + 0.22 * Zone::Europe.activity(time)
}

/// The mean activity of a window, seconds times level.
fn busy(from: i64, to: i64) -> f64 {
    const SAMPLES: i64 = 8;
    let step = (to - from) as f64 / SAMPLES as f64;
    (0..SAMPLES).map(|n| activity(from + (step * (n as f64 + 0.5)) as i64) * step).sum()
}

/// Puts each scripted event into the window that covers it, or into an object of its account, region and day.
fn place(scripted: Vec<Scripted>, objects: &mut Vec<Object>) {
    for event in scripted {
        let fits = |o: &&mut Object| {
            o.account == event.account
                && o.region == event.region
                && o.folder == event.folder
                && o.from <= event.time
                && event.time < o.to
        };
        match objects.iter_mut().find(fits) {
            Some(object) => object.scripted.push(event),
            None => objects.push(own_object(event)),
        }
    }
    for object in objects {
        object.scripted.sort_by_key(|s| s.time);
    }
}

fn own_object(event: Scripted) -> Object {
    let from = event.time - event.time.rem_euclid(DAY);
    Object {
        account: event.account,
        region: event.region,
        folder: event.folder,
        from,
        to: from + DAY,
        stream: None,
        records: 0,
        scripted: vec![event],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_exactly() {
        let check = |total: u64, weights: &[f64]| {
            let parts = spread(total, weights);
            assert_eq!(parts.iter().sum::<u64>(), total, "{weights:?}");
            assert_eq!(parts.len(), weights.len());
        };
        check(0, &[1.0, 2.0]);
        check(1, &[0.1; 7]);
        check(1_000_003, &[0.3, 0.3, 0.3, 0.1]);
        check(17, &[1e-12, 1.0, 1e12]);
    }

    #[test]
    fn working_days_are_busier_than_nights() {
        let monday_tokyo_morning = 1_704_676_800; // 2024-01-08T01:20Z
        assert!(activity(monday_tokyo_morning) > activity(monday_tokyo_morning + 18 * 3_600));
    }
}
