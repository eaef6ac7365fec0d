//! `spath`: values out of JSON.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Expr, ExprKind},
    schema::Dialect,
    span::Span,
    spl::{ast::Word, build, event, lowering::Lowerer, names::member, scope::Base, statistics::Settings},
};

pub(super) const COMMAND: Command = Command {
    name: "spath",
    aliases: &[],
    syntax: "spath [input=<field>] [output=<field>] [path=<path>] or spath <path>",
    help: "Reads a value from JSON by path (a.b{}.c); without a path lets all members be read by name.",
    example: "* | spath output=bucket path=requestParameters.bucketName | stats count by bucket",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, words) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["input", "output", "path"]);
        let input = settings.get("input").filter(|word| word.text != "_raw");
        let Some(path) = settings.get("path").or(words.first()) else {
            match input {
                Some(word) => open(lowerer, word),
                // Every member of the record can be read by name as it is.
                None if lowerer.scope.base == Base::Events => {}
                None => open(lowerer, &Word { text: "_raw".to_owned(), span: command.name.span, quoted: false }),
            }
            return Ok(());
        };
        let value = match input {
            Some(word) => member(lowerer.field(word), &path.text, path.span),
            None => in_record(lowerer, path),
        };
        let output = settings.text("output").unwrap_or(&path.text);
        lowerer.extend(output, value);
        Ok(())
    },
};

/// The members of a field's JSON can be read by their own names from here on.
fn open(lowerer: &mut Lowerer<'_>, word: &Word) {
    let value = lowerer.field(word);
    let value = if value.ty == crate::pipeline::Type::List { build::first(value) } else { build::to_text(value) };
    // What is more than a name becomes a field, so that one document read through another stays a short expression.
    let simple = !matches!(value.kind, ExprKind::Call { .. });
    let document = if simple {
        value
    } else {
        let (ty, span) = (value.ty, value.span);
        lowerer.extend(&word.text, value);
        build::field(&word.text, ty, span)
    };
    lowerer.scope.documents.retain(|known| known.kind != document.kind);
    lowerer.scope.documents.push(document);
}

/// A path into the record itself: a stored column where there is one, without the language's "absent" value.
fn in_record(lowerer: &mut Lowerer<'_>, path: &Word) -> Expr {
    if lowerer.scope.base != Base::Events {
        let raw = lowerer.name("_raw", path.span);
        return member(raw, &path.text, path.span);
    }
    let env = lowerer.env;
    match env.schema.resolve(&lowerer.table, Dialect::Spl, &path.text) {
        Some(resolved)
            if path.text.contains('.') || event::main_names(&lowerer.table).contains(&path.text.as_str()) =>
        {
            build::column(&resolved.column, resolved.ty, path.span)
        }
        _ => build::path(build::steps(&path.text), Span::new(path.span.start, path.span.end)),
    }
}

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes};

    #[test]
    fn paths_into_the_record() {
        check(
            "* | spath output=arn path=userIdentity.arn | stats count by arn",
            "extend 'arn' = user_identity_arn\naggregate 'count' = count() by 'arn' = 'arn'\nsort 'arn' auto",
        );
        check(
            "* | spath output=arn userIdentity.arn | stats count",
            "extend 'arn' = user_identity_arn\naggregate 'count' = count()",
        );
        check(
            "* | spath requestParameters.x{}.y | stats count",
            "extend 'requestParameters.x{}.y' = $.requestParameters.x[*].y\naggregate 'count' = count()",
        );
        check(
            "* | spath | spath input=_raw path=a{0} output=b | stats count",
            "extend 'b' = $.a[0]\naggregate 'count' = count()",
        );
        check("* | spath path=errorCode | stats count", "extend 'errorCode' = error_code\naggregate 'count' = count()");
    }

    #[test]
    fn paths_into_a_field() {
        check(
            "* | spath input=requestParameters.policy path=Statement{} output=s | mvexpand s | spath input=s | where Effect=\"Allow\" | table Action{}",
            "extend 's' = json_get($.requestParameters.policy, \"Statement{}\")
             expand 's'
             filter coalesce(json_get('s', \"Effect\"), $.Effect) = \"Allow\"
             sort event_time desc
             project 'Action{}' = coalesce(json_get('s', \"Action{}\"), $.Action[*])",
        );
        assert_eq!(codes("* | spath input=s"), [""; 0]);
        assert_eq!(codes("* | spath input=s | stats count | where Effect=\"Allow\""), ["spl.no-such-field"]);
    }

    #[test]
    fn tables_have_no_record() {
        assert_eq!(codes("* | stats count | spath path=a"), ["spl.no-such-field"]);
    }
}
