//! Mutates queries and looks for panics and for texts that take long: `fuzz LANGUAGE|all [SECONDS [SEED]]`. It begins with the examples of
//! the language's manual and keeps what gives a diagnostic or a plan that it has not seen. Exits with 1 at a panic or a slow text, with 2 where
//! there is no such language.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod mutate;
mod targets;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use mutate::{Dice, mutated};
use targets::Target;

/// A text that takes the processor longer than this is reported.
const SLOW: Duration = Duration::from_millis(1500);

/// The stack that the server's threads have.
const STACK: usize = 8 << 20;

/// Processor time of this thread, so that a busy machine makes no text slow; time on the clock where the system does not tell.
fn processor() -> Duration {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| STARTED.elapsed(), Duration::from_nanos)
}

fn run(target: &Target, seconds: u64, seed: u64) -> bool {
    let mut pool = target.examples();
    pool.push("a".to_owned());
    let (mut dice, mut seen, mut tried, mut longest) = (Dice(seed), HashSet::new(), 0_u64, Duration::ZERO);
    let (ends, begun) = (Instant::now() + Duration::from_secs(seconds), processor());
    while Instant::now() < ends {
        let text = mutated(&mut dice, &pool);
        let started = processor();
        let outcome = catch_unwind(AssertUnwindSafe(|| target.shape(&text)));
        let took = processor().saturating_sub(started);
        longest = longest.max(took);
        tried += 1;
        let Ok(shape) = outcome else {
            println!("{}: PANIC at {text:?}", target.id());
            return false;
        };
        if took > SLOW {
            println!("{}: {took:?} for {} bytes: {text:?}", target.id(), text.len());
            return false;
        }
        if pool.len() < 4096 && seen.insert(shape) {
            pool.push(text);
        }
    }
    let used = processor().saturating_sub(begun).as_secs_f64();
    println!(
        "{}: {tried} texts in {seconds} s, {used:.1} s of them the processor's; none panicked; the slowest took {longest:?}",
        target.id()
    );
    true
}

/// Whether all of the named targets passed.
fn all(names: &[&str], seconds: u64, seed: u64) -> Result<bool, String> {
    let mut whole = true;
    for name in names {
        let target = Target::named(name).map_err(|error| error.to_string())?;
        let target = target
            .ok_or_else(|| format!("there is no language `{name}`; there are {}", targets::names().join(", ")))?;
        whole &= run(&target, seconds, seed);
    }
    Ok(whole)
}

/// A number among the arguments; another text is an error.
fn number(text: Option<String>, usual: u64) -> Result<u64, String> {
    text.map_or(Ok(usual), |text| text.parse().map_err(|_| format!("`{text}` is no number")))
}

fn asked() -> Result<bool, String> {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_else(|| "all".to_owned());
    let (seconds, seed) = (number(args.next(), 600)?, number(args.next(), 1)?);
    let work = move || match name.as_str() {
        "all" => all(&targets::names(), seconds, seed),
        name => all(&[name], seconds, seed),
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).map_err(|error| error.to_string())?;
    thread.join().unwrap_or_else(|_| Err("the fuzzer itself panicked".to_owned()))
}

fn main() -> ExitCode {
    match asked() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
