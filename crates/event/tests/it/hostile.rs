//! Input that wants to break the decoder: it may be rejected, but never panics, and what is good still goes in.

use super::{column, decode, record};
use event::{Batcher, Limits, Reason};

fn reasons(bytes: &[u8]) -> (u64, Vec<Reason>) {
    let (_, outcome) = decode(bytes).expect("an outcome");
    (outcome.records, outcome.rejected.iter().map(|piece| piece.reason).collect())
}

#[test]
fn deep_nesting_is_rejected_alone() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let text =
        format!(r#"{{"Records":[{},{{"eventName":"x","requestParameters":{deep}}},{}]}}"#, record("a"), record("b"));
    assert_eq!(reasons(text.as_bytes()), (2, vec![Reason::TooDeep]));
    let objects = r#"{"userIdentity":"#.repeat(10_000) + "1" + &"}".repeat(10_000);
    assert_eq!(reasons(format!("{}\n{objects}", record("a")).as_bytes()), (1, vec![Reason::TooDeep]));
    for open in ["[", "{\"a\":", "{\"Records\":[", "{\"detail\":", "[{\"logEvents\":["] {
        let _ = decode(open.repeat(100_000).as_bytes());
    }
    let wrapped = (0..10).fold(record("a"), |text, _| serde_json::json!({ "message": text }).to_string());
    let _ = decode(wrapped.as_bytes());
}

#[test]
fn bytes_that_are_not_text() {
    let mut bytes = format!("{}\n{}\n{}", record("a"), record("b"), record("c")).into_bytes();
    let at = bytes.windows(4).position(|window| window == b"\"b\"}").expect("there");
    bytes[at + 1] = 0xff;
    assert_eq!(reasons(&bytes), (2, vec![Reason::InvalidUtf8]));
    let (batch, _) = decode(&bytes).expect("decodes");
    assert_eq!(column(&batch, "event_id"), ["a", "c"]);
    bytes[at + 1] = 0;
    assert_eq!(reasons(&bytes), (3, vec![]));
}

#[test]
fn sizes() {
    let limits = Limits { record_bytes: 300, rejected_bytes: 10, object_bytes: 2_000, ..Limits::default() };
    let long = record(&"x".repeat(400));
    let mut batcher = Batcher::new(limits);
    let outcome = batcher.push_object(format!("{}\n{long}", record("a")).as_bytes(), "o", 0).expect("an outcome");
    let piece = &outcome.rejected[0];
    assert_eq!(
        (outcome.records, piece.reason, piece.bytes.len(), piece.size),
        (1, Reason::TooLarge, 10, long.len() as u64)
    );
    assert!(batcher.push_object(&[b' '; 2_001], "o", 0).is_err());
}

#[test]
fn numbers_and_keys_beyond_reason() {
    let huge = format!("{}{}", "9".repeat(10_000), "e".repeat(0));
    let text = format!(
        r#"{{"eventVersion":{huge},"eventTime":"2023-07-10T11:45:00Z","eventSource":{huge},"eventName":-{huge}.5e+{huge},"{}":1}}"#,
        "k".repeat(10_000)
    );
    assert_eq!(reasons(text.as_bytes()).0, 1);
    let many = format!(
        r#"{{{}"eventName":"a","eventSource":"b","eventTime":"2023-07-10T11:45:00Z"}}"#,
        r#""":1,"#.repeat(50_000)
    );
    assert_eq!(reasons(many.as_bytes()).0, 1);
}

#[test]
fn a_flood_of_broken_pieces_ends_in_one() {
    let text = format!("{}\n{}", record("a"), "{\n".repeat(300_000));
    let (_, outcome) = decode(text.as_bytes()).expect("an outcome");
    assert_eq!(outcome.records, 1);
    assert!(outcome.rejected.len() <= 100_001, "{}", outcome.rejected.len());
    let kept: u64 = outcome.rejected.iter().map(|piece| piece.size).sum();
    assert!(kept as usize + record("a").len() + 2 >= text.len() - 300_000, "{kept}");
}

/// xorshift: the same sequence on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

#[test]
fn mutations_of_every_shape_never_panic() {
    let (a, b) = (record("a"), record("\\u0061\\\"b"));
    let quoted = serde_json::to_string(&a).expect("a string");
    let seeds = [
        format!(r#"{{"Records":[{a},{b}]}}"#),
        format!("{a}\n{b}\n"),
        format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"message":{quoted}}}]}}"#),
        format!(r#"{{"Events":[{{"CloudTrailEvent":{quoted}}}]}}"#),
        format!(r#"{{"detail-type":"x","detail":{b}}}"#),
        a.replace("}", r#","userIdentity":{"sessionContext":{"attributes":{"creationDate":"2023-07-10T11:45:00Z"}}},"readOnly":true}"#),
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for seed in &seeds {
        for _ in 0..3_000 {
            mutate_and_decode(seed.as_bytes(), &mut random);
        }
    }
}

/// Cuts and changes `seed` at random places and decodes what comes out; what is rejected and what goes in add up.
pub fn mutate_and_decode_with(seed: &[u8], rounds: usize, state: u64) {
    let mut random = Random(state | 1);
    (0..rounds).for_each(|_| mutate_and_decode(seed, &mut random));
}

fn mutate_and_decode(seed: &[u8], random: &mut Random) {
    const SPECIAL: &[u8] = b"{}[]\",:\\u0e-.tfn \n\0\xff\xc3\xed\xa0";
    let mut bytes = seed.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => bytes[at..].rotate_left(1),
            2 => bytes.insert(at, SPECIAL[random.below(SPECIAL.len())]),
            3 => drop(bytes.remove(at)),
            _ => bytes[at] = SPECIAL[random.below(SPECIAL.len())],
        }
        if bytes.is_empty() {
            return;
        }
    }
    let _ = decode(&bytes);
    let _ = super::decode_types(&bytes, "o");
}
