//! `json`: values out of JSON by path.

use super::{
    super::{
        cursor::{Cursor, Name},
        event, lexer,
        lowering::{Base, Lower, Lowerer},
        path,
    },
    Operator, parse,
};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Type},
    schema::Dialect,
    span::Span,
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "json",
    aliases: &[],
    syntax: "json [field=<field>] \"<path>\", … [as <name>, …] [nodrop] | json auto [field=<field>] [keys \"<path>\", …] [nodrop]",
    help: "Takes values out of the message's JSON (or a field's) by path: `a.b[0]`, `a[*].b`, `['k.with.dots']`, `..key`. A value without a name is called like its path. Rows that lack one are dropped without `nodrop`. With `auto` every member can be read by its own name.",
    example: r#"* | json "userIdentity.arn", "sourceIPAddress" as arn, ip nodrop | count by arn, ip"#,
    parses: true,
    lower: |lowerer, cursor| {
        let options = Options::read(lowerer, cursor)?;
        let source = options.source.clone().filter(|name| {
            !(name.text.eq_ignore_ascii_case("_raw") && lowerer.made("_raw").is_none() && lowerer.base == Base::Events)
        });
        if options.auto {
            auto(lowerer, source.as_ref());
        }
        if options.paths.is_empty() {
            return Ok(());
        }
        let names = named(lowerer, &options, cursor.span)?;
        let document = source.map(|name| parse::subject(lowerer, Some(name), cursor.span));
        let whole = document.is_none() && lowerer.made("_raw").is_none() && lowerer.base == Base::Events;
        let document = document.unwrap_or_else(|| parse::subject(lowerer, None, cursor.span));
        let values: Vec<Expr> = options
            .paths
            .iter()
            .map(|path| {
                if whole {
                    of_record(lowerer, &path.text, path.span)
                } else {
                    path::member(document.clone(), &path.text, path.span)
                }
            })
            .collect();
        let present = values.iter().map(|value| build::is_not_null(value.clone())).collect();
        let found = if options.nodrop { build::any(present, cursor.span) } else { build::all(present, cursor.span) };
        lowerer.keep_matched(found, options.nodrop || options.auto);
        for (name, value) in names.iter().zip(values) {
            lowerer.take(&name.text, value);
        }
        Ok(())
    },
};

#[derive(Default)]
struct Options {
    source: Option<Name>,
    auto: bool,
    nodrop: bool,
    paths: Vec<Name>,
    names: Vec<Name>,
}

impl Options {
    fn read(lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<Self> {
        let mut options = Self::default();
        while let Some(token) = cursor.peek() {
            if token.kind == lexer::Kind::Text {
                cursor.next();
                options.paths.push(Name { text: lexer::unescape(&token.text), span: token.span });
                cursor.punct(",");
            } else if cursor.is_setting("field") {
                options.source = parse::source(lowerer, cursor)?;
            } else if cursor.word("as") {
                options.aliases(lowerer, cursor)?;
            } else if cursor.word("maxdepth") {
                cursor.count();
            } else if cursor.word("nodrop") {
                options.nodrop = true;
            } else if cursor.word("auto") {
                options.auto = true;
            } else if cursor.word("refs") || cursor.word("keys") {
                cursor.word("off");
                cursor.word("on");
            } else if !(cursor.word("refonly") || cursor.word("extractarrays")) {
                break;
            }
        }
        if options.paths.is_empty() && !options.auto {
            return lowerer.expected(cursor, "a path in quotes");
        }
        Ok(options)
    }

    /// Names, up to the next path where names and paths take turns.
    fn aliases(&mut self, lowerer: &mut Lowerer<'_>, cursor: &mut Cursor<'_>) -> Lower<()> {
        let open = cursor.punct("(");
        loop {
            self.names.push(lowerer.expect_name(cursor, "a field name")?);
            if !cursor.punct(",") {
                break;
            }
            if cursor.peek().is_none_or(|token| token.kind == lexer::Kind::Text) {
                break;
            }
        }
        if open {
            lowerer.expect_punct(cursor, ")")?;
        }
        Ok(())
    }
}

/// The names of the values; without `as` they are called like their paths.
fn named(lowerer: &mut Lowerer<'_>, options: &Options, span: Span) -> Lower<Vec<Name>> {
    if options.names.is_empty() {
        return Ok(options.paths.clone());
    }
    if options.names.len() == options.paths.len() {
        return Ok(options.names.clone());
    }
    let message = format!("{} paths are read, but {} are named", options.paths.len(), options.names.len());
    let diagnostic = Diagnostic::error("sumo.alias-count", message, span);
    Err(lowerer.error(diagnostic.with_help("name each of them, in order, or none")))
}

/// Members can be read by their own names from here on. Those of the record can be anyway.
fn auto(lowerer: &mut Lowerer<'_>, source: Option<&Name>) {
    if let Some(source) = source {
        let document = lowerer.field(source);
        lowerer.documents.push(document);
    }
}

/// A value of the record: a stored column where one holds just that, else read from the text.
fn of_record(lowerer: &Lowerer<'_>, text: &str, span: Span) -> Expr {
    let steps = path::parse(text);
    if let Some(name) = path::dotted(&steps)
        && let Some(found) = lowerer.env.schema.resolve(&lowerer.table, Dialect::Insights, &name)
        && lowerer.env.schema.path_of(&lowerer.table, &found.column).is_some_and(|path| path == name)
    {
        return build::column(&found.column, found.ty, span);
    }
    match path::plain(&steps) {
        Some(steps) => build::path(steps, span),
        None => {
            let value = path::member(event::raw(span), text, span);
            debug_assert_eq!(value.ty, Type::Text);
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{check, errors};

    #[test]
    fn paths() {
        check(
            r#"* | json "eventName", "requestParameters.x[0].y" as e, y | count by e, y"#,
            "filter is_not_null(event_name) and is_not_null($.requestParameters.x[0].y)
             aggregate '_count' = count() by 'e' = event_name, 'y' = $.requestParameters.x[0].y keep-null
             sort 'e', 'y'",
        );
        check(
            r#"* | json field=_raw "eventName" as e nodrop | where e="x" | count"#,
            "filter event_name = \"x\"
             aggregate '_count' = count()",
        );
        check(
            r#"* | json "requestParameters" nodrop | json field=requestParameters "a.b", "l[*].c" as b, c nodrop | count by b, c"#,
            "extend 'b' = json_get($.requestParameters, \"a.b\"), 'c' = json_query($.requestParameters, \"l[*].c\")
             aggregate '_count' = count() by 'b' = 'b', 'c' = 'c' keep-null
             sort 'b', 'c'",
        );
        check(
            r#"* | json "a" as x nodrop | json "b" as x nodrop | count by x"#,
            "extend 'x' = coalesce($.b, $.a)
             aggregate '_count' = count() by 'x' = 'x' keep-null
             sort 'x'",
        );
        check(
            r#"* | json auto field=requestParameters | count by bucketName"#,
            "aggregate '_count' = count() by 'bucketName' = json_get($.requestParameters, \"bucketName\") keep-null
             sort 'bucketName'",
        );
        assert_eq!(errors(r#"* | json "a", "b" as x"#), ["sumo.alias-count"]);
        assert_eq!(errors("* | json a"), ["sumo.syntax"]);
    }
}
