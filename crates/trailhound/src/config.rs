//! Settings: flags win over the environment, the environment over `trailhound.toml`. Read once, into types that can't be
//! wrong; an unknown key is an error that names it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::cli::{GeoArgs, KnowledgeArgs, LakeArgs};

/// `trailhound.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Folder or `s3://bucket/prefix`.
    pub(crate) lake: Option<String>,
    /// `sqlite:PATH`.
    pub(crate) state: Option<String>,
    /// Folder of lookup files (CSV); `data/lookups` where none is named.
    pub(crate) lookups: Option<PathBuf>,
    /// File of search macros, in the form of Splunk's macros.conf; `data/macros.conf` where it is there.
    pub(crate) macros: Option<PathBuf>,
    pub(crate) server: Server,
    pub(crate) geoip: Geoip,
    pub(crate) aws: Aws,
    pub(crate) query: Query,
    /// `[[list]]`: lists of addresses and domains.
    pub(crate) list: Vec<List>,
    /// Age after which whole days are deleted, by table: `cloudtrail = "400d"`.
    pub(crate) retention: BTreeMap<String, String>,
}

/// `[server]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// Address to listen on.
    pub(crate) listen: Option<SocketAddr>,
    /// Names under which a proxy reaches the server.
    pub(crate) hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
}

/// `[geoip]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Geoip {
    /// MaxMind City database.
    pub(crate) city: Option<PathBuf>,
    /// MaxMind ASN database.
    pub(crate) asn: Option<PathBuf>,
    /// Number of the MaxMind account with which GeoLite2 is fetched.
    pub(crate) account_id: Option<String>,
    /// Its licence key.
    pub(crate) license_key: Option<String>,
    /// Keep the files fresh while the server runs.
    pub(crate) update: bool,
    /// Folder of fetched files; `data/geoip` by default.
    pub(crate) folder: Option<PathBuf>,
    /// AWS's `ip-ranges.json`; where it is not there, `geoip update` fetches it.
    pub(crate) aws_ranges: Option<PathBuf>,
    /// Where MaxMind answers, for tests and mirrors.
    pub(crate) endpoint_url: Option<String>,
    /// Where AWS's ranges are, for tests and mirrors.
    pub(crate) aws_ranges_url: Option<String>,
}

impl Geoip {
    /// The folder of fetched files.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(|| PathBuf::from("data/geoip"))
    }

    /// The file of a MaxMind edition: the one that is set, else the fetched one.
    pub(crate) fn edition(&self, edition: &str) -> PathBuf {
        let set = if edition.ends_with("ASN") { &self.asn } else { &self.city };
        set.clone().unwrap_or_else(|| self.folder().join(format!("{edition}.mmdb")))
    }

    /// The file of AWS's ranges.
    pub(crate) fn ranges(&self) -> PathBuf {
        self.aws_ranges.clone().unwrap_or_else(|| self.folder().join("ip-ranges.json"))
    }
}

/// `[[list]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    /// What the list is called in the columns `source_lists` and `destination_lists`.
    pub(crate) name: String,
    /// The file; one address, range or domain a line.
    pub(crate) path: PathBuf,
    /// Where `geoip update` fetches it from.
    #[serde(default)]
    pub(crate) url: Option<String>,
}

/// `[aws]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Aws {
    /// Endpoint of an S3-compatible server.
    pub(crate) endpoint_url: Option<String>,
    /// Region of the lake's bucket.
    pub(crate) region: Option<String>,
}

/// `[query]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Query {
    /// Memory that all queries share, MiB.
    pub(crate) memory_mib: Option<usize>,
    /// Seconds until a query is ended.
    pub(crate) deadline_seconds: Option<u64>,
    /// Stored bytes that one query may open, MiB.
    pub(crate) scan_mib: Option<u64>,
}

const FILE: &str = "trailhound.toml";

/// MaxMind's free editions.
pub(crate) const CITY: &str = "GeoLite2-City";
/// The autonomous systems.
pub(crate) const ASN: &str = "GeoLite2-ASN";

impl Settings {
    /// The named file, else `trailhound.toml` of the current folder, else nothing set.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let path = match path {
            Some(path) => path.to_owned(),
            None if Path::new(FILE).is_file() => PathBuf::from(FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        let settings: Self = toml::from_str(&text).with_context(|| format!("{} is not valid", path.display()))?;
        for (table, age) in &settings.retention {
            days(age).with_context(|| format!("{}: [retention] {table}", path.display()))?;
        }
        Ok(settings)
    }

    /// The settings with what the flags say instead.
    pub(crate) fn with(&self, args: &KnowledgeArgs) -> Self {
        let mut settings = self.clone();
        settings.macros = args.macros.clone().or(settings.macros);
        settings.lookups = args.lookups.clone().or(settings.lookups);
        settings
    }

    /// The lake's address; `./data/lake` where nothing names one.
    pub(crate) fn lake(&self, args: &LakeArgs) -> String {
        args.lake.clone().or_else(|| self.lake.clone()).unwrap_or_else(|| "data/lake".to_owned())
    }

    /// The state file; PostgreSQL is for later.
    pub(crate) fn state(&self, flag: Option<&str>) -> anyhow::Result<PathBuf> {
        let text = flag.or(self.state.as_deref()).unwrap_or("sqlite:data/state.db");
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(PathBuf::from(path)),
            _ => bail!("the state `{text}` is not understood; give sqlite:PATH"),
        }
    }

    /// City and ASN databases.
    pub(crate) fn geoip(&self, args: &GeoArgs) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let or = |flags: &[PathBuf], set: &Option<PathBuf>, edition: &str| {
            let fetched = self.geoip.edition(edition);
            match (flags, set) {
                ([], Some(set)) => vec![set.clone()],
                ([], None) if fetched.is_file() => vec![fetched],
                (flags, _) => flags.to_vec(),
            }
        };
        let city = or(&args.geoip_city, &self.geoip.city, CITY);
        (city, or(&args.geoip_asn, &self.geoip.asn, ASN))
    }
}

/// An age in whole days: `400d`.
pub(crate) fn days(text: &str) -> anyhow::Result<u32> {
    let number = text.trim().strip_suffix('d').and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
    number.with_context(|| format!("`{text}` is no age; give a number of days such as 400d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_days() {
        assert_eq!(days("400d").ok(), Some(400));
        for bad in ["", "400", "0d", "-3d", "1y"] {
            assert!(days(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn unknown_keys_are_named() {
        let error = toml::from_str::<Settings>("laek = \"x\"").map(|_| ()).map_err(|e| e.to_string());
        assert!(error.is_err_and(|e| e.contains("laek")));
    }
}
