//! Which objects of a bucket a source wants.

use crate::rules::glob;

/// What a key has to be like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// It begins with one of these; none: anything does.
    pub prefixes: Vec<String>,
    /// It matches one of these (`*`, `?`); none: anything does.
    pub include: Vec<String>,
    /// It matches none of these.
    pub exclude: Vec<String>,
}

impl KeyFilter {
    /// Whether an object of that key is wanted. Keys that end with `/` are folders that a console has drawn.
    #[must_use]
    pub fn wants(&self, key: &str) -> bool {
        let lower = key.to_lowercase();
        let matches = |patterns: &[String]| patterns.iter().any(|pattern| glob(&pattern.to_lowercase(), &lower));
        let begins = self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()));
        !key.ends_with('/') && begins && (self.include.is_empty() || matches(&self.include)) && !matches(&self.exclude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_wanted_or_not() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let filter = KeyFilter {
            prefixes: texts(&["AWSLogs/", "org/AWSLogs/"]),
            include: texts(&["*/cloudtrail/*", "*/VPCFlowLogs/*"]),
            exclude: texts(&["*/us-west-?/*"]),
        };
        let check = |key: &str, wanted: bool| assert_eq!(filter.wants(key), wanted, "{key}");
        check("AWSLogs/1/CloudTrail/us-east-1/2026/01/15/x.json.gz", true);
        check("org/AWSLogs/o-1/1/vpcflowlogs/us-east-1/x.log.gz", true);
        check("other/AWSLogs/1/CloudTrail/us-east-1/x.json.gz", false);
        check("AWSLogs/1/CloudTrail-Digest/us-east-1/x.json.gz", false);
        check("AWSLogs/1/CloudTrail/us-west-2/x.json.gz", false);
        check("AWSLogs/1/CloudTrail/us-east-1/", false);
        assert!(KeyFilter::default().wants("anything"));
    }
}
