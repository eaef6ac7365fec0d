//! Generates samples without the rest of the project: `cargo run -p generate --example generate -- EVENTS OUT [SEED]`.

#![allow(clippy::print_stdout)]

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let events = args.next().ok_or("how many events?")?.parse()?;
    let out = args.next().ok_or("into which folder?")?;
    let seed = args.next().map_or(Ok(1), |s| s.parse())?;
    let report = generate::run(&generate::Options::new(events, out, seed), &mut |_| {})?;
    println!(
        "{} events, {} objects, {} bytes of JSON, {} compressed",
        report.events, report.objects, report.bytes_raw, report.bytes_gz
    );
    Ok(())
}
