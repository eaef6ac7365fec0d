//! What a pipeline asks, in parts that several languages have: which events, how grouped, in which order, how many.

use super::{
    Notes,
    condition::{self, Cond, Field, Test},
};
use crate::{
    pipeline::{Agg, Aggregate, Expr, ExprKind, Func, Item, Literal, Named, Op, Pipeline, Source},
    schema::Schema,
};

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    /// The table.
    pub(super) table: String,
    /// Bounds in time, microseconds.
    pub(super) bounds: (Option<i64>, Option<i64>),
    /// Which events.
    pub(super) cond: Cond,
    /// How they are grouped; none: events.
    pub(super) group: Option<Group>,
    /// Which groups.
    pub(super) having: Cond,
    /// By what the result is sorted, largest first where true.
    pub(super) sort: Vec<(Field, bool)>,
    /// How many rows.
    pub(super) limit: Option<u64>,
    /// Columns of the result; none: the event's usual ones.
    pub(super) columns: Option<Vec<(String, Field)>>,
    /// Shades that no language has.
    pub(super) notes: Vec<String>,
}

/// Groups of events.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// Names and keys.
    pub(super) by: Vec<(String, Key)>,
    /// Names, functions and what they are of.
    pub(super) aggregates: Vec<(String, Agg, Option<Field>)>,
}

/// The key of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    /// A field.
    Field(Field),
    /// The event's time in buckets of so many microseconds.
    Bin(i64),
}

/// Limits that languages put on everything, and that say nothing.
const IMPLIED: u64 = 10_000;

/// Reads a pipeline; the error says what in it no other language has.
pub(super) fn read(pipeline: &Pipeline, schema: &dyn Schema) -> Result<Question, String> {
    let Source::Events { table } = &pipeline.scan.source else {
        return Err("the query reads no log table".to_owned());
    };
    let mut reader = Reader {
        question: Question {
            table: table.clone(),
            bounds: (pipeline.scan.earliest, pipeline.scan.latest),
            cond: Cond::And(Vec::new()),
            group: None,
            having: Cond::And(Vec::new()),
            sort: Vec::new(),
            limit: None,
            columns: None,
            notes: Vec::new(),
        },
        made: Vec::new(),
        notes: Notes::default(),
    };
    for op in &pipeline.ops {
        reader.op(op)?;
    }
    reader.log_types(schema);
    reader.question.notes = reader.notes.0.into_inner();
    Ok(reader.question)
}

struct Reader {
    question: Question,
    notes: Notes,
    /// Fields that stand for others.
    made: Vec<(String, Made)>,
}

#[derive(Clone)]
enum Made {
    Field(Field),
    Bin(i64),
}

impl Reader {
    fn op(&mut self, op: &Op) -> Result<(), String> {
        match op {
            Op::Filter { predicate } => {
                let cond = self.renamed(condition::read(predicate, &self.notes)?)?;
                let place =
                    if self.question.group.is_some() { &mut self.question.having } else { &mut self.question.cond };
                *place = both(std::mem::replace(place, Cond::And(Vec::new())), cond);
                Ok(())
            }
            Op::Extend { fields } => fields.iter().try_for_each(|named| self.extend(named)),
            Op::Aggregate { by, aggregates, .. } => self.aggregate(by, aggregates),
            Op::Sort { keys, limit } => {
                let keys = keys.iter().map(|key| Ok((self.field(&key.expr)?, key.descending)));
                self.question.sort = keys.collect::<Result<_, String>>()?;
                self.most(*limit);
                Ok(())
            }
            Op::Limit { count, skip: 0 } => {
                self.most(Some(*count));
                Ok(())
            }
            Op::Project { items } => self.project(items),
            other => Err(format!("`{}` has no counterpart", name_of(other))),
        }
    }

    fn most(&mut self, limit: Option<u64>) {
        let limit = limit.filter(|limit| *limit != IMPLIED);
        self.question.limit = match (self.question.limit, limit) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    fn extend(&mut self, named: &Named) -> Result<(), String> {
        let made = self
            .made(&named.expr)
            .ok_or_else(|| format!("the field `{}` is computed, which is not translated", named.name))?;
        self.made.push((named.name.clone(), made));
        Ok(())
    }

    fn made(&self, expr: &Expr) -> Option<Made> {
        if let ExprKind::Call { func: Func::BinTime, args } = &expr.kind
            && let [time, width] = args.as_slice()
            && matches!(&time.kind, ExprKind::Column(name) if name == "event_time")
            && let ExprKind::Literal(Literal::Int(width)) = &width.kind
        {
            return Some(Made::Bin(*width));
        }
        match &expr.kind {
            ExprKind::Field(name) => Some(self.known(name).unwrap_or_else(|| Made::Field(Field::Made(name.clone())))),
            _ => condition::field(expr).ok().map(Made::Field),
        }
    }

    fn known(&self, name: &str) -> Option<Made> {
        self.made.iter().rev().find(|(known, _)| known == name).map(|(_, made)| made.clone())
    }

    /// A field, by what it stands for.
    fn field(&self, expr: &Expr) -> Result<Field, String> {
        self.resolved(condition::field(expr)?)
    }

    fn resolved(&self, field: Field) -> Result<Field, String> {
        match &field {
            Field::Made(name) => match self.known(name) {
                Some(Made::Field(field)) => Ok(field),
                Some(Made::Bin(_)) if self.question.group.is_none() => {
                    Err("a bucket of time outside of a group is not translated".to_owned())
                }
                _ => Ok(field),
            },
            _ => Ok(field),
        }
    }

    fn renamed(&self, cond: Cond) -> Result<Cond, String> {
        Ok(match cond {
            Cond::And(parts) => Cond::And(parts.into_iter().map(|part| self.renamed(part)).collect::<Result<_, _>>()?),
            Cond::Or(parts) => Cond::Or(parts.into_iter().map(|part| self.renamed(part)).collect::<Result<_, _>>()?),
            Cond::Not(inner) => Cond::Not(Box::new(self.renamed(*inner)?)),
            Cond::Test(test) => Cond::Test(Test { field: self.resolved(test.field)?, ..test }),
        })
    }

    fn aggregate(&mut self, by: &[Named], aggregates: &[Aggregate]) -> Result<(), String> {
        if self.question.group.is_some() {
            return Err("groups of groups are not translated".to_owned());
        }
        let mut group = Group { by: Vec::new(), aggregates: Vec::new() };
        for named in by {
            let key = match self.made(&named.expr) {
                Some(Made::Field(field)) => Key::Field(field),
                Some(Made::Bin(width)) => Key::Bin(width),
                None => return Err(format!("the key `{}` is computed, which is not translated", named.name)),
            };
            group.by.push((named.name.clone(), key));
        }
        for aggregate in aggregates {
            if aggregate.filter.is_some() {
                return Err(format!("`{}` counts only some of the rows, which is not translated", aggregate.name));
            }
            let arg = aggregate.arg.as_ref().map(|arg| self.field(arg)).transpose()?;
            group.aggregates.push((aggregate.name.clone(), aggregate.func, arg));
        }
        self.made.clear();
        self.question.group = Some(group);
        Ok(())
    }

    /// Columns. Those of an event result, which each language chooses for itself, say nothing.
    fn project(&mut self, items: &[Item]) -> Result<(), String> {
        let named: Vec<&Named> = items
            .iter()
            .filter_map(|item| match item {
                Item::Named(named) => Some(named),
                Item::Matching(_) => None,
            })
            .collect();
        if named.len() < items.len() {
            return Err("columns by wildcard are not translated".to_owned());
        }
        if named.iter().any(|item| item.name == "_raw" || item.name == "@message") && self.question.group.is_none() {
            let by_time =
                |(field, descending): &(Field, bool)| *descending && *field == Field::Column("event_time".to_owned());
            if self.question.sort.len() == 1 && self.question.sort.iter().all(by_time) {
                self.question.sort.clear();
            }
            return Ok(());
        }
        let columns = named.iter().map(|item| Ok((item.name.clone(), self.field(&item.expr)?)));
        let columns: Vec<(String, Field)> = columns.collect::<Result<_, String>>()?;
        self.made = columns.iter().map(|(name, field)| (name.clone(), Made::Field(field.clone()))).collect();
        self.question.columns = Some(columns);
        Ok(())
    }

    /// A condition on the log type over the view across all tables is the table.
    fn log_types(&mut self, schema: &dyn Schema) {
        let Cond::And(parts) = &self.question.cond else { return };
        let of_type = |part: &Cond| match part {
            Cond::Test(Test { field: Field::Column(name), ask: condition::Ask::Equals(types), .. })
                if name == "log_type" =>
            {
                match types.as_slice() {
                    [one] if schema.tables().contains(one) => Some(one.clone()),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some(table) = parts.iter().find_map(of_type) {
            let rest = parts.iter().filter(|part| of_type(part).is_none()).cloned().collect();
            self.question.cond = Cond::And(rest);
            self.question.table = table;
        }
    }
}

fn both(a: Cond, b: Cond) -> Cond {
    let mut out = Vec::new();
    for part in [a, b] {
        match part {
            Cond::And(parts) => out.extend(parts),
            other => out.push(other),
        }
    }
    if out.len() == 1 { out.remove(0) } else { Cond::And(out) }
}

fn name_of(op: &Op) -> String {
    match serde_json::to_value(op) {
        Ok(serde_json::Value::Object(map)) => {
            map.get("op").and_then(|op| op.as_str()).unwrap_or("an operator").to_owned()
        }
        _ => "an operator".to_owned(),
    }
}
