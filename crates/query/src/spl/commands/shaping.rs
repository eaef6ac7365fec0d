//! Small commands about the shape of rows: `addcoltotals`, `fieldformat`, `replace`, `strcat`, and those that only matter to
//! Splunk's own display.

use super::{Command, Grammar, append, arguments, split_at, words};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Agg, Aggregate, Func, Named, Op, Type},
    spl::{
        ast::{self, Argument, Word},
        build,
        lowering::{Lower, Lowerer},
        scope::Base,
        statistics::Settings,
        wildcard,
    },
};

pub(super) const ADDCOLTOTALS: Command = Command {
    name: "addcoltotals",
    aliases: &[],
    syntax: "addcoltotals [labelfield=<field>] [label=<text>] [<field>, …]",
    help: "Adds a row with the sums of the numeric columns.",
    example: "* | stats count by user | addcoltotals labelfield=user label=all",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["labelfield", "label"]);
        let label = settings
            .text("labelfield")
            .map(|field| (field.to_owned(), settings.text("label").unwrap_or("Total").to_owned()));
        column_totals(lowerer, &words, label, command)
    },
};

/// A row of sums below the rows.
pub(super) fn column_totals(
    lowerer: &mut Lowerer<'_>,
    words: &[Word],
    label: Option<(String, String)>,
    command: &ast::Command,
) -> Lower<()> {
    let span = command.span;
    if matches!(lowerer.scope.base, Base::Fields(_)) && words.is_empty() {
        lowerer.settle_order();
        let left_out = super::addtotals::labels(lowerer);
        if let Some((field, _)) = &label {
            lowerer.scope.make(field, Type::Text);
        }
        lowerer.push(Op::TotalRow { left_out, label });
        lowerer.scope.order_by(Vec::new(), false);
        return Ok(());
    }
    if lowerer.scope.base != Base::Closed {
        let message = "which columns are numbers is not known before the rows are there: aggregate first, or name the fields of a table";
        return lowerer.fail("spl.missing-argument", message, span);
    }
    let made = lowerer.scope.fields.clone();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| wildcard::matches(&word.text, name));
    let numbers: Vec<_> = made.into_iter().filter(|made| build::is_number(made.ty) && wanted(&made.name)).collect();
    let mut right = lowerer.branch(span)?;
    let sums = numbers.iter().map(|made| Aggregate {
        name: made.name.clone(),
        func: Agg::Sum,
        arg: Some(build::field(&made.name, made.ty, span)),
        filter: None,
        order: None,
        ty: made.ty,
    });
    let sums: Vec<Aggregate> = sums.collect();
    right.aggregate(Vec::new(), sums, false);
    if let Some((field, text)) = label {
        right.extend(&field, build::text(text, span));
    }
    append::union(lowerer, right, span);
    Ok(())
}

pub(super) const FIELDFORMAT: Command = Command {
    name: "fieldformat",
    aliases: &[],
    syntax: "fieldformat <field>=<expression>",
    help: "Shows a field by an expression; here the field takes the expression's value.",
    example: "* | stats max(_time) as last by user | fieldformat last=strftime(last, \"%F\")",
    generating: false,
    grammar: Grammar::Assignments,
    lower: super::eval::COMMAND.lower,
};

pub(super) const REPLACE: Command = Command {
    name: "replace",
    aliases: &[],
    syntax: "replace <text> with <text>, … [in <field>, …]",
    help: "Replaces whole values, * as wildcard, in the fields named.",
    example: "* | stats count by awsRegion | replace us-* with america in awsRegion",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (_, words) = words(lowerer, arguments(command))?;
        let (pairs, fields) = split_at(&words, "in");
        if pairs.is_empty() || pairs.len() % 3 != 0 || pairs.chunks(3).any(|chunk| !chunk[1].is("with")) {
            let message = "`replace` takes pairs: `replace old with new in field`";
            return lowerer.fail("spl.syntax", message, command.span);
        }
        let fields = if fields.is_empty() && lowerer.scope.base == Base::Closed {
            let names = lowerer.scope.fields.iter().filter(|made| made.ty == Type::Text);
            names.map(|made| Word { text: made.name.clone(), span: command.span, quoted: false }).collect()
        } else {
            fields.to_vec()
        };
        if fields.is_empty() {
            return lowerer.fail(
                "spl.missing-argument",
                "name the fields: `replace old with new in field`",
                command.span,
            );
        }
        for column in lowerer.columns(&fields) {
            let mut value = build::to_text(column.expr);
            for pair in pairs.chunks(3).rev() {
                value = replaced(value, &pair[0], &pair[2]);
            }
            lowerer.extend(&column.name, value);
        }
        Ok(())
    },
};

/// The value, or the other where the whole of it matches.
fn replaced(value: crate::pipeline::Expr, old: &Word, new: &Word) -> crate::pipeline::Expr {
    let span = old.span;
    let matches = build::call(Func::Glob, vec![value.clone(), build::text(old.text.clone(), span)], Type::Bool, span);
    let stars = old.text.matches('*').count();
    let other = if new.text.contains('*') && stars > 0 {
        let regex = format!("^{}$", ::regex::escape(&old.text).replace(r"\*", "(.*)"));
        let mut text = new.text.clone();
        for nth in 1..=stars {
            text = text.replacen('*', &format!("\\{nth}"), 1);
        }
        let args = vec![value.clone(), build::text(regex, span), build::text(text, new.span)];
        build::call(Func::RegexReplace, args, Type::Text, span)
    } else {
        build::text(new.text.clone(), new.span)
    };
    build::call(Func::If, vec![matches, other, value], Type::Text, span)
}

pub(super) const STRCAT: Command = Command {
    name: "strcat",
    aliases: &[],
    syntax: "strcat [allrequired=<bool>] <field or \"text\"> … <name>",
    help: "Joins fields and texts into a field.",
    example: "* | strcat user \"@\" awsRegion who | stats count by who",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["allrequired"]);
        let Some((name, parts)) = words.split_last().filter(|(_, parts)| parts.len() > 1) else {
            return lowerer.fail(
                "spl.missing-argument",
                "`strcat` needs two parts and a name for the result",
                command.span,
            );
        };
        let all = settings.truth("allrequired").unwrap_or(false);
        let mut texts = Vec::new();
        for part in parts {
            texts.push(match part.quoted {
                true => build::text(part.text.clone(), part.span),
                false => {
                    let value = build::to_text(lowerer.field(part));
                    if all {
                        value
                    } else {
                        build::coalesce(vec![value, build::text("", part.span)], Type::Text, part.span)
                    }
                }
            });
        }
        lowerer.extend(&name.text, build::call(Func::Concat, texts, Type::Text, command.span));
        Ok(())
    },
};

pub(super) const HIGHLIGHT: Command = shown_only("highlight", "highlight <term>, …", "* | highlight error");
pub(super) const ABSTRACT: Command = shown_only("abstract", "abstract [maxlines=<n>]", "* | abstract maxlines=5");
pub(super) const LOCALIZE: Command = shown_only("localize", "localize [maxpause=<span>]", "* | localize maxpause=5m");

const fn shown_only(name: &'static str, syntax: &'static str, example: &'static str) -> Command {
    Command {
        name,
        aliases: &[],
        syntax,
        help: "Matters to Splunk's own display; the rows pass as they are.",
        example,
        generating: false,
        grammar: Grammar::Arguments,
        lower: |lowerer, command| {
            let message = format!("`{}` does nothing here: the rows pass as they are", command.name.text);
            lowerer.warning("spl.no-effect", message, command.name.span);
            Ok(())
        },
    }
}

pub(super) const SET: Command = Command {
    name: "set",
    aliases: &[],
    syntax: "set union|intersect|diff [<search>] [<search>]",
    help: "The rows of two searches together, those of both, or those of one only.",
    example: "| set diff [search eventName=CreateUser | stats count by user | fields user] [search eventName=DeleteUser | stats count by user | fields user]",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let how = arguments(command)
            .iter()
            .find_map(|a| if let Argument::Word(word) = a { Some(word.clone()) } else { None });
        let searches: Vec<_> = arguments(command)
            .iter()
            .filter_map(|a| if let Argument::Subsearch(ast) = a { Some(ast) } else { None })
            .collect();
        let ([left, right], Some(how)) = (searches.as_slice(), how) else {
            return lowerer.fail(
                "spl.missing-argument",
                "`set` needs union, intersect or diff, and two searches in brackets",
                command.span,
            );
        };
        let span = command.span;
        let (first, second) = (lowerer.nested(left)?, lowerer.nested(right)?);
        (lowerer.scan, lowerer.ops, lowerer.scope, lowerer.table) = (first.scan, first.ops, first.scope, first.table);
        let (side, mut second) = (lowerer.made_up("side"), second);
        lowerer.extend(&side, build::int(1, span));
        second.extend(&side, build::int(2, span));
        append::union(lowerer, second, span);
        let Some(columns) = lowerer.scope.columns() else {
            return lowerer.fail(
                "spl.join-columns",
                "which columns these searches have is not known: end them with `| table …`",
                span,
            );
        };
        let columns: Vec<String> = columns.into_iter().filter(|name| *name != side).collect();
        let by: Vec<Named> =
            columns.iter().map(|name| Named { name: name.clone(), expr: lowerer.name(name, span) }).collect();
        let (sides, which) = (lowerer.made_up("sides"), build::field(&side, Type::Int, span));
        let counted = Aggregate {
            name: sides.clone(),
            func: Agg::DistinctCount,
            arg: Some(which),
            filter: None,
            order: None,
            ty: Type::Int,
        };
        lowerer.aggregate(by, vec![counted], true);
        let wanted = match how.text.to_ascii_lowercase().as_str() {
            "union" => None,
            "intersect" => Some(2),
            "diff" => Some(1),
            other => {
                let diagnostic = Diagnostic::error("spl.option", format!("`set` has no `{other}`"), how.span);
                return Err(lowerer.error(diagnostic.with_help("write union, intersect or diff")));
            }
        };
        if let Some(count) = wanted {
            let found = build::field(&sides, Type::Int, span);
            lowerer.filter(build::call(Func::Eq, vec![found, build::int(count, span)], Type::Bool, span));
        }
        lowerer.scope.forget(&sides);
        lowerer.push(Op::Remove { patterns: vec![sides] });
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns, rendered};

    #[test]
    fn totals_of_columns() {
        let ir = rendered("* | stats count dc(user) as users by awsRegion | addcoltotals labelfield=awsRegion");
        assert!(
            ir.contains("aggregate 'count' = sum('count'), 'users' = sum('users')\n  extend 'awsRegion' = \"Total\""),
            "{ir}"
        );
        assert_eq!(codes("* | addcoltotals"), ["spl.missing-argument"]);
    }

    #[test]
    fn values_are_replaced_whole() {
        check(
            "* | replace us-* with *-us in awsRegion | stats count",
            "extend 'awsRegion' = if(glob(aws_region, \"us-*\"), regex_replace(aws_region, \"^us\\\\-(.*)$\", \"\\\\1-us\"), aws_region)
             aggregate 'count' = count()",
        );
        assert_eq!(codes("* | replace a b in c"), ["spl.syntax"]);
    }

    #[test]
    fn texts_are_joined() {
        check(
            "* | strcat user \"@\" awsRegion who | stats count",
            "extend 'who' = concat(coalesce(user_name, \"\"), \"@\", coalesce(aws_region, \"\"))\naggregate 'count' = count()",
        );
        assert_eq!(codes("* | strcat a b"), ["spl.missing-argument"]);
        assert_eq!(columns("* | stats max(_time) as t | fieldformat t=strftime(t, \"%F\")"), ["t"]);
        assert_eq!(codes("* | highlight x"), ["spl.no-effect"]);
    }

    #[test]
    fn sets() {
        let query = "| set intersect [search eventName=a | stats count by user | fields user] [search eventName=b | stats count by user | fields user]";
        assert_eq!(columns(query), ["user"]);
        assert_eq!(codes("| set both [search a | stats count] [search b | stats count]"), ["spl.option"]);
        assert_eq!(codes("| set union [search a]"), ["spl.missing-argument"]);
    }
}
