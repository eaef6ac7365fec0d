//! When things were found: counts by minute, and coarser where that would be too many.

use std::collections::BTreeMap;

use crate::rule::Severity;

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;
/// Widths that a slice may have, in minutes.
const WIDTHS: &[i64] = &[1, 5, 15, 60, 180, 720, 1440, 10_080, 43_200, 525_600];
/// Slices kept before they are made wider.
const KEPT: usize = 20_000;

/// Counts by time and severity.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// The width's place in [`WIDTHS`].
    width: usize,
    slices: BTreeMap<i64, [u64; 5]>,
}

fn wide(width: usize) -> i64 {
    WIDTHS[width.min(WIDTHS.len() - 1)] * MINUTE
}

impl Timeline {
    pub(super) fn add(&mut self, time: i64, severity: Severity) {
        let at = time.div_euclid(wide(self.width));
        self.slices.entry(at).or_default()[severity as usize] += 1;
        if self.slices.len() > KEPT {
            self.widen();
        }
    }

    fn widen(&mut self) {
        let slices = self.at_width(self.width + 1);
        self.width += 1;
        self.slices = slices;
    }

    fn at_width(&self, width: usize) -> BTreeMap<i64, [u64; 5]> {
        let mut wider = BTreeMap::<i64, [u64; 5]>::new();
        for (at, counts) in &self.slices {
            let to = wider.entry((at * wide(self.width)).div_euclid(wide(width))).or_default();
            to.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        wider
    }

    /// At most `most` slices of one width, those without findings between them included: start in microseconds and counts
    /// by severity. Returns the width in microseconds beside them.
    pub(super) fn slices(&self, most: i64) -> (i64, Vec<(i64, [u64; 5])>) {
        let (Some(first), Some(last)) = (self.slices.keys().next(), self.slices.keys().next_back()) else {
            return (MINUTE, Vec::new());
        };
        let start = wide(self.width);
        let span = |width: usize| (last * start).div_euclid(wide(width)) - (first * start).div_euclid(wide(width)) + 1;
        let width = (self.width..WIDTHS.len() - 1).find(|width| span(*width) <= most).unwrap_or(WIDTHS.len() - 1);
        let counts = self.at_width(width);
        let from = (first * start).div_euclid(wide(width));
        let all = (from..from + span(width).min(most))
            .map(|at| (at * wide(width), counts.get(&at).copied().unwrap_or_default()));
        (wide(width), all.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_as_wide_as_they_have_to_be() {
        let check = |minutes: &[i64], width: i64, slices: usize, total: u64| {
            let mut timeline = Timeline::default();
            minutes.iter().for_each(|at| timeline.add(at * MINUTE, Severity::High));
            let (found, all) = timeline.slices(60);
            assert_eq!((found / MINUTE, all.len()), (width, slices), "{minutes:?}");
            assert_eq!(all.iter().map(|(_, counts)| counts[Severity::High as usize]).sum::<u64>(), total);
        };
        check(&[], 1, 0, 0);
        check(&[7], 1, 1, 1);
        check(&[0, 59], 1, 60, 2);
        check(&[0, 60], 5, 13, 2);
        check(&[-1, 1], 1, 3, 2);
        check(&[0, 1440 * 30], 1440, 31, 2);
    }

    #[test]
    fn many_slices_become_fewer() {
        let mut timeline = Timeline::default();
        (0..50_000).for_each(|at| timeline.add(at * MINUTE, Severity::Low));
        assert!(timeline.slices.len() <= KEPT);
        let (_, all) = timeline.slices(60);
        assert_eq!(all.iter().map(|(_, counts)| counts[Severity::Low as usize]).sum::<u64>(), 50_000);
    }
}
