//! Queues: messages are received, kept invisible while they are worked on, and deleted when their work is durable.

use serde_json::{Value, json};

use crate::{AwsError, SQS, Session};

/// Receipts that one call takes.
const BATCH: usize = 10;

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    session: Session,
    url: String,
    base: String,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id, the same at every delivery.
    pub id: String,
    /// What this delivery is deleted and prolonged by.
    pub receipt: String,
    /// Its text.
    pub body: String,
    /// How often it was received, this time included.
    pub received: u32,
    /// When it was sent: milliseconds since 1970-01-01 (UTC).
    pub sent: i64,
}

/// What a queue says of itself. Numbers of messages are approximate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Messages that wait.
    pub visible: u64,
    /// Messages that somebody works on.
    pub in_flight: u64,
    /// Seconds until a message that was received is seen again.
    pub visibility_seconds: u32,
    /// ARN of the queue that takes what was received too often.
    pub dead_letter: Option<String>,
    /// Receptions after which it does.
    pub max_receives: Option<u32>,
}

impl Queue {
    /// The queue at `url`, in the region that the address names.
    ///
    /// # Errors
    /// [`AwsError::Settings`] where it is no address of a queue.
    pub fn open(session: &Session, url: &str) -> Result<Self, AwsError> {
        let wrong = || AwsError::Settings(format!("`{url}` is no address of a queue"));
        let parsed = url::Url::parse(url).map_err(|_| wrong())?;
        let host = parsed.host_str().ok_or_else(wrong)?;
        if parsed.path().trim_matches('/').is_empty() || !matches!(parsed.scheme(), "http" | "https") {
            return Err(wrong());
        }
        let session = region_of(host).map_or_else(|| session.clone(), |region| session.in_region(region));
        let base = if session.has_endpoint() { session.endpoint(SQS) } else { parsed.origin().ascii_serialization() };
        Ok(Self { session, url: url.to_owned(), base })
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The session in the queue's region.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Up to ten messages; waits for `wait` seconds where there is none. They stay unseen by others for `visibility` seconds.
    ///
    /// # Errors
    /// The service's.
    pub async fn receive(&self, wait: u32, visibility: u32) -> Result<Vec<Message>, AwsError> {
        let asked = json!({
            "QueueUrl": self.url, "MaxNumberOfMessages": BATCH, "WaitTimeSeconds": wait, "VisibilityTimeout": visibility,
            "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
            // The older name of the same.
            "AttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
        });
        let answer = self.call("ReceiveMessage", &asked).await?;
        let messages = answer.get("Messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Ok(messages.iter().filter_map(message).collect())
    }

    /// Deletes messages by their receipts, ten a call. Returns how many could not be deleted: they come again.
    ///
    /// # Errors
    /// The service's.
    pub async fn delete(&self, receipts: &[String]) -> Result<usize, AwsError> {
        self.batch("DeleteMessageBatch", receipts, None).await
    }

    /// Keeps messages unseen for `seconds` from now (0: they are seen at once). Returns how many could not be kept.
    ///
    /// # Errors
    /// The service's.
    pub async fn prolong(&self, receipts: &[String], seconds: u32) -> Result<usize, AwsError> {
        self.batch("ChangeMessageVisibilityBatch", receipts, Some(seconds)).await
    }

    async fn batch(&self, action: &str, receipts: &[String], visibility: Option<u32>) -> Result<usize, AwsError> {
        let mut failed = 0;
        for chunk in receipts.chunks(BATCH) {
            let entry = |(number, receipt): (usize, &String)| {
                let mut entry = json!({"Id": number.to_string(), "ReceiptHandle": receipt});
                if let Some(seconds) = visibility {
                    entry["VisibilityTimeout"] = seconds.into();
                }
                entry
            };
            let entries: Vec<Value> = chunk.iter().enumerate().map(entry).collect();
            let answer = self.call(action, &json!({"QueueUrl": self.url, "Entries": entries})).await?;
            failed += answer.get("Failed").and_then(Value::as_array).map_or(0, Vec::len);
        }
        Ok(failed)
    }

    /// How full the queue is, and where its dead letters go.
    ///
    /// # Errors
    /// The service's.
    pub async fn attributes(&self) -> Result<Attributes, AwsError> {
        let answer = self.call("GetQueueAttributes", &json!({"QueueUrl": self.url, "AttributeNames": ["All"]})).await?;
        let text = |name: &str| answer.pointer(&format!("/Attributes/{name}")).and_then(Value::as_str);
        let number = |name: &str| text(name).and_then(|value| value.parse().ok()).unwrap_or_default();
        let redrive: Value =
            text("RedrivePolicy").and_then(|policy| serde_json::from_str(policy).ok()).unwrap_or_default();
        // Written as a number or as a text, by the tool that set it.
        let most = redrive.get("maxReceiveCount");
        let most = most.and_then(|most| most.as_u64().or_else(|| most.as_str()?.parse().ok()));
        Ok(Attributes {
            visible: number("ApproximateNumberOfMessages"),
            in_flight: number("ApproximateNumberOfMessagesNotVisible"),
            visibility_seconds: u32::try_from(number("VisibilityTimeout")).unwrap_or(30),
            dead_letter: redrive.get("deadLetterTargetArn").and_then(Value::as_str).map(str::to_owned),
            max_receives: most.and_then(|most| u32::try_from(most).ok()),
        })
    }

    /// The queue of an ARN, in its own region.
    ///
    /// # Errors
    /// [`AwsError::Settings`] where it is no ARN of a queue; the service's.
    pub async fn by_arn(session: &Session, arn: &str) -> Result<Self, AwsError> {
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", _, "sqs", region, account, name] = parts[..] else {
            return Err(AwsError::Settings(format!("`{arn}` is no ARN of a queue")));
        };
        let session = session.in_region(region);
        let asked = json!({"QueueName": name, "QueueOwnerAWSAccountId": account});
        let answer = session.json(SQS, "AmazonSQS.GetQueueUrl", &asked).await?;
        let url = answer.get("QueueUrl").and_then(Value::as_str);
        let url =
            url.ok_or_else(|| AwsError::Answer { service: "sqs", reason: "GetQueueUrl names no queue".into() })?;
        Self::open(&session, url)
    }

    async fn call(&self, action: &str, body: &Value) -> Result<Value, AwsError> {
        self.session.json_at(SQS, &format!("AmazonSQS.{action}"), body, Some(&self.base)).await
    }
}

fn message(value: &Value) -> Option<Message> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let attribute = |name: &str| value.get("Attributes")?.get(name)?.as_str();
    Some(Message {
        id: text("MessageId")?,
        receipt: text("ReceiptHandle")?,
        body: text("Body").unwrap_or_default(),
        received: attribute("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1),
        sent: attribute("SentTimestamp").and_then(|time| time.parse().ok()).unwrap_or_default(),
    })
}

/// The region that a queue's host names: `sqs.REGION.amazonaws.com`, or the older `REGION.queue.amazonaws.com`.
fn region_of(host: &str) -> Option<&str> {
    let of_aws = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let region = of_aws.strip_prefix("sqs.").or_else(|| of_aws.strip_suffix(".queue"));
    region.or_else(|| of_aws.strip_prefix("sqs-fips.")).filter(|region| !region.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_regions() {
        let check = |host: &str, region: Option<&str>| assert_eq!(region_of(host), region, "{host}");
        check("sqs.ap-northeast-1.amazonaws.com", Some("ap-northeast-1"));
        check("sqs.cn-north-1.amazonaws.com.cn", Some("cn-north-1"));
        check("us-west-2.queue.amazonaws.com", Some("us-west-2"));
        check("sqs-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1"));
        check("vpce-1.sqs.us-east-1.vpce.amazonaws.com", None);
        check("127.0.0.1", None);
    }

    #[tokio::test]
    async fn addresses_that_name_no_queue_are_refused() {
        let settings = crate::Settings {
            region: Some("eu-west-1".into()),
            keys: Some(crate::Keys { id: "a".into(), secret: "b".into() }),
            ..crate::Settings::default()
        };
        let session = Session::open(&settings).await.unwrap();
        for wrong in ["", "queue", "https://sqs.eu-west-1.amazonaws.com/", "arn:aws:sqs:eu-west-1:111122223333:q"] {
            assert!(Queue::open(&session, wrong).is_err(), "{wrong}");
        }
        let queue = Queue::open(&session, "https://sqs.us-east-2.amazonaws.com/111122223333/logs").unwrap();
        assert_eq!((queue.session.region(), queue.base.as_str()), ("us-east-2", "https://sqs.us-east-2.amazonaws.com"));
    }
}
