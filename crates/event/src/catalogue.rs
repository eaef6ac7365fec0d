//! The field catalogues: one table a log type, one row a field, read from `fields/<log type>.tsv`. Every query language
//! resolves its names here, the schemas and the decoders are made from them, and so is the field reference of the product.

use std::collections::HashMap;

#[cfg(test)]
const CLOUDTRAIL: &str = include_str!("../fields/cloudtrail.tsv");

/// The catalogue of the table `cloudtrail`.
pub fn catalogue() -> &'static Catalogue {
    crate::log_types::cloudtrail::LOG_TYPE.catalogue()
}

/// Type of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// UTF-8 text; objects and arrays are their JSON text.
    Text,
    /// 64-bit signed integer.
    Int,
    /// 64-bit float.
    Float,
    /// Boolean.
    Bool,
    /// Microseconds since the epoch, UTC.
    Time,
    /// Days since the epoch, UTC.
    Date,
}

impl FieldType {
    fn parse(text: &str) -> Self {
        match text {
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "time" => Self::Time,
            "date" => Self::Date,
            _ => Self::Text,
        }
    }
}

/// Whose names are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Naming {
    /// Splunk Add-on for AWS and CIM field names.
    Splunk,
    /// CloudTrail's own paths, as CloudWatch Logs Insights and filter patterns write them.
    CloudTrail,
    /// Athena and CloudTrail Lake: the same paths as [`Naming::CloudTrail`].
    Sql,
    /// Elastic Common Schema, as SIEM on Amazon OpenSearch Service and Elastic's AWS integration use it.
    Ecs,
    /// Open Cybersecurity Schema Framework.
    Ocsf,
    /// Names that Sumo Logic's CloudTrail apps parse out.
    Sumo,
    /// Our own column names.
    Column,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Stored column; `None`: read from `raw` by `path`.
    pub column: Option<&'static str>,
    /// Type of the value.
    pub ty: FieldType,
    /// CloudTrail path whose value the column equals exactly, `a.b.c`, with `[]` after an array. `None` for columns that
    /// are derived, enriched or gathered from several paths.
    pub path: Option<&'static str>,
    /// Paths that fill the column where `path` is absent, best first.
    pub also: Vec<&'static str>,
    /// ECS names; the first is the one to write.
    pub ecs: Vec<&'static str>,
    /// OCSF names; the first is the one to write.
    pub ocsf: Vec<&'static str>,
    /// Splunk names besides the path.
    pub splunk: Vec<&'static str>,
    /// Sumo Logic names besides the path.
    pub sumo: Vec<&'static str>,
    /// Further names that AWS's documents give the field: columns of Athena's table, fields that Logs Insights discovers.
    pub native: Vec<&'static str>,
    /// What Splunk shows where the field is absent (`success` for errorCode).
    pub splunk_default: Option<&'static str>,
    /// The field of the view `all` that the column fills.
    pub common: Option<&'static str>,
    /// What the value tells an investigator, in English.
    pub en: &'static str,
    /// The same in Japanese.
    pub ja: &'static str,
}

impl Field {
    /// The names of this field in `naming`, without path and column.
    pub fn names(&self, naming: Naming) -> &[&'static str] {
        match naming {
            Naming::Splunk => &self.splunk,
            Naming::Ecs => &self.ecs,
            Naming::Ocsf => &self.ocsf,
            Naming::Sumo => &self.sumo,
            Naming::CloudTrail | Naming::Sql | Naming::Column => &[],
        }
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The field.
    pub field: &'static Field,
    /// The name as the catalogue spells it.
    pub name: &'static str,
    /// False where `name` differs from what was asked for in case.
    pub exact: bool,
}

/// Names to fields: exact, and folded to lower case.
#[derive(Debug, Default)]
struct Index {
    exact: HashMap<&'static str, usize>,
    folded: HashMap<String, (usize, &'static str)>,
}

impl Index {
    /// The first row that claims a name keeps it.
    fn add(&mut self, name: &'static str, field: usize) {
        self.exact.entry(name).or_insert(field);
        self.folded.entry(name.to_ascii_lowercase()).or_insert((field, name));
    }
}

/// All fields, with indexes over their names.
#[derive(Debug)]
pub struct Catalogue {
    fields: Vec<Field>,
    columns: Index,
    paths: Index,
    splunk: Index,
    ecs: Index,
    ocsf: Index,
    sumo: Index,
}

impl Catalogue {
    pub(crate) fn parse(table: &'static str) -> Self {
        let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let fields: Vec<Field> = rows.skip(1).map(parse_row).collect();
        let mut catalogue = Self {
            columns: Index::default(),
            paths: Index::default(),
            splunk: Index::default(),
            ecs: Index::default(),
            ocsf: Index::default(),
            sumo: Index::default(),
            fields,
        };
        catalogue.index();
        catalogue
    }

    fn index(&mut self) {
        for (at, field) in self.fields.iter().enumerate() {
            field.column.iter().for_each(|name| self.columns.add(name, at));
            field.path.iter().chain(&field.native).for_each(|name| self.paths.add(name, at));
            field.splunk.iter().for_each(|name| self.splunk.add(name, at));
            field.ecs.iter().for_each(|name| self.ecs.add(name, at));
            field.ocsf.iter().for_each(|name| self.ocsf.add(name, at));
            field.sumo.iter().for_each(|name| self.sumo.add(name, at));
        }
    }

    /// Every field: stored columns first, in the order of the table, then fields that are read from the raw record.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The stored columns, in the order of the table.
    pub fn stored(&self) -> impl Iterator<Item = (&'static str, &Field)> {
        self.fields.iter().filter_map(|field| Some((field.column?, field)))
    }

    /// The field of a stored column.
    pub fn column(&self, name: &str) -> Option<&Field> {
        self.columns.exact.get(name).map(|&at| &self.fields[at])
    }

    /// What `name` stands for in `naming`: the naming's own names, then CloudTrail paths, then columns; exact case in all
    /// of them first, then whatever the case. `None`: not a catalogue name, so a path into the raw record.
    pub fn resolve(&'static self, naming: Naming, name: &str) -> Option<Match> {
        let indexes = self.order(naming);
        let exact = indexes.iter().find_map(|index| index.exact.get_key_value(name));
        if let Some((name, &at)) = exact {
            return Some(Match { field: &self.fields[at], name, exact: true });
        }
        let folded = name.to_ascii_lowercase();
        let &(at, name) = indexes.iter().find_map(|index| index.folded.get(&folded))?;
        Some(Match { field: &self.fields[at], name, exact: false })
    }

    /// Every name that `resolve` takes in `naming`, sorted: for completion and "did you mean".
    pub fn names(&self, naming: Naming) -> Vec<&'static str> {
        let mut names: Vec<_> = self.order(naming).iter().flat_map(|index| index.exact.keys().copied()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn order(&self, naming: Naming) -> [&Index; 3] {
        let own = match naming {
            Naming::Splunk => &self.splunk,
            Naming::Ecs => &self.ecs,
            Naming::Ocsf => &self.ocsf,
            Naming::Sumo => &self.sumo,
            Naming::CloudTrail | Naming::Sql => &self.paths,
            Naming::Column => &self.columns,
        };
        [own, &self.paths, &self.columns]
    }
}

fn parse_row(line: &'static str) -> Field {
    let mut cells = line.split('\t').map(str::trim);
    let mut cell = || cells.next().unwrap_or_default();
    let optional = |text: &'static str| (!text.is_empty()).then_some(text);
    let list = |text: &'static str, by: char| text.split(by).filter(|name| !name.is_empty()).collect();
    Field {
        column: optional(cell()),
        ty: FieldType::parse(cell()),
        path: optional(cell()),
        also: list(cell(), '|'),
        ecs: list(cell(), ','),
        ocsf: list(cell(), ','),
        splunk: list(cell(), ','),
        sumo: list(cell(), ','),
        splunk_default: optional(cell()),
        en: cell(),
        ja: cell(),
        common: optional(cell()),
        native: list(cell(), ','),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn check(naming: Naming, name: &str, expected: Option<(&str, bool)>) {
        let found = catalogue().resolve(naming, name);
        let shown = found.map(|m| (m.field.column.or(m.field.path).unwrap_or("?"), m.exact));
        assert_eq!(shown, expected, "{naming:?} {name}");
    }

    #[test]
    fn names_resolve_through_their_language_then_paths_then_columns() {
        check(Naming::Splunk, "user", Some(("actor_name", true)));
        check(Naming::Splunk, "userName", Some(("user_name", true)));
        check(Naming::Splunk, "username", Some(("user_name", true)));
        check(Naming::Splunk, "src_ip", Some(("source_ip_address", true)));
        check(Naming::Splunk, "_time", Some(("event_time", true)));
        check(Naming::Splunk, "awsregion", Some(("aws_region", false)));
        check(Naming::Splunk, "eventName", Some(("event_name", true)));
        check(Naming::Splunk, "userIdentity.userName", Some(("user_identity_user_name", true)));
        check(Naming::Splunk, "geo_city", Some(("geo_city", true)));
        check(Naming::Splunk, "requestParameters.ipPermissions", None);
        check(Naming::Sql, "useridentity.type", Some(("user_identity_type", false)));
        check(Naming::Sql, "eventTime", Some(("event_time", true)));
        check(Naming::Sql, "requestParameters", Some(("requestParameters", true)));
        check(Naming::Sql, "user", None);
        check(Naming::Ecs, "source.geo.country_iso_code", Some(("geo_country_code", true)));
        check(Naming::Ecs, "user.name", Some(("actor_name", true)));
        check(Naming::Ocsf, "api.operation", Some(("event_name", true)));
        check(Naming::Sumo, "loginResult", Some(("response_console_login", false)));
        check(Naming::Column, "event_name", Some(("event_name", true)));
        check(Naming::Column, "no_such_thing", None);
    }

    #[test]
    fn splunk_shows_success_where_no_error_code_is() {
        let found = catalogue().resolve(Naming::Splunk, "errorCode").expect("a field");
        assert_eq!(found.field.splunk_default, Some("success"));
    }

    #[test]
    fn a_path_that_a_column_only_contributes_to_is_read_from_the_record() {
        check(Naming::CloudTrail, "requestParameters.instanceId", None);
        check(Naming::CloudTrail, "responseElements.credentials.accessKeyId", None);
        check(Naming::CloudTrail, "request_instance_id", Some(("request_instance_id", true)));
    }

    #[test]
    fn every_row_is_whole() {
        for line in CLOUDTRAIL.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert_eq!(line.split('\t').count(), 12, "{line}");
        }
        for field in catalogue().fields() {
            assert!(field.column.is_some() || field.path.is_some(), "{field:?}");
            assert!(field.en.len() > 15 && field.ja.chars().count() > 8, "{field:?}");
        }
    }

    #[test]
    fn every_row_of_every_catalogue_is_whole() {
        for log_type in crate::log_types() {
            for line in log_type.fields.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let cells = line.split('\t').count();
                assert!(cells == 13 || (cells == 12 && log_type.id == "cloudtrail"), "{}: {line}", log_type.id);
            }
            for field in log_type.catalogue().fields() {
                assert!(field.column.is_some() || field.path.is_some(), "{}: {field:?}", log_type.id);
                assert!(field.en.len() > 8 && field.ja.chars().count() > 4, "{}: {field:?}", log_type.id);
            }
        }
    }

    #[test]
    fn no_name_is_claimed_twice() {
        for log_type in crate::log_types() {
            let catalogue = log_type.catalogue();
            for naming in [Naming::Splunk, Naming::Ecs, Naming::Ocsf, Naming::Sumo] {
                let mut seen = HashSet::new();
                for field in catalogue.fields() {
                    let names = field.names(naming).iter();
                    names.for_each(|name| assert!(seen.insert(*name), "{}: {naming:?} {name}", log_type.id));
                }
            }
            let columns: Vec<_> = catalogue.stored().map(|(name, _)| name).collect();
            assert_eq!(columns.iter().collect::<HashSet<_>>().len(), columns.len(), "{}", log_type.id);
        }
    }

    #[test]
    fn completion_lists_names_of_the_language() {
        let names = catalogue().names(Naming::Splunk);
        assert!(["src_ip", "userIdentity.arn", "actor_role"].iter().all(|name| names.contains(name)));
    }
}
