//! `unnest`: a row for each element of a list.

use super::Command;
use crate::{
    insights::{
        ast::{self, Verb},
        cursor::Cursor,
        expr::text,
        lowering::Lowerer,
        parser,
    },
    pipeline::{Func, Op, Type},
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "unnest",
    syntax: "unnest list into name",
    help: "A row for each element of a list, such as `jsonParse` gives; the other fields repeat. What is no list counts as a list of one.",
    example: "fields jsonParse(@message) as event | unnest event.resources into resource | stats count(*) by resource.ARN",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let list = parser::expr(cursor)?;
    if !cursor.eat_keyword("into") && !cursor.eat_keyword("as") {
        let span = cursor.next_word();
        return cursor.error("insights.syntax", "`into` is expected: `unnest list into name`", span, "");
    }
    Some(Verb::Unnest { list, into: parser::name(cursor, "into")? })
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Unnest { list, into } = &command.verb else { return };
    let span = command.span;
    // Elements of one event keep their order.
    lowerer.settle_order();
    let json = text(lowerer.expr(list));
    let json = lowerer.settled(json);
    let matches =
        |pattern: &str| build::call(Func::Regex, vec![json.clone(), build::text(pattern, span)], Type::Bool, span);
    // An empty list has no rows.
    lowerer.filter(build::not(build::is_true(matches(r"^\s*\[\s*\]\s*$"))));
    let elements = build::call(Func::JsonGet, vec![json.clone(), build::text("[*]", span)], Type::List, span);
    let value =
        build::call(Func::If, vec![matches(r"^\s*\["), elements, build::to_list(json.clone())], Type::List, span);
    lowerer.extend(&into.text, value);
    lowerer.ops.push(Op::Expand { field: into.text.clone(), limit: None });
    lowerer.make(&into.text, Type::Text);
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{codes, columns};

    #[test]
    fn elements_become_rows() {
        assert_eq!(columns("fields jsonParse(@message) as m | unnest m.a into b | display b.c, b"), ["b.c", "b"]);
        assert_eq!(codes("unnest a b"), ["insights.syntax"]);
    }
}
