//! Puts the crates together: location data, lake, engine, and what the server is told of them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use chrono::DateTime;
use detect::sinks::{Sinks, Surroundings};
use engine::{Engine, EngineOptions, Locate, Place};
use enrich::{AwsRanges, Enricher, GeoDb, GeoSource, NamedList};
use event::{Field, FieldType};
use lake::{Lake, LakeOptions};
use serve::wire::{CommandEntry, FieldEntry, GeoDatabase, GeoStatus, LanguageEntry, LogTypeEntry, MessageEntry, Text};

use crate::cli::{GeoArgs, LakeArgs};
use crate::config::Settings;
use crate::output::note;

/// Names of the bundled location databases, for messages.
const BUNDLED_COUNTRIES: &str = "bundled country database";
const BUNDLED_SYSTEMS: &str = "bundled AS database";

/// Opens the lake that flags and settings name.
pub(crate) fn lake(settings: &Settings, args: &LakeArgs) -> anyhow::Result<Lake> {
    let uri = settings.lake(args);
    Lake::open(&uri, storage(settings, args)).with_context(|| format!("can't open the lake {uri}"))
}

/// Opens a lake that is to be read: a folder that is not there is a slip, not an empty lake.
pub(crate) fn present_lake(settings: &Settings, args: &LakeArgs) -> anyhow::Result<Lake> {
    let uri = settings.lake(args);
    if !uri.contains("://") && !Path::new(&uri).is_dir() {
        anyhow::bail!("there is no lake at {uri}; take logs in with `trailhound ingest --lake {uri} PATH`");
    }
    lake(settings, args)
}

/// How buckets are reached, the lake's and those that are read.
pub(crate) fn storage(settings: &Settings, args: &LakeArgs) -> LakeOptions {
    LakeOptions {
        endpoint_url: args.aws_endpoint_url.clone().or_else(|| settings.aws.endpoint_url.clone()),
        region: args.aws_region.clone().or_else(|| settings.aws.region.clone()),
        ..LakeOptions::default()
    }
}

/// The enricher over the bundled databases and the user's own files, which are asked first. A file that can't be used is
/// said and left out: it never stops the work.
pub(crate) fn enricher(settings: &Settings, args: &GeoArgs) -> Arc<Enricher> {
    let (city, asn) = settings.geoip(args);
    let usable = |paths: Vec<PathBuf>| -> Vec<PathBuf> { paths.into_iter().filter(|p| opens(p)).collect() };
    let country = bundled_source(BUNDLED_COUNTRIES, assets::country_db());
    if country.is_none() {
        tracing::warn!(
            "the location databases are not in this build (the page was not built first); sources stay without country"
        );
    }
    let systems = bundled_source(BUNDLED_SYSTEMS, assets::as_db());
    let geo = GeoDb::open(country, &usable(city), &usable(asn)).and_then(|geo| match systems {
        Some(systems) => geo.with_asn(systems),
        None => Ok(geo),
    });
    let geo = geo.inspect_err(|error| note(&format!("trailhound: location data is off: {error}"))).ok();
    Arc::new(Enricher::new(geo).with_aws_ranges(aws_ranges(settings)).with_lists(lists(settings)))
}

fn bundled_source(name: &str, bytes: Option<&'static [u8]>) -> Option<GeoSource> {
    bytes.map(|bytes| GeoSource::Bytes { name: name.to_owned(), bytes: bytes.into() })
}

fn aws_ranges(settings: &Settings) -> AwsRanges {
    let file = settings.geoip.ranges();
    if settings.geoip.aws_ranges.is_none() && !file.is_file() {
        return AwsRanges::default();
    }
    let read = std::fs::read(&file).map_err(anyhow::Error::from);
    read.and_then(|bytes| Ok(AwsRanges::parse(&bytes)?)).unwrap_or_else(|error| left_out(&file, &error))
}

fn lists(settings: &Settings) -> Vec<NamedList> {
    let read = settings.list.iter().map(|list| match std::fs::read(&list.path) {
        Ok(bytes) => {
            let read = NamedList::parse(&list.name, &String::from_utf8_lossy(&bytes));
            tracing::info!(list = list.name, entries = read.len(), ignored = read.ignored(), "list");
            read
        }
        Err(error) => {
            left_out::<()>(&list.path, &error.into());
            NamedList::parse(&list.name, "")
        }
    });
    read.collect()
}

/// A file that can't be used is said and left out.
fn left_out<T: Default>(file: &Path, error: &anyhow::Error) -> T {
    note(&format!("trailhound: left out: {}: {error:#}", file.display()));
    T::default()
}

fn opens(path: &Path) -> bool {
    match GeoDb::open(None, &[path.to_owned()], &[]) {
        Ok(_) => true,
        Err(error) => {
            note(&format!("trailhound: left out: {error}"));
            false
        }
    }
}

/// The enricher of the moment: a server puts a new one in its place when newer files have come.
#[derive(Clone)]
pub(crate) struct Current(Arc<RwLock<Arc<Enricher>>>);

impl Current {
    pub(crate) fn new(enricher: &Arc<Enricher>) -> Self {
        Self(Arc::new(RwLock::new(Arc::clone(enricher))))
    }

    /// The one of the moment.
    pub(crate) fn get(&self) -> Arc<Enricher> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set(&self, enricher: Arc<Enricher>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = enricher;
    }
}

impl Locate for Current {
    fn locate(&self, address: &str) -> Option<Place> {
        let found = self.get().locate(address)?;
        Some(Place {
            country_code: found.country_code.clone(),
            country: found.country_name.clone(),
            region: found.region.clone(),
            city: found.city.clone(),
            latitude: found.latitude,
            longitude: found.longitude,
            asn: found.asn,
            as_org: found.as_org.clone(),
        })
    }
}

/// The sinks of the settings; nothing is called.
pub(crate) fn sinks(settings: &Settings) -> anyhow::Result<Sinks> {
    let env = |name: &str| std::env::var(name).ok();
    let around =
        Surroundings { url: settings.server.url.as_deref(), env: &env, region: settings.aws.region.as_deref() };
    Ok(Sinks::new(&settings.sink, &around)?)
}

/// An engine over a lake.
pub(crate) fn engine(settings: &Settings, lake: Lake, enricher: &Arc<Enricher>) -> anyhow::Result<Engine> {
    engine_with(settings, lake, Current::new(enricher))
}

/// The same, over an enricher that may be replaced.
pub(crate) fn engine_with(settings: &Settings, lake: Lake, enricher: Current) -> anyhow::Result<Engine> {
    let mut options = EngineOptions {
        lookups: Some(settings.lookups.clone().unwrap_or_else(|| PathBuf::from("data/lookups"))),
        macros: macros(settings)?,
        locator: Some(Arc::new(enricher)),
        parameters: settings.query.parameters.clone(),
        ..EngineOptions::default()
    };
    if let Some(mib) = settings.query.memory_mib {
        options.memory_bytes = mib << 20;
    }
    Engine::new(lake, options).context("can't set up the engine")
}

/// The file of search macros; one that is not valid is said at once rather than by the first search.
fn macros(settings: &Settings) -> anyhow::Result<Option<PathBuf>> {
    let path = settings.macros.clone().or_else(|| Some(PathBuf::from("data/macros.conf")).filter(|p| p.is_file()));
    engine::macros(path.as_deref()).map_err(|error| anyhow::anyhow!(error.message))?;
    Ok(path)
}

fn type_name(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Text => "text",
        FieldType::Int => "int",
        FieldType::Float => "float",
        FieldType::Bool => "bool",
        FieldType::Time | FieldType::Date => "time",
    }
}

fn entry(table: &str, field: &Field) -> FieldEntry {
    FieldEntry {
        table: table.to_owned(),
        column: field.column.map(str::to_owned),
        ty: type_name(field.ty).to_owned(),
        cloudtrail: field.path.map(str::to_owned),
        ecs: field.ecs.first().map(|n| (*n).to_owned()),
        ocsf: field.ocsf.first().map(|n| (*n).to_owned()),
        splunk: field.splunk.iter().map(|n| (*n).to_owned()).collect(),
        sumo: field.sumo.first().map(|n| (*n).to_owned()),
        common: field.common.map(str::to_owned),
        meaning: Text { en: field.en.to_owned(), ja: field.ja.to_owned() },
    }
}

/// The field catalogues for the API: CloudTrail's first, the view across the log types last.
pub(crate) fn fields() -> Vec<FieldEntry> {
    let all = event::log_types().iter().copied().chain([&event::log_types::ALL]);
    all.flat_map(|t| t.catalogue().fields().iter().map(|field| entry(t.id, field))).collect()
}

/// The log types for the API.
pub(crate) fn log_types() -> Vec<LogTypeEntry> {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let text = |text: event::log_types::Text| Text { en: text.en.to_owned(), ja: text.ja.to_owned() };
    let one = |t: &&'static event::LogType| LogTypeEntry {
        id: t.id.to_owned(),
        title: text(t.title),
        about: text(t.about),
        sourcetypes: texts(t.names.sourcetypes),
        sql_tables: texts(t.names.sql_tables),
        indices: texts(t.names.indices),
    };
    event::log_types().iter().map(one).collect()
}

/// The query languages for the API.
pub(crate) fn languages() -> Vec<LanguageEntry> {
    let mut all: Vec<LanguageEntry> = query::language::fronts().into_iter().map(language).collect();
    let sql = entries("sql", "SQL (Athena, CloudTrail Lake)", &engine::sql_reference());
    all.insert(1, sql);
    all
}

fn language(front: &query::language::Front) -> LanguageEntry {
    entries(front.id, front.title, &(front.reference)())
}

fn entries(id: &str, name: &str, entries: &[query::language::Entry]) -> LanguageEntry {
    use query::language::Part;
    let of = |parts: &[Part]| {
        let wanted = entries.iter().filter(|entry| parts.contains(&entry.part));
        wanted
            .map(|entry| CommandEntry {
                name: entry.name.into(),
                syntax: entry.syntax.into(),
                help: entry.help.into(),
                example: entry.example.into(),
            })
            .collect()
    };
    LanguageEntry {
        id: id.into(),
        name: name.into(),
        commands: of(&[Part::Command]),
        functions: of(&[Part::Function, Part::Aggregate]),
        forms: of(&[Part::Form]),
        messages: query::diagnostic::codes_of(id)
            .map(|code| MessageEntry {
                code: code.code.into(),
                meaning: code.meaning.into(),
                remedy: code.remedy.into(),
            })
            .collect(),
    }
}

/// The location data for the API: dates and licences.
pub(crate) fn geo_status(enricher: &Enricher) -> GeoStatus {
    let mut status = GeoStatus { country: bundled("country"), city: None, asn: bundled("asn") };
    let files = enricher.geo().map(GeoDb::files).unwrap_or_default();
    for file in files.iter().filter(|file| file.name != BUNDLED_SYSTEMS) {
        let date = DateTime::from_timestamp(file.build_epoch.try_into().unwrap_or_default(), 0);
        let date = date.map(|d| d.format("%Y-%m-%d").to_string()).unwrap_or_default();
        let found = GeoDatabase { date, licence: file.kind.clone() };
        if file.kind.contains("City") {
            status.city = Some(found);
        } else if file.kind.contains("ASN") {
            status.asn = Some(found);
        }
    }
    status
}

fn bundled(which: &str) -> Option<GeoDatabase> {
    let all: serde_json::Value = serde_json::from_str(assets::geo_info()?).ok()?;
    let info = all.get(which)?;
    let text = |key: &str| info.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    Some(GeoDatabase { date: text("date"), licence: text("licence") })
}
