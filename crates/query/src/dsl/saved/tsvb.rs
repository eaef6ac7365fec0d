//! The visual builder (TSVB): series of metrics over time, split by a field or by queries. What it shares with ordinary
//! visualisations is made one of those; mathematics over several metrics is not.

use serde_json::{Value, json};

use super::panels::Shown;

/// A panel a series.
pub(super) fn shown(params: &Value, source: &Value, title: &str) -> Result<Vec<Shown>, String> {
    let none = Vec::new();
    let series = params["series"].as_array().unwrap_or(&none);
    let (kind, chart) = match params["type"].as_str().unwrap_or("timeseries") {
        "timeseries" => ("line", "line"),
        "metric" | "gauge" => ("metric", "single"),
        "top_n" => ("horizontal_bar", "bar"),
        "table" => ("table", "table"),
        other => return Err(format!("the visual builder's `{other}` has no counterpart")),
    };
    let several = series.len() > 1;
    let mut out = Vec::new();
    for one in series {
        let label = one["label"].as_str().filter(|label| !label.trim().is_empty());
        let mut aggs = vec![metric(one, label)?];
        if kind == "line" {
            let field = text(&one["time_field"]).or_else(|| text(&params["time_field"])).unwrap_or("@timestamp");
            aggs.push(json!({ "id": "time", "type": "date_histogram", "schema": "segment", "params": { "field": field, "interval": "auto", "min_doc_count": 1 } }));
        }
        let split = split(one, params, kind);
        let grouped = split.is_some();
        aggs.extend(split);
        let mut query = source.clone();
        if let Some(index) = text(&params["index_pattern"]).or_else(|| text(&params["index_pattern"]["title"])) {
            query["index"] = index.into();
        }
        query["type"] = kind.into();
        query["aggs"] = aggs.into();
        let filters = [&params["filter"], &one["filter"]].into_iter().filter(|filter| text(&filter["query"]).is_some());
        let filters: Vec<Value> = filters.map(|filter| json!({ "query": filter })).collect();
        let known = query["filter"].as_array().cloned().unwrap_or_default();
        query["filter"] = known.into_iter().chain(filters).collect();
        let chart = if chart == "single" && grouped { "table" } else { chart };
        let title = several.then(|| format!("{title} – {}", label.unwrap_or("series")));
        out.push(Shown { query, chart, title, notes: Vec::new() });
    }
    if out.is_empty() { Err("it has no series".to_owned()) } else { Ok(out) }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.trim().is_empty())
}

/// The metric that a series shows: its last one.
fn metric(series: &Value, label: Option<&str>) -> Result<Value, String> {
    let none = Vec::new();
    let metrics = series["metrics"].as_array().unwrap_or(&none);
    let Some(last) = metrics.last() else { return Err("a series has no metric".to_owned()) };
    let kind = last["type"].as_str().unwrap_or_default();
    let known = match kind {
        "count" | "avg" | "sum" | "min" | "max" | "cardinality" | "value_count" | "percentile" => kind,
        "std_deviation" | "variance" => "std_dev",
        other => return Err(format!("the visual builder's metric `{other}` is not supported")),
    };
    let mut params = json!({ "field": last["field"] });
    if let Some(label) = label {
        params["customLabel"] = label.into();
    }
    if kind == "percentile" {
        let percents = last["percentiles"].as_array().unwrap_or(&none).iter();
        let percent = |value: &Value| value["value"].as_f64().or_else(|| value["value"].as_str()?.parse().ok());
        params["percents"] = percents.filter_map(percent).map(Value::from).collect();
    }
    let name = if kind == "percentile" { "percentiles" } else { known };
    Ok(json!({ "id": "1", "type": name, "schema": "metric", "params": params }))
}

/// What a series is split by.
fn split(series: &Value, params: &Value, kind: &str) -> Option<Value> {
    let size = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let terms = |field: &str, count: Option<u64>| {
        json!({ "id": "split", "type": "terms", "schema": "group",
            "params": { "field": field, "size": count.unwrap_or(10), "order": "desc", "orderBy": "1" } })
    };
    match series["split_mode"].as_str() {
        Some("terms") => Some(terms(text(&series["terms_field"])?, size(&series["terms_size"]))),
        Some("filters") => {
            let none = Vec::new();
            let filters = series["split_filters"].as_array().unwrap_or(&none).iter();
            let filters: Vec<Value> =
                filters.map(|one| json!({ "input": one["filter"], "label": one["label"] })).collect();
            Some(json!({ "id": "split", "type": "filters", "schema": "group", "params": { "filters": filters } }))
        }
        _ if kind == "table" => Some(terms(text(&params["pivot_id"])?, size(&params["pivot_rows"]))),
        _ => None,
    }
}
