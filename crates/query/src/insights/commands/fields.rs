//! `fields`: columns of the result, and new fields. Several of them add up.

use super::Command;
use crate::insights::{
    ast::{self, ExprKind as Form, Item, Verb, Word},
    cursor::Cursor,
    expr::shown,
    lowering::{Lowerer, Shown},
    names, parser,
};

pub(super) const COMMAND: Command = Command {
    name: "fields",
    syntax: "fields expression [as name], …",
    help: "Names the columns of the result, and makes new fields. Several `fields` add up; `display` overrides them. Without any, events are shown with time and message.",
    example: "fields @timestamp, eventName, concat(eventSource, \":\", eventName) as call",
    parse: items,
    lower,
};

pub(super) fn items(cursor: &mut Cursor<'_>) -> Option<Verb> {
    parser::items(cursor).map(Verb::Items)
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Items(items) = &command.verb else { return };
    let made = make(lowerer, items);
    lowerer.shown = match std::mem::replace(&mut lowerer.shown, Shown::Default) {
        Shown::Display(names) => Shown::Display(names),
        Shown::Fields(mut names) => {
            names.extend(made.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
            Shown::Fields(names)
        }
        Shown::Default | Shown::Made => Shown::Fields(made),
    };
}

/// Makes the fields that are more than names; the names of all, without repeats.
pub(super) fn make(lowerer: &mut Lowerer<'_>, items: &[Item]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let name = match (&item.expr.kind, &item.alias) {
            (Form::Field(name), None) => {
                // For what is odd about it; the column is read when the result is shaped.
                names::field(lowerer, &Word { text: name.clone(), span: item.expr.span });
                name.clone()
            }
            (_, alias) => {
                let name = alias.as_ref().map_or(&item.text, |alias| &alias.text).clone();
                let value = lowerer.expr(&item.expr);
                lowerer.extend(&name, shown(value));
                name
            }
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{check, columns};

    #[test]
    fn fields_add_up_and_display_decides() {
        for (query, expected) in [
            ("fields eventName | fields awsRegion, eventName", &["eventName", "awsRegion"][..]),
            ("fields eventName, 1 + 1 as two", &["eventName", "two"]),
            ("fields eventName | display awsRegion | fields errorCode", &["awsRegion"]),
            ("display eventName | display awsRegion", &["awsRegion"]),
            ("fields eventName | stats count(*) by awsRegion", &["awsRegion", "count(*)"]),
            ("stats count(*) as c by awsRegion | fields c", &["c"]),
            ("fields `eventName`, abs( 1 )", &["eventName", "abs(1)"]),
        ] {
            assert_eq!(columns(query), expected, "{query}");
        }
    }

    #[test]
    fn expressions_make_fields() {
        check("fields awsRegion = \"x\" as here | fields here", r#"extend 'here' = if(aws_region = "x", 1, 0)"#);
    }
}
