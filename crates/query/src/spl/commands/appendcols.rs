//! `appendcols`: another search's fields beside these, row by row.

use super::{Command, Grammar, arguments};
use crate::{
    pipeline::{Agg, Aggregate, JoinKind, Named, Op, Type},
    spl::{
        ast::{Argument, Setting},
        build,
        lowering::Lowerer,
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "appendcols",
    aliases: &[],
    syntax: "appendcols [override=<bool>] [<search>]",
    help: "Adds the fields of another search's rows: its first row's to the first, and so on.",
    example: "* | stats count as all | appendcols [search errorCode=AccessDenied | stats count as denied]",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let settings: Vec<Setting> = arguments(command)
            .iter()
            .filter_map(|a| if let Argument::Setting(s) = a { Some(s.clone()) } else { None })
            .collect();
        let settings = Settings::new(lowerer, &settings, &["override", "maxtime", "maxout", "timeout"]);
        let search =
            arguments(command).iter().find_map(|a| if let Argument::Subsearch(ast) = a { Some(ast) } else { None });
        let Some(ast) = search else {
            return lowerer.fail("spl.missing-argument", "`appendcols` needs a search in brackets", command.span);
        };
        let span = ast.span;
        let mut right = lowerer.nested(ast)?;
        let Some(names) = right.scope.columns() else {
            let message = "which columns this search has is not known";
            return lowerer.fail("spl.join-columns", message, span);
        };
        let place = number(lowerer);
        let other = number(&mut right);
        let key = lowerer.made_up("join");
        let mut columns = vec![Named { name: key.clone(), expr: build::field(&other, Type::Int, span) }];
        let mut taken = Vec::new();
        for name in names {
            let expr = right.name(&name, span);
            let joined = lowerer.made_up("join");
            taken.push((name, joined.clone(), expr.ty));
            columns.push(Named { name: joined, expr });
        }
        let mut gone: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        right.project(columns);
        let right = Box::new(right.into_pipeline());
        let on = vec![(build::field(&place, Type::Int, span), key)];
        lowerer.push(Op::Join { kind: JoinKind::Left, right, on, max: Some(1) });
        let wins = settings.truth("override").unwrap_or(false);
        for (name, joined, ty) in taken {
            let value = super::join::merged(lowerer, &name, build::field(&joined, ty, span), wins, span);
            lowerer.extend(&name, value);
        }
        lowerer.push(Op::Sort { keys: vec![crate::spl::lowering::ascending(&place, Type::Int, span)], limit: None });
        gone.push(place);
        lowerer.push(Op::Remove { patterns: gone });
        Ok(())
    },
};

/// Numbers the rows in their order, in a field of its own.
pub(super) fn number(lowerer: &mut Lowerer<'_>) -> String {
    lowerer.settle_order();
    let name = lowerer.made_up("row");
    let count = Aggregate { name: name.clone(), func: Agg::Count, arg: None, filter: None, order: None, ty: Type::Int };
    let order = lowerer.scope.order.clone();
    lowerer.push(Op::Window {
        by: Vec::new(),
        preceding: order.is_empty().then_some(u64::MAX),
        order,
        range: None,
        current: true,
        aggregates: vec![count],
    });
    name
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns};

    #[test]
    fn rows_beside_rows() {
        assert_eq!(
            columns("* | stats count as a by user | appendcols [search x | stats count as b by user]"),
            ["user", "a", "b"]
        );
        assert_eq!(codes("* | appendcols"), ["spl.missing-argument"]);
    }
}
