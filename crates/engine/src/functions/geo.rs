//! Where an address is, at query time: for addresses in fields that were not located when they were stored.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::texts;

/// What is known of an address's place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// English name.
    pub country: Option<String>,
    /// First subdivision.
    pub region: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Autonomous system number.
    pub asn: Option<i64>,
    /// Its organisation.
    pub as_org: Option<String>,
}

/// Locates addresses. The binary brings the reader of the user's databases.
pub trait Locate: Send + Sync {
    /// The place of an address; none where it is no public address or unknown.
    fn locate(&self, address: &str) -> Option<Place>;
}

/// One attribute of a place.
pub(crate) struct Geo {
    locator: Option<Arc<dyn Locate>>,
    attribute: String,
    signature: Signature,
}

impl fmt::Debug for Geo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Geo").field("attribute", &self.attribute).finish_non_exhaustive()
    }
}

impl PartialEq for Geo {
    fn eq(&self, other: &Self) -> bool {
        self.attribute == other.attribute
    }
}

impl Eq for Geo {}

impl Hash for Geo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.attribute.hash(state);
    }
}

impl Geo {
    fn numeric(&self) -> bool {
        matches!(self.attribute.as_str(), "lat" | "lon")
    }

    fn places<'a>(&self, addresses: impl Iterator<Item = Option<&'a str>>) -> Vec<Option<Arc<Place>>> {
        let Some(locator) = &self.locator else { return addresses.map(|_| None).collect() };
        let mut known: HashMap<&str, Option<Arc<Place>>> = HashMap::new();
        addresses
            .map(|a| a.and_then(|a| known.entry(a).or_insert_with(|| locator.locate(a).map(Arc::new)).clone()))
            .collect()
    }
}

impl ScalarUDFImpl for Geo {
    fn name(&self) -> &str {
        "geo"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let address = args.first().map(ToString::to_string).unwrap_or_default();
        Ok(format!("geo({address}, '{}')", self.attribute))
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        self.schema_name(args)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.numeric() { DataType::Float64 } else { DataType::Utf8View })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let text = cast(&args.args[0].to_array(args.number_rows)?, &DataType::Utf8View)?;
        let places = self.places(text.as_string_view().iter());
        let out: ArrayRef = match self.attribute.as_str() {
            "lat" => Arc::new(places.iter().map(|p| p.as_ref().and_then(|p| p.latitude)).collect::<Float64Array>()),
            "lon" => Arc::new(places.iter().map(|p| p.as_ref().and_then(|p| p.longitude)).collect::<Float64Array>()),
            name => texts(places.iter().map(|p| p.as_ref().and_then(|p| attribute(p, name)))),
        };
        debug_assert_eq!(out.len(), text.len());
        Ok(ColumnarValue::Array(out))
    }
}

fn attribute(place: &Place, name: &str) -> Option<String> {
    match name {
        "country_code" => place.country_code.clone(),
        "country" => place.country.clone(),
        "region" => place.region.clone(),
        "city" => place.city.clone(),
        "asn" => place.asn.map(|n| n.to_string()),
        "as_org" => place.as_org.clone(),
        _ => None,
    }
}

/// An attribute of an address's place.
pub(crate) fn geo(locator: Option<Arc<dyn Locate>>, address: Expr, attribute: &str) -> Expr {
    // Not immutable: its database may be replaced by a newer one while the server runs.
    let signature = Signature::any(1, Volatility::Stable);
    ScalarUDF::from(Geo { locator, attribute: attribute.to_owned(), signature }).call(vec![address])
}
