//! What the tests over hostile text share: mutations of real queries, prefixes, and a limit of time.

use std::time::{Duration, Instant};

use query::language::Front;

use crate::schema;

/// No text, however odd, may take longer to lower; a debug build on a busy machine needs some of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lowers a text in time and without a panic; spans lie within it, between characters.
pub fn lowers_in_time(front: &Front, text: &str) {
    let env = schema::environment(&|_, _| None);
    let start = Instant::now();
    let diagnostics = match (front.lower)(text, &env) {
        Ok(lowered) => lowered.diagnostics,
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty(), "an error without a word: {text:?}");
            diagnostics
        }
    };
    for diagnostic in &diagnostics {
        let span = diagnostic.span;
        assert!(span.start <= span.end && span.end <= text.len(), "{span:?} outside of {text:?}");
        assert!(
            text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
            "{span:?} splits a character of {text:?}"
        );
    }
    if text.len() < 10_000 {
        assert!(diagnostics.is_empty() || !query::diagnostic::render(text, &diagnostics).is_empty());
    }
    let _ = (front.ast)(text, &env);
    assert!((front.recognise)(text) <= 100);
    assert!(start.elapsed() < PATIENCE, "{} bytes took {:?}: {:.80}", text.len(), start.elapsed(), text);
}

/// A small generator (splitmix64), so that a failure repeats.
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }
}

/// The queries of a corpus file that are not too long, and our own.
pub fn seeds(file: &str, own: &[&str]) -> Vec<String> {
    let rows = schema::corpus(file).unwrap_or_default();
    let published = rows.iter().filter_map(|row| row["query"].as_str()).filter(|query| query.len() < 1200);
    published.chain(own.iter().copied()).map(str::to_owned).collect()
}

/// Lowers many mutations of the seeds.
pub fn mutations(front: &Front, seeds: &[String], parts: &[&str], rounds: usize) {
    let mut random = Random(42);
    for round in 0..rounds {
        lowers_in_time(front, &mutate(&seeds[round % seeds.len()], parts, &mut random));
    }
}

/// Lowers every prefix of the seeds.
pub fn prefixes(front: &Front, seeds: &[&str]) {
    for seed in seeds {
        for (at, _) in seed.char_indices() {
            lowers_in_time(front, &seed[..at]);
        }
    }
}

fn mutate(text: &str, parts: &[&str], random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(chars.len() + 1);
        match random.below(4) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 => {
                let part = parts[random.below(parts.len())];
                chars.splice(at..at, part.chars());
            }
            2 => chars.truncate(at),
            _ => {
                let from = random.below(chars.len() + 1).min(at);
                let copy: Vec<char> = chars[from..at].to_vec();
                let to = random.below(chars.len() + 1);
                chars.splice(to..to, copy.into_iter().take(60));
            }
        }
    }
    chars.into_iter().collect()
}
