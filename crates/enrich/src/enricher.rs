//! Fills the enriched columns of a batch.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, Float64Builder, Int64Builder, RecordBatch, StringArray, StringBuilder};
use arrow::error::ArrowError;

use crate::actor::Identity;
use crate::geo::{GeoDb, Location};
use crate::outcome::outcome;
use crate::source::{SourceKind, classify, parse_address};

/// Addresses whose locations are kept; addresses repeat heavily, so this holds nearly all of a batch.
const CACHED_ADDRESSES: usize = 1 << 16;

/// The batch is not of the table's schema.
#[derive(Debug, thiserror::Error)]
pub enum EnrichError {
    /// A column is missing or of another type.
    #[error("the batch has no text column {0}")]
    Column(&'static str),
    /// The filled columns do not make a batch: a defect of ours.
    #[error("defect: the enriched columns do not make a batch: {0}")]
    Batch(#[from] ArrowError),
}

/// Fills the enriched columns of batches of [`event::cloudtrail_schema`] and looks up single addresses. Shared by
/// reference between threads.
pub struct Enricher {
    geo: Option<GeoDb>,
    cache: Mutex<HashMap<IpAddr, Option<Arc<Location>>>>,
}

impl Enricher {
    /// Without databases, everything but location is filled.
    pub fn new(geo: Option<GeoDb>) -> Self {
        Self { geo, cache: Mutex::new(HashMap::new()) }
    }

    /// The databases in use.
    pub fn geo(&self) -> Option<&GeoDb> {
        self.geo.as_ref()
    }

    /// Where an address is; `None`: not an address, a private one, or in no database.
    pub fn locate(&self, address: &str) -> Option<Arc<Location>> {
        self.locate_address(&mut self.cache(), parse_address(address.trim())?)
    }

    /// The same batch with `source_kind`, `geo_*`, `outcome`, `actor_*` and `user_name` filled; schema and other columns
    /// stay as they are.
    ///
    /// # Errors
    /// [`EnrichError`] where the batch is not of the table's schema.
    pub fn enrich(&self, batch: RecordBatch) -> Result<RecordBatch, EnrichError> {
        let schema = batch.schema();
        let mut columns = batch.columns().to_vec();
        for (name, filled) in self.filled(&batch)? {
            let at = schema.index_of(name)?;
            columns[at] = filled;
        }
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    fn filled(&self, batch: &RecordBatch) -> Result<Vec<(&'static str, ArrayRef)>, EnrichError> {
        let mut filled = self.places(batch)?;
        filled.push(("outcome", outcomes(batch)?));
        filled.extend(actors(batch)?);
        Ok(filled)
    }

    fn places(&self, batch: &RecordBatch) -> Result<Vec<(&'static str, ArrayRef)>, EnrichError> {
        let sources = text_column(batch, "source_ip_address")?;
        let mut kinds = StringBuilder::with_capacity(sources.len(), sources.len() * 8);
        let mut places = Places::default();
        let mut cache = self.cache();
        for source in sources {
            let (kind, address) = classify(source.unwrap_or_default());
            kinds.append_option(source.map(|_| kind.as_str()));
            let public = address.filter(|_| kind == SourceKind::Public);
            let location = public.and_then(|address| self.locate_address(&mut cache, address));
            places.append(location.as_deref());
        }
        let mut filled = places.finish();
        filled.push(("source_kind", Arc::new(kinds.finish())));
        Ok(filled)
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

/// The columns of a location.
#[derive(Default)]
struct Places {
    country_code: StringBuilder,
    country_name: StringBuilder,
    region: StringBuilder,
    city: StringBuilder,
    latitude: Float64Builder,
    longitude: Float64Builder,
    asn: Int64Builder,
    as_org: StringBuilder,
}

impl Places {
    fn append(&mut self, location: Option<&Location>) {
        self.country_code.append_option(location.and_then(|place| place.country_code.as_deref()));
        self.country_name.append_option(location.and_then(|place| place.country_name.as_deref()));
        self.region.append_option(location.and_then(|place| place.region.as_deref()));
        self.city.append_option(location.and_then(|place| place.city.as_deref()));
        self.latitude.append_option(location.and_then(|place| place.latitude));
        self.longitude.append_option(location.and_then(|place| place.longitude));
        self.asn.append_option(location.and_then(|place| place.asn));
        self.as_org.append_option(location.and_then(|place| place.as_org.as_deref()));
    }

    fn finish(mut self) -> Vec<(&'static str, ArrayRef)> {
        vec![
            ("geo_country_code", Arc::new(self.country_code.finish())),
            ("geo_country_name", Arc::new(self.country_name.finish())),
            ("geo_region", Arc::new(self.region.finish())),
            ("geo_city", Arc::new(self.city.finish())),
            ("geo_latitude", Arc::new(self.latitude.finish())),
            ("geo_longitude", Arc::new(self.longitude.finish())),
            ("geo_asn", Arc::new(self.asn.finish())),
            ("geo_as_org", Arc::new(self.as_org.finish())),
        ]
    }
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
