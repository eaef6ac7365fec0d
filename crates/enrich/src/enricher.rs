//! Fills the enriched columns of a batch.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, StringBuilder};
use arrow::error::ArrowError;
use event::{LogType, log_types};

use crate::actor::Identity;
use crate::agent;
use crate::ends::{Columns, ENDS, Known};
use crate::geo::{GeoDb, Location};
use crate::lists::NamedList;
use crate::outcome::outcome;
use crate::ranges::{AwsRange, AwsRanges};
use crate::source::{SourceKind, classify, is_private, parse_address};

/// Addresses whose locations are kept; addresses repeat heavily, so this holds nearly all of a batch.
const CACHED_ADDRESSES: usize = 1 << 16;

/// The batch is not of a table's schema.
#[derive(Debug, thiserror::Error)]
pub enum EnrichError {
    /// A column is missing or of another type.
    #[error("the batch has no text column {0}")]
    Column(&'static str),
    /// The filled columns do not make a batch: a defect of ours.
    #[error("defect: the enriched columns do not make a batch: {0}")]
    Batch(#[from] ArrowError),
}

/// Fills the enriched columns of batches of any log type's schema, and looks up single addresses. Shared by reference
/// between threads.
#[derive(Default)]
pub struct Enricher {
    geo: Option<GeoDb>,
    aws: AwsRanges,
    lists: Vec<NamedList>,
    cache: Mutex<HashMap<IpAddr, Option<Arc<Location>>>>,
}

impl Enricher {
    /// Without databases, everything but location is filled.
    pub fn new(geo: Option<GeoDb>) -> Self {
        Self { geo, ..Self::default() }
    }

    /// The same, knowing the ranges of AWS.
    #[must_use]
    pub fn with_aws_ranges(self, aws: AwsRanges) -> Self {
        Self { aws, ..self }
    }

    /// The same, knowing lists of addresses and domains.
    #[must_use]
    pub fn with_lists(self, lists: Vec<NamedList>) -> Self {
        Self { lists, ..self }
    }

    /// The databases in use.
    pub fn geo(&self) -> Option<&GeoDb> {
        self.geo.as_ref()
    }

    /// The ranges of AWS in use.
    pub fn aws_ranges(&self) -> &AwsRanges {
        &self.aws
    }

    /// The lists in use.
    pub fn lists(&self) -> &[NamedList] {
        &self.lists
    }

    /// Where an address is; `None`: not an address, a private one, or in no database.
    pub fn locate(&self, address: &str) -> Option<Arc<Location>> {
        self.locate_address(&mut self.cache(), parse_address(address.trim())?)
    }

    /// Who at AWS an address belongs to.
    pub fn aws_range(&self, address: &str) -> Option<&AwsRange> {
        self.aws.lookup(parse_address(address.trim())?)
    }

    /// The names of the lists that an address or a domain is on, separated by commas.
    pub fn listed(&self, value: &str) -> Option<String> {
        let names: Vec<&str> = self.lists.iter().filter(|list| list.holds(value)).map(NamedList::name).collect();
        (!names.is_empty()).then(|| names.join(","))
    }

    /// The same batch with its enriched columns filled: location, AS, AWS's ranges and lists of both ends, the parts of
    /// the user agent, and for CloudTrail the kind of the source, the outcome and the actor. Schema and other columns stay
    /// as they are. Of which log type the batch is, its schema tells; another batch is given back as it is.
    ///
    /// # Errors
    /// [`EnrichError`] where the batch is not as its log type's table.
    pub fn enrich(&self, batch: RecordBatch) -> Result<RecordBatch, EnrichError> {
        match log_type_of(&batch) {
            Some(log_type) => self.enrich_as(log_type, batch),
            None => Ok(batch),
        }
    }

    /// The same for a batch of a known log type, which may lack columns of its catalogue.
    ///
    /// # Errors
    /// As [`enrich`](Self::enrich).
    pub fn enrich_as(&self, log_type: &'static LogType, batch: RecordBatch) -> Result<RecordBatch, EnrichError> {
        let schema = batch.schema();
        let mut columns = batch.columns().to_vec();
        for (name, filled) in self.filled(log_type, &batch)? {
            if let Ok(at) = schema.index_of(&name) {
                columns[at] = filled;
            }
        }
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    fn filled(&self, log_type: &'static LogType, batch: &RecordBatch) -> Result<Vec<(String, ArrayRef)>, EnrichError> {
        let mut filled = Vec::new();
        for end in ENDS {
            let addresses = end.address(log_type).and_then(|name| batch.column_by_name(name));
            if let Some(addresses) = addresses.and_then(|column| column.as_string_opt()) {
                filled.extend(self.places(addresses).finish(end));
            }
        }
        if let Ok(agents) = text_column(batch, "user_agent") {
            filled.extend(agent_columns(agents));
        }
        if log_type.id == "cloudtrail" {
            let sources = text_column(batch, "source_ip_address")?;
            filled.push(("source_kind".to_owned(), source_kinds(sources)));
            filled.push(("outcome".to_owned(), outcomes(batch)?));
            filled.extend(actors(batch)?.into_iter().map(|(name, column)| (name.to_owned(), column)));
        }
        Ok(filled)
    }

    fn places(&self, addresses: &StringArray) -> Columns {
        let mut columns = Columns::default();
        let mut cache = self.cache();
        for address in addresses {
            columns.append(&address.map_or_else(Known::default, |text| self.known(&mut cache, text)));
        }
        columns
    }

    fn known(&self, cache: &mut HashMap<IpAddr, Option<Arc<Location>>>, text: &str) -> Known {
        let lists = if self.lists.is_empty() { None } else { self.listed(text) };
        match parse_address(text.trim()).filter(|address| !is_private(*address)) {
            Some(address) => {
                Known { location: self.locate_address(cache, address), aws: self.aws.lookup(address).cloned(), lists }
            }
            None => Known { lists, ..Known::default() },
        }
    }

    fn locate_address(
        &self,
        cache: &mut HashMap<IpAddr, Option<Arc<Location>>>,
        address: IpAddr,
    ) -> Option<Arc<Location>> {
        let geo = self.geo.as_ref()?;
        if let Some(known) = cache.get(&address) {
            return known.clone();
        }
        if cache.len() >= CACHED_ADDRESSES {
            cache.clear();
        }
        let found = geo.lookup(address).map(Arc::new);
        cache.insert(address, found.clone());
        found
    }

    fn cache(&self) -> MutexGuard<'_, HashMap<IpAddr, Option<Arc<Location>>>> {
        // A panic elsewhere leaves a cache that is as good as before.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The log type whose table has the batch's schema. Decoded batches share the schema itself, which tells at once.
fn log_type_of(batch: &RecordBatch) -> Option<&'static LogType> {
    let schema = batch.schema();
    let types = || log_types().iter().copied();
    let same = types().find(|log_type| Arc::ptr_eq(&log_type.schema(), &schema));
    same.or_else(|| types().find(|log_type| log_type.schema() == schema))
}

fn source_kinds(sources: &StringArray) -> ArrayRef {
    let mut kinds = StringBuilder::with_capacity(sources.len(), sources.len() * 8);
    for source in sources {
        let kind: Option<SourceKind> = source.map(|source| classify(source).0);
        kinds.append_option(kind.map(SourceKind::as_str));
    }
    Arc::new(kinds.finish())
}

fn agent_columns(agents: &StringArray) -> Vec<(String, ArrayRef)> {
    let mut columns: [StringBuilder; 4] = std::array::from_fn(|_| StringBuilder::with_capacity(agents.len(), 0));
    // User agents repeat even more than addresses.
    let mut known: HashMap<&str, agent::UserAgent> = HashMap::new();
    for text in agents {
        let Some(text) = text.filter(|text| !text.is_empty() && *text != "-") else {
            columns.iter_mut().for_each(StringBuilder::append_null);
            continue;
        };
        let found = known.entry(text).or_insert_with(|| agent::parse(text));
        columns[0].append_value(&found.name);
        columns[1].append_option(found.version.as_deref());
        columns[2].append_option(found.os_name);
        columns[3].append_value(found.kind.as_str());
    }
    let names = ["user_agent_name", "user_agent_version", "user_agent_os", "user_agent_kind"];
    let finished = columns.map(|mut column| Arc::new(column.finish()) as ArrayRef);
    names.into_iter().map(str::to_owned).zip(finished).collect()
}

fn outcomes(batch: &RecordBatch) -> Result<ArrayRef, EnrichError> {
    let codes = text_column(batch, "error_code")?;
    let messages = text_column(batch, "error_message")?;
    let sign_ins = [
        text_column(batch, "response_console_login")?,
        text_column(batch, "response_check_mfa")?,
        text_column(batch, "response_switch_role")?,
    ];
    let mut outcomes = StringBuilder::with_capacity(codes.len(), codes.len() * 8);
    for row in 0..batch.num_rows() {
        let sign_ins = sign_ins.map(|column| value(column, row));
        outcomes.append_value(outcome(value(codes, row), value(messages, row), sign_ins).as_str());
    }
    Ok(Arc::new(outcomes.finish()))
}

fn actors(batch: &RecordBatch) -> Result<Vec<(&'static str, ArrayRef)>, EnrichError> {
    let identities = Identities::of(batch)?;
    let mut columns: [StringBuilder; 6] = std::array::from_fn(|_| StringBuilder::with_capacity(batch.num_rows(), 0));
    for row in 0..batch.num_rows() {
        let actor = identities.row(row).actor();
        let values = [actor.name, Some(actor.kind), actor.principal, actor.role, actor.session, actor.user_name];
        columns.iter_mut().zip(values).for_each(|(column, value)| column.append_option(value));
    }
    let names = ["actor_name", "actor_type", "actor_principal", "actor_role", "actor_session", "user_name"];
    let finished = columns.map(|mut column| Arc::new(column.finish()) as ArrayRef);
    Ok(names.into_iter().zip(finished).collect())
}

/// The columns that identify a caller.
struct Identities<'a> {
    columns: [&'a StringArray; 12],
}

impl<'a> Identities<'a> {
    /// In the order of [`Identity`]'s fields.
    const COLUMNS: [&'static str; 12] = [
        "user_identity_type",
        "user_identity_principal_id",
        "user_identity_arn",
        "user_identity_account_id",
        "user_identity_user_name",
        "user_identity_invoked_by",
        "user_identity_on_behalf_of_user_id",
        "session_issuer_type",
        "session_issuer_arn",
        "session_issuer_user_name",
        "session_source_identity",
        "switch_from",
    ];

    fn of(batch: &'a RecordBatch) -> Result<Self, EnrichError> {
        let mut columns = [text_column(batch, Self::COLUMNS[0])?; 12];
        for (column, name) in columns.iter_mut().zip(Self::COLUMNS) {
            *column = text_column(batch, name)?;
        }
        Ok(Self { columns })
    }

    fn row(&self, row: usize) -> Identity<'a> {
        let [
            kind,
            principal_id,
            arn,
            account_id,
            user_name,
            invoked_by,
            on_behalf_of,
            issuer_kind,
            issuer_arn,
            issuer_name,
            source_identity,
            switch_from,
        ] = self.columns.map(|column| value(column, row));
        Identity {
            kind,
            principal_id,
            arn,
            account_id,
            user_name,
            invoked_by,
            on_behalf_of,
            issuer_kind,
            issuer_arn,
            issuer_name,
            source_identity,
            switch_from,
        }
    }
}

fn value(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

fn text_column<'a>(batch: &'a RecordBatch, name: &'static str) -> Result<&'a StringArray, EnrichError> {
    batch.column_by_name(name).and_then(|column| column.as_string_opt()).ok_or(EnrichError::Column(name))
}
