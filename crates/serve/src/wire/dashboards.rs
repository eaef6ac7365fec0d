//! What travels about dashboards: the file itself, what is wrong with one, and what an export of another system came to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Diagnostic, Text};

/// Text in the page's languages or in one of them, which then stands for the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// Japanese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ja: Option<String>,
}

impl Wording {
    /// Both languages, each by the other where it says nothing.
    #[must_use]
    pub fn whole(&self) -> Text {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (en, ja) = (said(&self.en), said(&self.ja));
        Text { en: en.clone().or_else(|| ja.clone()).unwrap_or_default(), ja: ja.or(en).unwrap_or_default() }
    }

    /// True where neither language says anything.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.whole().en.is_empty()
    }

    pub(crate) fn longest(&self) -> usize {
        [&self.en, &self.ja].into_iter().flatten().map(String::len).max().unwrap_or_default()
    }
}

/// A dashboard: its file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardFile {
    /// Its id, for its address: lower-case letters, digits and hyphens.
    pub id: String,
    /// Its title.
    pub title: Wording,
    /// What it is for.
    #[serde(default)]
    pub description: Wording,
    /// Its place in the list.
    #[serde(default = "at_the_end")]
    pub order: i64,
    /// What values of its rows are called on the page: a code is for filters, a word for people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, Wording>,
    /// Its panels, in the order of reading.
    pub panels: Vec<DashboardPanel>,
}

const fn at_the_end() -> i64 {
    100
}

/// How a panel shows its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChartKind {
    /// One number.
    Single,
    /// The rows.
    Table,
    /// A bar a row.
    Bar,
    /// A bar a row, a colour a column.
    StackedBar,
    /// Lines over time.
    Line,
    /// Columns over time.
    StackedColumn,
    /// Slices.
    Pie,
    /// Places on the world map.
    Map,
    /// Events, one under the other.
    Events,
}

/// How a `single` is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// A number above zero is bad news.
    Bad,
    /// It is not.
    Neutral,
}

/// What the numbers of a panel count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Bytes: shown in kB, MB, GB as fits.
    Bytes,
}

/// One panel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardPanel {
    /// Its id, unique on the dashboard.
    pub id: String,
    /// Its title.
    pub title: Wording,
    /// What it shows.
    #[serde(default)]
    pub description: Wording,
    /// The language of its query: an id of `/api/v1/languages`.
    pub lang: String,
    /// Its query. `$span$` stands for a bucket width that suits the view's time range.
    pub query: String,
    /// How the rows are shown.
    pub chart: ChartKind,
    /// Columns of twelve.
    #[schema(minimum = 1, maximum = 12)]
    pub width: u32,
    /// Pixels.
    #[schema(minimum = 80, maximum = 2000)]
    pub height: u32,
    /// Of a `single`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
    /// What its numbers count, where that is not said by their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Where a click leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<Drill>,
    /// The panel is shown while the selection of this name exists, and narrowed to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_until: Option<String>,
}

/// Where a click on a part of a panel leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// To the dashboard of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<String>,
    /// To Search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<DrillSearch>,
    /// The language of that query; SPL where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// To the event whose id is in this column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Keeps the row as the dashboard's selection of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<String>,
    /// Filters, and where their values come from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, DrillValue>,
    /// Column with the first time of a selection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Column with its last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What Search is opened with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DrillSearch {
    /// `true`: the panel's own query.
    Own(bool),
    /// This query.
    Query(String),
}

/// Where a filter's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DrillValue {
    /// This column of the clicked row; `series`: the clicked series.
    Column(String),
    /// Always the same.
    Constant(DrillConstant),
}

/// A constant of a drill-down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillConstant {
    /// The value.
    pub value: String,
}

/// A dashboard as listed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DashboardSummary {
    /// Its id, for its address.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What it is for.
    pub description: Text,
    /// Its place in the list.
    pub order: i64,
    /// Whether it comes with the program: such a one can be copied, not changed.
    pub builtin: bool,
}

/// One thing that is wrong with a dashboard.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DashboardProblem {
    /// Where in the file, as a JSON pointer: `/panels/2/query`.
    pub at: String,
    /// Stable identifier.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// Of a query: what is wrong with its text, and where in it.
    pub diagnostics: Vec<Diagnostic>,
}

/// An export to read.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardExport {
    /// The file's name without its extension: the name of a dashboard for what is on none.
    pub name: String,
    /// The file: NDJSON of saved objects, or the JSON of old versions.
    pub text: String,
}

/// Something of an export, and what about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportNote {
    /// Its name there.
    pub name: String,
    /// What about it.
    pub note: String,
}

/// What an export came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedDashboards {
    /// Dashboards. None of them is stored yet.
    pub dashboards: Vec<DashboardFile>,
    /// What was left out, and why.
    pub left_out: Vec<ImportNote>,
    /// What is there, but not in every respect.
    pub notes: Vec<ImportNote>,
}
