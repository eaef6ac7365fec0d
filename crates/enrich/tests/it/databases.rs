//! GeoIP databases.

use std::net::IpAddr;
use std::path::PathBuf;

use super::corpus;
use enrich::{Enricher, GeoDb, GeoError, GeoSource, Location};

fn test_data(name: &str) -> Option<PathBuf> {
    Some(corpus("logs/geo/maxmind-test/test-data")?.join(name)).filter(|path| path.exists())
}

/// Country code, country, region, city.
fn check_place(geo: &GeoDb, address: &str, expected: [Option<&str>; 4]) -> Option<Location> {
    let found = geo.lookup(address.parse().expect("an address"));
    let place = found.clone().unwrap_or_default();
    let shown = [&place.country_code, &place.country_name, &place.region, &place.city].map(|text| text.as_deref());
    assert_eq!(shown, expected, "{address}");
    found
}

#[test]
fn nested_layout_with_city_and_as() {
    let (Some(city), Some(asn)) = (test_data("GeoLite2-City-Test.mmdb"), test_data("GeoLite2-ASN-Test.mmdb")) else {
        return;
    };
    let geo = GeoDb::open(None, &[city], &[asn]).expect("opens");
    assert_eq!(geo.kind(), Some("GeoLite2-City"));
    assert!(geo.build_date().is_some_and(|epoch| epoch > 1_500_000_000));
    let london =
        check_place(&geo, "81.2.69.142", [Some("GB"), Some("United Kingdom"), Some("England"), Some("London")]);
    assert_eq!(london.and_then(|place| Some((place.latitude?, place.longitude?))), Some((51.5142, -0.0931)));
    let linkoping = check_place(
        &geo,
        "89.160.20.112",
        [Some("SE"), Some("Sweden"), Some("Östergötland County"), Some("Linköping")],
    );
    assert_eq!(linkoping.and_then(|place| place.asn), Some(29518));
    check_place(&geo, "2.125.160.216", [Some("GB"), Some("United Kingdom"), Some("England"), Some("Boxford")]);
    let bhutan = check_place(&geo, "67.43.156.1", [Some("BT"), Some("Bhutan"), None, None]);
    assert_eq!(bhutan.and_then(|place| place.asn), Some(35908));
    check_place(&geo, "2001:218::1", [Some("JP"), Some("Japan"), None, None]);
    check_place(&geo, "127.0.0.1", [None; 4]);
}

#[test]
fn flat_layout_gives_the_country_its_name_and_a_point() {
    let Some(folder) = corpus("logs/geo") else { return };
    let bytes = std::fs::read(folder.join("iptoasn-country.mmdb")).expect("a file");
    let geo =
        GeoDb::open(Some(GeoSource::Bytes { name: "bundled".into(), bytes: bytes.into() }), &[], &[]).expect("opens");
    let japan = check_place(&geo, "133.11.0.1", [Some("JP"), Some("Japan"), None, None]).expect("known");
    let middle = enrich::countries::country("JP").expect("a country");
    assert_eq!((japan.latitude, japan.longitude), (Some(middle.latitude), Some(middle.longitude)));
    check_place(&geo, "8.8.8.8", [Some("US"), Some("United States"), None, None]);
    check_place(&geo, "2001:4860:4860::8888", [Some("US"), Some("United States"), None, None]);
}

/// The database that the page's build makes, where the page was built.
fn bundled_asn() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/dist/geo/asn.mmdb");
    path.is_file().then_some(path)
}

#[test]
fn bundled_systems_of_both_families() {
    let Some(path) = bundled_asn() else { return };
    let geo = GeoDb::open(None, &[], &[path]).expect("opens");
    let system = |address: &str| {
        let found = geo.lookup(address.parse().expect("an address"));
        found.map(|place| (place.asn, place.as_org))
    };
    for (address, number, organization) in [
        ("8.8.8.8", 15169, "Google LLC"),
        ("1.1.1.1", 13335, "Cloudflare, Inc."),
        ("133.11.0.1", 2501, "The University of Tokyo"),
        ("2001:4860:4860::8888", 15169, "Google LLC"),
    ] {
        assert_eq!(system(address), Some((Some(number), Some(organization.into()))), "{address}");
    }
    for private in ["10.0.0.1", "192.168.1.1", "fe80::1"] {
        assert_eq!(system(private), None, "{private}");
    }
}

#[test]
fn systems_of_ones_own_file_come_before_the_bundled_ones() {
    let (Some(own), Some(bundled)) = (test_data("GeoLite2-ASN-Test.mmdb"), bundled_asn()) else { return };
    let geo = GeoDb::open(None, &[], &[own]).and_then(|geo| geo.with_asn(bundled.into())).expect("opens");
    let number = |address: &str| geo.lookup(address.parse().expect("an address")).and_then(|place| place.asn);
    assert_eq!(geo.files().len(), 2);
    assert_eq!(number("89.160.20.112"), Some(29518), "in the test file, which says so");
    assert_eq!(number("8.8.8.8"), Some(15169), "in the bundled one only");
}

#[test]
fn every_country_of_the_bundled_database_is_known() {
    let Some(folder) = corpus("logs/geo") else { return };
    let path = folder.join("iptoasn-country.mmdb");
    let geo = GeoDb::open(Some(path.into()), &[], &[]).expect("opens");
    let mut seen = std::collections::BTreeSet::new();
    for network in 0..=u16::MAX {
        let [high, low] = network.to_be_bytes();
        for third in [0, 64, 128, 192] {
            let place = geo.lookup(IpAddr::from([high, low, third, 1]));
            seen.extend(place.and_then(|place| place.country_code));
        }
    }
    assert!(seen.len() > 200, "{}", seen.len());
    let unknown: Vec<_> = seen.iter().filter(|code| enrich::countries::country(code).is_none()).collect();
    assert_eq!(unknown, Vec::<&String>::new());
}

#[test]
fn an_ipv4_database_does_not_know_ipv6() {
    let Some(path) = test_data("MaxMind-DB-test-ipv4-24.mmdb") else { return };
    let geo = GeoDb::open(Some(path.into()), &[], &[]).expect("opens");
    assert_eq!(geo.lookup("2001:db8::1".parse().expect("an address")), None);
}

#[test]
fn what_is_no_database_is_an_error_that_names_it() {
    let bytes = |bytes: &[u8]| {
        GeoDb::open(Some(GeoSource::Bytes { name: "given".into(), bytes: bytes.to_vec().into() }), &[], &[])
    };
    for content in [&b""[..], b"not a database", b"\xab\xcd\xefMaxMind.com"] {
        let error = bytes(content).expect_err("no database");
        assert!(matches!(error, GeoError::Broken { .. }) && error.to_string().contains("given"), "{error}");
    }
    let error = GeoDb::open(None, &[PathBuf::from("/nowhere/GeoLite2-City.mmdb")], &[]).expect_err("no file");
    assert!(
        matches!(error, GeoError::Read { .. }) && error.to_string().contains("/nowhere/GeoLite2-City.mmdb"),
        "{error}"
    );
}

fn files_below(folder: PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(path) } else { vec![path] }).collect()
}

/// Opens `bytes` and looks addresses all over both families up; only a panic would fail.
fn probe(bytes: Vec<u8>) {
    let Ok(geo) = GeoDb::open(Some(GeoSource::Bytes { name: "probed".into(), bytes: bytes.into() }), &[], &[]) else {
        return;
    };
    for step in 0..64u32 {
        let _ = geo.lookup(IpAddr::from((step << 26 | 0x1010).to_be_bytes()));
        let _ = geo.lookup(IpAddr::from((u128::from(step) << 122 | 1).to_be_bytes()));
    }
    for address in ["1.1.1.1", "81.2.69.142", "::1.1.1.1", "2001:218::", "::"] {
        let _ = geo.lookup(address.parse().expect("an address"));
    }
}

#[test]
fn broken_databases_never_panic() {
    let Some(folder) = corpus("logs/geo/maxmind-test/bad-data") else { return };
    for path in files_below(folder) {
        probe(std::fs::read(&path).expect("a file"));
    }
}

#[test]
fn damaged_databases_never_panic() {
    let Some(path) = test_data("GeoLite2-City-Test.mmdb") else { return };
    let whole = std::fs::read(path).expect("a file");
    let mut state = 0x2545_f491_4f6c_dd1du64;
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = state as usize % bytes.len();
            bytes[at] = (state >> 32) as u8;
        }
        probe(bytes);
    }
}

#[test]
fn one_address_at_a_time() {
    let Some(city) = test_data("GeoLite2-City-Test.mmdb") else { return };
    let enricher = Enricher::new(Some(GeoDb::open(None, &[city], &[]).expect("opens")));
    let city = |address: &str| enricher.locate(address).and_then(|place| place.city.clone());
    assert_eq!(city("81.2.69.142"), Some("London".into()));
    assert_eq!(city(" 81.2.69.142 "), Some("London".into()));
    assert_eq!(city("::ffff:81.2.69.142"), Some("London".into()));
    assert_eq!([city("10.0.0.1"), city("ec2.amazonaws.com"), city("")], [None, None, None]);
    assert!(Enricher::new(None).locate("81.2.69.142").is_none());
}
