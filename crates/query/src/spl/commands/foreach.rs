//! `foreach`: the same commands for each of several fields, their names filled into a template.

use super::{Command, Grammar, arguments};
use crate::{
    diagnostic::Diagnostic,
    span::Span,
    spl::{
        ast::{Argument, Word},
        lowering::{Lower, Lowerer, Reported},
        parser,
        source::Source,
        statistics::Settings,
        wildcard,
    },
};

/// Most fields that a template is filled with.
const MOST_FIELDS: usize = 500;
/// Templates inside templates.
const MAX_DEPTH: usize = 4;
/// Longest text that the templates give together.
const MAX_BYTES: usize = 1 << 18;

const OPTIONS: &[&str] = &["fieldstr", "matchstr", "matchseg1", "matchseg2", "matchseg3", "mode"];

pub(super) const COMMAND: Command = Command {
    name: "foreach",
    aliases: &[],
    syntax: "foreach <field or wildcard> … [<commands with <<FIELD>> and <<MATCHSTR>>>]",
    help: "Runs commands for each field: <<FIELD>> is its name, <<MATCHSTR>> what the wildcard stood for.",
    example: "* | stats count as n_all count(eval(readOnly)) as n_reads by user | foreach n_* [eval share_<<MATCHSTR>>=round('<<FIELD>>'/n_all, 2)]",
    generating: false,
    grammar: Grammar::Template,
    lower: |lowerer, command| {
        let (mut settings, mut fields, mut template) = (Vec::new(), Vec::new(), None);
        for argument in arguments(command) {
            match argument {
                Argument::Setting(setting) => settings.push(setting.clone()),
                Argument::Word(word) => fields.push(word.clone()),
                Argument::Template(word) => template = Some(word.clone()),
                other => return lowerer.fail("spl.syntax", "a field name is expected here", other.span()),
            }
        }
        let settings = Settings::new(lowerer, &settings, OPTIONS);
        if let Some(mode) = settings.get("mode").filter(|mode| !mode.is("multifield")) {
            let message = format!("`foreach mode={}` is not supported", mode.text);
            let help = "`mvmap` works on each value of a field, `mvexpand` makes a row of each";
            return Err(lowerer.error(Diagnostic::error("spl.unsupported-option", message, mode.span).with_help(help)));
        }
        let Some(template) = template.filter(|_| !fields.is_empty()) else {
            return lowerer.fail(
                "spl.missing-argument",
                "`foreach` needs fields, and commands in brackets",
                command.span,
            );
        };
        lowerer.depth += 1;
        let done = each(lowerer, &fields, &template, &settings, command.span);
        lowerer.depth -= 1;
        done
    },
};

fn each(lowerer: &mut Lowerer<'_>, fields: &[Word], template: &Word, settings: &Settings<'_>, span: Span) -> Lower<()> {
    let mut names: Vec<(String, Vec<String>)> = Vec::new();
    for word in fields {
        let expanded = if word.text.contains('*') { lowerer.expand(&word.text) } else { vec![word.text.clone()] };
        for name in expanded.into_iter().filter(|name| !name.starts_with('_') || !word.text.contains('*')) {
            let captures = wildcard::captures(&word.text, &name).unwrap_or_default();
            let captures = captures.into_iter().map(str::to_owned).collect();
            if !names.iter().any(|(known, _)| *known == name) {
                names.push((name, captures));
            }
        }
    }
    let long = names.len() * template.text.len() > MAX_BYTES;
    if lowerer.depth > MAX_DEPTH || names.len() > MOST_FIELDS || long {
        return lowerer.fail("spl.too-complex", "this `foreach` has too much to do", span);
    }
    for (name, captures) in names {
        let text = filled(&template.text, &name, &captures, settings);
        let (ast, found) = parser::parse_commands(&Source::fixed(&text, template.span));
        if let Some(error) = found.into_iter().next() {
            // One field's mistake is every field's.
            let message = format!("for the field `{name}`: {}", error.message);
            lowerer.error(Diagnostic { message, ..error });
            return Err(Reported);
        }
        lowerer.go_on(&ast)?;
    }
    Ok(())
}

fn filled(template: &str, name: &str, captures: &[String], settings: &Settings<'_>) -> String {
    let matched = if captures.is_empty() { name.to_owned() } else { captures.concat() };
    let mut text = template.to_owned();
    for (mark, option, value) in [
        ("<<FIELD>>", "fieldstr", name),
        ("<<MATCHSTR>>", "matchstr", matched.as_str()),
        ("<<MATCHSEG1>>", "matchseg1", captures.first().map_or("", String::as_str)),
        ("<<MATCHSEG2>>", "matchseg2", captures.get(1).map_or("", String::as_str)),
        ("<<MATCHSEG3>>", "matchseg3", captures.get(2).map_or("", String::as_str)),
    ] {
        text = text.replace(settings.text(option).filter(|own| !own.is_empty()).unwrap_or(mark), value);
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn a_template_for_each_field() {
        check(
            "* | stats sum(bytesIn) as b_in count as b_n | foreach b_* [eval <<FIELD>>=round('<<FIELD>>'/1024), total_<<MATCHSTR>>=1]",
            "aggregate 'b_in' = sum(bytes_in), 'b_n' = count()
             extend 'b_in' = to_int(round('b_in' / 1024)), 'total_in' = 1, 'b_n' = to_int(round('b_n' / 1024)), 'total_n' = 1",
        );
        assert_eq!(
            columns("* | stats count as a dc(user) as b | foreach a b [rename <<FIELD>> as x_<<FIELD>>]"),
            ["x_a", "x_b"]
        );
        assert_eq!(columns("* | stats count as a_b | foreach *_* [eval <<MATCHSEG2>>=1]"), ["a_b", "b"]);
    }

    #[test]
    fn mistakes_are_pointed_at() {
        assert_eq!(codes("* | foreach a"), ["spl.missing-argument"]);
        assert_eq!(codes("* | foreach mode=multivalue a [eval x=1]"), ["spl.unsupported-option"]);
        assert_eq!(codes("* | foreach a [evall x=1]"), ["spl.unknown-command"]);
        let nested = format!("* | {}eval a=1{}", "foreach a [".repeat(20), "]".repeat(20));
        assert_eq!(codes(&nested), ["spl.too-complex"]);
    }
}
