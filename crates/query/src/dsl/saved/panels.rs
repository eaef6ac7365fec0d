//! A visualisation or a saved search becomes a panel: its chart, its place, and its query with everything that applies to
//! it - its own filters, those of the search it stands on, those of the dashboard.

use serde_json::{Value, json};

use super::{
    Checks,
    objects::{Object, Objects, parsed},
    tsvb,
};

/// A panel of ours.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub title: String,
    pub description: String,
    pub query: String,
    pub chart: &'static str,
    pub row: u64,
    pub column: u64,
    pub width: u64,
    pub height: u64,
    pub notes: Vec<String>,
}

/// Where a panel stands on a dashboard, and what it shows.
#[derive(Debug, Clone)]
pub(super) struct Place {
    panel: Value,
    id: Option<String>,
    pub row: u64,
    pub column: u64,
    pub width: u64,
    pub height: u64,
}

impl Place {
    /// Of a visualisation that is on no dashboard.
    pub fn whole() -> Self {
        Self { panel: Value::Null, id: None, row: 0, column: 0, width: 6, height: 300 }
    }

    pub fn object<'o>(&self, objects: &'o Objects) -> Option<&'o Object> {
        super::object_of(objects, self.id.as_deref())
    }

    pub fn title(&self, object: Option<&Object>) -> String {
        let config = &self.panel["embeddableConfig"];
        let named =
            [&self.panel["title"], &config["title"], &config["savedVis"]["title"], &config["attributes"]["title"]];
        let own = named.into_iter().filter_map(Value::as_str).find(|title| !title.trim().is_empty());
        let title = own.or_else(|| object.map(|object| object.title.as_str()));
        title.or(self.panel["panelIndex"].as_str()).unwrap_or("panel").to_owned()
    }
}

/// The places of a dashboard, of any version's layout.
pub(super) fn places(dashboard: &Object) -> Vec<Place> {
    let panels = dashboard.inner("panelsJSON");
    let one = |panel: &Value| {
        let grid = &panel["gridData"];
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        let id = panel["panelRefName"].as_str().and_then(|name| {
            let numbered = || panel["panelIndex"].as_str().map(|index| format!("{index}:{name}"));
            dashboard.reference(name).or_else(|| dashboard.reference(&numbered()?))
        });
        let id = id.or_else(|| panel["id"].as_str()).map(str::to_owned);
        let (row, column, width, height) = match number(&grid["w"]) {
            // Twelve columns before version 6.1, forty-eight since.
            Some(width) => {
                (number(&grid["y"]), number(&grid["x"]), Some(width.div_ceil(4)), number(&grid["h"]).map(|h| h * 20))
            }
            None => (
                number(&panel["row"]),
                number(&panel["col"]),
                number(&panel["size_x"]),
                number(&panel["size_y"]).map(|h| h * 100),
            ),
        };
        Place {
            panel: panel.clone(),
            id,
            row: row.unwrap_or(0),
            column: column.unwrap_or(0),
            width: width.unwrap_or(6),
            height: height.unwrap_or(300).clamp(120, 600),
        }
    };
    panels.as_array().map(|panels| panels.iter().map(one).collect()).unwrap_or_default()
}

/// The panels of an object at a place; most have one.
pub(super) fn panel(
    objects: &Objects,
    dashboard: &Object,
    place: &Place,
    object: Option<&Object>,
    checks: &Checks<'_>,
) -> Result<Vec<Panel>, String> {
    let title = place.title(object);
    let description = object.map(|object| object.text("description").to_owned()).unwrap_or_default();
    let shown = match object {
        Some(object) if object.kind == "search" => vec![search(objects, object)],
        Some(object) if object.kind == "visualization" => visualization(objects, object, &title)?,
        Some(object) => return Err(format!("objects of the type `{}` have no counterpart", object.kind)),
        None => by_value(objects, dashboard, place, &title)?,
    };
    let around =
        if object.is_some_and(|object| object.id == dashboard.id) { Value::Null } else { dashboard.search_source() };
    let mut out = Vec::new();
    for shown in shown {
        let index = shown.query["index"].as_str().unwrap_or_default();
        if !index.is_empty() && !(checks.has_table)(index) {
            return Err(format!("there is no table for the index pattern `{index}`"));
        }
        let query = with_filters(shown.query, &around).to_string();
        if let Some(error) = (checks.error)(&query) {
            return Err(error);
        }
        out.push(Panel {
            title: shown.title.unwrap_or_else(|| title.clone()),
            description: description.clone(),
            query,
            chart: shown.chart,
            row: place.row,
            column: place.column,
            width: place.width,
            height: if shown.chart == "single" { place.height.min(160) } else { place.height },
            notes: shown.notes,
        });
    }
    Ok(out)
}

/// What a panel shows: a document of the DSL and a chart.
pub(super) struct Shown {
    pub query: Value,
    pub chart: &'static str,
    pub title: Option<String>,
    pub notes: Vec<String>,
}

/// The dashboard's own query and filters apply to every panel.
fn with_filters(mut query: Value, around: &Value) -> Value {
    let mut filters = query["filter"].as_array().cloned().unwrap_or_default();
    filters.extend(around["filter"].as_array().into_iter().flatten().cloned());
    if says_something(&around["query"]) {
        filters.push(json!({ "query": around["query"] }));
    }
    query["filter"] = filters.into_iter().map(slim).collect();
    query
}

/// A filter without what only the dashboards' own page needs.
fn slim(mut filter: Value) -> Value {
    if let Some(members) = filter.as_object_mut() {
        members.remove("$state");
        if let Some(meta) = members.get_mut("meta").and_then(Value::as_object_mut) {
            meta.retain(|name, _| ["negate", "disabled"].contains(&name.as_str()));
        }
    }
    filter
}

fn says_something(query: &Value) -> bool {
    match &query["query"] {
        Value::String(text) => !text.trim().is_empty() && text.trim() != "*",
        Value::Object(members) => {
            !members.is_empty() && !members.contains_key("match_all") && query["query"]["query_string"]["query"] != "*"
        }
        _ => false,
    }
}

/// The index pattern of a search: by reference or by id, its title.
fn index(objects: &Objects, object: &Object, source: &Value) -> Option<String> {
    let named = source["indexRefName"].as_str().and_then(|name| object.reference(name));
    let id = named.or_else(|| source["index"].as_str())?;
    let found = super::object_of(objects, Some(id));
    Some(found.map_or_else(|| id.to_owned(), |pattern| pattern.title.clone()))
}

/// The query, the filters and the index of an object, with those of the saved search that it stands on.
fn source(objects: &Objects, object: &Object) -> Value {
    let own = object.search_source();
    let mut out = json!({ "query": own["query"], "filter": own["filter"].as_array().cloned().unwrap_or_default() });
    if let Some(index) = index(objects, object, &own) {
        out["index"] = index.into();
    }
    let below = object.text("savedSearchRefName");
    let below = object
        .reference(below)
        .or_else(|| object.reference("search_0"))
        .or_else(|| object.attributes["savedSearchId"].as_str());
    if let Some(search) = super::object_of(objects, below) {
        let under = source(objects, search);
        out = with_filters(out, &under);
        if out["index"].is_null() {
            out["index"] = under["index"].clone();
        }
    }
    out
}

fn search(objects: &Objects, object: &Object) -> Shown {
    let mut query = source(objects, object);
    let columns = object.attributes["columns"].as_array().cloned().unwrap_or_default();
    if columns.iter().any(|column| column != "_source") {
        query["_source"] = columns.into_iter().filter(|column| column != "_source").collect();
    }
    query["size"] = 500.into();
    Shown { query, chart: "events", title: None, notes: Vec::new() }
}

fn visualization(objects: &Objects, object: &Object, title: &str) -> Result<Vec<Shown>, String> {
    let state = object.inner("visState");
    let mut query = source(objects, object);
    if state["type"] == "metrics" {
        return tsvb::shown(&state["params"], &query, title);
    }
    of_state(&state, &mut query).map(|shown| vec![shown])
}

/// A visualisation kept in the panel itself.
fn by_value(objects: &Objects, dashboard: &Object, place: &Place, title: &str) -> Result<Vec<Shown>, String> {
    let config = &place.panel["embeddableConfig"];
    let saved = &config["savedVis"];
    if saved.is_object() {
        let own = parsed(&saved["data"]["searchSource"]);
        let mut query =
            json!({ "query": own["query"], "filter": own["filter"].as_array().cloned().unwrap_or_default() });
        if let Some(index) = index(objects, dashboard, &own) {
            query["index"] = index.into();
        }
        let state = json!({ "type": saved["type"], "aggs": saved["data"]["aggs"], "params": saved["params"] });
        if state["type"] == "metrics" {
            return tsvb::shown(&state["params"], &query, title);
        }
        return of_state(&state, &mut query).map(|shown| vec![shown]);
    }
    match place.panel["type"].as_str() {
        Some(kind) if place.id.is_none() => Err(format!("panels of the type `{kind}` have no counterpart")),
        _ => Err("the object that it shows is not in the export".to_owned()),
    }
}

fn of_state(state: &Value, query: &mut Value) -> Result<Shown, String> {
    let kind = state["type"].as_str().unwrap_or_default();
    let none = Vec::new();
    let aggs: Vec<&Value> =
        state["aggs"].as_array().unwrap_or(&none).iter().filter(|agg| agg["enabled"] != false).collect();
    if aggs.is_empty() {
        return Err(match kind {
            "markdown" => "texts have no place on a dashboard of ours".to_owned(),
            "input_control_vis" => "controls are the filter bar's work".to_owned(),
            "" => "it has no state".to_owned(),
            other => format!("visualisations of the type `{other}` have no counterpart"),
        });
    }
    let schema = |agg: &Value, name: &str| agg["schema"] == name;
    let metrics = aggs.iter().filter(|agg| schema(agg, "metric")).count();
    let buckets: Vec<&&Value> = aggs.iter().filter(|agg| !schema(agg, "metric") && !schema(agg, "radius")).collect();
    let over_time = buckets.iter().any(|agg| agg["type"] == "date_histogram");
    let one = buckets.len() == 1 && metrics <= 1;
    let mut notes = Vec::new();
    let chart = match kind {
        "line" | "area" | "histogram" if over_time && buckets.len() <= 2 => {
            if kind == "line" {
                "line"
            } else {
                "stacked-column"
            }
        }
        "metric" | "gauge" | "goal" if buckets.is_empty() && metrics <= 1 => "single",
        "pie" if one => "pie",
        "histogram" | "horizontal_bar" | "tagcloud" | "region_map" | "gauge" if one => "bar",
        "table" | "metric" => "table",
        other => {
            notes.push(format!(
                "shown as a table: there is no chart for `{other}` of {} groups and {metrics} metrics",
                buckets.len()
            ));
            "table"
        }
    };
    if kind == "region_map" && one {
        notes.push("the map of countries is shown as bars".to_owned());
    }
    query["type"] = kind.into();
    query["aggs"] = aggs.into_iter().map(slim_agg).collect();
    Ok(Shown { query: query.take(), chart, title: None, notes })
}

/// An aggregation without what is empty or only remembers the editor's state.
fn slim_agg(agg: &Value) -> Value {
    let mut agg = agg.clone();
    if let Some(params) = agg["params"].as_object_mut() {
        params.retain(|name, value| {
            let idle = [
                "timeRange",
                "extended_bounds",
                "useNormalizedEsInterval",
                "useNormalizedOpenSearchInterval",
                "drop_partials",
                "scaleMetricValues",
            ];
            !idle.contains(&name.as_str()) && *value != ""
        });
    }
    agg
}
