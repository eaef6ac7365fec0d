//! The tables under other systems' names: `cloudtrail_ecs` is `cloudtrail` with its columns called as the Elastic Common
//! Schema calls them, `cloudtrail_ocsf` as the Open Cybersecurity Schema Framework does; so for every log type, and for the
//! view across them. A column with several names has each of them, one without is left out. The names hold dots and are
//! quoted in SQL.

use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::Expr as Df;
use event::Naming;

use crate::catalogue::of;
use crate::error::QueryError;
use crate::plan::expr::named;

/// Endings of the views' names.
const ENDINGS: [(&str, Naming); 2] = [("_ecs", Naming::Ecs), ("_ocsf", Naming::Ocsf)];

/// The table behind a view, and whose names it has; `None`: the name is no view's.
pub(crate) fn view(name: &str) -> Option<(&str, Naming)> {
    ENDINGS.iter().find_map(|(ending, naming)| {
        let table = name.strip_suffix(ending)?;
        of(table).map(|_| (table, *naming))
    })
}

/// The columns of a table under their names in `naming`.
pub(crate) fn renamed(frame: DataFrame, table: &str, naming: Naming) -> Result<DataFrame, QueryError> {
    let Some(catalogue) = of(table) else { return Ok(frame) };
    let columns: Vec<Df> = catalogue
        .stored()
        .filter(|(column, _)| frame.schema().has_column_with_unqualified_name(column))
        .flat_map(|(column, field)| field.names(naming).iter().map(|name| named(column).alias(*name)))
        .collect();
    Ok(frame.select(columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_told_by_their_ending() {
        let check = |name: &str, expected: Option<(&str, Naming)>| assert_eq!(view(name), expected, "{name}");
        check("cloudtrail_ecs", Some(("cloudtrail", Naming::Ecs)));
        check("vpc_flow_ocsf", Some(("vpc_flow", Naming::Ocsf)));
        check("all_ecs", Some(("all", Naming::Ecs)));
        for none in ["cloudtrail", "nothing_ecs", "_ecs", "ecs"] {
            check(none, None);
        }
    }
}
