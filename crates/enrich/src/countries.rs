//! The countries: a country-only GeoIP database gives a code, this gives the names and a point on the map.

use std::collections::HashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/countries.tsv");

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| TABLE.lines().filter_map(parse).collect());
static BY_CODE: LazyLock<HashMap<&'static str, &'static Country>> =
    LazyLock::new(|| COUNTRIES.iter().map(|country| (country.code, country)).collect());

/// A country or territory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, upper case.
    pub code: &'static str,
    /// ISO 3166-1 numeric, as map outlines are keyed; 0: none assigned.
    pub numeric: u16,
    /// English name, as GeoIP lookups write it.
    pub en: &'static str,
    /// Japanese name.
    pub ja: &'static str,
    /// About the middle of the land, degrees north.
    pub latitude: f64,
    /// About the middle of the land, degrees east.
    pub longitude: f64,
}

/// All of them, by code.
pub fn countries() -> &'static [Country] {
    &COUNTRIES
}

/// The country of an alpha-2 code, in whatever case.
pub fn country(code: &str) -> Option<&'static Country> {
    let found = BY_CODE.get(code).or_else(|| BY_CODE.get(code.to_ascii_uppercase().as_str()));
    found.copied()
}

fn parse(line: &'static str) -> Option<Country> {
    let mut cells = line.split('\t');
    let code = cells.next().filter(|code| code.len() == 2)?;
    Some(Country {
        code,
        numeric: cells.next()?.parse().ok()?,
        en: cells.next()?,
        ja: cells.next()?,
        latitude: cells.next()?.parse().ok()?,
        longitude: cells.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn all_of_iso_3166_and_kosovo() {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((countries().len(), rows), (250, 250));
        assert!(countries().is_sorted_by_key(|country| country.code));
        let distinct = |of: fn(&Country) -> &'static str| countries().iter().map(of).collect::<HashSet<_>>().len();
        assert_eq!((distinct(|c| c.code), distinct(|c| c.en), distinct(|c| c.ja)), (250, 250, 250));
        assert_eq!(countries().iter().map(|country| country.numeric).collect::<HashSet<_>>().len(), 250);
        assert!(countries().iter().all(|c| c.latitude.abs() <= 90.0 && c.longitude.abs() <= 180.0));
    }

    #[test]
    fn names_and_points() {
        let check = |code: &str, en: &str, numeric: u16| {
            assert_eq!(country(code).map(|country| (country.en, country.numeric)), Some((en, numeric)), "{code}");
        };
        check("US", "United States", 840);
        check("jp", "Japan", 392);
        check("KR", "South Korea", 410);
        check("GB", "United Kingdom", 826);
        assert_eq!(country("JP").map(|japan| japan.ja), Some("日本"));
        assert_eq!([country("ZZ"), country(""), country("日本")], [None, None, None]);
    }
}
