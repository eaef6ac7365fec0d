//! `join`: the rows of another query beside these, by fields that are equal.

use super::Command;
use crate::{
    insights::{
        ast::{self, Join, Verb, Word},
        cursor::Cursor,
        expr::text,
        lowering::Lowerer,
        names, parser,
    },
    pipeline::{Item, JoinKind, Named, Op, Pipeline},
    spl::build,
};

pub(super) const COMMAND: Command = Command {
    name: "join",
    syntax: "join [type=inner|left] left=a right=b where a.field = b.field [and …] (query)",
    help: "The rows of another query beside these, by fields that are equal. Fields are called by the aliases: `a.field`, `b.field`.",
    example: "filter eventName = \"AssumeRole\" | join type=left left=a right=b where a.sourceIPAddress = b.sourceIPAddress (SOURCE \"cloudtrail\" | filter eventName = \"ConsoleLogin\") | fields a.eventName, a.sourceIPAddress, b.eventName",
    parse,
    lower,
};

fn parse(cursor: &mut Cursor<'_>) -> Option<Verb> {
    let (mut left_outer, mut left, mut right) = (false, "left".to_owned(), "right".to_owned());
    loop {
        let option = cursor.word().to_ascii_lowercase();
        if !matches!(option.as_str(), "type" | "left" | "right") {
            break;
        }
        cursor.at += option.len();
        cursor.expect("=", &option)?;
        let value = parser::name(cursor, "=")?;
        match option.as_str() {
            "left" => left = value.text,
            "right" => right = value.text,
            _ if value.text.eq_ignore_ascii_case("inner") => left_outer = false,
            _ if value.text.eq_ignore_ascii_case("left") => left_outer = true,
            _ => return cursor.error("insights.join", "the type of a join is inner or left", value.span, ""),
        }
    }
    if !cursor.eat_keyword("where") && !cursor.eat_keyword("on") {
        let span = cursor.next_word();
        return cursor.error("insights.join", "`where` is expected, and the fields that are equal", span, "");
    }
    let on = conditions(cursor)?;
    cursor.expect("(", "the condition, and another query in parentheses")?;
    cursor.depth += 1;
    let query = parser::query(cursor);
    cursor.depth -= 1;
    cursor.expect(")", "the other query")?;
    Some(Verb::Join(Box::new(Join { left_outer, left, right, on, query })))
}

fn conditions(cursor: &mut Cursor<'_>) -> Option<Vec<(Word, Word)>> {
    let mut on = Vec::new();
    loop {
        let a = parser::name(cursor, "where")?;
        cursor.expect("=", "a field of the left side")?;
        cursor.eat("=");
        on.push((a, parser::name(cursor, "=")?));
        if !cursor.eat_keyword("and") {
            return Some(on);
        }
    }
}

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Join(join) = &command.verb else { return };
    let prefix = format!("{}.", join.right);
    let mut inner = lowerer.nested(&join.query, command.span);
    let mut fields: Vec<Named> = Vec::new();
    let wanted: Vec<String> =
        lowerer.read.iter().filter_map(|name| name.strip_prefix(&prefix)).map(str::to_owned).collect();
    for name in wanted {
        let word = Word { text: name.clone(), span: command.span };
        let expr = names::field(&mut inner, &word);
        fields.push(Named { name: format!("{prefix}{name}"), expr });
    }
    lowerer.alias = Some(join.left.clone());
    let mut on = Vec::new();
    for (a, b) in &join.on {
        let (own, other) = if a.text.starts_with(&prefix) { (b, a) } else { (a, b) };
        if !other.text.starts_with(&prefix) || own.text.starts_with(&prefix) {
            let message =
                format!("one side of the condition is a field of `{}`, the other of `{}`", join.left, join.right);
            return lowerer.error("insights.join", message, a.span.to(b.span));
        }
        // Keys meet as texts, as values of unlike logs do.
        let key = lowerer.made_up("key");
        let found = fields.iter().find(|field| field.name == other.text).map(|field| field.expr.clone());
        fields.push(Named { name: key.clone(), expr: text(found.unwrap_or_else(|| build::null(other.span))) });
        on.push((text(names::field(lowerer, own)), key));
    }
    for diagnostic in std::mem::take(&mut inner.diagnostics) {
        lowerer.report(diagnostic);
    }
    let made: Vec<_> = fields.iter().map(|field| (field.name.clone(), field.expr.ty)).collect();
    inner.ops.push(Op::Project { items: fields.into_iter().map(Item::Named).collect() });
    let kind = if join.left_outer { JoinKind::Left } else { JoinKind::Inner };
    let right = Box::new(Pipeline { scan: inner.scan, ops: inner.ops });
    lowerer.ops.push(Op::Join { kind, right, on, max: None });
    made.into_iter().for_each(|(name, ty)| lowerer.make(&name, ty));
    lowerer.sorted = false;
}

#[cfg(test)]
mod tests {
    use crate::insights::testing::{codes, rendered};

    #[test]
    fn rows_meet() {
        let text = rendered(
            "filter eventName = \"a\" | join type=left left=x right=y where x.userAgent = y.userAgent (SOURCE 'cloudtrail' | filter eventName = \"b\") | fields x.eventName, y.eventName | limit 3",
        );
        let expected = "scan cloudtrail\nfilter event_name = \"a\"\njoin left on user_agent = '__key_1'\n  scan cloudtrail\n  filter event_name = \"b\"\n  project 'y.eventName' = event_name, 'y.userAgent' = user_agent, '__key_1' = user_agent\nsort event_time desc\nlimit 3\nproject 'x.eventName' = event_name, 'y.eventName'\n";
        assert_eq!(text, expected);
        assert_eq!(codes("join left=a right=b where a.x = a.y (SOURCE 'cloudtrail')"), ["insights.join"]);
        assert_eq!(codes("join type=outer left=a right=b where a.x = b.y (fields z)"), ["insights.join"]);
    }
}
