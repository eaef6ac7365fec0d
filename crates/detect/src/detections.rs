//! The rules that run, with what users say of them, over the store. Rules come with the program, from folders, and from users
//! through the API; a change by any process counts from the next commit on.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arrow::array::RecordBatch;
use engine::QueryError;
use engine::matching::Matching;
use event::{Decoded, LogType};
use query::diagnostic::{Diagnostic, Severity as Gravity};
use query::span::Span;

use crate::attack::Attack;
use crate::detector::{DetectError, Detector};
use crate::matrix::{Row, matrix};
use crate::memory::MemoryError;
use crate::rule::{self, File, Rule, Severity};
use crate::save::{self, Search};
use crate::store::{NewException, RuleSetting, Store, StoreError, StoredException};
use crate::testing::{Outcome, Tester};

/// Fills the enriched columns of a batch.
pub type Enriching = dyn Fn(&'static LogType, RecordBatch) -> Result<RecordBatch, String> + Send + Sync;
/// Whether a scheduled rule's query has a row over events.
pub type Asking = dyn Fn(&Rule, Vec<Decoded>) -> Result<bool, String> + Send + Sync;

/// Where rules come from besides users, and what their tests need.
#[derive(Clone, Default)]
pub struct Sources {
    /// The files that come with the program.
    pub builtin: Vec<File>,
    /// Folders of users' rules, ours and Sigma's.
    pub folders: Vec<PathBuf>,
    /// Tactics and techniques.
    pub attack: Attack,
    /// What enriches the events of rules' tests; without it no test runs.
    pub enrich: Option<Arc<Enriching>>,
    /// What asks the queries of scheduled rules in tests; without it theirs fail.
    pub ask: Option<Arc<Asking>>,
}

/// What can go wrong with detections.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such rule.
    #[error("there is no rule `{0}`")]
    NoRule(String),
    /// The id is in use.
    #[error("there is a rule `{0}` already")]
    Exists(String),
    /// The rule is not a user's.
    #[error("the rule `{0}` comes with the program or from a folder; switch it off instead")]
    NotYours(String),
    /// The rule's text is wrong.
    #[error("{}", first(.0))]
    Refused(Vec<Diagnostic>),
    /// The request makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// A query of the engine failed.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// What rules remember can't be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The thread that did the work died.
    #[error("the work ended unexpectedly: {0}")]
    Thread(String),
}

fn first(diagnostics: &[Diagnostic]) -> &str {
    let error = diagnostics.iter().find(|found| found.severity == Gravity::Error);
    error.map_or("the rule is not valid", |found| found.message.as_str())
}

impl From<DetectError> for Error {
    fn from(error: DetectError) -> Self {
        match error {
            DetectError::Match(error) => Self::Query(error),
            DetectError::Memory(error) => Self::Memory(error),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A rule as it runs.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The rule with users' severity, switch and exceptions.
    pub rule: Arc<Rule>,
    /// The rule as its text has it, with users' severity and switch.
    pub own: Arc<Rule>,
    /// Its text.
    pub text: String,
    /// The folder of the program's rules that it is in.
    pub folder: Option<String>,
    /// Whether it comes with the program.
    pub builtin: bool,
    /// Whether a user's text is in place of the program's.
    pub overridden: bool,
    /// Why it can't run.
    pub error: Option<String>,
}

/// Rules, store, and what brings them together. Clones share it.
#[derive(Clone)]
pub struct Detections {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Store,
    sources: Sources,
    matching: Matching,
    current: RwLock<Arc<Current>>,
    pub(crate) taken: Mutex<crate::watch::Taken>,
}

/// The rules of a moment.
pub(crate) struct Current {
    /// What users had said when they were made.
    version: i64,
    rules: Arc<Vec<Watched>>,
    pub(crate) detector: Mutex<Detector>,
}

impl Detections {
    /// Loads the rules.
    ///
    /// # Errors
    /// The store's. A rule or folder that can't be read is not an error: it is said at the rule, or in the log.
    pub fn open(store: Store, sources: Sources, matching: Matching) -> Result<Self, Error> {
        let taken = Mutex::new(crate::watch::Taken::new(store.pending()?));
        let current = load(&store, &sources, &matching)?;
        let current = RwLock::new(Arc::new(current));
        Ok(Self { inner: Arc::new(Inner { store, sources, matching, current, taken }) })
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// All rules, by id.
    #[must_use]
    pub fn rules(&self) -> Arc<Vec<Watched>> {
        Arc::clone(&self.current().rules)
    }

    /// One rule.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<Watched> {
        let rules = self.rules();
        find(&rules, id).cloned()
    }

    /// What makes expressions.
    pub(crate) fn matching(&self) -> &Matching {
        &self.inner.matching
    }

    pub(crate) fn attack(&self) -> &Attack {
        &self.inner.sources.attack
    }

    pub(crate) fn current(&self) -> Arc<Current> {
        Arc::clone(&self.inner.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rules of this moment: made anew where somebody, of whatever process, changed something since.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn fresh(&self) -> Result<Arc<Current>, Error> {
        let known = self.current();
        if known.version == self.store().rules_version()? {
            return Ok(known);
        }
        self.reload()?;
        Ok(self.current())
    }

    /// Makes the rules anew.
    ///
    /// # Errors
    /// The store's.
    pub fn reload(&self) -> Result<(), Error> {
        let loaded = Arc::new(load(self.store(), &self.inner.sources, &self.inner.matching)?);
        *self.inner.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    /// ATT&CK's matrix with the rules that run.
    #[must_use]
    pub fn matrix(&self) -> Vec<Row> {
        let rules = self.rules();
        let running = rules.iter().map(|watched| watched.rule.as_ref()).filter(|rule| rule.enabled);
        matrix(self.attack(), running)
    }

    /// Adds a user's rule and gives its id.
    ///
    /// # Errors
    /// [`Error::Refused`] with all that is wrong with the text, [`Error::Exists`], and the store's.
    pub fn add(&self, text: &str, by: &str) -> Result<String, Error> {
        let rule = self.check(text, None)?;
        if self.rule(&rule.id).is_some() {
            return Err(Error::Exists(rule.id));
        }
        self.keep(&rule.id, text, by)?;
        Ok(rule.id)
    }

    /// Makes a search a rule and gives its id.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`], and the store's.
    pub fn save(&self, search: &Search, by: &str) -> Result<String, Error> {
        let taken = |id: &str| rule::reserved(id) || self.rule(id).is_some();
        let (id, text) = save::file(search, taken).map_err(Error::Invalid)?;
        self.check(&text, Some(&id))?;
        self.keep(&id, &text, by)?;
        Ok(id)
    }

    /// The rule that a search would become.
    ///
    /// # Errors
    /// As [`Detections::save`], but for the store's.
    pub fn of_search(&self, search: &Search) -> Result<Rule, Error> {
        let (id, text) = save::file(search, rule::reserved).map_err(Error::Invalid)?;
        self.check(&text, Some(&id))
    }

    /// Gives a rule a text: a new one, or one in place of the program's.
    ///
    /// # Errors
    /// [`Error::Refused`] with all that is wrong with the text, and the store's.
    pub fn put(&self, id: &str, text: &str, by: &str) -> Result<(), Error> {
        self.check(text, Some(id))?;
        self.keep(id, text, by)
    }

    /// Switches a rule on or off, or gives it another severity.
    ///
    /// # Errors
    /// [`Error::NoRule`], and the store's.
    pub fn set(&self, id: &str, enabled: Option<bool>, severity: Option<Severity>, by: &str) -> Result<(), Error> {
        self.rule(id).ok_or_else(|| Error::NoRule(id.to_owned()))?;
        self.store().set_rule(id, by, enabled, severity)?;
        self.reload()
    }

    /// Deletes a user's rule, or takes back what users said of another.
    ///
    /// # Errors
    /// [`Error::NoRule`], [`Error::NotYours`] where there is nothing to take back, and the store's.
    pub fn remove(&self, id: &str) -> Result<(), Error> {
        let watched = self.rule(id).ok_or_else(|| Error::NoRule(id.to_owned()))?;
        let users = !watched.builtin && self.store().rule_settings()?.get(id).is_some_and(|set| set.text.is_some());
        if !self.store().forget_rule(id, users)? {
            return Err(Error::NotYours(id.to_owned()));
        }
        self.reload()
    }

    /// Makes an exception.
    ///
    /// # Errors
    /// [`Error::NoRule`], [`Error::Refused`] for a field that none of the rule's logs has, and the store's.
    pub fn except(&self, id: &str, new: &NewException, by: &str) -> Result<StoredException, Error> {
        let watched = self.rule(id).ok_or_else(|| Error::NoRule(id.to_owned()))?;
        if watched.error.is_none() {
            let NewException { field, is, reason, until } = new.clone();
            let exceptions = vec![rule::Exception { field, is, reason, until }];
            let with = Rule { exceptions, ..watched.rule.as_ref().clone() };
            runs(&with, &self.inner.matching).map_err(Error::Refused)?;
        }
        let made = self.store().add_exception(id, by, new)?;
        self.reload()?;
        Ok(made)
    }

    /// Takes a user's exception away; false where there is none of that number.
    ///
    /// # Errors
    /// The store's.
    pub fn unexcept(&self, id: &str, number: i64) -> Result<bool, Error> {
        let gone = self.store().remove_exception(id, number)?;
        self.reload()?;
        Ok(gone)
    }

    /// Runs a rule's own tests. Blocks.
    ///
    /// # Errors
    /// [`Error::NoRule`], and [`Error::Invalid`] where nothing here runs tests.
    pub fn test(&self, id: &str) -> Result<Vec<Outcome>, Error> {
        let watched = self.rule(id).ok_or_else(|| Error::NoRule(id.to_owned()))?;
        let sources = &self.inner.sources;
        let Some(enrich) = &sources.enrich else { return Err(Error::Invalid("nothing here runs tests".to_owned())) };
        let enrich = |log_type, batch| enrich(log_type, batch);
        let ask = sources.ask.clone();
        let ask = ask.as_ref().map(|ask| move |rule: &Rule, events: Vec<Decoded>| ask(rule, events));
        let ask = ask.as_ref().map(|ask| ask as crate::testing::RunScheduled<'_>);
        // As the text has it: users' exceptions are not what it is tested for.
        Ok(Tester::new(self.matching(), &enrich, ask).run(&watched.own))
    }

    /// Reads a rule's text; it has to compile.
    ///
    /// # Errors
    /// [`Error::Refused`] with all that is wrong.
    pub fn check(&self, text: &str, id: Option<&str>) -> Result<Rule, Error> {
        let (found, diagnostics) = rule::read(text, self.attack());
        let Some(found) = found else { return Err(Error::Refused(diagnostics)) };
        if let Some(id) = id.filter(|id| *id != found.id) {
            let message = format!("the rule is called `{}` in its text and `{id}` here", found.id);
            let at = text.find(&found.id).map_or(Span::default(), |at| Span::new(at, at + found.id.len()));
            return Err(Error::Refused(vec![Diagnostic::error("rule.other-id", message, at)]));
        }
        runs(&found, &self.inner.matching).map_err(Error::Refused)?;
        Ok(found)
    }

    fn keep(&self, id: &str, text: &str, by: &str) -> Result<(), Error> {
        self.store().set_rule_text(id, by, text)?;
        self.reload()
    }

    /// Runs `work` on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let detections = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&detections)).await;
        done.map_err(|error| Error::Thread(error.to_string()))?
    }
}

impl Current {
    /// The rule of an id.
    pub(crate) fn rule(&self, id: &str) -> Option<&Rule> {
        find(&self.rules, id).map(|watched| watched.rule.as_ref())
    }
}

/// The query's error as one of ours.
pub(crate) fn refused(error: QueryError) -> Error {
    if error.diagnostics.is_empty() { Error::Query(error) } else { Error::Refused(error.diagnostics) }
}

/// Whether a rule can run.
fn runs(rule: &Rule, matching: &Matching) -> Result<(), Vec<Diagnostic>> {
    let broken = |message: String| vec![Diagnostic::error("rule.query", message, Span::default())];
    crate::compile::rule(rule)?;
    match Detector::new(&[Arc::new(rule.clone())], &HashMap::new(), matching) {
        Ok((_, wrong)) => wrong.into_iter().next().map_or(Ok(()), |wrong| Err(wrong.diagnostics)),
        Err(error) => Err(broken(error.to_string())),
    }
}

/// Makes the rules of this moment.
fn load(store: &Store, sources: &Sources, matching: &Matching) -> Result<Current, Error> {
    let version = store.rules_version()?;
    let settings = store.rule_settings()?;
    let mut exceptions: HashMap<String, Vec<rule::Exception>> = HashMap::new();
    for stored in store.all_exceptions()? {
        exceptions.entry(stored.rule).or_default().push(stored.exception);
    }
    let users = settings.iter().filter_map(|(id, setting)| {
        let text = setting.text.clone()?;
        Some(File { name: format!("{id}.yml"), text, builtin: false })
    });
    let mut files: Vec<File> = users.collect();
    for folder in &sources.folders {
        match rule::folder(folder) {
            Ok(found) => files.extend(found),
            Err(error) => tracing::warn!(%error, "rules are left out"),
        }
    }
    files.extend(sources.builtin.iter().cloned());
    let loaded = rule::load(&files, &sources.attack);
    for problem in loaded.problems.iter().filter(|problem| problem.is_error()) {
        let (file, line) = (&problem.file, problem.line());
        tracing::warn!(file, line, problem = problem.diagnostic.message, "a rule is left out");
    }
    let folders: HashMap<&str, &str> =
        sources.builtin.iter().map(|file| (stem(&file.name), folder(&file.name))).collect();
    let mut rules: Vec<Watched> = Vec::with_capacity(loaded.rules.len());
    for entry in loaded.rules {
        let setting = settings.get(&entry.rule.id);
        let further = exceptions.remove(&entry.rule.id).unwrap_or_default();
        let own = overlaid(entry.rule, setting);
        let rule = Rule { exceptions: [own.exceptions.clone(), further].concat(), ..own.clone() };
        let comes = folders.contains_key(rule.id.as_str());
        let error = crate::compile::rule(&rule).err().map(|wrong| first(&wrong).to_owned());
        let (rule, own) = (Arc::new(rule), Arc::new(own));
        let overridden = comes && !entry.builtin;
        let folder = folders.get(rule.id.as_str()).map(|folder| (*folder).to_owned());
        rules.push(Watched { rule, own, text: entry.text, folder, builtin: comes, overridden, error });
    }
    unreadable(&settings, &loaded.problems, &mut rules);
    rules.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    let running = rules.iter().filter(|watched| watched.rule.enabled && watched.error.is_none());
    let running: Vec<Arc<Rule>> = running.map(|watched| Arc::clone(&watched.rule)).collect();
    let (detector, broken) = Detector::new(&running, &HashMap::new(), matching)?;
    for wrong in broken {
        if let Some(watched) = rules.iter_mut().find(|watched| watched.rule.id == wrong.rule) {
            watched.error = Some(first(&wrong.diagnostics).to_owned());
        }
    }
    Ok(Current { version, rules: Arc::new(rules), detector: Mutex::new(detector) })
}

/// A rule with the switch and the severity that users gave it.
fn overlaid(mut rule: Rule, setting: Option<&RuleSetting>) -> Rule {
    if let Some(setting) = setting {
        rule.enabled = setting.enabled.unwrap_or(rule.enabled);
        rule.severity = setting.severity.unwrap_or(rule.severity);
    }
    rule
}

/// Users' rules whose text this version can't read stay in the list, with why.
fn unreadable(
    settings: &std::collections::BTreeMap<String, RuleSetting>,
    problems: &[rule::Problem],
    rules: &mut Vec<Watched>,
) {
    for (id, setting) in settings {
        let Some(text) = setting.text.clone().filter(|_| !rules.iter().any(|watched| watched.rule.id == *id)) else {
            continue;
        };
        let of_it = problems.iter().find(|problem| problem.file == format!("{id}.yml"));
        let error = of_it.map_or("the rule can't be read", |problem| problem.diagnostic.message.as_str());
        let stub = format!(
            "id: {id}\ntitle: {id}\nenabled: false\nquery: {{ lang: filter, text: '{{ $.eventName = x }}' }}\n"
        );
        if let Some(rule) = rule::read(&stub, &Attack::default()).0.map(Arc::new) {
            let (own, error) = (Arc::clone(&rule), Some(error.to_owned()));
            rules.push(Watched { rule, own, text, folder: None, builtin: false, overridden: false, error });
        }
    }
}

/// A path's file name without its ending.
fn stem(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.strip_suffix(".yml").unwrap_or(name)
}

/// The last folder of a path.
fn folder(name: &str) -> &str {
    name.rsplit('/').nth(1).unwrap_or_default()
}

fn find<'a>(rules: &'a [Watched], id: &str) -> Option<&'a Watched> {
    let at = rules.binary_search_by(|watched| watched.rule.id.as_str().cmp(id)).ok()?;
    rules.get(at)
}
