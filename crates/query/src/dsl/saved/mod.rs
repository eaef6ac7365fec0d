//! Saved objects of OpenSearch Dashboards and Kibana become dashboards of ours: each visualisation a panel whose query is
//! the visualisation itself, each saved search a panel of events. What has no counterpart is said to be left out, and why.

mod objects;
mod panels;
mod tsvb;

use serde_json::{Value, json};

use objects::{Object, Objects};
use panels::Panel;

/// What an export came to.
#[derive(Debug, Default)]
pub struct Imported {
    /// Dashboards: the file's stem, and what is in it.
    pub dashboards: Vec<(String, Value)>,
    /// What was left out: the object's name, and why.
    pub left_out: Vec<(String, String)>,
    /// What is there, but not in every respect: the panel's name, and what about it.
    pub notes: Vec<(String, String)>,
}

/// What the importer asks of the place where the dashboards will run.
pub struct Checks<'a> {
    /// Whether an index pattern means a kind of log that has a table.
    pub has_table: &'a dyn Fn(&str) -> bool,
    /// What is wrong with a query of ours (DSL), if anything.
    pub error: &'a dyn Fn(&str) -> Option<String>,
}

/// Widths are in twelfths of the page.
const COLUMNS: u64 = 12;

/// Reads an export (NDJSON, or the JSON array of old versions); `stem` names a dashboard for visualisations that are on
/// none.
#[must_use]
pub fn import(text: &str, stem: &str, checks: &Checks<'_>) -> Imported {
    let objects = Objects::read(text);
    let mut imported = Imported::default();
    for line in &objects.unread {
        imported.left_out.push((format!("line {line}"), "it is not JSON".to_owned()));
    }
    let mut shown: Vec<&str> = Vec::new();
    let mut order = 100;
    for dashboard in objects.of("dashboard") {
        let mut panels = Vec::new();
        for place in panels::places(dashboard) {
            let found = place.object(&objects);
            if let Some(object) = found {
                shown.push(&object.id);
            }
            match panels::panel(&objects, dashboard, &place, found, checks) {
                Ok(mut found) => panels.append(&mut found),
                Err(why) => imported.left_out.push((format!("{} / {}", dashboard.title, place.title(found)), why)),
            }
        }
        add(&mut imported, &dashboard.title, dashboard.text("description"), panels, order);
        order += 10;
    }
    let mut loose = Vec::new();
    for object in objects.all().filter(|object| !shown.contains(&object.id.as_str())) {
        match object.kind.as_str() {
            "visualization" | "search" => {
                let place = panels::Place::whole();
                match panels::panel(&objects, object, &place, Some(object), checks) {
                    Ok(mut found) => loose.append(&mut found),
                    Err(why) => imported.left_out.push((object.title.clone(), why)),
                }
            }
            "dashboard" | "index-pattern" => {}
            other => imported
                .left_out
                .push((object.title.clone(), format!("objects of the type `{other}` have no counterpart"))),
        }
    }
    if !loose.is_empty() {
        add(&mut imported, stem, "", loose, order);
    }
    imported
}

fn add(imported: &mut Imported, title: &str, description: &str, panels: Vec<Panel>, order: u64) {
    if panels.is_empty() {
        imported.left_out.push((title.to_owned(), "nothing of the dashboard is left".to_owned()));
        return;
    }
    let taken: Vec<String> = imported.dashboards.iter().map(|(id, _)| id.clone()).collect();
    let id = distinct(&slug(title), &taken);
    for panel in &panels {
        imported.notes.extend(panel.notes.iter().map(|note| (panel.title.clone(), note.clone())));
    }
    let description = if description.trim().is_empty() { "Imported from OpenSearch Dashboards." } else { description };
    let file = json!({
        "id": id,
        "title": both(title),
        "description": { "en": description, "ja": if description.starts_with("Imported") { "OpenSearch Dashboardsから取り込みました。" } else { description } },
        "order": order,
        "panels": laid_out(panels),
    });
    imported.dashboards.push((id, file));
}

/// One text for both languages: the author wrote one.
fn both(text: &str) -> Value {
    json!({ "en": text, "ja": text })
}

/// Panels in rows of twelve columns that come out even: the last one of a row takes what is left of it.
fn laid_out(mut panels: Vec<Panel>) -> Vec<Value> {
    panels.sort_by_key(|panel| (panel.row, panel.column));
    let mut rows: Vec<Vec<Panel>> = Vec::new();
    let mut used = 0;
    for panel in panels {
        let width = panel.width.clamp(2, COLUMNS);
        if rows.is_empty() || used + width > COLUMNS {
            rows.push(Vec::new());
            used = 0;
        }
        used += width;
        if let Some(row) = rows.last_mut() {
            row.push(Panel { width, ..panel });
        }
    }
    let mut taken = Vec::new();
    let mut out = Vec::new();
    for mut row in rows {
        let rest = COLUMNS.saturating_sub(row.iter().map(|panel| panel.width).sum());
        if let Some(last) = row.last_mut() {
            last.width += rest;
        }
        let height = row.iter().map(|panel| panel.height).max().unwrap_or(300);
        for panel in row {
            let id = distinct(&slug(&panel.title), &taken);
            taken.push(id.clone());
            out.push(json!({
                "id": id,
                "title": both(&panel.title),
                "description": both(if panel.description.is_empty() { &panel.title } else { &panel.description }),
                "lang": "dsl",
                "query": panel.query,
                "chart": panel.chart,
                "width": panel.width,
                "height": height,
                "drill": { "search": true },
            }));
        }
    }
    out.into_iter().map(without_drill_of_events).collect()
}

fn without_drill_of_events(mut panel: Value) -> Value {
    if panel["chart"] == "events"
        && let Some(members) = panel.as_object_mut()
    {
        members.remove("drill");
    }
    panel
}

/// A name for an address: lower case, words joined by hyphens.
fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    let out = &out[..out.len().min(60)];
    if out.is_empty() { "imported".to_owned() } else { out.trim_end_matches('-').to_owned() }
}

fn distinct(name: &str, taken: &[String]) -> String {
    let mut found = name.to_owned();
    let mut number = 2;
    while taken.contains(&found) {
        found = format!("{name}-{number}");
        number += 1;
    }
    found
}

fn object_of<'o>(objects: &'o Objects, id: Option<&str>) -> Option<&'o Object> {
    objects.all().find(|object| Some(object.id.as_str()) == id)
}

#[cfg(test)]
mod tests;
