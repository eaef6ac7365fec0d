//! SHOW, DESCRIBE and the statements of which there is nothing to do: answered from the catalogue.

use datafusion::execution::session_state::SessionState;
use event::FieldType;
use query::schema::Schema;

use super::scan::{Kind, tokens};
use super::statement::Show;
use super::views::Views;
use super::{Answer, known, tables};
use crate::catalogue::{self, Fields};
use crate::functions::matching;
use crate::functions::trino;

type Rows = (Vec<&'static str>, Vec<Vec<String>>);

/// The rows of a SHOW; the error is what is wrong with its name.
pub(super) fn answer(what: &Show, views: &Views, state: &SessionState) -> Result<Rows, String> {
    let one = |column: &'static str, rows: Vec<String>| (vec![column], rows.into_iter().map(|r| vec![r]).collect());
    Ok(match what {
        Show::Tables(pattern) => {
            let mut names = Fields.tables();
            names.extend(views.names());
            names.sort_unstable();
            if let Some(pattern) = pattern {
                let pattern =
                    matching::regex(&format!("^(?:{})$", starred(pattern))).map_err(|e| e.strip_backtrace())?;
                names.retain(|n| pattern.is_match(n));
            }
            one("tab_name", names)
        }
        Show::Views => one("views", views.names()),
        Show::Databases => one("database_name", vec!["default".into()]),
        Show::Catalogs => one("catalog", vec!["awsdatacatalog".into()]),
        Show::Functions => one("function", functions(state)),
        Show::Columns(name) => columns(name, views)?,
        Show::Partitions(_) => one("partition", Vec::new()),
        Show::CreateTable(name) => one("createtab_stmt", vec![create(name)?]),
        Show::CreateView(name) => {
            let text = views.get(&name.to_lowercase()).ok_or_else(|| format!("there is no view `{name}`"))?;
            one("create_view_stmt", vec![format!("CREATE VIEW {name} AS {text}")])
        }
        Show::Properties(name) => one("prpt_name", vec![format!("log_type={}", table(name)?)]),
    })
}

/// A pattern of SHOW TABLES: a regular expression in which a star may stand alone.
fn starred(pattern: &str) -> String {
    let mut out = String::new();
    for c in pattern.chars() {
        match c {
            '*' if !out.ends_with(['.', ']', ')']) => out.push_str(".*"),
            '%' => out.push_str(".*"),
            other => out.push(other),
        }
    }
    out
}

fn functions(state: &SessionState) -> Vec<String> {
    let mut names: Vec<String> = trino::names().map(str::to_owned).collect();
    names.extend(state.scalar_functions().keys().filter(|n| !n.starts_with("__")).cloned());
    names.extend(state.aggregate_functions().keys().cloned());
    names.extend(state.window_functions().keys().cloned());
    names.sort_unstable();
    names.dedup();
    names
}

fn table(name: &[String]) -> Result<String, String> {
    let found = tables::meant(name).map(tables::Meant::table);
    found.ok_or_else(|| format!("there is no table `{}`", name.last().map_or("", String::as_str)))
}

fn type_name(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Text => "varchar",
        FieldType::Int => "bigint",
        FieldType::Float => "double",
        FieldType::Bool => "boolean",
        FieldType::Time => "timestamp",
        FieldType::Date => "date",
    }
}

/// Columns with their names in Athena beside ours, and what they mean.
fn columns(name: &[String], views: &Views) -> Result<Rows, String> {
    if name.last().is_some_and(|n| views.get(&n.to_lowercase()).is_some()) {
        return Err("a view's columns are those of its query: SELECT * FROM it".to_owned());
    }
    let table = table(name)?;
    let fields = catalogue::of(&table).map(event::Catalogue::fields).unwrap_or_default();
    let row = |field: &event::Field| {
        let column = field.column.or(field.path).unwrap_or_default().to_owned();
        vec![column, type_name(field.ty).to_owned(), field.path.unwrap_or_default().to_owned(), field.en.to_owned()]
    };
    Ok((vec!["col_name", "data_type", "path", "comment"], fields.iter().map(row).collect()))
}

fn create(name: &[String]) -> Result<String, String> {
    let table = table(name)?;
    let fields = catalogue::of(&table).map(event::Catalogue::fields).unwrap_or_default();
    let columns = fields.iter().filter_map(|f| Some(format!("  {} {}", f.column?, type_name(f.ty))));
    Ok(format!("CREATE TABLE {table} (\n{}\n) PARTITIONED BY (event_date)", columns.collect::<Vec<_>>().join(",\n")))
}

/// What is said where there is nothing to do.
pub(super) fn nothing(what: &str, name: &str) -> Answer {
    let parts: Vec<String> = name.split('.').map(str::to_owned).collect();
    let text = match (what, tables::meant(&parts)) {
        ("CREATE TABLE" | "MSCK" | "ALTER", Some(found)) => {
            let table = found.table();
            format!(
                "nothing to do: `{name}` is the table `{table}`, which knows its columns and its partitions by itself"
            )
        }
        ("CREATE TABLE", None) => {
            format!(
                "nothing to do: tables are made when logs come in (`trailhound ingest`); there is no log like `{name}`"
            )
        }
        ("DROP TABLE", _) => format!("nothing to do: `{name}` stays; old events go by the retention of the settings"),
        (_, _) => format!("nothing to do: {what} is for the storage of Athena; the lake keeps its own"),
    };
    known("result", text)
}

/// A prepared statement with its parameters filled in, in order.
pub(super) fn filled(text: &str, values: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut values = values.iter();
    let mut at = 0;
    for token in tokens(text).into_iter().filter(|t| t.kind == Kind::Sign && t.text(text) == "?") {
        let Some(value) = values.next() else { break };
        out.push_str(text.get(at..token.start).unwrap_or_default());
        out.push_str(value);
        at = token.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn parameters_are_filled_outside_of_strings() {
        assert_eq!(filled("a = ? AND b = '?' AND c < ?", &["'x'".into(), "1".into()]), "a = 'x' AND b = '?' AND c < 1");
        assert_eq!(filled("a = ?", &[]), "a = ?");
    }
}
