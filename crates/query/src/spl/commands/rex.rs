//! `rex`: fields out of a text, by the named groups of a regular expression; or replacements as in sed.

use super::{Command, Grammar, arguments, check_regex};
use crate::{
    diagnostic::Diagnostic,
    pipeline::{Expr, Func, Type},
    spl::{
        ast::Word,
        build,
        lowering::{Lower, Lowerer},
        statistics::Settings,
    },
};

/// Name given to the first group of an expression that names none.
pub(super) const FIRST_GROUP: &str = "token";

pub(super) const COMMAND: Command = Command {
    name: "rex",
    aliases: &[],
    syntax: "rex [field=<field>] [max_match=<n>] \"<regex with (?<name>…)>\" or mode=sed \"s/<regex>/<text>/g\"",
    help: "Makes a field of each named group; max_match=0 takes all matches; mode=sed replaces.",
    example: "* | rex field=userIdentity.principalId \":(?<session>.+)$\" | stats count by session",
    generating: false,
    grammar: Grammar::Pattern,
    lower: |lowerer, command| {
        let (settings, words) = super::words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["field", "max_match", "mode", "offset_field"]);
        let Some(pattern) = words.first() else {
            return lowerer.fail("spl.missing-argument", "`rex` needs a regular expression", command.span);
        };
        let raw = Word { text: "_raw".to_owned(), span: command.name.span, quoted: false };
        let field = settings.get("field").unwrap_or(&raw);
        let value = lowerer.field(field);
        let value = if value.ty == Type::List { joined(value) } else { build::to_text(value) };
        if settings.text("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("sed")) {
            let replaced = sed(lowerer, value, pattern)?;
            lowerer.extend(&field.text, replaced);
            return Ok(());
        }
        let many = settings.count(lowerer, "max_match")?.is_some_and(|max| max != 1);
        extract(lowerer, &value, pattern, many)
    },
};

/// A multivalue field is searched value by value; one text with a line for each comes to the same.
fn joined(list: Expr) -> Expr {
    let span = list.span;
    build::call(Func::ListJoin, vec![list, build::text("\n", span)], Type::Text, span)
}

fn extract(lowerer: &mut Lowerer<'_>, value: &Expr, pattern: &Word, many: bool) -> Lower<()> {
    let regex = check_regex(lowerer, &pattern.text, pattern.span)?;
    let names: Vec<&str> = regex.capture_names().flatten().collect();
    if names.is_empty() {
        let message = "this regular expression names no group, so there is no field to make";
        let diagnostic = Diagnostic::error("spl.rex-groups", message, pattern.span)
            .with_help("write `(?<name>…)` around the part that you want");
        return Err(lowerer.error(diagnostic));
    }
    let (func, ty) = if many { (Func::RegexExtractAll, Type::List) } else { (Func::RegexExtract, Type::Text) };
    for name in names {
        let args = vec![value.clone(), build::text(regex.as_str(), pattern.span), build::text(name, pattern.span)];
        let found = build::call(func, args, ty, pattern.span);
        // Where nothing is found, a field of that name keeps its value.
        let kept = if lowerer.knows(name) { Some(lowerer.name(name, pattern.span)) } else { None };
        let found = match kept {
            Some(kept) => build::coalesce(vec![found, build::convert(kept, ty)], ty, pattern.span),
            None => found,
        };
        lowerer.extend(name, found);
    }
    Ok(())
}

/// `s/regex/replacement/flags` with any separator. Without `g` only the first match goes: the expression then takes
/// all that follows along.
fn sed(lowerer: &mut Lowerer<'_>, value: Expr, script: &Word) -> Lower<Expr> {
    let span = script.span;
    let Some((regex, replacement, flags)) = sed_parts(&script.text) else {
        let diagnostic = Diagnostic::error("spl.sed", "this sed script cannot be read", span)
            .with_help("write `s/regex/replacement/g`");
        return Err(lowerer.error(diagnostic));
    };
    let regex = if flags.contains('i') { format!("(?i){regex}") } else { regex };
    let checked = check_regex(lowerer, &regex, span)?;
    let (regex, groups) = (checked.as_str().to_owned(), checked.captures_len());
    let (regex, replacement) = match flags.contains('g') {
        true => (regex, replacement),
        false => (format!("(?s){regex}(.*)$"), format!("{replacement}\\{groups}")),
    };
    let args = vec![value, build::text(regex, span), build::text(replacement, span)];
    Ok(build::call(Func::RegexReplace, args, Type::Text, span))
}

fn sed_parts(script: &str) -> Option<(String, String, &str)> {
    let rest = script.trim().strip_prefix('s')?;
    let separator = rest.chars().next()?;
    let mut parts = vec![String::new()];
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == separator && parts.len() == 2 {
            let [regex, replacement] = parts.try_into().ok()?;
            return Some((regex, replacement, &rest[at + c.len_utf8()..]));
        }
        match (c, chars.peek()) {
            (c, _) if c == separator => parts.push(String::new()),
            ('\\', Some((_, next))) if *next == separator => {
                parts.last_mut()?.push(separator);
                chars.next();
            }
            ('\\', Some((_, next))) => {
                parts.last_mut()?.extend(['\\', *next]);
                chars.next();
            }
            _ => parts.last_mut()?.push(c),
        }
    }
    None
}

/// The expression with its first unnamed group named.
pub(super) fn named(regex: &str) -> String {
    let bytes = regex.as_bytes();
    let open = (0..bytes.len())
        .find(|&at| bytes[at] == b'(' && bytes.get(at + 1) != Some(&b'?') && (at == 0 || bytes[at - 1] != b'\\'));
    match open {
        Some(at) => format!("{}(?<{FIRST_GROUP}>{}", &regex[..at], &regex[at + 1..]),
        None => format!("(?<{FIRST_GROUP}>{regex})"),
    }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn named_groups_become_fields() {
        check(
            "* | rex field=userIdentity.principalId \":(?<session>.+)\" | stats count by session",
            "extend 'session' = regex_extract($.userIdentity.principalId, \":(?<session>.+)\", \"session\")
             aggregate 'count' = count() by 'session' = 'session'
             sort 'session' auto",
        );
        check(
            "* | rex max_match=0 \"(?<n>\\d+)\" | stats count",
            "extend 'n' = regex_extract_all(raw, \"(?<n>\\\\d+)\", \"n\")\naggregate 'count' = count()",
        );
        check(
            "* | rex \"(?<user>a)\" | stats count",
            "extend 'user' = coalesce(regex_extract(raw, \"(?<user>a)\", \"user\"), user_name)\naggregate 'count' = count()",
        );
        check(
            "* | rex field=resources{}.ARN .*instance/(?<i>.*) | stats count",
            "extend 'i' = regex_extract(list_join($.resources[*].ARN, \"\\n\"), \".*instance/(?<i>.*)\", \"i\")\naggregate 'count' = count()",
        );
    }

    #[test]
    fn sed() {
        check(
            "* | rex field=user mode=sed \"s/a(.)/\\1/g\" | stats count",
            "extend 'user' = regex_replace(user_name, \"a(.)\", \"\\\\1\")\naggregate 'count' = count()",
        );
        check(
            "* | rex field=user mode=sed \"s/a\\/b/c/\" | stats count",
            "extend 'user' = regex_replace(user_name, \"(?s)a/b(.*)$\", \"c\\\\1\")\naggregate 'count' = count()",
        );
        assert_eq!(codes("* | rex field=user mode=sed \"y/a/b/\""), ["spl.sed"]);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | rex"), ["spl.missing-argument"]);
        assert_eq!(codes("* | rex \"(a)\""), ["spl.rex-groups"]);
        assert_eq!(codes("* | rex \"(?<a>\""), ["spl.regex"]);
    }
}
