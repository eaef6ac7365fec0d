//! What is known of a record from around it: the key of its object, and the envelope that it travelled in.

use crate::time;

/// Account, region and times that a record does not tell by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Context {
    /// The object's key.
    pub(crate) origin: String,
    /// Account: of the envelope, else of the key.
    pub(crate) account: Option<String>,
    /// Region: of the envelope, else of the key.
    pub(crate) region: Option<String>,
    /// Time of the envelope, else of delivery as the key tells it, microseconds since the epoch.
    pub(crate) time: Option<i64>,
    /// CloudWatch log group.
    pub(crate) log_group: Option<String>,
    /// CloudWatch log stream.
    pub(crate) log_stream: Option<String>,
    /// What the sender says it is.
    pub(crate) source: Option<String>,
    /// EventBridge's kind of event.
    pub(crate) detail_type: Option<String>,
    /// The records are a Config snapshot.
    pub(crate) snapshot: bool,
}

impl Context {
    /// What the key of an object tells: AWS writes account, region and day as folders or as `name=value`.
    pub(crate) fn of_key(origin: &str) -> Self {
        let mut context = Self { origin: origin.to_owned(), ..Self::default() };
        for part in origin.split('/') {
            let value = part.split_once('=').map_or(part, |(_, value)| value);
            if context.account.is_none() && is_account(value) {
                context.account = Some(value.to_owned());
            } else if context.region.is_none() && is_region(value) {
                context.region = Some(value.to_owned());
            }
        }
        let name = origin.rsplit('/').next().unwrap_or_default();
        for part in name.split('_') {
            if context.account.is_none() && is_account(part) {
                context.account = Some(part.to_owned());
            } else if context.region.is_none() && is_region(part) {
                context.region = Some(part.to_owned());
            } else if context.time.is_none() {
                context.time = delivery_time(part);
            }
        }
        context.snapshot = name.contains("ConfigSnapshot");
        context
    }
}

/// Twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `us-east-1`, `us-gov-west-1`, `ap-northeast-3`.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    matches!(parts.len(), 3 | 4)
        && parts[0].len() == 2
        && parts[..parts.len() - 1].iter().all(letters)
        && parts[parts.len() - 1].parse::<u8>().is_ok_and(|number| (1..=9).contains(&number))
}

/// `20230710T1240Z`.
fn delivery_time(part: &str) -> Option<i64> {
    let part = part.split('.').next()?;
    let (day, clock) = part.strip_suffix('Z')?.split_once('T')?;
    (day.len() == 8 && clock.len() >= 4).then(|| time::parse(&format!("{day}T{}00Z", &clock.get(..4)?))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, account: Option<&str>, region: Option<&str>, time: Option<i64>) {
        let context = Context::of_key(key);
        let found = (context.account.as_deref(), context.region.as_deref(), context.time);
        assert_eq!(found, (account, region, time), "{key}");
    }

    #[test]
    fn keys_tell_account_region_and_time() {
        let time = Some(1_674_898_200_000_000);
        check(
            "s3://b/AWSLogs/111111111111/vpcflowlogs/us-east-2/2023/01/28/111111111111_vpcflowlogs_us-east-2_fl-0_20230128T0930Z_3a.log.gz",
            Some("111111111111"),
            Some("us-east-2"),
            time,
        );
        check(
            "AWSLogs/aws-account-id=222222222222/aws-service=vpcflowlogs/aws-region=ap-northeast-1/year=2023/x.parquet",
            Some("222222222222"),
            Some("ap-northeast-1"),
            None,
        );
        check(
            "ext/x/region=us-gov-west-1/accountId=333333333333/eventDay=20240101/a.gz.parquet",
            Some("333333333333"),
            Some("us-gov-west-1"),
            None,
        );
        check("bucket/2024-01-01-10-20-30-ABCDEF0123456789", None, None, None);
        check("日本/x", None, None, None);
    }
}
