//! The enricher as documents ask it: where an address is, what a user agent says.

use event::convert::{Agent, Lookup, Place};

use crate::agent::parse;
use crate::enricher::Enricher;

impl Lookup for Enricher {
    fn place(&self, address: &str) -> Option<Place> {
        let found = self.locate(address)?;
        Some(Place {
            continent: found.continent.clone(),
            country_code: found.country_code.clone(),
            country_name: found.country_name.clone(),
            region_code: found.region_code.clone(),
            region: found.region.clone(),
            city: found.city.clone(),
            latitude: found.latitude,
            longitude: found.longitude,
            asn: found.asn,
            as_org: found.as_org.clone(),
        })
    }

    fn agent(&self, text: &str) -> Option<Agent> {
        let found = parse(text);
        Some(Agent {
            name: found.name,
            version: found.version,
            os_name: found.os_name.map(str::to_owned),
            os_version: found.os_version,
            device: found.device.to_owned(),
        })
    }
}
