//! A run of `extend` and `filter` in as few levels as its fields need of one another. Languages that make a field a line give long runs, and
//! each level of a plan costs a visit of every rule of the optimizer. A condition stands as early as what it reads allows, a field as late as
//! its readers allow; a field that is read once, or costs nothing, becomes part of its reader; one that nobody reads is not made.

use std::collections::{BTreeSet, HashMap, HashSet};

use query::pipeline::{ELEMENT, Expr, ExprKind, Func, Item, Named, Op};

use super::columns;
use super::expr::STORED;

/// Largest definition, in parts, that becomes part of the one field that reads it.
const ONCE: usize = 96;

/// Largest definition that conditions repeat, to stand before the field is made.
const REPEATED: usize = 12;

/// One level: the rows that go on, then fields made of what is there. All but the last level's fields have hidden names.
pub(super) struct Level {
    pub(super) filters: Vec<Expr>,
    pub(super) fields: Vec<Named>,
}

/// A run's levels, and the conditions that read fields of the last one.
pub(super) struct Run {
    pub(super) levels: Vec<Level>,
    pub(super) filters: Vec<Expr>,
}

/// Whether an operator belongs to a run.
pub(super) fn belongs(op: &Op) -> bool {
    matches!(op, Op::Filter { .. } | Op::Extend { .. })
}

/// Whether a field is one of a run's own, which nothing after the run reads.
pub(super) fn is_own(name: &str) -> bool {
    name.strip_prefix(STORED).is_some_and(|name| name.starts_with(OWN))
}

const OWN: &str = "run ";

fn own(id: usize) -> String {
    format!("{STORED}{OWN}{id}")
}

fn id_of(name: &str) -> Option<usize> {
    name.strip_prefix(STORED)?.strip_prefix(OWN)?.parse().ok()
}

/// The run's levels; `later` are the operators after it.
pub(super) fn arranged(run: &[Op], later: &[Op]) -> Run {
    let mut fields = Fields::read(run, live(later).as_ref());
    let filters = fields.resolved(run);
    Schedule::new(&fields, &filters).run(fields, filters)
}

/// A field as one operator made it: a name that is made twice has two.
struct Field {
    name: String,
    expr: Expr,
    size: usize,
    /// Its definition where conditions repeat it.
    small: Option<Expr>,
    /// How many read it: fields, conditions, and what comes after the run.
    uses: usize,
    /// Whether the operators after the run may read it.
    shown: bool,
}

struct Fields {
    all: Vec<Field>,
    /// Names in the order in which they were first made.
    names: Vec<String>,
}

/// Where an expression is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Field,
    Condition,
    /// For each element of a list, or where a constant has a meaning of its own.
    Apart,
}

impl Fields {
    /// The fields of a run with how often each is read, those that nobody reads included.
    fn read(run: &[Op], live: Option<&BTreeSet<String>>) -> Self {
        let (mut all, mut names, mut versions) = (Vec::new(), Vec::new(), HashMap::new());
        // What each condition and field reads; a field's place is its id.
        let mut readers: Vec<(Option<usize>, Vec<usize>)> = Vec::new();
        for op in run {
            match op {
                Op::Filter { predicate } => readers.push((None, versions_read(predicate, &versions))),
                Op::Extend { fields } => {
                    for field in fields {
                        readers.push((Some(all.len()), versions_read(&field.expr, &versions)));
                        if versions.insert(field.name.clone(), all.len()).is_none() {
                            names.push(field.name.clone());
                        }
                        let (name, expr) = (field.name.clone(), field.expr.clone());
                        all.push(Field { name, expr, size: 0, small: None, uses: 0, shown: false });
                    }
                }
                _ => {}
            }
        }
        for (name, id) in versions {
            let shown = live.is_none_or(|live| live.contains(&name));
            (all[id].shown, all[id].uses) = (shown, usize::from(shown));
        }
        for (id, read) in readers.into_iter().rev() {
            if id.is_none_or(|id| all[id].uses > 0) {
                read.into_iter().for_each(|id| all[id].uses += 1);
            }
        }
        Self { all, names }
    }

    /// Brings the fields' expressions to what is there before the run and to other fields of it; gives the conditions.
    fn resolved(&mut self, run: &[Op]) -> Vec<Expr> {
        let (mut filters, mut versions, mut next) = (Vec::new(), HashMap::new(), 0);
        for op in run {
            match op {
                Op::Filter { predicate } => filters.push(self.resolve(predicate, &versions, Place::Condition)),
                Op::Extend { fields } => {
                    for field in fields {
                        let small = self.resolve(&field.expr, &versions, Place::Condition);
                        let expr = self.resolve(&field.expr, &versions, Place::Field);
                        let made = &mut self.all[next];
                        (made.size, made.expr) = (size(&expr), expr);
                        made.small = Some(small).filter(|small| size(small) <= REPEATED && !is_random(small));
                        versions.insert(field.name.clone(), next);
                        next += 1;
                    }
                }
                _ => {}
            }
        }
        filters
    }

    fn resolve(&self, expr: &Expr, versions: &HashMap<String, usize>, place: Place) -> Expr {
        match &expr.kind {
            ExprKind::Field(name) if name != ELEMENT => match versions.get(name) {
                Some(id) => match self.definition(*id, expr, place) {
                    Some(definition) => definition.clone(),
                    None => Expr { kind: ExprKind::Field(own(*id)), ..expr.clone() },
                },
                None => expr.clone(),
            },
            ExprKind::Call { func, args } => {
                let args = args.iter().enumerate();
                let args = args.map(|(at, arg)| self.resolve(arg, versions, inside(*func, at, place))).collect();
                Expr { kind: ExprKind::Call { func: *func, args }, ..expr.clone() }
            }
            _ => expr.clone(),
        }
    }

    /// What stands in a field's place where `reader` reads it; none: the field itself.
    fn definition(&self, id: usize, reader: &Expr, place: Place) -> Option<&Expr> {
        let field = &self.all[id];
        if reader.ty != field.expr.ty || place == Place::Apart || is_random(&field.expr) {
            return None;
        }
        if place == Place::Condition && field.small.is_some() {
            return field.small.as_ref();
        }
        let free = matches!(field.expr.kind, ExprKind::Column(_) | ExprKind::Literal(_) | ExprKind::Field(_));
        (free || field.uses == 1 && field.size <= ONCE).then_some(&field.expr)
    }
}

/// When fields are made and conditions asked.
struct Schedule {
    /// Each field's level; none where it is not made.
    fields: Vec<Option<usize>>,
    /// The level before which each condition is asked.
    filters: Vec<usize>,
    levels: usize,
}

impl Schedule {
    fn new(fields: &Fields, filters: &[Expr]) -> Self {
        let reads: Vec<Vec<usize>> = fields.all.iter().map(|field| own_read(&field.expr)).collect();
        let asked: Vec<Vec<usize>> = filters.iter().map(own_read).collect();
        let made = made(fields, &reads, &asked);
        // As early as can be.
        let mut early = vec![0; fields.all.len()];
        for id in 0..early.len() {
            early[id] = after(&reads[id], &early);
        }
        let filters_at: Vec<usize> = asked.iter().map(|read| after(read, &early)).collect();
        let mut levels = (0..early.len()).filter(|id| made[*id]).map(|id| early[id] + 1).max().unwrap_or(0);
        // Only the fields that go on have names after the last level, and they may have taken those of others.
        let lost = |id: &usize| !fields.all[*id].shown;
        let hidden = |at: usize| asked[at].iter().any(lost) || takes(fields, &filters[at]);
        if levels > 0 && (0..filters.len()).any(|at| filters_at[at] == levels && hidden(at)) {
            levels += 1;
        }
        // As late as can be.
        let mut late = vec![levels.saturating_sub(1); early.len()];
        for (read, at) in asked.iter().zip(&filters_at) {
            read.iter().for_each(|id| late[*id] = late[*id].min(at.saturating_sub(1)));
        }
        for id in (0..late.len()).rev().filter(|id| made[*id]) {
            let before = late[id].saturating_sub(1);
            reads[id].iter().for_each(|read| late[*read] = late[*read].min(before));
        }
        let fields = late.into_iter().zip(made).map(|(level, made)| made.then_some(level)).collect();
        Self { fields, filters: filters_at, levels }
    }

    fn run(self, fields: Fields, filters: Vec<Expr>) -> Run {
        let mut levels: Vec<Level> =
            (0..self.levels).map(|_| Level { filters: Vec::new(), fields: Vec::new() }).collect();
        let mut after = Vec::new();
        for (filter, at) in filters.into_iter().zip(&self.filters) {
            match levels.get_mut(*at) {
                Some(level) => level.filters.push(filter),
                None => after.push(renamed(filter, &fields.all)),
            }
        }
        let last = self.levels.saturating_sub(1);
        let mut shown: HashMap<String, Named> = HashMap::new();
        for (id, field) in fields.all.into_iter().enumerate() {
            let Some(level) = self.fields[id] else { continue };
            if level == last && field.shown {
                shown.insert(field.name.clone(), Named { name: field.name, expr: field.expr });
                continue;
            }
            let value = Expr { kind: ExprKind::Field(own(id)), ty: field.expr.ty, span: field.expr.span };
            levels[level].fields.push(Named { name: own(id), expr: field.expr });
            if field.shown {
                shown.insert(field.name.clone(), Named { name: field.name, expr: value });
            }
        }
        if let Some(level) = levels.last_mut() {
            level.fields.extend(fields.names.iter().filter_map(|name| shown.remove(name)));
        }
        Run { levels, filters: after }
    }
}

/// Which fields are made: those that go on, and those that a condition or a field that is made reads.
fn made(fields: &Fields, reads: &[Vec<usize>], asked: &[Vec<usize>]) -> Vec<bool> {
    let mut made: Vec<bool> = fields.all.iter().map(|field| field.shown).collect();
    asked.iter().flatten().for_each(|id| made[*id] = true);
    for id in (0..made.len()).rev() {
        if made[id] {
            reads[id].iter().for_each(|read| made[*read] = true);
        }
    }
    made
}

/// The level after all that is read.
fn after(read: &[usize], levels: &[usize]) -> usize {
    read.iter().map(|id| levels[*id] + 1).max().unwrap_or(0)
}

/// Whether an expression reads a field of before the run by a name that the run makes.
fn takes(fields: &Fields, expr: &Expr) -> bool {
    let names: HashSet<&str> = fields.names.iter().map(String::as_str).collect();
    let mut found = false;
    each_field(expr, &mut |name| found |= names.contains(name));
    found
}

/// The fields of the run under the names that they have after it.
fn renamed(expr: Expr, fields: &[Field]) -> Expr {
    let kind = match expr.kind {
        ExprKind::Field(name) => ExprKind::Field(id_of(&name).map_or(name, |id| fields[id].name.clone())),
        ExprKind::Call { func, args } => {
            ExprKind::Call { func, args: args.into_iter().map(|arg| renamed(arg, fields)).collect() }
        }
        kind => kind,
    };
    Expr { kind, ..expr }
}

fn versions_read(expr: &Expr, versions: &HashMap<String, usize>) -> Vec<usize> {
    let mut out = Vec::new();
    each_field(expr, &mut |name| out.extend(versions.get(name)));
    out
}

fn own_read(expr: &Expr) -> Vec<usize> {
    let mut out = Vec::new();
    each_field(expr, &mut |name| out.extend(id_of(name)));
    out
}

fn each_field(expr: &Expr, see: &mut dyn FnMut(&str)) {
    match &expr.kind {
        ExprKind::Field(name) if name != ELEMENT => see(name),
        ExprKind::Call { args, .. } => args.iter().for_each(|arg| each_field(arg, see)),
        _ => {}
    }
}

/// Where an argument is read: a list's function works out its second one for each element, and a pattern that is a constant is made
/// ready when the query is planned, which can fail.
fn inside(func: Func, at: usize, place: Place) -> Place {
    match func {
        Func::ListFilter | Func::ListMap if at > 0 => Place::Apart,
        Func::And
        | Func::Or
        | Func::Not
        | Func::IsTrue
        | Func::IsNull
        | Func::IsNotNull
        | Func::Coalesce
        | Func::If
        | Func::Concat
        | Func::Eq
        | Func::Ne
        | Func::Lt
        | Func::Le
        | Func::Gt
        | Func::Ge
        | Func::Add
        | Func::Sub
        | Func::Mul
        | Func::Div
        | Func::Mod
        | Func::Least
        | Func::Greatest => place,
        // Which stored columns a place is read from was settled when the scan was made.
        Func::Geo => Place::Apart,
        _ if at == 0 => place,
        _ => Place::Apart,
    }
}

fn is_random(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call { func: Func::Random, .. } => true,
        ExprKind::Call { args, .. } => args.iter().any(is_random),
        _ => false,
    }
}

fn size(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Call { args, .. } => 1 + args.iter().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// The fields that operators may read; none: any.
fn live(ops: &[Op]) -> Option<BTreeSet<String>> {
    let mut out = BTreeSet::new();
    for op in ops {
        columns::expressions(op, &mut |expr| each_field(expr, &mut |name| out.extend([name.to_owned()])));
        match op {
            Op::Filter { .. }
            | Op::Extend { .. }
            | Op::Window { .. }
            | Op::Sort { .. }
            | Op::Limit { .. }
            | Op::Tail { .. }
            | Op::Dedup { .. } => {}
            Op::Expand { field, .. } => out.extend([field.clone()]),
            Op::Aggregate { .. } => return Some(out),
            Op::Project { items } if items.iter().all(|item| matches!(item, Item::Named(_))) => return Some(out),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use query::language::{Environment, front};
    use query::pipeline::render_expr;

    use super::*;
    use crate::catalogue::Fields as Catalogue;

    fn ops(text: &str) -> Vec<Op> {
        let env = Environment::new(&Catalogue, 0);
        let lowered = (front("spl").unwrap().lower)(text, &env);
        lowered.unwrap_or_else(|found| panic!("{text}: {found:?}")).pipeline.ops
    }

    /// The longest run of a search, level by level.
    fn shown(text: &str) -> Vec<String> {
        let ops = ops(text);
        let length = |start: usize| ops[start..].iter().take_while(|op| belongs(op)).count();
        let start = (0..ops.len()).rev().max_by_key(|start| length(*start)).unwrap_or(0);
        let (run, later) = ops[start..].split_at(length(start));
        let run = arranged(run, later);
        let filter = |expr: &Expr| format!("where {}", render_expr(expr));
        let field = |field: &Named| format!("{} = {}", field.name, render_expr(&field.expr));
        let mut lines = Vec::new();
        for (at, level) in run.levels.iter().enumerate() {
            lines.push(format!("level {at}"));
            lines.extend(level.filters.iter().map(filter));
            lines.extend(level.fields.iter().map(field));
        }
        lines.push("after".to_owned());
        lines.extend(run.filters.iter().map(filter));
        lines.into_iter().map(|line| line.replace(&format!("{STORED}{OWN}"), "#").replace("\\u{1}run ", "#")).collect()
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(shown(text), expected, "{text}");
    }

    #[test]
    fn a_field_that_is_read_once_is_part_of_its_reader() {
        check(
            r#"* | eval a=lower(eventName) | eval b=a."x" | eval c=b."y" | table c"#,
            &["level 0", r#"c = concat(concat(lower(event_name), "x"), "y")"#, "after"],
        );
        check(
            r#"* | eval a=lower(eventName) | eval b=a.a | table b"#,
            &["level 0", "#0 = lower(event_name)", "level 1", "b = concat('#0', '#0')", "after"],
        );
    }

    #[test]
    fn conditions_stand_before_what_they_need_not_wait_for() {
        check(
            r#"* | eval a=lower(eventName) | eval b=a."x" | where b="ex" | eval c=1 | table a b c"#,
            &[
                "level 0",
                r#"where concat(lower(event_name), "x") = "ex""#,
                "#0 = lower(event_name)",
                "level 1",
                "a = '#0'",
                r#"b = concat('#0', "x")"#,
                "c = 1",
                "after",
            ],
        );
        // A large definition is not repeated, and its field is there for the condition.
        let names = ["eventName"; 12].join(".");
        let parts = ["event_name"; 12].join(", ");
        check(
            &format!(r#"* | eval a={names} | where a="x" | eval b=lower(awsRegion) | table a b"#),
            &["level 0", &format!("a = concat({parts})"), "b = lower(aws_region)", "after", r#"where 'a' = "x""#],
        );
    }

    #[test]
    fn what_nobody_reads_is_not_made() {
        check(
            r#"* | eval a=lower(eventName), z=upper(a) | where a="x" | stats count by awsRegion"#,
            &["after", r#"where lower(event_name) = "x""#],
        );
        check("* | stats count by awsRegion | eval a=1", &["level 0", "a = 1", "after"]);
    }

    #[test]
    fn a_name_that_is_made_twice_is_two_fields() {
        check(
            r#"* | eval a=lower(eventName) | eval a=if(a="x", "y", a) | where a="y" | eval a=upper(a) | stats count by a"#,
            &[
                "level 0",
                r#"where if(lower(event_name) = "x", "y", lower(event_name)) = "y""#,
                "#0 = lower(event_name)",
                "level 1",
                r##"#1 = if('#0' = "x", "y", '#0')"##,
                "level 2",
                "a = upper('#1')",
                "after",
            ],
        );
    }

    #[test]
    fn names_of_before_are_read_before_they_are_taken() {
        check(
            "* | stats count as a by eventName | eval c=a | eval a=upper(eventName) | where c=5",
            &["level 0", "where 'a' = 5", "c = 'a'", "a = upper('eventName')", "after"],
        );
        // `d` is there only after the second level, and `a` is then another one's name.
        let name = ["eventName"; 8].join(".");
        let parts = "'eventName', 'eventName', 'eventName', 'eventName', 'eventName', 'eventName', 'eventName'";
        check(
            &format!(
                "* | stats count as a by eventName | eval c=lower(eventName).{name}, d=c.c | where d=a | eval a=1"
            ),
            &[
                "level 0",
                &format!("#0 = concat(lower('eventName'), concat('eventName', {parts}))"),
                "level 1",
                "#1 = concat('#0', '#0')",
                "level 2",
                "where to_number('#1') = 'a'",
                "c = '#0'",
                "d = '#1'",
                "a = 1",
                "after",
            ],
        );
    }

    #[test]
    fn chance_has_one_value_a_row() {
        let found = shown("* | eval a=random() | eval b=a+1 | where b=3 | stats count by b");
        assert_eq!(found.iter().filter(|line| line.contains("random()")).count(), 1, "{found:?}");
        assert_eq!(found[2..], ["level 1", "where ('#0' + 1) = 3", "b = '#0' + 1", "after"]);
    }

    #[test]
    fn a_list_works_nothing_out_for_each_element() {
        check(
            r#"* | eval a=lower(eventName) | eval r=split(awsRegion, "-") | eval b=mvmap(r, r.a) | stats count by b"#,
            &[
                "level 0",
                "#0 = lower(event_name)",
                "level 1",
                r#"b = list_map(split(aws_region, "-"), concat('__element', '#0'))"#,
                "after",
            ],
        );
    }

    /// Each step reads the one before twice: without levels the last would be 2^40 parts large.
    #[test]
    fn long_chains_stay_small() {
        let steps = (0..40).map(|_| r#" | eval a=if(a="x", "y", a)"#).collect::<String>();
        let found = shown(&format!("* | eval a=lower(eventName){steps} | table a"));
        assert!(found.iter().all(|line| line.len() < 200), "{found:?}");
        assert_eq!(found.iter().filter(|line| line.starts_with("level")).count(), 41);
    }
}
