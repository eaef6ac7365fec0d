//! Mutates queries and looks for panics and for texts that take long: `fuzz LANGUAGE [SECONDS [SEED]]`. It begins with the examples of the
//! language's manual and keeps what gives a diagnostic or a plan that it has not seen. Exits with 1 at a panic or a slow text.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use query::language::{Environment, Front, Zone, front, fronts};
use query::pipeline::Type;
use query::schema::{Dialect, Resolved, Schema};

/// A text that takes the processor longer than this is reported.
const SLOW: Duration = Duration::from_millis(1500);
const LONGEST: usize = 4096;

/// Processor time of this thread, so that a busy machine makes no text slow; time on the clock where the system does not tell.
fn processor() -> Duration {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| STARTED.elapsed(), Duration::from_nanos)
}

/// Knows a handful of columns; all else is a path.
struct Few;

impl Schema for Few {
    fn resolve(&self, _table: &str, _dialect: Dialect, name: &str) -> Option<Resolved> {
        let (column, ty) = match name {
            "eventTime" | "_time" | "@timestamp" => ("event_time", Type::Time),
            "eventName" | "event.action" => ("event_name", Type::Text),
            "errorCode" | "error.code" => ("error_code", Type::Text),
            "sourceIPAddress" | "source.ip" => ("source_ip_address", Type::Text),
            "readOnly" => ("read_only", Type::Bool),
            "bytes" => ("bytes", Type::Int),
            _ => return None,
        };
        Some(Resolved { column: column.to_owned(), ty, default: None, spelled: None })
    }

    fn names(&self, _table: &str, _dialect: Dialect) -> Vec<String> {
        ["eventTime", "eventName", "errorCode", "sourceIPAddress"].map(str::to_owned).to_vec()
    }
}

/// Numbers that only have to be different from one another.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }
}

const PIECES: [&str; 32] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "`",
    "|",
    ",",
    "=",
    "!=",
    "*",
    "%",
    "\\",
    "/",
    ":",
    "$.",
    " and ",
    " OR ",
    " not ",
    "by ",
    "as ",
    "0",
    "-1",
    "1e309",
    "日本語",
    "\u{202e}",
    "\n",
    "\t",
    "\u{0}",
];

/// A place between two characters.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn mutated(dice: &mut Dice, pool: &[String]) -> String {
    let mut text = pool[dice.below(pool.len())].clone();
    for _ in 0..=dice.below(4) {
        let (a, b) = (boundary(&text, dice.below(text.len() + 1)), boundary(&text, dice.below(text.len() + 1)));
        let (from, to) = (a.min(b), a.max(b));
        match dice.below(6) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(from, PIECES[dice.below(PIECES.len())]),
            2 => text.insert_str(from, &text[from..to].repeat(1 + dice.below(3))),
            3 => {
                let other = &pool[dice.below(pool.len())];
                let cut = boundary(other, dice.below(other.len() + 1));
                text.insert_str(from, &other[cut..]);
            }
            4 => text.replace_range(from..to, PIECES[dice.below(PIECES.len())]),
            _ => text.insert_str(from, &PIECES[dice.below(PIECES.len())].repeat(1 + dice.below(200))),
        }
    }
    text.truncate(boundary(&text, LONGEST));
    text
}

fn run(front: &Front, seconds: u64, seed: u64) -> bool {
    let env = Environment {
        schema: &Few,
        now: 1_790_000_000_000_000,
        earliest: None,
        latest: None,
        macros: &|_, _| None,
        parameters: &|_| None,
        default_table: "cloudtrail",
        timezone: Zone::UTC,
    };
    let mut pool: Vec<String> = (front.reference)().iter().map(|entry| entry.example.to_owned()).collect();
    pool.retain(|text| !text.is_empty());
    pool.push("a".to_owned());
    let (mut dice, mut seen, mut tried, mut longest) = (Dice(seed), HashSet::new(), 0_u64, Duration::ZERO);
    let ends = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < ends {
        let text = mutated(&mut dice, &pool);
        let started = processor();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let _ = (front.recognise)(&text);
            (front.lower)(&text, &env)
        }));
        let took = processor().saturating_sub(started);
        longest = longest.max(took);
        tried += 1;
        let Ok(outcome) = outcome else {
            println!("{}: PANIC at {text:?}", front.id);
            return false;
        };
        if took > SLOW {
            println!("{}: {took:?} for {} bytes: {text:?}", front.id, text.len());
            return false;
        }
        let shape = match outcome {
            Ok(lowered) => {
                lowered.pipeline.ops.iter().map(|op| format!("{op:?}").chars().take(12).collect::<String>()).collect()
            }
            Err(found) => found.iter().map(|d| d.code.clone()).collect::<Vec<_>>().join(" "),
        };
        if pool.len() < 4096 && seen.insert(shape) {
            pool.push(text);
        }
    }
    println!("{}: {tried} texts in {seconds} s, none panicked; the slowest took {longest:?}", front.id);
    true
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let id = args.next().unwrap_or_else(|| "all".to_owned());
    let seconds = args.next().and_then(|text| text.parse().ok()).unwrap_or(600);
    let seed = args.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let chosen: Vec<&Front> = match front(&id) {
        Some(front) => vec![front],
        None => fronts().to_vec(),
    };
    let mut whole = true;
    for front in chosen {
        whole &= run(front, seconds, seed);
    }
    if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
