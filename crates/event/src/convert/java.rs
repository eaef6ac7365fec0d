//! Objects as Java's maps print them, `{key=value, other=[a, b]}`: Elastic's CloudTrail integration stores request
//! parameters and response elements as such text, in the order of a hash map, and rules are written against it. What is
//! empty is left out, but the map is as large as it was with it.

use serde_json::Value;

use super::document::says_nothing;

/// The text of a value, without what is empty in it.
pub(super) fn to_text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => out.push_str(text),
        Value::Array(list) => {
            out.push('[');
            for (at, item) in list.iter().filter(|item| !says_nothing(item)).enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            let shown = in_hash_order(map.iter()).into_iter().filter(|(_, item)| !says_nothing(item));
            for (at, (key, item)) in shown.enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(key);
                out.push('=');
                write(item, out);
            }
            out.push('}');
        }
    }
}

/// Java writes doubles from 10^7 on, and below 10^-3, with an exponent.
fn number_text(number: &serde_json::Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    let Some(value) = number.as_f64() else { return number.to_string() };
    let size = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&size) {
        let text = value.to_string();
        return if text.contains('.') { text } else { format!("{text}.0") };
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

/// Entries by bucket of a table that doubles when it is three quarters full; within a bucket they keep their order.
pub(super) fn in_hash_order<K: AsRef<str>, V>(entries: impl Iterator<Item = (K, V)>) -> Vec<(K, V)> {
    let mut entries: Vec<_> = entries.collect();
    let mut buckets: u32 = 16;
    while entries.len() > buckets as usize / 4 * 3 {
        buckets *= 2;
    }
    entries.sort_by_key(|(key, _)| spread(hash(key.as_ref())) & (buckets - 1));
    entries
}

fn hash(text: &str) -> u32 {
    text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

fn spread(hash: u32) -> u32 {
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: &Value, expected: &str) {
        assert_eq!(to_text(value), expected);
    }

    #[test]
    fn maps_print_in_hash_order() {
        check(
            &json!({"MobileVersion": "No", "LoginTo": "https://console.aws.amazon.com/s3/", "MFAUsed": "No"}),
            "{LoginTo=https://console.aws.amazon.com/s3/, MobileVersion=No, MFAUsed=No}",
        );
        check(
            &json!({"incomingTransitiveTags": {"Department": "Engineering"}, "tags": [{"value": "1", "key": "Email"}],
                "roleArn": "r", "roleSessionName": "s", "transitiveTagKeys": ["Email", "Cost"], "durationSeconds": 3600}),
            "{incomingTransitiveTags={Department=Engineering}, transitiveTagKeys=[Email, Cost], durationSeconds=3600, \
             roleArn=r, roleSessionName=s, tags=[{value=1, key=Email}]}",
        );
        check(&json!({}), "{}");
        // Thirteen entries make a table of 32 places, also where only two of them say something.
        let mut wide: serde_json::Map<_, _> = (0..11).map(|at| (format!("none{at}"), json!(null))).collect();
        wide.insert("b".into(), json!(1));
        wide.insert("1".into(), json!([{}, 2]));
        check(&json!(wide), "{b=1, 1=[2]}");
        check(&json!({"b": 1, "1": 2}), "{1=2, b=1}");
    }

    #[test]
    fn numbers_print_as_doubles_do() {
        check(&json!([1, -2, 0.5, 544.0, true, null]), "[1, -2, 0.5, 544.0, true]");
        check(&json!(1_513_612_691.551), "1.513612691551E9");
        check(&json!(1e10), "1.0E10");
        check(&json!(0.0001), "1.0E-4");
    }
}
