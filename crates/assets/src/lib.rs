//! The files that travel inside the binary: the built page, the dashboards, the detection rules, the location
//! databases.
//!
//! A leaf crate, so that changing the page recompiles nothing else but links again. The table is written by `build.rs`
//! from `web/dist` and `dashboards/`; where the page was not built, a small page says how to.

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// Answered for the page's root where `web/dist` was empty at compile time.
const MISSING_PAGE: &[u8] = include_bytes!("missing.html");

const INDEX: &str = "index.html";

/// One file of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The file's bytes.
    pub bytes: &'static [u8],
    /// Value for the `Content-Type` header.
    pub content_type: &'static str,
    /// True where the name holds a hash of the content: such a file may be cached for ever.
    pub immutable: bool,
}

/// The file at `path` (with or without leading `/`); the empty path is the page itself. None where there is no such
/// file: the server then answers client-side routes with `page("")`.
pub fn page(path: &str) -> Option<Asset> {
    let wanted = match path.trim_start_matches('/') {
        "" => INDEX,
        other => other,
    };
    let found = PAGES.binary_search_by(|(name, _)| (*name).cmp(wanted)).ok().and_then(|index| PAGES.get(index));
    match found {
        Some((name, bytes)) => {
            Some(Asset { bytes, content_type: content_type(name), immutable: name.starts_with("assets/") })
        }
        None if wanted == INDEX => {
            Some(Asset { bytes: MISSING_PAGE, content_type: content_type(INDEX), immutable: false })
        }
        None => None,
    }
}

/// True where the page was built before this binary.
pub fn page_is_built() -> bool {
    PAGES.iter().any(|(name, _)| *name == INDEX)
}

/// The dashboards that come with the product: id (the file's stem) and JSON text, sorted by id.
pub fn dashboards() -> impl Iterator<Item = (&'static str, &'static str)> {
    DASHBOARDS.iter().copied()
}

/// The detection rules that come with the product: path below `rules/` and text, sorted by path.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.iter().copied()
}

/// The table of ATT&CK's tactics and techniques.
pub fn attack() -> &'static str {
    ATTACK
}

/// The bundled country database (MaxMind DB format, flat `country_code`); none where the page was not built.
pub fn country_db() -> Option<&'static [u8]> {
    COUNTRY_DB
}

/// The bundled database of autonomous systems (MaxMind DB format, as GeoLite2-ASN); none where the page was not built.
pub fn as_db() -> Option<&'static [u8]> {
    AS_DB
}

/// Package, version, licence and date of the bundled databases as JSON text: `{"country": {…}, "asn": {…}}`.
pub fn geo_info() -> Option<&'static str> {
    GEO_INFO
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_always_a_page() {
        for path in ["", "/", "index.html", "/index.html"] {
            let asset = page(path).map(|asset| (asset.content_type, asset.immutable, asset.bytes.is_empty()));
            assert_eq!(asset, Some(("text/html; charset=utf-8", false, false)), "{path}");
        }
    }

    #[test]
    fn unknown_and_hostile_paths_are_none() {
        for path in [
            "nope.js",
            "../Cargo.toml",
            "assets",
            "assets/../index.html",
            ".gitignore",
            "geo/iptoasn-country.mmdb",
            "geo/asn.mmdb",
        ] {
            assert_eq!(page(path), None, "{path}");
        }
    }

    #[test]
    fn table_is_sorted_for_the_search() {
        assert!(PAGES.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn hashed_files_are_immutable_and_typed() {
        for (name, bytes) in PAGES {
            let asset = page(name);
            assert_eq!(asset.map(|asset| asset.bytes), Some(*bytes), "{name}");
            assert_eq!(asset.map(|asset| asset.immutable), Some(name.starts_with("assets/")), "{name}");
            assert_ne!(asset.map(|asset| asset.content_type), Some("application/octet-stream"), "{name}");
        }
    }

    #[test]
    fn dashboards_open_with_their_own_id() {
        let ids: Vec<&str> = dashboards().map(|(id, _)| id).collect();
        for id in ["iam-activity", "security-overview", "user-activity"] {
            assert!(ids.contains(&id), "{id} is missing from {ids:?}");
        }
        for (id, json) in dashboards() {
            assert!(
                json.trim_start().trim_start_matches('{').trim_start().starts_with(&format!("\"id\": \"{id}\"")),
                "{id}"
            );
        }
    }

    #[test]
    fn databases_and_their_description_come_together() {
        // A MaxMind DB ends with its metadata, after this marker.
        let marker = b"\xAB\xCD\xEFMaxMind.com";
        for db in [country_db(), as_db()] {
            assert_eq!(db.is_some(), geo_info().is_some());
            assert!(db.is_none_or(|db| db.windows(marker.len()).any(|window| window == marker)));
        }
    }
}
