//! How events become findings: each by itself, or only with others.

use query::yaml::{Content, Node};
use serde::Serialize;

use super::read::query;
use super::reader::Reader;
use super::{Query, duration};

const DAY: i64 = 86_400_000_000;

/// Most events that a threshold waits for.
const MOST: u32 = 5_000;

/// One part of a correlation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What it is called.
    pub name: String,
    /// The events that fulfil it.
    pub query: Query,
}

/// What can be the matter with Trailhound's own work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ailment {
    /// Nothing has come from a source for longer than it should.
    SourceSilent,
    /// What comes from a source is in the lake later than it should.
    SourceBehind,
    /// A source can't work.
    SourceFailing,
    /// A queue has given messages up.
    DeadLetters,
    /// A chain of digests begins anew: nothing proves what came between.
    DigestGap,
    /// A digest, or a log file that one names, is not there.
    DigestMissing,
    /// A digest or a log file was changed, or can't be proven.
    DigestInvalid,
}

impl Ailment {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SourceSilent,
        Self::SourceBehind,
        Self::SourceFailing,
        Self::DeadLetters,
        Self::DigestGap,
        Self::DigestMissing,
        Self::DigestInvalid,
    ];

    /// As rules write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceSilent => "source-silent",
            Self::SourceBehind => "source-behind",
            Self::SourceFailing => "source-failing",
            Self::DeadLetters => "dead-letters",
            Self::DigestGap => "digest-gap",
            Self::DigestMissing => "digest-missing",
            Self::DigestInvalid => "digest-invalid",
        }
    }
}

/// How events become findings. Spans of time are microseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Each event is one.
    Each,
    /// So many events of a group within a sliding window.
    Threshold {
        /// The window.
        #[serde(serialize_with = "duration::serialize")]
        window: i64,
        /// How many.
        count: u32,
        /// Count the different values of this field instead of the events.
        #[serde(skip_serializing_if = "Option::is_none")]
        distinct: Option<String>,
    },
    /// An event of every step within a window, with the same values of some fields.
    Correlation {
        /// The window, from the first event to the last.
        #[serde(serialize_with = "duration::serialize")]
        window: i64,
        /// Whether they have to come in the order of the steps.
        ordered: bool,
        /// The steps.
        steps: Vec<Step>,
        /// The fields that all of them share.
        by: Vec<String>,
    },
    /// Values that were not there before.
    FirstSeen {
        /// The last one is new for those before it.
        fields: Vec<String>,
        /// How long a group is only watched.
        #[serde(serialize_with = "duration::serialize")]
        learn: i64,
        /// After how long without it a value is new again.
        #[serde(serialize_with = "duration::serialize")]
        forget: i64,
    },
    /// Values that are a small part of a group's.
    Rare {
        /// The value.
        fields: Vec<String>,
        /// The group.
        of: Vec<String>,
        /// The time that is looked at.
        #[serde(serialize_with = "duration::serialize")]
        window: i64,
        /// The largest part that is rare, exclusive.
        below: f64,
        /// The events that a group needs before anything is rare.
        least: u32,
    },
    /// Two places farther apart than anyone travels in the time between.
    Travel {
        /// Who.
        by: Vec<String>,
        /// The longest time between the two.
        #[serde(serialize_with = "duration::serialize")]
        window: i64,
        /// The greatest speed that is possible, km/h.
        speed: f64,
        /// The shortest distance that counts, km.
        distance: f64,
    },
    /// A query that runs again and again over what was taken in: each row is a finding.
    Scheduled {
        /// How often.
        #[serde(serialize_with = "duration::serialize")]
        every: i64,
        /// How far it looks back.
        #[serde(serialize_with = "duration::serialize")]
        window: i64,
    },
    /// Something is the matter with Trailhound's own work: its sources, the proof of its logs.
    Health {
        /// What.
        of: Ailment,
    },
}

/// The modes by name, each with its keys.
pub(super) const MODES: &[(&str, &[&str])] = &[
    ("each", &[]),
    ("threshold", &["window", "count", "distinct"]),
    ("correlation", &["window", "ordered", "steps", "by"]),
    ("first_seen", &["fields", "learn", "forget"]),
    ("rare", &["fields", "of", "window", "below", "least"]),
    ("travel", &["by", "window", "speed", "distance"]),
    ("scheduled", &["every", "window"]),
    ("health", &["of"]),
];

impl Mode {
    /// Its name, as rules write it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Threshold { .. } => "threshold",
            Self::Correlation { .. } => "correlation",
            Self::FirstSeen { .. } => "first_seen",
            Self::Rare { .. } => "rare",
            Self::Travel { .. } => "travel",
            Self::Scheduled { .. } => "scheduled",
            Self::Health { .. } => "health",
        }
    }

    /// Whether it looks at events as they come.
    #[must_use]
    pub const fn is_streaming(&self) -> bool {
        !matches!(self, Self::Scheduled { .. } | Self::Health { .. })
    }

    /// The fields whose values it has to know of each event.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let texts = |list: &'static [&'static str]| list.to_vec();
        match self {
            Self::Each | Self::Scheduled { .. } | Self::Health { .. } => texts(&[]),
            Self::Threshold { distinct, .. } => distinct.as_deref().into_iter().collect(),
            Self::Correlation { by, .. } | Self::Travel { by, .. } => by.iter().map(String::as_str).collect(),
            Self::FirstSeen { fields, .. } => fields.iter().map(String::as_str).collect(),
            Self::Rare { fields, of, .. } => of.iter().chain(fields).map(String::as_str).collect(),
        }
    }
}

/// Reads `mode`.
pub(super) fn mode(reader: &mut Reader, node: &Node) -> Mode {
    let (name, body) = match &node.content {
        Content::Scalar(scalar) => (scalar.text.clone(), None),
        Content::Map(members) if members.len() == 1 => {
            (members[0].0.text().unwrap_or_default().to_owned(), Some(&members[0].1))
        }
        _ => {
            reader.error("mode", "a mode is its name, or a map of one: `threshold: { … }`", node.span);
            return Mode::Each;
        }
    };
    let Some((name, keys)) = MODES.iter().find(|(known, _)| *known == name) else {
        let message = format!("there is no mode `{name}`");
        reader.unknown(("mode", message), node.span, &name, MODES.iter().map(|(known, _)| *known));
        return Mode::Each;
    };
    if *name == "each" {
        return Mode::Each;
    }
    let Some(body) = body else {
        reader.error("mode", format!("`{name}` needs {}", keys.join(", ")), node.span);
        return Mode::Each;
    };
    reader.members(body, &format!("`{name}`"), keys);
    let mut part = Part { reader, body, name };
    match *name {
        "threshold" => part.threshold(),
        "correlation" => part.correlation(),
        "first_seen" => part.first_seen(),
        "rare" => part.rare(),
        "travel" => part.travel(),
        "health" => part.health(),
        _ => {
            Mode::Scheduled { every: part.duration("every", Some(300_000_000)), window: part.duration("window", None) }
        }
    }
}

/// The body of one mode.
struct Part<'a> {
    reader: &'a mut Reader,
    body: &'a Node,
    name: &'a str,
}

impl Part<'_> {
    fn what(&self, key: &str) -> String {
        format!("`{}.{key}`", self.name)
    }

    fn missing(&mut self, key: &str) {
        self.reader.error("missing", format!("`{}` needs `{key}`", self.name), self.body.span);
    }

    fn duration(&mut self, key: &str, default: Option<i64>) -> i64 {
        match (self.body.get(key), default) {
            (Some(node), _) => self.reader.duration(node, &self.what(key)).unwrap_or(DAY),
            (None, Some(default)) => default,
            (None, None) => {
                self.missing(key);
                DAY
            }
        }
    }

    fn number(&mut self, key: &str, default: f64, bounds: (f64, f64)) -> f64 {
        let what = self.what(key);
        let found = self.body.get(key).map(|node| self.reader.number(node, &what, bounds));
        found.map_or(default, |found| found.unwrap_or(default))
    }

    fn fields(&mut self, key: &str) -> Vec<String> {
        let what = self.what(key);
        let found = self.body.get(key).map(|node| self.reader.texts(node, &what)).unwrap_or_default();
        if found.is_empty() {
            self.missing(key);
        }
        found
    }

    fn threshold(&mut self) -> Mode {
        let count = match self.body.get("count") {
            Some(node) => self.reader.whole(node, "`threshold.count`", (2, MOST)).unwrap_or(2),
            None => {
                self.missing("count");
                2
            }
        };
        let distinct = self.body.get("distinct").and_then(|node| self.reader.text(node, "`threshold.distinct`"));
        Mode::Threshold { window: self.duration("window", None), count, distinct }
    }

    fn correlation(&mut self) -> Mode {
        let ordered = self.body.get("ordered").map(|node| self.reader.truth(node, "`correlation.ordered`"));
        let steps: Vec<Step> = match self.body.get("steps") {
            Some(node) => node.items().iter().filter_map(|item| self.step(item)).collect(),
            None => Vec::new(),
        };
        if !(2..=16).contains(&steps.len()) {
            self.reader.error("steps", "a correlation has 2 to 16 steps, each with a name and a query", self.body.span);
        }
        for (at, step) in steps.iter().enumerate() {
            if steps[..at].iter().any(|earlier| earlier.name == step.name) {
                self.reader.error("steps", format!("two steps are called `{}`", step.name), step.query.span);
            }
        }
        Mode::Correlation {
            window: self.duration("window", None),
            ordered: ordered.flatten().unwrap_or(true),
            steps,
            by: self.fields("by"),
        }
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        self.reader.members(node, "a step", &["name", "query"]);
        let name = node.get("name").and_then(|name| self.reader.text(name, "a step's name"));
        let query = node.get("query").and_then(|node| query(self.reader, node));
        if name.is_none() || query.is_none() {
            self.reader.error("steps", "a step has a name and a query", node.span);
        }
        Some(Step { name: name?, query: query? })
    }

    fn first_seen(&mut self) -> Mode {
        let fields = self.fields("fields");
        let (learn, forget) = (self.duration("learn", Some(14 * DAY)), self.duration("forget", Some(90 * DAY)));
        Mode::FirstSeen { fields, learn, forget }
    }

    fn rare(&mut self) -> Mode {
        let least = self.body.get("least").map(|node| self.reader.whole(node, "`rare.least`", (1, u32::MAX)));
        Mode::Rare {
            fields: self.fields("fields"),
            of: self.fields("of"),
            window: self.duration("window", Some(30 * DAY)),
            below: self.number("below", 0.01, (0.0, 1.0)),
            least: least.flatten().unwrap_or(100),
        }
    }

    fn health(&mut self) -> Mode {
        let usual = Mode::Health { of: Ailment::SourceSilent };
        let Some(node) = self.body.get("of") else {
            self.missing("of");
            return usual;
        };
        let Some(text) = self.reader.text(node, "`health.of`") else { return usual };
        let found = Ailment::ALL.into_iter().find(|ailment| ailment.as_str() == text);
        if found.is_none() {
            let known = Ailment::ALL.map(Ailment::as_str);
            self.reader.unknown(("health", format!("there is no ailment `{text}`")), node.span, &text, known);
        }
        found.map_or(usual, |of| Mode::Health { of })
    }

    fn travel(&mut self) -> Mode {
        Mode::Travel {
            by: self.fields("by"),
            window: self.duration("window", Some(DAY / 2)),
            speed: self.number("speed", 900.0, (1.0, 1e6)),
            distance: self.number("distance", 500.0, (0.0, 20_100.0)),
        }
    }
}
