//! `trailhound searches`: what was saved in Search, from the state file; no server is needed.

use std::io;
use std::process::ExitCode;

use anyhow::{Context, bail};
use engine::Condition;
use serde_json::{Value, json};
use serve::state::{SavedSearch, State};
use serve::wire::{Filter, FilterOp};

use super::query::{Asked, answer, request};
use crate::cli::{ListFormat, Searches, SearchesAction, SearchesRun};
use crate::config::Settings;
use crate::output::{Table, line};
use crate::wiring;

/// Lists and runs saved searches.
pub(crate) async fn run(settings: &Settings, args: Searches) -> anyhow::Result<ExitCode> {
    let path = settings.state(args.state.as_deref())?;
    if !path.is_file() {
        bail!("there is no state at {}; name it with --state sqlite:PATH", path.display());
    }
    let saved = State::open(&path)
        .with_context(|| format!("can't open the state {}", path.display()))?
        .all_searches()
        .context("can't read the saved searches")?;
    match args.action {
        SearchesAction::List { format } => list(&saved, format).map(|()| ExitCode::SUCCESS),
        SearchesAction::Run(args) => run_one(settings, &saved, *args).await,
    }
}

fn list(saved: &[SavedSearch], format: ListFormat) -> anyhow::Result<()> {
    if format == ListFormat::Json {
        return saved.iter().try_for_each(|search| Ok(line(&object(search)?.to_string())?));
    }
    let names = ["name", "owner", "shared", "language", "range", "query"];
    let mut table = Table::new(io::stdout().lock(), names.map(str::to_owned).to_vec());
    table.rows(saved.iter().map(cells).collect())?;
    Ok(table.finish()?)
}

fn cells(search: &SavedSearch) -> Vec<Option<String>> {
    let text = &search.text;
    let range = match (&text.since, &text.until) {
        (None, None) => "all".to_owned(),
        (since, until) => {
            format!("{} to {}", since.as_deref().unwrap_or("the first"), until.as_deref().unwrap_or("now"))
        }
    };
    let shared = if text.shared { "yes" } else { "no" };
    vec![
        Some(text.name.clone()),
        search.owner.clone(),
        Some(shared.to_owned()),
        Some(text.lang.clone()),
        Some(range),
        Some(text.query.clone()),
    ]
}

/// As the API gives it.
fn object(search: &SavedSearch) -> anyhow::Result<Value> {
    let text = &search.text;
    Ok(json!({
        "id": search.id,
        "owner": search.owner,
        "name": text.name,
        "shared": text.shared,
        "lang": text.lang,
        "query": text.query,
        "since": text.since,
        "until": text.until,
        "filters": serde_json::from_str::<Value>(&text.filters)?,
    }))
}

async fn run_one(settings: &Settings, saved: &[SavedSearch], args: SearchesRun) -> anyhow::Result<ExitCode> {
    let settings = &settings.with(&args.knowledge);
    let search = named(saved, &args.name, args.owner.as_deref())?;
    let SavedSearch { text, .. } = search;
    let range_is_given = args.since.is_some() || args.until.is_some();
    let (since, until) = if range_is_given { (&args.since, &args.until) } else { (&text.since, &text.until) };
    let asked = Asked {
        lang: &text.lang,
        since: since.as_deref(),
        until: until.as_deref(),
        limit: args.limit,
        deadline: args.deadline,
        timezone: &args.timezone,
    };
    let mut request = request(&asked, &text.query)?;
    let filters: Vec<Filter> = serde_json::from_str(&text.filters).context("the search's filters")?;
    request.filters = filters.into_iter().map(condition).collect();
    let enricher = wiring::enricher(settings, &args.geo);
    let lake = wiring::present_lake(settings, &args.lake)?;
    let engine = wiring::engine(settings, lake, &enricher)?;
    answer(&engine, request, &text.query, args.format).await
}

fn named<'a>(saved: &'a [SavedSearch], name: &str, owner: Option<&str>) -> anyhow::Result<&'a SavedSearch> {
    let found: Vec<_> = saved
        .iter()
        .filter(|search| search.text.name == name && owner.is_none_or(|owner| search.owner.as_deref() == Some(owner)))
        .collect();
    match found[..] {
        [one] => Ok(one),
        [] => bail!("there is no saved search `{name}`; `trailhound searches list` shows what there is"),
        _ => {
            let owners: Vec<_> = found.iter().map(|search| search.owner.as_deref().unwrap_or("nobody")).collect();
            bail!("several users have a search `{name}`: {}; say whose with --owner", owners.join(", "))
        }
    }
}

fn condition(filter: Filter) -> Condition {
    Condition { field: filter.field, negated: matches!(filter.op, FilterOp::IsNot), values: filter.values }
}

#[cfg(test)]
mod tests {
    use serve::state::SearchText;

    use super::*;

    fn saved(name: &str, owner: Option<&str>) -> SavedSearch {
        let text = SearchText {
            name: name.into(),
            lang: "spl".into(),
            query: "*".into(),
            since: Some("-7d".into()),
            until: None,
            filters: "[]".into(),
            shared: true,
        };
        SavedSearch { id: "1".into(), owner: owner.map(str::to_owned), text, created_at: 0, updated_at: 0 }
    }

    #[test]
    fn a_name_means_one_search() {
        let all = [saved("a", Some("ann")), saved("a", Some("bob")), saved("b", None)];
        let owner = |name: &str, owner: Option<&str>| match named(&all, name, owner) {
            Ok(search) => search.owner.clone().unwrap_or_default(),
            Err(error) => format!("! {error}"),
        };
        assert_eq!(owner("a", Some("bob")), "bob");
        assert_eq!(owner("b", None), "");
        assert!(owner("a", None).starts_with("! several users have a search `a`: ann, bob"), "{}", owner("a", None));
        assert!(owner("c", None).starts_with("! there is no saved search `c`"));
        assert!(owner("b", Some("ann")).starts_with("! there is no saved search `b`"));
    }

    #[test]
    fn ranges_are_said() {
        assert_eq!(cells(&saved("a", None))[4].as_deref(), Some("-7d to now"));
    }
}
