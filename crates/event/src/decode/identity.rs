//! Ids for records that have none (format versions before 1.01, or cut by a shipper): made from the record's bytes, so that
//! the same object read twice gives the same ids.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// Counts identical records within one object.
#[derive(Debug, Default)]
pub(super) struct Twins {
    seen: HashMap<[u8; 16], u64>,
}

impl Twins {
    /// `raw-<first 128 bits of SHA-256>-<ordinal among identical records of the object>`.
    pub(super) fn id(&mut self, raw: &str) -> String {
        let digest = Sha256::digest(raw.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        let ordinal = self.seen.entry(key).or_default();
        let id = format!("raw-{:032x}-{ordinal}", u128::from_be_bytes(key));
        *ordinal += 1;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identical_records_are_told_apart_and_ids_repeat_on_reading_again() {
        let ids = || {
            let mut twins = Twins::default();
            ["a", "b", "a"].map(|raw| twins.id(raw))
        };
        let [first, second, third] = ids();
        assert_eq!(first, "raw-ca978112ca1bbdcafac231b39a23dc4d-0");
        assert_eq!(third, "raw-ca978112ca1bbdcafac231b39a23dc4d-1");
        assert_ne!(first, second);
        assert_eq!(ids(), [first, second, third]);
    }
}
