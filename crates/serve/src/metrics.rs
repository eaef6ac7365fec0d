//! What the server counts, as Prometheus reads it. A query that is neither finished nor failed when its guard is dropped
//! was cancelled: the client left.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::TableInfo;
use ingest::sources::{SourceStatus, State};

/// Upper bounds of the duration histogram, in seconds.
const BUCKETS: [f64; 11] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];

#[derive(Default)]
pub(crate) struct Metrics {
    queries: Mutex<BTreeMap<&'static str, u64>>,
    buckets: [AtomicU64; BUCKETS.len()],
    query_micros: AtomicU64,
    query_count: AtomicU64,
    scanned_bytes: AtomicU64,
    rows: AtomicU64,
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    audit_failures: AtomicU64,
}

impl Metrics {
    /// Counts a query by how it ended: `ok`, `cancelled`, or an error's code.
    pub(crate) fn query(&self, outcome: &'static str, took: Duration) {
        *self.queries.lock().unwrap_or_else(PoisonError::into_inner).entry(outcome).or_default() += 1;
        let seconds = took.as_secs_f64();
        for (bound, count) in BUCKETS.iter().zip(&self.buckets) {
            if seconds <= *bound {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.query_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.query_count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, bytes: u64, rows: u64) {
        self.scanned_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// Counts a request by its route, which is one of a few, never by its path.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((method.to_owned(), route.to_owned(), status)).or_default() += 1;
    }

    pub(crate) fn audit_failed(&self) {
        self.audit_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Prometheus' text format.
    pub(crate) fn render(&self, running: usize, waiting: usize, tables: &[TableInfo]) -> String {
        let mut out = String::new();
        family(&mut out, "trailhound_build_info", "gauge", "The running program.");
        line(&mut out, "trailhound_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.render_queries(&mut out, running, waiting);
        self.render_requests(&mut out);
        for (name, help, value) in TABLE_FAMILIES {
            family(&mut out, name, "gauge", help);
            for table in tables {
                line(&mut out, name, &[("table", &table.name)], value(table));
            }
        }
        out
    }

    fn render_queries(&self, out: &mut String, running: usize, waiting: usize) {
        family(out, "trailhound_queries_total", "counter", "Queries by how they ended.");
        for (outcome, count) in &*self.queries.lock().unwrap_or_else(PoisonError::into_inner) {
            line(out, "trailhound_queries_total", &[("outcome", outcome)], *count);
        }
        family(out, "trailhound_query_duration_seconds", "histogram", "Time from a query's request to its last row.");
        for (bound, count) in BUCKETS.iter().zip(&self.buckets) {
            let bound = bound.to_string();
            line(out, "trailhound_query_duration_seconds_bucket", &[("le", &bound)], count.load(Ordering::Relaxed));
        }
        let count = self.query_count.load(Ordering::Relaxed);
        line(out, "trailhound_query_duration_seconds_bucket", &[("le", "+Inf")], count);
        let seconds = Duration::from_micros(self.query_micros.load(Ordering::Relaxed)).as_secs_f64();
        let _ = writeln!(out, "trailhound_query_duration_seconds_sum {seconds}");
        line(out, "trailhound_query_duration_seconds_count", &[], count);
        for (name, kind, help, value) in [
            (
                "trailhound_query_scanned_bytes_total",
                "counter",
                "Stored bytes of the files that queries read.",
                self.scanned_bytes.load(Ordering::Relaxed),
            ),
            (
                "trailhound_query_rows_total",
                "counter",
                "Rows that queries returned.",
                self.rows.load(Ordering::Relaxed),
            ),
            ("trailhound_queries_running", "gauge", "Queries running now.", running as u64),
            ("trailhound_queries_waiting", "gauge", "Queries waiting for their turn.", waiting as u64),
            (
                "trailhound_audit_failures_total",
                "counter",
                "Audit entries that could not be written.",
                self.audit_failures.load(Ordering::Relaxed),
            ),
        ] {
            family(out, name, kind, help);
            line(out, name, &[], value);
        }
    }

    fn render_requests(&self, out: &mut String) {
        family(out, "trailhound_http_requests_total", "counter", "Requests by method, route and status.");
        for ((method, route, status), count) in &*self.requests.lock().unwrap_or_else(PoisonError::into_inner) {
            let status = status.to_string();
            line(
                out,
                "trailhound_http_requests_total",
                &[("method", method), ("route", route), ("status", &status)],
                *count,
            );
        }
    }
}

type SourceFamily = (&'static str, &'static str, &'static str, fn(&SourceStatus) -> Option<u64>);

const SOURCE_FAMILIES: [SourceFamily; 15] = [
    ("trailhound_source_up", "gauge", "1 where a source is not failing and not off.", |source| {
        Some(u64::from(!matches!(source.state, State::Failing | State::Off)))
    }),
    ("trailhound_source_silent", "gauge", "1 where nothing has come for longer than it should.", |source| {
        Some(u64::from(source.state == State::Silent))
    }),
    ("trailhound_source_lag_seconds", "gauge", "Time from delivery to commit of what came last.", |source| {
        source.lag_seconds
    }),
    ("trailhound_source_objects_total", "counter", "Objects or requests taken in.", |source| Some(source.objects)),
    ("trailhound_source_records_total", "counter", "Records found.", |source| Some(source.records)),
    ("trailhound_source_rows_total", "counter", "Rows added.", |source| Some(source.rows_added)),
    ("trailhound_source_bytes_total", "counter", "Bytes as delivered.", |source| Some(source.bytes)),
    ("trailhound_source_duplicates_total", "counter", "Records that the lake held already.", |source| {
        Some(source.duplicates)
    }),
    ("trailhound_source_future_total", "counter", "Rows whose time is more than a day ahead of the clock.", |source| {
        Some(source.future)
    }),
    ("trailhound_source_old_total", "counter", "Rows whose time is too far behind the clock.", |source| {
        Some(source.old)
    }),
    ("trailhound_source_excluded_total", "counter", "Records that rules left out.", |source| Some(source.excluded)),
    ("trailhound_source_errors_total", "counter", "Calls and commits that failed.", |source| Some(source.errors)),
    ("trailhound_source_dead_letters", "gauge", "Messages in the dead-letter queue.", |source| source.dlq_depth),
    ("trailhound_source_waiting", "gauge", "Messages that wait in the queue.", |source| source.waiting),
    ("trailhound_source_in_flight", "gauge", "Objects or requests not committed yet.", |source| Some(source.in_flight)),
];

/// The sources in Prometheus' text format.
pub(crate) fn sources(sources: &[SourceStatus]) -> String {
    let mut out = String::new();
    for (name, kind, help, value) in SOURCE_FAMILIES {
        family(&mut out, name, kind, help);
        for source in sources {
            if let Some(value) = value(source) {
                line(&mut out, name, &[("source", &source.name), ("type", &source.kind)], value);
            }
        }
    }
    let name = "trailhound_source_rejected_total";
    family(&mut out, name, "counter", "Objects, requests and pieces that were not taken.");
    for source in sources {
        for (reason, count) in &source.rejected_by {
            line(&mut out, name, &[("source", &source.name), ("type", &source.kind), ("reason", reason)], *count);
        }
    }
    out
}

type TableFamily = (&'static str, &'static str, fn(&TableInfo) -> u64);

const TABLE_FAMILIES: [TableFamily; 3] = [
    ("trailhound_table_rows", "Rows of a table.", |table| table.rows),
    ("trailhound_table_files", "Active files of a table.", |table| table.files),
    ("trailhound_table_bytes", "Bytes of a table's active files.", |table| table.bytes),
];

pub(crate) fn family(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

pub(crate) fn line(out: &mut String, name: &str, labels: &[(&str, &str)], value: u64) {
    let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{}\"", escaped(text))).collect();
    let braces = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let _ = writeln!(out, "{name}{braces} {value}");
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// One query being watched; tells the metrics how it ended.
pub(crate) struct Watch {
    app: std::sync::Arc<crate::app::App>,
    started: Instant,
    outcome: Option<&'static str>,
}

impl Watch {
    pub(crate) fn new(app: std::sync::Arc<crate::app::App>) -> Self {
        Self { app, started: Instant::now(), outcome: None }
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn ended(&mut self, outcome: &'static str) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.app.metrics.query(self.outcome.unwrap_or("cancelled"), self.started.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_text() {
        let metrics = Metrics::default();
        metrics.query("ok", Duration::from_millis(40));
        metrics.query("ok", Duration::from_secs(3));
        metrics.query("deadline", Duration::from_secs(500));
        metrics.read(1000, 7);
        metrics.request("GET", "/api/v1/status", 200);
        let table = TableInfo { name: "a\"b\\c\n".into(), rows: 3, files: 2, bytes: 9, oldest: None, newest: None };
        let text = metrics.render(1, 2, &[table]);
        for expected in [
            "trailhound_queries_total{outcome=\"ok\"} 2",
            "trailhound_queries_total{outcome=\"deadline\"} 1",
            "trailhound_query_duration_seconds_bucket{le=\"0.01\"} 0",
            "trailhound_query_duration_seconds_bucket{le=\"0.05\"} 1",
            "trailhound_query_duration_seconds_bucket{le=\"5\"} 2",
            "trailhound_query_duration_seconds_bucket{le=\"120\"} 2",
            "trailhound_query_duration_seconds_bucket{le=\"+Inf\"} 3",
            "trailhound_query_duration_seconds_sum 503.04",
            "trailhound_query_duration_seconds_count 3",
            "trailhound_query_scanned_bytes_total 1000",
            "trailhound_query_rows_total 7",
            "trailhound_queries_running 1",
            "trailhound_queries_waiting 2",
            "trailhound_http_requests_total{method=\"GET\",route=\"/api/v1/status\",status=\"200\"} 1",
            "trailhound_table_rows{table=\"a\\\"b\\\\c\\n\"} 3",
            "trailhound_table_files{table=\"a\\\"b\\\\c\\n\"} 2",
        ] {
            assert!(text.lines().any(|line| line == expected), "{expected} is not in\n{text}");
        }
    }
}
