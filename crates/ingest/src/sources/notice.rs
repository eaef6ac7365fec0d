//! What a message says of new objects. Five shapes are told apart by their members: S3's own, its test message, either of them
//! in an envelope of SNS, EventBridge's, and CloudTrail's own notification.

use serde_json::Value;

/// A message that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// S3 tries whether it may write to the queue.
    Test,
    /// Objects were made; `others` is the number of things that happened besides.
    Objects {
        /// The objects.
        made: Vec<Named>,
        /// Removals, restorations and the like.
        others: u64,
    },
}

/// An object as a message names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// The version, in a bucket that keeps them.
    pub(crate) version: Option<String>,
    /// Bytes.
    pub(crate) size: Option<u64>,
    /// Entity tag, with its quotes.
    pub(crate) etag: Option<String>,
}

impl Named {
    pub(crate) fn address(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

/// Envelopes in envelopes are opened to this depth.
const DEPTH: usize = 4;

/// Reads a message; an error says what it is not.
pub(crate) fn read(body: &str) -> Result<Notice, String> {
    let value: Value = serde_json::from_str(body).map_err(|error| format!("it is no JSON: {error}"))?;
    shape(&value, DEPTH)
}

fn shape(value: &Value, depth: usize) -> Result<Notice, String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    if let Some(records) = value.get("Records").and_then(Value::as_array) {
        return direct(records);
    }
    if text("Event") == Some("s3:TestEvent") {
        return Ok(Notice::Test);
    }
    if let (Some("Notification"), Some(message)) = (text("Type"), text("Message")) {
        if depth == 0 {
            return Err("it has too many envelopes".into());
        }
        let inner = serde_json::from_str(message).map_err(|error| format!("its envelope holds no JSON: {error}"))?;
        return shape(&inner, depth - 1);
    }
    if text("source") == Some("aws.s3") {
        return event_bridge(value);
    }
    if let Some(keys) = value.get("s3ObjectKey") {
        return trail(text("s3Bucket"), keys);
    }
    Err("it tells of no objects".into())
}

/// S3's own: `{"Records":[{"eventName":"ObjectCreated:Put","s3":{…}}]}`. Keys are encoded as in a form.
fn direct(records: &[Value]) -> Result<Notice, String> {
    let (mut made, mut others) = (Vec::new(), 0);
    for record in records {
        if record.get("eventSource").and_then(Value::as_str).is_some_and(|source| source != "aws:s3") {
            return Err("its records are not of S3".into());
        }
        let version = record.get("eventVersion").and_then(Value::as_str).unwrap_or("2");
        if version.split('.').next() != Some("2") {
            return Err(format!("its version is {version}, which is not known"));
        }
        let name = record.get("eventName").and_then(Value::as_str).unwrap_or_default();
        if !name.trim_start_matches("s3:").starts_with("ObjectCreated") {
            others += 1;
            continue;
        }
        let object = record.pointer("/s3/object");
        let key = member(object, "key").and_then(Value::as_str).ok_or("a record names no key")?;
        made.push(Named {
            bucket: bucket(record.pointer("/s3/bucket/name"))?,
            key: form_decoded(key)?,
            version: version_of(member(object, "versionId")),
            size: member(object, "size").and_then(Value::as_u64),
            etag: member(object, "eTag").and_then(quoted),
        });
    }
    match (made.is_empty(), others) {
        (true, 0) => Err("it tells of no objects".into()),
        _ => Ok(Notice::Objects { made, others }),
    }
}

/// EventBridge's: the key is as it is.
fn event_bridge(value: &Value) -> Result<Notice, String> {
    if value.get("detail-type").and_then(Value::as_str) != Some("Object Created") {
        return Ok(Notice::Objects { made: Vec::new(), others: 1 });
    }
    let object = value.pointer("/detail/object");
    let key = member(object, "key").and_then(Value::as_str).filter(|key| !key.is_empty());
    let named = Named {
        bucket: bucket(value.pointer("/detail/bucket/name"))?,
        key: key.ok_or("the event names no key")?.to_owned(),
        version: version_of(member(object, "version-id")),
        size: member(object, "size").and_then(Value::as_u64),
        etag: member(object, "etag").and_then(quoted),
    };
    Ok(Notice::Objects { made: vec![named], others: 0 })
}

/// CloudTrail's: `{"s3Bucket":"b","s3ObjectKey":["k1","k2"]}`.
fn trail(name: Option<&str>, keys: &Value) -> Result<Notice, String> {
    let bucket = name.filter(|name| !name.is_empty()).ok_or("it names no bucket")?;
    let keys = match keys {
        Value::String(key) => vec![key.as_str()],
        Value::Array(keys) => keys.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if keys.is_empty() {
        return Err("it tells of no objects".into());
    }
    let named = |key: &str| Named { bucket: bucket.to_owned(), key: key.to_owned(), ..Named::default() };
    Ok(Notice::Objects { made: keys.into_iter().map(named).collect(), others: 0 })
}

fn member<'a>(object: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    object?.get(name)
}

fn bucket(name: Option<&Value>) -> Result<String, String> {
    let name = name.and_then(Value::as_str).filter(|name| !name.is_empty());
    Ok(name.ok_or("a record names no bucket")?.to_owned())
}

/// A bucket without versions says `null`.
fn version_of(version: Option<&Value>) -> Option<String> {
    version.and_then(Value::as_str).filter(|version| !version.is_empty() && *version != "null").map(str::to_owned)
}

/// Messages leave out the quotes that listings and answers have.
fn quoted(etag: &Value) -> Option<String> {
    let bare = etag.as_str()?.trim_matches('"');
    (!bare.is_empty()).then(|| format!("\"{bare}\""))
}

/// `+` is a space, `%XX` a byte.
fn form_decoded(key: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (decoded, after) = match byte {
            b'+' => (b' ', after),
            b'%' => match after.split_at_checked(2).and_then(|(digits, after)| Some((hex(digits)?, after))) {
                Some(found) => found,
                None => (b'%', after),
            },
            other => (other, after),
        };
        bytes.push(decoded);
        rest = after;
    }
    let key = String::from_utf8(bytes).map_err(|_| "a key is no UTF-8".to_owned())?;
    if key.is_empty() { Err("a record names no key".into()) } else { Ok(key) }
}

fn hex(digits: &[u8]) -> Option<u8> {
    let nibble = |digit: u8| (digit as char).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(nibble(digits[0])? << 4 | nibble(digits[1])?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(body: &Value) -> Vec<Named> {
        match read(&body.to_string()) {
            Ok(Notice::Objects { made, .. }) => made,
            other => panic!("{body}: {other:?}"),
        }
    }

    fn record(name: &str, key: &str) -> Value {
        json!({"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name, "s3": {
            "bucket": {"name": "logs"},
            "object": {"key": key, "size": 10, "eTag": "abc", "versionId": "null", "sequencer": "00"}}})
    }

    fn named(key: &str) -> Named {
        Named { bucket: "logs".into(), key: key.into(), version: None, size: Some(10), etag: Some("\"abc\"".into()) }
    }

    #[test]
    fn five_shapes() {
        let direct = json!({"Records": [record("ObjectCreated:Put", "AWSLogs/a+b%2Bc%C3%A9=1.gz")]});
        assert_eq!(made(&direct), [named("AWSLogs/a b+cé=1.gz")]);
        let sns = json!({"Type": "Notification", "MessageId": "1", "TopicArn": "arn", "Message": direct.to_string()});
        assert_eq!(made(&sns), [named("AWSLogs/a b+cé=1.gz")]);
        let twice = json!({"Type": "Notification", "Message": sns.to_string()});
        assert_eq!(made(&twice), [named("AWSLogs/a b+cé=1.gz")]);
        let bridge = json!({"version": "0", "detail-type": "Object Created", "source": "aws.s3", "detail": {
            "bucket": {"name": "logs"}, "object": {"key": "a+b%2Bc.gz", "size": 10, "etag": "abc", "version-id": "v1"}}});
        assert_eq!(made(&bridge), [Named { version: Some("v1".into()), ..named("a+b%2Bc.gz") }]);
        let trail = json!({"s3Bucket": "logs", "s3ObjectKey": ["k 1", "k+2"]});
        let bare = |key: &str| Named { bucket: "logs".into(), key: key.into(), ..Named::default() };
        assert_eq!(made(&trail), [bare("k 1"), bare("k+2")]);
        let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs"});
        assert_eq!(read(&test.to_string()), Ok(Notice::Test));
        let wrapped = json!({"Type": "Notification", "Message": test.to_string()});
        assert_eq!(read(&wrapped.to_string()), Ok(Notice::Test));
    }

    #[test]
    fn what_else_happened_is_counted() {
        let records = json!({"Records": [
            record("ObjectRemoved:Delete", "a"), record("ObjectCreated:CompleteMultipartUpload", "b"),
            record("s3:ObjectCreated:Copy", "c"), record("ObjectRestore:Completed", "d")]});
        let expected = Notice::Objects { made: vec![named("b"), named("c")], others: 2 };
        assert_eq!(read(&records.to_string()), Ok(expected));
        let deleted = json!({"detail-type": "Object Deleted", "source": "aws.s3", "detail": {}});
        assert_eq!(read(&deleted.to_string()), Ok(Notice::Objects { made: Vec::new(), others: 1 }));
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        let deep =
            (0..9).fold("{}".to_owned(), |inner, _| json!({"Type": "Notification", "Message": inner}).to_string());
        let wrong = [
            "",
            "hello",
            "[]",
            "{}",
            "null",
            "{\"Records\":[]}",
            "{\"Records\":7}",
            &deep,
            r#"{"Records":[{"eventVersion":"3.0","eventName":"ObjectCreated:Put","s3":{}}]}"#,
            r#"{"Records":[{"eventVersion":"2.0","eventName":"ObjectCreated:Put","s3":{}}]}"#,
            r#"{"Records":[{"eventVersion":"2.0","eventSource":"aws:ses","eventName":"ObjectCreated:Put"}]}"#,
            r#"{"Records":[{"eventVersion":"2.0","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"%FF"}}}]}"#,
            r#"{"s3Bucket":"b","s3ObjectKey":[]}"#,
            r#"{"s3ObjectKey":["k"]}"#,
            r#"{"Type":"Notification","Message":"Greetings"}"#,
            r#"{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification"}"#,
        ];
        for body in wrong {
            assert!(read(body).is_err(), "{body}");
        }
        assert_eq!(form_decoded("100%"), Ok("100%".into()));
        assert_eq!(form_decoded("a%zz"), Ok("a%zz".into()));
    }
}
