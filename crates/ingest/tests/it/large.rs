//! Inputs larger than a batch: in pieces, with nothing lost at the seams.

use crate::setting::{gzip, record, setting};

/// Lines of about `bytes` bytes, with the number of their records.
fn lines(bytes: usize) -> (String, usize) {
    let mut text = String::with_capacity(bytes + 1024);
    let mut n = 0;
    while text.len() < bytes {
        text.push_str(&record(n));
        text.push('\n');
        n += 1;
    }
    (text, n)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_of_lines_comes_in_pieces() {
    let setting = setting();
    let (text, total) = lines(40 << 20);
    setting.write("large.ndjson", &text);
    let report = setting.ingest().await;
    assert_eq!((report.records, report.rows_added), (total as u64, total as u64), "{report:?}");
    assert!(report.is_complete());
    assert_eq!(report.object_bytes, text.len() as u64);
    let mut positions: Vec<usize> =
        setting.column("cloudtrail", "origin_position").await.iter().map(|p| p.parse().unwrap()).collect();
    positions.sort_unstable();
    assert!(positions.iter().copied().eq(0..total));
    // The same compressed is the same.
    setting.write("large.ndjson.gz", gzip(text.as_bytes()));
    let again = setting.ingest().await;
    assert_eq!((again.known, again.records, again.rows_added), (1, total as u64, 0));
}
