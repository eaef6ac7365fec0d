//! `csv` and `split`: fields by their place in a delimited text.

use super::{
    super::{
        cursor::{Cursor, Name},
        lexer,
        lowering::{Lower, Lowerer},
    },
    Operator, parse,
};
use crate::{
    pipeline::{Func, Type},
    spl::build,
};

pub(super) const CSV: Operator = Operator {
    name: "csv",
    aliases: &[],
    syntax: "csv <field> extract <name>, … | csv <field> extract <place> as <name>, …",
    help: "Takes fields out of comma-separated values by their places, from 1; `_` passes one over.",
    example: "* | csv userAgent extract 1 as first, 3 as third | count by first",
    parses: true,
    lower: |lowerer, cursor| places(lowerer, cursor),
};

pub(super) const SPLIT: Operator = Operator {
    name: "split",
    aliases: &[],
    syntax: "split <field> [delim='<character>'] [escape='<character>'] [quote='<character>'] extract <place> as <name>, …",
    help: "Takes fields out of a delimited text by their places, from 1; `_` passes one over.",
    example: "* | split userAgent delim='/' extract 1 as product, 2 as version | count by product",
    parses: true,
    lower: |lowerer, cursor| places(lowerer, cursor),
};

/// Delimiter, escape, quote.
struct Characters {
    delim: String,
    escape: String,
    quote: String,
}

fn characters(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>, found: &mut Characters) -> Lower<bool> {
    for name in ["delim", "escape", "quote"] {
        if !cursor.setting(name) {
            continue;
        }
        let Some(token) = cursor.text() else { return lowerer.expected(cursor, "a character in quotes") };
        let character = lexer::unescape(&token.text);
        let slot = match name {
            "delim" => &mut found.delim,
            "escape" => &mut found.escape,
            _ => &mut found.quote,
        };
        *slot = character;
        cursor.punct(",");
        return Ok(true);
    }
    Ok(false)
}

fn places(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<()> {
    let mut source = parse::source(lowerer, cursor)?;
    let mut found = Characters { delim: ",".to_owned(), escape: "\\".to_owned(), quote: "\"".to_owned() };
    while !cursor.word("extract") {
        if characters(lowerer, cursor, &mut found)? {
            continue;
        }
        match cursor.name() {
            Some(name) if source.is_none() => source = Some(name),
            _ => return lowerer.expected(cursor, "`extract`"),
        }
    }
    let names = extracted(lowerer, cursor)?;
    let nodrop = cursor.word("nodrop");
    let text = parse::subject(lowerer, source.filter(|name| !name.text.eq_ignore_ascii_case("_raw")), cursor.span);
    let span = cursor.span;
    let list = lowerer.made_up("split");
    let args =
        vec![text, build::text(found.delim, span), build::text(found.quote, span), build::text(found.escape, span)];
    lowerer.extend_hidden(&list, build::call(Func::SplitQuoted, args, Type::List, span));
    for (place, name) in names {
        let args = vec![build::field(&list, Type::List, name.span), build::int(place - 1, name.span)];
        let value = build::call(Func::ListIndex, args, Type::Text, name.span);
        lowerer.take(&name.text, value);
    }
    lowerer.keep_matched(build::is_not_null(build::field(&list, Type::List, span)), nodrop);
    Ok(())
}

/// `1 as a, 3 as c`, `a, _, c`, or both mixed.
fn extracted(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Vec<(i64, Name)>> {
    let mut names = Vec::new();
    let mut place = 1;
    loop {
        if let Some(count) = cursor.count() {
            place = i64::try_from(count).unwrap_or(0);
            if place < 1 {
                return lowerer.fail("sumo.argument", "places are counted from 1", cursor.here());
            }
            lowerer.expect_word(cursor, "as")?;
        }
        let name = lowerer.expect_name(cursor, "a field name")?;
        if name.text != "_" {
            names.push((place, name));
        }
        place += 1;
        if !cursor.punct(",") {
            return Ok(names);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    #[test]
    fn by_place() {
        check(
            "* | csv _raw extract a, _, c | count",
            "extend '__split_1' = split_quoted(raw, \",\", \"\\\"\", \"\\\\\"), 'a' = list_index('__split_1', 0), 'c' = list_index('__split_1', 2)
             filter is_not_null('__split_1')
             aggregate '_count' = count()",
        );
        check(
            "* | split userAgent delim=':', escape='\\', quote=''' extract 2 as b, c nodrop | count",
            "extend '__split_1' = split_quoted(user_agent, \":\", \"'\", \"\\\\\"), 'b' = list_index('__split_1', 1), 'c' = list_index('__split_1', 2)
             aggregate '_count' = count()",
        );
        assert_eq!(errors("* | csv x extract 0 as a"), ["sumo.argument"]);
        assert_eq!(errors("* | split x 5"), ["sumo.syntax"]);
    }
}
