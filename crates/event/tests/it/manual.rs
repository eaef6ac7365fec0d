//! The pages in docs/logs are made from the log types: `UPDATE=1 cargo test -p event` writes them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use event::{FieldType, LogType, log_types};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/logs")
}

fn type_name(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Text => "text",
        FieldType::Int => "int",
        FieldType::Float => "float",
        FieldType::Bool => "bool",
        FieldType::Time => "time",
        FieldType::Date => "date",
    }
}

fn code(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{}`", name.replace('|', "\\|"))).collect::<Vec<_>>().join(", ")
}

fn page(log_type: &'static LogType) -> String {
    let mut text = format!("# {}\n\n{}\n\n{}\n\n", log_type.title.en, log_type.about.en, log_type.about.ja);
    let _ = write!(text, "Table: `{}`\n\n", log_type.id);
    let _ = write!(text, "## Where to switch it on\n\n{}\n\n{}\n\n", log_type.enable.en, log_type.enable.ja);
    if !log_type.keys.is_empty() {
        let _ = write!(
            text,
            "## Keys of its objects\n\nThe content tells the log type; these keys decide where it does not: {}\n\n",
            code(log_type.keys)
        );
    }
    let names = log_type.names;
    text.push_str("## What queries call it\n\n| Where | Names |\n|---|---|\n");
    for (place, names) in [
        ("SPL sourcetype", names.sourcetypes),
        ("Sumo Logic source category", names.source_categories),
        ("SQL table", names.sql_tables),
        ("OpenSearch index", names.indices),
        ("Sigma service", names.sigma),
        ("CloudWatch log group", names.log_groups),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "| {place} | {} |", code(names));
        }
    }
    text.push_str("\n## Columns\n\n| Column | Type | Field of the log | ECS | OCSF | Splunk | Meaning | 意味 |\n|---|---|---|---|---|---|---|---|\n");
    for field in log_type.catalogue().fields() {
        let own: Vec<&str> = field.path.into_iter().collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            field.column.map(|column| format!("`{column}`")).unwrap_or_default(),
            type_name(field.ty),
            code(&own),
            code(&field.ecs),
            code(&field.ocsf),
            code(&field.splunk),
            field.en.replace('|', "\\|"),
            field.ja.replace('|', "\\|"),
        );
    }
    text.push_str("\nA field without a column is read from the record's text.\n");
    let _ = write!(text, "\n## Sample\n\nMade up; no account of anybody's.\n\n```\n{}```\n", log_type.sample);
    if !log_type.queries.is_empty() {
        text.push_str("\n## Queries\n");
        for query in log_type.queries {
            let _ = write!(
                text,
                "\n{} / {}\n\n```{}\n{}\n```\n",
                query.title.en, query.title.ja, query.language, query.text
            );
        }
    }
    text
}

#[test]
fn the_pages_of_the_log_types_are_current() {
    let mut index = String::from(
        "# Log types\n\nOne page a log type, made from [crates/event/src/log_types](../../crates/event/src/log_types).\n\n| Table | Log | What it records |\n|---|---|---|\n",
    );
    let mut pages = Vec::new();
    for log_type in log_types() {
        let _ = writeln!(index, "| [`{0}`]({0}.md) | {1} | {2} |", log_type.id, log_type.title.en, log_type.about.en);
        pages.push((format!("{}.md", log_type.id), page(log_type)));
    }
    pages.push(("README.md".to_owned(), index));
    for (name, text) in pages {
        let path = folder().join(&name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(folder()).expect("a folder");
            std::fs::write(&path, &text).expect("written");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "docs/logs/{name} is not current: UPDATE=1 cargo test -p event writes it");
    }
}
