//! What is delivered to sinks, as Prometheus reads it.

use std::fmt::Write as _;

use detect::sinks::{DELAYS, SinkCounts, SinkMeter};

use crate::metrics::{family, line};

/// A gauge of the outbox.
type Gauge = (&'static str, &'static str, fn(&SinkCounts) -> u64);

const GAUGES: [Gauge; 2] = [
    ("trailhound_sink_pending", "Messages that wait for a sink.", |counts| counts.pending),
    ("trailhound_sink_dead", "Messages that were given up.", |counts| counts.dead),
];

/// Adds the families.
pub(crate) fn render(out: &mut String, meters: &[SinkMeter], counts: &[SinkCounts]) {
    family(out, "trailhound_sink_tries_total", "counter", "Tries to deliver a message, by how they ended.");
    for meter in meters {
        for (outcome, count) in [("delivered", meter.delivered), ("failed", meter.failed)] {
            line(out, "trailhound_sink_tries_total", &[("sink", &meter.sink), ("outcome", outcome)], count);
        }
    }
    let name = "trailhound_sink_delay_seconds";
    family(out, name, "histogram", "Time from an alert's change to the receiver's yes.");
    for meter in meters {
        for (bound, count) in DELAYS.iter().zip(meter.delays) {
            let labels = [("sink", meter.sink.as_str()), ("le", &bound.to_string())];
            line(out, "trailhound_sink_delay_seconds_bucket", &labels, count);
        }
        let labels = [("sink", meter.sink.as_str()), ("le", "+Inf")];
        line(out, "trailhound_sink_delay_seconds_bucket", &labels, meter.delivered);
        let (whole, thousandths) = (meter.delay_millis / 1000, meter.delay_millis % 1000);
        let _ = writeln!(out, "{name}_sum{{sink=\"{}\"}} {whole}.{thousandths:03}", meter.sink);
        line(out, "trailhound_sink_delay_seconds_count", &[("sink", &meter.sink)], meter.delivered);
    }
    for (name, help, value) in GAUGES {
        family(out, name, "gauge", help);
        for counts in counts {
            line(out, name, &[("sink", &counts.sink)], value(counts));
        }
    }
}
