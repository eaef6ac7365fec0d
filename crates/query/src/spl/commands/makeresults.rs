//! `makeresults`: rows out of nothing.

use super::{Command, Grammar, arguments, words};
use crate::{
    pipeline::{Source, Type},
    spl::{
        scope::{Base, Kind, Scope},
        statistics::Settings,
    },
};

pub(super) const COMMAND: Command = Command {
    name: "makeresults",
    aliases: &[],
    syntax: "makeresults [count=<n>]",
    help: "Makes rows that have only a _time, to try expressions on.",
    example: "| makeresults count=3 | eval x=random()",
    generating: true,
    grammar: Grammar::Arguments,
    lower: |lowerer, command| {
        let (settings, _) = words(lowerer, arguments(command))?;
        let settings = Settings::new(lowerer, &settings, &["count", "annotate", "splunk_server"]);
        let rows = settings.count(lowerer, "count")?.unwrap_or(1);
        let mut scope = Scope::new(Base::Closed, Kind::Rows);
        scope.make("_time", Type::Time);
        lowerer.start(Source::Generate { rows }, scope, command.span);
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use crate::spl::testing::{check, codes, columns};

    #[test]
    fn rows() {
        check("| makeresults count=3 | eval x=1", "generate 3\nextend 'x' = 1");
        assert_eq!(columns("| makeresults"), ["_time"]);
        assert_eq!(codes("| makeresults count=many"), ["spl.number"]);
    }
}
