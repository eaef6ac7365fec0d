//! GeoIP databases: MaxMind DB files in MaxMind's nested layout (`country.iso_code`, `location.latitude`) or the flat one of
//! ip-location-db (`country_code`, `latitude`), one file for both address families or one each.

use std::borrow::Cow;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{LookupResult, MaxMindDbError, PathElement, Reader};
use serde::de::{Deserialize, Deserializer, Visitor};

use crate::countries::country;

/// Bytes of a file that was read, or of one in the binary.
type Bytes = Cow<'static, [u8]>;
type Db = Reader<Bytes>;

/// A database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// The file can't be read.
    #[error("GeoIP database {name} can't be read: {source}")]
    Read {
        /// Path or name of the database.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a MaxMind DB, or a broken one.
    #[error("GeoIP database {name} is not usable: {source}")]
    Broken {
        /// Path or name of the database.
        name: String,
        /// Why.
        source: MaxMindDbError,
    },
}

/// Where a database comes from.
#[derive(Debug, Clone)]
pub enum GeoSource {
    /// A file, read whole into memory.
    File(PathBuf),
    /// Its bytes, with a name for messages: a bundled database.
    Bytes {
        /// Name for messages.
        name: String,
        /// Content of the file.
        bytes: Cow<'static, [u8]>,
    },
}

impl From<PathBuf> for GeoSource {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for GeoSource {
    fn from(path: &Path) -> Self {
        Self::File(path.to_path_buf())
    }
}

/// Where an address is. Absent fields are unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Location {
    /// Continent, in English.
    pub continent: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// English name.
    pub country_name: Option<String>,
    /// ISO 3166-2 code of the first subdivision, `US-WA`.
    pub region_code: Option<String>,
    /// First subdivision: state, prefecture.
    pub region: Option<String>,
    /// City, in English.
    pub city: Option<String>,
    /// Degrees north; the country's middle where only the country is known.
    pub latitude: Option<f64>,
    /// Degrees east; the country's middle where only the country is known.
    pub longitude: Option<f64>,
    /// Number of the autonomous system.
    pub asn: Option<i64>,
    /// Who runs it.
    pub as_org: Option<String>,
}

/// What a loaded database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeoFile {
    /// Path or name.
    pub name: String,
    /// `GeoLite2-City`, `iptoasn-country-mmdb` and the like.
    pub kind: String,
    /// When it was built, in seconds since the epoch.
    pub build_epoch: u64,
}

/// The databases that addresses are looked up in: a city database answers before a country database.
pub struct GeoDb {
    databases: Vec<Db>,
    files: Vec<GeoFile>,
}

impl std::fmt::Debug for GeoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GeoDb").field("files", &self.files).finish()
    }
}

impl GeoDb {
    /// Opens the databases. `city` and `asn` may be several files each, such as one for IPv4 and one for IPv6.
    ///
    /// # Errors
    /// [`GeoError`] naming the first file that can't be used; the caller decides whether to go on without it.
    pub fn open(country: Option<GeoSource>, city: &[PathBuf], asn: &[PathBuf]) -> Result<Self, GeoError> {
        let mut geo = Self { databases: Vec::new(), files: Vec::new() };
        for path in city {
            geo.add(path.as_path().into())?;
        }
        if let Some(country) = country {
            geo.add(country)?;
        }
        for path in asn {
            geo.add(path.as_path().into())?;
        }
        Ok(geo)
    }

    /// The same with another database of autonomous systems, which is asked after those that are there.
    ///
    /// # Errors
    /// [`GeoError`] where it can't be used.
    pub fn with_asn(mut self, asn: GeoSource) -> Result<Self, GeoError> {
        self.add(asn)?;
        Ok(self)
    }

    fn add(&mut self, source: GeoSource) -> Result<(), GeoError> {
        let (name, bytes) = match source {
            GeoSource::Bytes { name, bytes } => (name, bytes),
            GeoSource::File(path) => {
                let name = path.display().to_string();
                match std::fs::read(&path) {
                    Ok(bytes) => (name, bytes.into()),
                    Err(source) => return Err(GeoError::Read { name, source }),
                }
            }
        };
        let database = match Reader::from_source(bytes) {
            Ok(database) => database,
            Err(source) => return Err(GeoError::Broken { name, source }),
        };
        let metadata = database.metadata();
        self.files.push(GeoFile { name, kind: metadata.database_type.clone(), build_epoch: metadata.build_epoch });
        self.databases.push(database);
        Ok(())
    }

    /// The loaded files, in the order in which they answer.
    pub fn files(&self) -> &[GeoFile] {
        &self.files
    }

    /// Kind of the first database, such as `GeoLite2-City`.
    pub fn kind(&self) -> Option<&str> {
        self.files.first().map(|file| file.kind.as_str())
    }

    /// When the oldest database was built, in seconds since the epoch.
    pub fn build_date(&self) -> Option<u64> {
        self.files.iter().map(|file| file.build_epoch).min()
    }

    /// Where `address` is; `None`: in no database. What a damaged database can't tell is left out.
    pub fn lookup(&self, address: IpAddr) -> Option<Location> {
        let mut location = Location::default();
        for database in &self.databases {
            // An IPv6 address in an IPv4 database is an error there; here it is just not known.
            if let Ok(found) = database.lookup(address) {
                fill(&mut location, &found);
            }
        }
        complete(&mut location);
        (location != Location::default()).then_some(location)
    }
}

/// Adds what one database knows; what an earlier one said stays. A city database's place is taken whole or not at all,
/// so that a point and a city never come from different countries.
fn fill(location: &mut Location, found: &LookupResult<'_, Bytes>) {
    if !found.has_data() {
        return;
    }
    if location.country_code.is_none() && location.city.is_none() && location.latitude.is_none() {
        location.country_code = text(found, &[&["country", "iso_code"], &["country_code"], &["country"]]);
        location.country_name = text(found, &[&["country", "names", "en"], &["country_name"]]);
        location.continent = text(found, &[&["continent", "names", "en"], &["continent_name"]]);
        location.region = region(found);
        location.region_code = region_code(found, location.country_code.as_deref());
        location.city = text(found, &[&["city", "names", "en"], &["city"]]);
        location.latitude =
            number(found, &[&["location", "latitude"], &["latitude"], &["lat"]]).filter(|d| d.abs() <= 90.0);
        location.longitude =
            number(found, &[&["location", "longitude"], &["longitude"], &["lng"]]).filter(|d| d.abs() <= 180.0);
    }
    if location.asn.is_none() {
        location.asn = number(found, &[&["autonomous_system_number"], &["asn"]]).map(|number| number as i64);
        location.as_org = text(found, &[&["autonomous_system_organization"], &["as_name"], &["organization"]]);
    }
}

/// Name and point of the country where the databases gave its code only.
fn complete(location: &mut Location) {
    let Some(known) = location.country_code.as_deref().and_then(country) else { return };
    location.country_name.get_or_insert_with(|| known.en.to_owned());
    if location.latitude.is_none() || location.longitude.is_none() {
        location.latitude = Some(known.latitude);
        location.longitude = Some(known.longitude);
    }
}

fn text(found: &LookupResult<'_, Bytes>, paths: &[&[&str]]) -> Option<String> {
    paths.iter().find_map(|path| {
        let path: Vec<_> = path.iter().map(|key| PathElement::Key(key)).collect();
        found.decode_path::<String>(&path).ok().flatten().filter(|text| !text.is_empty())
    })
}

fn region(found: &LookupResult<'_, Bytes>) -> Option<String> {
    let nested =
        [PathElement::Key("subdivisions"), PathElement::Index(0), PathElement::Key("names"), PathElement::Key("en")];
    let name = found.decode_path::<String>(&nested).ok().flatten();
    name.or_else(|| text(found, &[&["state1"], &["region"], &["region_name"]]))
}

/// `GB-ENG`: the country's code stands before the subdivision's own.
fn region_code(found: &LookupResult<'_, Bytes>, country: Option<&str>) -> Option<String> {
    let nested = [PathElement::Key("subdivisions"), PathElement::Index(0), PathElement::Key("iso_code")];
    let code = found.decode_path::<String>(&nested).ok().flatten()?;
    Some(format!("{}-{code}", country?))
}

fn number(found: &LookupResult<'_, Bytes>, paths: &[&[&str]]) -> Option<f64> {
    paths.iter().find_map(|path| {
        let path: Vec<_> = path.iter().map(|key| PathElement::Key(key)).collect();
        found.decode_path::<Number>(&path).ok().flatten().map(|number| number.0)
    })
}

/// A number of any of the format's types, or a text that is one (`AS13335` too).
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
        Ok(Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Number, E> {
        let number = value.trim_start_matches("AS").parse().ok().filter(|number: &f64| number.is_finite());
        number.map(Number).ok_or_else(|| E::custom("not a number"))
    }
}
