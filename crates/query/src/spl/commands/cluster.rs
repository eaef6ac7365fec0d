//! `cluster`: events that are alike, as one.

use super::{Command, Grammar, arguments, words};
use crate::{
    likeness,
    pipeline::{Agg, Aggregate, Op, Type},
    spl::{build, statistics::Settings},
};

const OPTIONS: &[&str] = &["t", "delims", "showcount", "countfield", "labelfield", "field", "labelonly", "match"];

pub(super) const COMMAND: Command = Command {
    name: "cluster",
    aliases: &[],
    syntax: "cluster [showcount=<bool>] [field=<field>] [labelonly=<bool>] [countfield=<name>] [labelfield=<name>]",
    help: "Keeps one event of those that are alike, which differ in ids, times, addresses and numbers only; cluster_label is what they share, cluster_count (with showcount) how many there are.",
    example: "errorCode=* | cluster field=errorMessage showcount=t | table cluster_count, errorMessage | sort - cluster_count",
    generating: false,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, _) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, OPTIONS);
        let span = command.span;
        if let Some(word) = settings.get("t").or(settings.get("match")) {
            let message =
                "how alike is not measured: events that differ in ids, times, addresses and numbers only are one";
            lowerer.warning("spl.ignored-option", message, word.span);
        }
        let text = match settings.get("field") {
            Some(word) => lowerer.field(word),
            None => lowerer.name("_raw", span),
        };
        let label = settings.text("labelfield").unwrap_or("cluster_label").to_owned();
        lowerer.extend(&label, likeness::pattern(build::to_text(text), "*", span));
        let key = build::field(&label, Type::Text, span);
        lowerer.settle_order();
        if settings.truth("showcount") == Some(true) {
            let count = settings.text("countfield").unwrap_or("cluster_count").to_owned();
            let counted = Aggregate {
                name: count.clone(),
                func: Agg::Count,
                arg: None,
                filter: None,
                order: None,
                ty: Type::Int,
            };
            lowerer.push(Op::Window {
                by: vec![key.clone()],
                order: Vec::new(),
                preceding: None,
                range: None,
                current: true,
                aggregates: vec![counted],
            });
            lowerer.scope.make(&count, Type::Int);
            lowerer.unsettle_order();
            lowerer.settle_order();
        }
        if settings.truth("labelonly") != Some(true) {
            lowerer.push(Op::Dedup { keys: vec![key], count: 1, keep_null: true });
        }
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{codes, columns, rendered};

    #[test]
    fn alike() {
        let ir = rendered("* | cluster showcount=t field=errorMessage | table cluster_count, errorMessage");
        assert!(ir.contains("extend 'cluster_label' = regex_replace(error_message, "), "{ir}");
        assert!(ir.contains("window 'cluster_count' = count() by 'cluster_label'"), "{ir}");
        assert!(ir.contains("dedup 1 by 'cluster_label' keep-null"), "{ir}");
        assert!(!rendered("* | cluster labelonly=t | stats count by cluster_label").contains("dedup"));
        assert_eq!(columns("* | cluster | stats count by cluster_label"), ["cluster_label", "count"]);
        assert_eq!(codes("* | cluster t=0.7"), ["spl.ignored-option"]);
    }
}
