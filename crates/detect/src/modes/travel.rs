//! Two events of one actor, one after the other, from places farther apart than anyone travels in the time between. The later
//! one raises.

use super::{Group, Member, Raised};
use crate::batch::Batch;
use crate::detector::{DetectError, OfType};
use crate::memory::{Memory, Noted, Point, key_of};
use crate::rule::Rule;

pub(super) struct Travel {
    pub(super) window: i64,
    pub(super) speed: f64,
    pub(super) distance: f64,
}

/// The earth's mean radius, km.
const RADIUS: f64 = 6371.0;
const HOUR: f64 = 3_600_000_000.0;

impl Travel {
    pub(super) fn run(
        &self,
        rule: &Rule,
        of_type: &OfType,
        batch: &Batch<'_>,
        rows: &[u32],
        memory: &mut dyn Memory,
    ) -> Result<Vec<Raised>, DetectError> {
        let places = batch.places(rows)?;
        let located: Vec<u32> =
            rows.iter().zip(&places).filter(|(_, place)| place.is_some()).map(|(row, _)| *row).collect();
        let places: Vec<Point> = places.into_iter().flatten().collect();
        let groups = batch.combine(&of_type.fields, &located)?;
        let mut raised = Vec::new();
        for (group, members) in (0_u32..).zip(groups.groups()) {
            let values = groups.values(group, groups.fields());
            if values.iter().any(Option::is_none) {
                continue;
            }
            let mut members: Vec<(i64, u32, Point)> =
                members.into_iter().map(|at| (batch.time(located[at]), located[at], places[at])).collect();
            members.sort_by_key(|(time, row, _)| (*time, *row));
            let new = ends(&members).map(|(_, row, place)| {
                let mut member = Member::new(batch, *row, 0, 0);
                member.noted.place = Some(*place);
                member
            });
            let group = Group::of((rule, key_of(values)), batch, new.collect(), self.window, memory)?;
            self.weigh(&group, memory, &mut raised)?;
        }
        Ok(raised)
    }

    fn weigh(
        &self,
        group: &Group<'_, '_>,
        memory: &mut dyn Memory,
        raised: &mut Vec<Raised>,
    ) -> Result<(), DetectError> {
        for pair in group.members.windows(2) {
            let [before, after] = pair else { continue };
            if let Some(row) = after.row.or(before.row)
                && self.impossible(&before.noted, &after.noted)
            {
                let evidence = group.shown(pair.iter().copied(), memory)?;
                let Some(event) = evidence.last().cloned() else { continue };
                raised.push(Raised { event, row, evidence, continues: false });
            }
        }
        group.note(&outer(&group.members), memory)
    }

    fn impossible(&self, before: &Noted, after: &Noted) -> bool {
        let (Some(from), Some(to)) = (before.place, after.place) else { return false };
        let between = after.time - before.time;
        let distance = kilometres(from, to);
        #[expect(clippy::cast_precision_loss, reason = "spans of time are far below 2^53 microseconds")]
        let hours = between as f64 / HOUR;
        between <= self.window && distance >= self.distance && distance > self.speed * hours
    }
}

/// The first and the last of each run of events from one place.
fn ends(events: &[(i64, u32, Point)]) -> impl Iterator<Item = &(i64, u32, Point)> {
    let same = |a: usize, b: usize| events.get(a).zip(events.get(b)).is_some_and(|(a, b)| a.2 == b.2);
    let inner = move |at: usize| at > 0 && same(at - 1, at) && same(at, at + 1);
    events.iter().enumerate().filter(move |(at, _)| !inner(*at)).map(|(_, event)| event)
}

/// All but events between others from the same place: those tell nothing more.
fn outer(members: &[Member]) -> Vec<bool> {
    let mut outer = vec![true; members.len()];
    for (three, kept) in members.windows(3).zip(outer.iter_mut().skip(1)) {
        let [a, b, c] = three else { continue };
        *kept = a.noted.place != b.noted.place || b.noted.place != c.noted.place;
    }
    outer
}

/// The distance along the earth's surface.
fn kilometres(from: Point, to: Point) -> f64 {
    let [a, b] = [from.latitude, to.latitude].map(f64::to_radians);
    let turn = (to.longitude - from.longitude).to_radians();
    let half = ((b - a) / 2.0).sin().powi(2) + a.cos() * b.cos() * (turn / 2.0).sin().powi(2);
    2.0 * RADIUS * half.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_earth() {
        let tokyo = Point { latitude: 35.68, longitude: 139.69 };
        for (latitude, longitude, expected) in
            [(35.68, 139.69, 0.0), (34.69, 135.50, 397.0), (40.71, -74.01, 10_850.0), (-35.68, -40.31, 20_015.0)]
        {
            let found = kilometres(tokyo, Point { latitude, longitude });
            assert!((found - expected).abs() <= expected * 0.01 + 0.1, "{found} {expected}");
        }
    }
}
