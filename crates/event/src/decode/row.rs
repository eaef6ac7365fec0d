//! The values of one record, as places in its text: filled in one pass over the record, thrown away when the record turns
//! out to be unreadable, written to the columns when it is whole.

use super::plan::{Entry, Plan, ROOT, Step};
use crate::json::{Cursor, Fault, MAX_DEPTH};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// String without escapes; the place is its content.
    Plain,
    /// String with escapes; the place is its content.
    Escaped,
    /// Number, boolean, object or array; the place is its JSON text.
    Json,
}

/// Where a value stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    rank: u8,
}

/// The values found so far.
pub(super) struct Row {
    plan: &'static Plan,
    slots: Vec<Option<Slot>>,
    /// Columns with a value, in the order in which they were found.
    found: Vec<u16>,
    /// The marks that were seen, a bit each.
    marks: u64,
}

impl Row {
    pub(super) fn new(plan: &'static Plan) -> Self {
        Self { plan, slots: vec![None; plan.types.len()], found: Vec::with_capacity(64), marks: 0 }
    }

    pub(super) fn clear(&mut self) {
        for column in self.found.drain(..) {
            self.slots[usize::from(column)] = None;
        }
        self.marks = 0;
    }

    /// Enough of the type's own keys to be a record of it.
    pub(super) fn is_record(&self) -> bool {
        self.marks != 0 && self.plan.is_enough(self.marks)
    }

    pub(super) fn plan(&self) -> &'static Plan {
        self.plan
    }

    pub(super) fn slot(&self, column: usize) -> Option<Slot> {
        self.slots[column]
    }

    pub(super) fn found(&self) -> impl Iterator<Item = (usize, Slot)> {
        self.found.iter().filter_map(|&column| Some((usize::from(column), self.slots[usize::from(column)]?)))
    }

    /// What a key of the record itself leads to.
    #[inline]
    pub(super) fn entry_of(&self, key: &[u8]) -> Option<Entry> {
        self.plan.node(ROOT).get(key).copied()
    }

    /// Reads the value of a key of the record itself.
    #[inline]
    pub(super) fn member(&mut self, cursor: &mut Cursor<'_>, entry: Entry) -> Result<(), Fault> {
        if let Some(mark) = entry.mark.filter(|_| cursor.peek() != Some(b'n')) {
            self.marks |= 1 << mark;
        }
        self.step(cursor, entry.step, 1)
    }

    fn step(&mut self, cursor: &mut Cursor<'_>, step: Option<Step>, depth: u16) -> Result<(), Fault> {
        match step {
            Some(Step::Column { column, rank }) => self.value(cursor, column, rank, depth),
            Some(Step::Into { node, each: false }) if cursor.peek() == Some(b'{') => self.object(cursor, node, depth),
            Some(Step::Into { node, each: true }) if cursor.peek() == Some(b'[') => self.array(cursor, node, depth),
            _ => cursor.skip_value(depth),
        }
    }

    /// Reads a whole record.
    pub(super) fn whole(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        self.object(cursor, ROOT, 0)
    }

    fn object(&mut self, cursor: &mut Cursor<'_>, node: u16, depth: u16) -> Result<(), Fault> {
        if depth >= MAX_DEPTH {
            return Err(Fault::Depth);
        }
        let node = self.plan.node(node);
        let mut more = cursor.enter_object()?;
        while more {
            let key = cursor.key()?;
            let step = node.get(&cursor.bytes[key.start..key.end]).and_then(|entry| entry.step);
            self.step(cursor, step, depth + 1)?;
            more = cursor.another_member()?;
        }
        Ok(())
    }

    fn array(&mut self, cursor: &mut Cursor<'_>, node: u16, depth: u16) -> Result<(), Fault> {
        let mut more = cursor.enter_array()?;
        while more {
            self.step(cursor, Some(Step::Into { node, each: false }), depth + 1)?;
            more = cursor.another_element()?;
        }
        Ok(())
    }

    /// Takes a value for a column. Of duplicate keys the first wins, as it does for a reader by path that stops at the
    /// first hit; null counts as absent.
    fn value(&mut self, cursor: &mut Cursor<'_>, column: u16, rank: u8, depth: u16) -> Result<(), Fault> {
        let first = cursor.peek();
        let from = cursor.at;
        let slot = if first == Some(b'"') {
            let text = cursor.string()?;
            let kind = if text.escaped { Kind::Escaped } else { Kind::Plain };
            Slot { start: text.start, end: text.end, kind, rank }
        } else {
            cursor.skip_value(depth)?;
            if first == Some(b'n') {
                return Ok(());
            }
            Slot { start: from, end: cursor.at, kind: Kind::Json, rank }
        };
        self.put(usize::from(column), slot);
        Ok(())
    }

    fn put(&mut self, column: usize, slot: Slot) {
        let place = &mut self.slots[column];
        match place {
            Some(known) if known.rank <= slot.rank => return,
            Some(_) => {}
            None => self.found.push(column as u16),
        }
        *place = Some(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::catalogue;

    fn check(text: &str, column: &str, expected: Option<(&str, Kind)>) {
        let plan = Plan::of(0);
        let mut row = Row::new(plan);
        let mut cursor = Cursor::new(text.as_bytes(), 0);
        row.object(&mut cursor, ROOT, 0).expect("JSON");
        let place = catalogue().stored().position(|(name, _)| name == column).expect("a column");
        let found = row.slot(place).map(|slot| (&text[slot.start..slot.end], slot.kind));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_are_found_wherever_they_are() {
        check(r#"{"eventName":"Get"}"#, "event_name", Some(("Get", Kind::Plain)));
        check(r#"{"eventName":"G\u0065t"}"#, "event_name", Some((r"G\u0065t", Kind::Escaped)));
        check(r#"{"eventName": {"a" : 1} }"#, "event_name", Some((r#"{"a" : 1}"#, Kind::Json)));
        check(r#"{"eventName":null}"#, "event_name", None);
        check(r#"{"readOnly":false}"#, "read_only", Some(("false", Kind::Json)));
        check(
            r#"{"userIdentity":{"sessionContext":{"sessionIssuer":{"arn":"a"}}}}"#,
            "session_issuer_arn",
            Some(("a", Kind::Plain)),
        );
        check(r#"{"userIdentity":"text","eventName":"x"}"#, "event_name", Some(("x", Kind::Plain)));
        check(r#"{"x":{"eventName":"inner"}}"#, "event_name", None);
    }

    #[test]
    fn the_best_of_several_places_wins() {
        let both = r#"{"requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]},"instanceId":"i-0"}}"#;
        check(both, "request_instance_id", Some(("i-0", Kind::Plain)));
        let set = r#"{"requestParameters":{"instancesSet":{"items":[3,{"instanceId":"i-1"},{"instanceId":"i-2"}]}}}"#;
        check(set, "request_instance_id", Some(("i-1", Kind::Plain)));
        check(r#"{"eventId":"low","eventID":"high"}"#, "event_id", Some(("high", Kind::Plain)));
        check(r#"{"eventID":null,"eventId":"low"}"#, "event_id", Some(("low", Kind::Plain)));
        check(r#"{"eventID":"one","eventID":"two"}"#, "event_id", Some(("one", Kind::Plain)));
    }
}
