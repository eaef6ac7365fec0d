//! How fast a folder of CloudTrail files decodes to Arrow on one core: `throughput FOLDER [SECONDS]`. Files are read into
//! memory first; time is CPU time of the thread where the system tells it, wall time elsewhere.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use event::compression::decompress;
use event::{Batcher, Limits};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: throughput FOLDER [SECONDS]")?;
    let seconds: f64 = arguments.next().map_or(Ok(3.0), |text| text.parse())?;
    let mut paths = Vec::new();
    collect(Path::new(&folder), &mut paths)?;
    let packed: Vec<Vec<u8>> = paths.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let plain: Vec<Vec<u8>> = packed
        .iter()
        .map(|bytes| Ok(decompress(bytes, 1 << 30)?.into_owned()))
        .collect::<Result<_, event::compression::CompressionError>>()?;
    let megabytes = plain.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    println!("{} files, {megabytes:.1} MB of JSON", paths.len());

    let gunzip = measure(seconds, || {
        for bytes in &packed {
            std::hint::black_box(decompress(bytes, 1 << 30).ok());
        }
    });
    let mut records = 0;
    let mut batcher = Batcher::new(Limits::default());
    let decode = measure(seconds, || records = run(&mut batcher, &plain));
    let whole = measure(seconds, || records = run(&mut batcher, &packed));
    println!("{records} records");
    for (what, time) in [("decompress alone", gunzip), ("decode plain", decode), ("decompress and decode", whole)] {
        println!("{what:>22}: {:7.0} MB/s", megabytes / time);
    }
    Ok(())
}

/// One pass over all objects; the records decoded.
fn run(batcher: &mut Batcher, objects: &[Vec<u8>]) -> u64 {
    let mut records = 0;
    for bytes in objects {
        records +=
            batcher.push_object(bytes, "s3://bucket/AWSLogs/file.json.gz", 0).map_or(0, |outcome| outcome.records);
        while batcher.is_full() {
            std::hint::black_box(batcher.take_batch().ok());
        }
    }
    records
}

/// Seconds of CPU per pass.
fn measure(seconds: f64, mut pass: impl FnMut()) -> f64 {
    pass();
    let (started, before) = (Instant::now(), cpu_seconds());
    let mut passes = 0;
    while started.elapsed().as_secs_f64() < seconds {
        pass();
        passes += 1;
    }
    let spent = match (before, cpu_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed().as_secs_f64(),
    };
    spent / f64::from(passes)
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_file() {
        into.push(path.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let is_log = path.is_dir() || path.to_string_lossy().contains(".json");
        if is_log {
            collect(&path, into)?;
        }
    }
    Ok(())
}
