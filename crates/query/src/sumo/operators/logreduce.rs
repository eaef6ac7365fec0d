//! `logreduce`: messages that are alike, counted together.

use super::{
    super::{lowering::Lowerer, names},
    Operator,
};
use crate::{
    diagnostic::Diagnostic,
    likeness,
    pipeline::{Agg, Named, SortKey, Type},
    spl::build,
};

pub(super) const OPERATOR: Operator = Operator {
    name: "logreduce",
    aliases: &["summarize"],
    syntax: "logreduce [field=<field>]",
    help: "Counts messages (or a field's values) together that differ in ids, times, addresses and numbers only, which become `*`: `_count`, `_signature`, most frequent first.",
    example: "errorCode | logreduce field=errorMessage | limit 20",
    parses: false,
    lower: |lowerer, cursor| {
        if cursor.is_word("values") || cursor.is_word("keys") {
            let message = "`logreduce` of values and keys is not supported";
            let diagnostic = Diagnostic::error("sumo.unsupported", message, cursor.here());
            return Err(lowerer.error(diagnostic.with_help("use `count by` the fields")));
        }
        let field = match cursor.setting("field") || cursor.word("on") {
            true => lowerer.expect_name(cursor, "a field name")?.text,
            false => "_raw".to_owned(),
        };
        let span = cursor.span;
        let text = names::text(lowerer.named(&field, span));
        lowerer.filter(build::is_not_null(text.clone()));
        let by = vec![Named { name: "_signature".to_owned(), expr: likeness::pattern(text, "*", span) }];
        lowerer.aggregate(by, vec![Lowerer::plain_aggregate("_count", Agg::Count, None, Type::Int)]);
        let order = vec![
            SortKey { expr: build::field("_count", Type::Int, span), descending: true, numeric: false },
            super::super::lowering::ascending("_signature", Type::Text, span),
        ];
        let columns = [("_count", Type::Int), ("_signature", Type::Text)];
        let items = columns.map(|(name, ty)| Named { name: name.to_owned(), expr: build::field(name, ty, span) });
        lowerer.project(items.into());
        lowerer.order = order;
        lowerer.pending = true;
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{columns, errors};

    #[test]
    fn alike() {
        assert_eq!(columns("* | logreduce"), ["_count", "_signature"]);
        assert_eq!(columns("* | logreduce field=errorMessage | limit 5"), ["_count", "_signature"]);
        assert_eq!(columns("* | summarize"), ["_count", "_signature"]);
        assert_eq!(errors("* | logreduce values on user"), ["sumo.unsupported"]);
        assert_eq!(errors("* | logreduce field="), ["sumo.syntax"]);
    }
}
