//! `append`: another search's rows below these.

use super::{Command, Grammar, arguments};
use crate::{
    pipeline::{Named, Op, Type},
    span::Span,
    spl::{
        ast::Argument,
        build,
        lowering::Lowerer,
        scope::{Base, Kind},
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "append",
    aliases: &[],
    syntax: "append [<search>]",
    help: "Adds the rows of another search.",
    example: "* | stats count by user | append [search errorCode=AccessDenied | stats count by user]",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let settings: Vec<_> = arguments(command)
            .iter()
            .filter_map(|a| if let Argument::Setting(s) = a { Some(s.clone()) } else { None })
            .collect();
        Settings::new(lowerer, &settings, &["extendtimerange", "maxtime", "maxout", "timeout"]);
        let Some(ast) = arguments(command)
            .iter()
            .find_map(|argument| if let Argument::Subsearch(ast) = argument { Some(ast) } else { None })
        else {
            return lowerer.fail("spl.missing-argument", "`append` needs a search in brackets", command.span);
        };
        let right = lowerer.nested(ast)?;
        union(lowerer, right, ast.span);
        Ok(())
    },
};

/// Appends rows by column name. Fields that both sides have are brought to one type first: a lookup file's times are
/// text.
pub(super) fn union(lowerer: &mut Lowerer<'_>, mut right: Lowerer<'_>, span: Span) {
    // Columns are what both sides show: events become their shown columns, and those that are read later.
    let later = lowerer.mentioned.clone();
    show(lowerer, &later);
    show(&mut right, &later);
    let names: Vec<(String, Type)> = lowerer.scope.fields.iter().map(|made| (made.name.clone(), made.ty)).collect();
    for (name, ty) in names {
        let other = match (right.scope.made(&name), right.scope.base) {
            (Some(ty), _) | (None, Base::Fields(ty)) => ty,
            (None, _) => continue,
        };
        // A whole number from a lookup file stays one; its text is what differs.
        let common = match (ty, other) {
            (ty, Type::Text | Type::Any) if !matches!(right.scope.base, Base::Closed) => ty,
            (a, b) => build::unify(a, b),
        };
        align(lowerer, &name, ty, common, span);
        align(&mut right, &name, other, common, span);
    }
    for made in right.scope.fields.clone() {
        if lowerer.scope.made(&made.name).is_none() {
            lowerer.scope.make(&made.name, made.ty);
        }
    }
    lowerer.scope.loose |= right.scope.loose;
    if let (Base::Closed, Base::Fields(ty)) = (lowerer.scope.base, right.scope.base) {
        lowerer.scope.base = Base::Fields(ty);
    }
    // What else the record holds can still be read from its text.
    if let Some(ty) = lowerer.scope.made("_raw") {
        lowerer.scope.documents = vec![build::field("_raw", ty, span)];
    }
    lowerer.scope.kind = Kind::Rows;
    lowerer.scope.order_by(Vec::new(), false);
    lowerer.push(Op::Union { right: Box::new(right.into_pipeline()) });
}

fn show(side: &mut Lowerer<'_>, later: &std::collections::BTreeSet<String>) {
    side.settle_order();
    if side.scope.base == Base::Events {
        crate::spl::event::project_with(side, later);
    }
}

fn align(side: &mut Lowerer<'_>, name: &str, from: Type, to: Type, span: Span) {
    if from == to || to == Type::Any {
        return;
    }
    let expr = build::convert(build::field(name, from, span), to);
    side.scope.make(name, to);
    match side.ops.last_mut() {
        Some(Op::Extend { fields }) => fields.push(Named { name: name.to_owned(), expr }),
        _ => side.push(Op::Extend { fields: vec![Named { name: name.to_owned(), expr }] }),
    }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn types_meet() {
        check(
            "* | stats count by user | append [search x | stats values(user) as user]",
            "aggregate 'count' = count() by 'user' = user_name
             sort 'user' auto
             extend 'user' = to_list('user')
             union
               scan cloudtrail
               filter contains_ignore_case(raw, \"x\")
               aggregate 'user' = values(user_name)",
        );
        assert_eq!(columns("* | stats count as a | append [search * | stats count as b]"), ["a", "b"]);
        assert_eq!(codes("* | append"), ["spl.missing-argument"]);
    }
}
