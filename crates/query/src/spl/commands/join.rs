//! `join`: another search's fields beside these, by equal fields.

use super::{Command, Grammar, arguments};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, JoinKind, Named, Op, Type},
    span::Span,
    spl::{
        ast::{Argument, Word},
        build,
        lowering::{Lower, Lowerer},
        scope::Base,
        statistics::Settings,
    },
};

const OPTIONS: &[&str] = &["type", "max", "overwrite", "usetime", "earlier"];

pub(super) const COMMAND: Command = Command {
    name: "join",
    aliases: &[],
    syntax: "join [type=inner|left] [max=<n>] <field>, … [<search>]",
    help: "Adds the fields of another search's rows that have the same values; one row for each unless max says otherwise.",
    example: "* | stats count by user | join type=left user [| inputlookup identities.csv | fields user, team]",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (mut settings, mut fields, mut search) = (Vec::new(), Vec::new(), None);
        for argument in arguments(command) {
            match argument {
                Argument::Setting(setting) => settings.push(setting.clone()),
                Argument::Word(word) => fields.push(word.clone()),
                Argument::Subsearch(ast) => search = Some(ast),
                other => {
                    return lowerer.fail(
                        "spl.unsupported-syntax",
                        "`join` takes field names; conditions are not supported yet",
                        other.span(),
                    );
                }
            }
        }
        let settings = Settings::new(lowerer, &settings, OPTIONS);
        let Some(ast) = search else {
            return lowerer.fail("spl.missing-argument", "`join` needs a search in brackets", command.span);
        };
        let kind = match settings.text("type").unwrap_or("inner") {
            "inner" => JoinKind::Inner,
            "left" | "outer" => JoinKind::Left,
            other => {
                let message = format!("`join` has no type `{other}`");
                let diagnostic = Diagnostic::error("spl.option", message, command.span)
                    .with_help("write `type=inner` or `type=left`");
                return Err(lowerer.error(diagnostic));
            }
        };
        let max = settings.count(lowerer, "max")?.unwrap_or(1);
        let mut right = lowerer.nested(ast)?;
        let fields = if fields.is_empty() { common(lowerer, &right, command.span)? } else { fields };
        let overwrite = settings.truth("overwrite").unwrap_or(true);
        join(lowerer, &mut right, &fields, kind, (max > 0).then_some(max), overwrite, ast.span)
    },
};

/// Without field names, all that both sides have.
fn common(lowerer: &mut Lowerer<'_>, right: &Lowerer<'_>, span: Span) -> Lower<Vec<Word>> {
    let names = right.scope.fields.iter().map(|made| made.name.clone()).filter(|name| lowerer.knows(name));
    let words: Vec<Word> = names.map(|text| Word { text, span, quoted: false }).collect();
    if words.is_empty() || right.scope.base != Base::Closed {
        return lowerer.fail("spl.missing-argument", "which fields to join by is not known: name them", span);
    }
    Ok(words)
}

/// The right side's fields come under made-up names, so that no two sides' fields are ever mixed up, and take their
/// own names after the join.
fn join(
    lowerer: &mut Lowerer<'_>,
    right: &mut Lowerer<'_>,
    fields: &[Word],
    kind: JoinKind,
    max: Option<u64>,
    overwrite: bool,
    span: Span,
) -> Lower<()> {
    if right.scope.base == Base::Events {
        right.settle_order();
        crate::spl::event::project(right);
    }
    let mut columns = Vec::new();
    let mut on = Vec::new();
    for word in fields {
        let key = lowerer.made_up("join");
        let (left, other) = (lowerer.field(word), right.field(word));
        let (left, other) = same_type(left, other);
        on.push((left, key.clone()));
        columns.push(Named { name: key, expr: other });
    }
    let mut taken = Vec::new();
    for made in right.scope.fields.clone() {
        if !fields.iter().any(|word| word.text == made.name) && !made.name.starts_with("__") {
            let name = lowerer.made_up("join");
            columns.push(Named { name: name.clone(), expr: build::field(&made.name, made.ty, span) });
            taken.push((made.name, name, made.ty));
        }
    }
    if matches!(right.scope.base, Base::Fields(_)) {
        let message = "which columns the search to join has is not known; only those named are added";
        let help = "end it with `| fields …`";
        lowerer.warn(Diagnostic::warning("spl.join-columns", message, span).with_help(help));
    }
    right.settle_order();
    right.project(columns.clone());
    lowerer.diagnostics.append(&mut right.diagnostics);
    let pipeline = crate::pipeline::Pipeline { scan: right.scan.clone(), ops: std::mem::take(&mut right.ops) };
    lowerer.push(Op::Join { kind, right: Box::new(pipeline), on, max });
    for (name, joined, ty) in taken {
        let value = merged(lowerer, &name, build::field(&joined, ty, span), overwrite, span);
        lowerer.extend(&name, value);
    }
    lowerer.push(Op::Remove { patterns: columns.into_iter().map(|column| column.name).collect() });
    lowerer.unsettle_order();
    Ok(())
}

/// A field that both sides have: the right side's value where there is one, or the left side's first.
pub(super) fn merged(lowerer: &mut Lowerer<'_>, name: &str, right: Expr, overwrite: bool, span: Span) -> Expr {
    let left = if lowerer.knows(name) { Some(lowerer.name(name, span)) } else { None };
    let Some(left) = left else { return right };
    let ty = build::unify(left.ty, right.ty);
    let (left, right) = (build::convert(left, ty), build::convert(right, ty));
    build::coalesce(if overwrite { vec![right, left] } else { vec![left, right] }, ty, span)
}

fn same_type(left: Expr, right: Expr) -> (Expr, Expr) {
    if left.ty == right.ty && left.ty != Type::Any {
        return (left, right);
    }
    let number = |ty| matches!(ty, Type::Int | Type::Float);
    if number(left.ty) || number(right.ty) {
        return (build::convert(left, Type::Float), build::convert(right, Type::Float));
    }
    let text = |expr: Expr| if expr.ty == Type::List { build::first(expr) } else { build::to_text(expr) };
    (text(left), text(right))
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn by_fields() {
        check(
            "* | stats count by user | join type=left user [search x | stats dc(awsRegion) as regions count by user]",
            "aggregate 'count' = count() by 'user' = user_name
             join left on 'user' = '__join_1' max 1
               scan cloudtrail
               filter contains_ignore_case(raw, \"x\")
               aggregate 'regions' = distinct_count(aws_region), 'count' = count() by 'user' = user_name
               sort 'user' auto
               project '__join_1' = 'user', '__join_2' = 'regions', '__join_3' = 'count'
             extend 'regions' = '__join_2', 'count' = coalesce('__join_3', 'count')
             remove __join_1, __join_2, __join_3
             sort 'user' auto",
        );
        assert_eq!(
            columns("* | stats count by user | join user [| inputlookup t.csv | fields user, team]"),
            ["user", "count", "team"]
        );
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | join user"), ["spl.missing-argument"]);
        assert_eq!(codes("* | join type=full user [search x | stats count by user]"), ["spl.option"]);
        assert_eq!(codes("* | stats count by user | join [| inputlookup t.csv]"), ["spl.missing-argument"]);
    }
}
