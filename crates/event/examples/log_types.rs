//! How fast each log type decodes to Arrow on one core, from its sample: `log_types [SECONDS]`. Each record is repeated with
//! other digits, so that no two are the same. Time is CPU time of the thread where the system tells it.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use event::{Batcher, Limits, LogType, log_types};

const BYTES: usize = 16 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds: f64 = std::env::args().nth(1).map_or(Ok(2.0), |text| text.parse())?;
    for log_type in log_types() {
        let text = repeated(log_type);
        let mut batcher = Batcher::new(Limits::default()).keeping_unknown();
        let (mut records, mut passes) = (0, 0);
        let (started, before) = (Instant::now(), cpu_seconds());
        while started.elapsed().as_secs_f64() < seconds {
            records = batcher.push_object(text.as_bytes(), "s3://bucket/AWSLogs/object", 0)?.records;
            while batcher.take_batch()?.is_some() {}
            passes += 1;
        }
        let spent = match (before, cpu_seconds()) {
            (Some(before), Some(after)) => after - before,
            _ => started.elapsed().as_secs_f64(),
        };
        let rate = text.len() as f64 * f64::from(passes) / spent / 1e6;
        println!("{:>17}: {rate:6.0} MB/s, {:8.0} records/s", log_type.id, records as f64 * f64::from(passes) / spent);
    }
    Ok(())
}

/// The sample's records again and again, their last digits counted on; a header stands once.
fn repeated(log_type: &LogType) -> String {
    let is_header = |line: &&str| line.starts_with('#') || line.starts_with("version account-id");
    let mut text: String = log_type.sample.lines().filter(is_header).map(|line| format!("{line}\n")).collect();
    let records: Vec<&str> = log_type.sample.lines().filter(|line| !is_header(line)).collect();
    let mut number = 0_u32;
    while text.len() < BYTES {
        for record in &records {
            number += 1;
            text.push_str(&record.replace("203.0.113.10", &format!("203.{}.{}.10", number >> 8 & 255, number & 255)));
            text.push('\n');
        }
    }
    text
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}
