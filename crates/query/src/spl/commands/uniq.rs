//! `uniq`: a row that is the same as the one before it falls away.

use super::{Command, Grammar};
use crate::{
    pipeline::{Agg, Aggregate, Expr, Func, Op, Type},
    spl::{build, event, scope::Base},
};

pub(super) const COMMAND: Command = Command {
    name: "uniq",
    aliases: &[],
    syntax: "uniq",
    help: "Leaves out a row whose fields are all the same as those of the row before it.",
    example: "* | sort user, eventName | table user, eventName | uniq",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let span = command.span;
        if lowerer.scope.base == Base::Events {
            event::project(lowerer);
        }
        if lowerer.scope.base != Base::Closed || lowerer.scope.loose {
            let message = "which columns these rows have is not known: put `| table …` before `uniq`";
            return lowerer.fail("spl.missing-argument", message, span);
        }
        let fields = lowerer.scope.fields.clone();
        let number = super::appendcols::number(lowerer);
        let order = vec![crate::spl::lowering::ascending(&number, Type::Int, span)];
        let (mut gone, mut aggregates, mut changes) = (vec![number], Vec::new(), Vec::new());
        let mut before = |expr: Expr| {
            let name = lowerer.made_up("before");
            let ty = expr.ty;
            aggregates.push(Aggregate {
                name: name.clone(),
                func: Agg::Lag(1),
                arg: Some(expr),
                filter: None,
                order: None,
                ty,
            });
            let value = build::field(&name, ty, span);
            gone.push(name);
            value
        };
        changes.push(build::is_null(before(build::int(1, span))));
        for made in fields {
            let now = match made.ty {
                Type::List => build::call(
                    Func::ListJoin,
                    vec![build::field(&made.name, made.ty, span), build::text("\n", span)],
                    Type::Text,
                    span,
                ),
                ty => build::field(&made.name, ty, span),
            };
            let then = before(now.clone());
            let same = build::call(Func::Eq, vec![now.clone(), then.clone()], Type::Bool, span);
            let neither = build::all(vec![build::is_null(now), build::is_null(then)], span);
            changes.push(build::not(build::is_true(build::any(vec![same, neither], span))));
        }
        lowerer.push(Op::Window { by: Vec::new(), order, preceding: None, range: None, current: true, aggregates });
        lowerer.unsettle_order();
        lowerer.settle_order();
        lowerer.filter(build::any(changes, span));
        lowerer.push(Op::Remove { patterns: gone });
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn rows_that_repeat() {
        let query = "* | sort user | table user, awsRegion | uniq";
        assert_eq!(columns(query), ["user", "awsRegion"]);
        let ir = rendered(query);
        assert!(ir.contains("lag 1('user')") && ir.contains("lag 1('awsRegion')"), "{ir}");
        assert_eq!(codes("* | chart count over user by eventName | uniq"), ["spl.missing-argument"]);
    }
}
