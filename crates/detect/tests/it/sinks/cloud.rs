//! SNS and Security Hub, by way of ministack and moto.

use std::process::Command;

use detect::sinks::Change;
use serde_json::{Value, json};

use super::servers::{Server, free_port, programs, wait_for};
use super::{HOSTILE, notice, send, sinks};

const KEYS: &str = "access_key_id = 'test'\nsecret_access_key = 'test'\nregion = 'eu-west-1'";

async fn session(port: u16) -> aws::Session {
    let settings = aws::Settings {
        region: Some("eu-west-1".to_owned()),
        endpoint_url: Some(format!("http://127.0.0.1:{port}")),
        keys: Some(aws::Keys { id: "test".to_owned(), secret: "test".to_owned() }),
        ..aws::Settings::default()
    };
    aws::Session::open(&settings).await.unwrap()
}

fn moto() -> Option<(Server, u16)> {
    let port = free_port();
    let mut command = Command::new(programs()?.join("moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stderr(std::process::Stdio::null());
    let server = Server::start(&mut command);
    wait_for(port);
    Some((server, port))
}

fn ministack() -> Option<(Server, u16)> {
    let port = free_port();
    let mut command = Command::new(programs()?.join("ministack"));
    command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string()).stderr(std::process::Stdio::null());
    let server = Server::start(&mut command);
    wait_for(port);
    Some((server, port))
}

fn sink(kind: &str, port: u16, more: &str) -> String {
    format!(
        "[[sink]]\ntype = '{kind}'\nname = 'c'\nendpoint_url = 'http://127.0.0.1:{port}'\nallow = ['127.0.0.1']\n{KEYS}\n{more}"
    )
}

/// The text between two tags.
fn tag<'a>(xml: &'a str, name: &str) -> &'a str {
    xml.split_once(&format!("<{name}>")).unwrap().1.split_once('<').unwrap().0
}

/// A topic with a queue behind it; returns the topic's ARN and the queue's URL.
async fn topic(session: &aws::Session, name: &str, fifo: bool) -> (String, String) {
    let ending = if fifo { ".fifo" } else { "" };
    let (topic, queue) = (format!("{name}{ending}"), format!("{name}-queue{ending}"));
    let mut create = vec![("Action", "CreateTopic"), ("Name", topic.as_str())];
    let mut attributes = json!({});
    if fifo {
        create.extend([("Attributes.entry.1.key", "FifoTopic"), ("Attributes.entry.1.value", "true")]);
        attributes = json!({"FifoQueue": "true"});
    }
    let arn = tag(&session.query(aws::SNS, &create).await.unwrap(), "TopicArn").to_owned();
    let body = json!({"QueueName": queue, "Attributes": attributes});
    let made = session.json(aws::SQS, "AmazonSQS.CreateQueue", &body).await.unwrap();
    let account = arn.split(':').nth(4).unwrap();
    let endpoint = format!("arn:aws:sqs:eu-west-1:{account}:{queue}");
    let subscribe =
        [("Action", "Subscribe"), ("TopicArn", arn.as_str()), ("Protocol", "sqs"), ("Endpoint", endpoint.as_str())];
    session.query(aws::SNS, &subscribe).await.unwrap();
    (arn, made["QueueUrl"].as_str().unwrap().to_owned())
}

/// The next envelope that the topic put into the queue.
async fn receive(session: &aws::Session, queue: &str) -> Value {
    let body = json!({"QueueUrl": queue, "WaitTimeSeconds": 5, "MaxNumberOfMessages": 1});
    let answer = session.json(aws::SQS, "AmazonSQS.ReceiveMessage", &body).await.unwrap();
    serde_json::from_str(answer["Messages"][0]["Body"].as_str().unwrap()).unwrap()
}

async fn publishes(port: u16) {
    let session = session(port).await;
    let (arn, queue) = topic(&session, "alerts", false).await;
    send(&sinks(&sink("sns", port, &format!("topic_arn = '{arn}'\nlanguage = 'ja'"))).unwrap(), &notice())
        .await
        .unwrap();
    let envelope = receive(&session, &queue).await;
    let message = envelope["Message"].as_str().unwrap();
    assert!(message.starts_with("[情報] Trailhound からの通知テスト"), "{message}");
    assert!(!message.contains(['\r', '\u{1b}', '\u{202E}']) && !message.contains("\nBcc"), "{message}");
    assert!(envelope["Subject"].as_str().unwrap().starts_with("Informational] Test of a notification"));
    assert_eq!(envelope["MessageAttributes"]["severity"]["Value"], "informational");
    assert_eq!(envelope["MessageAttributes"]["id"]["Value"], "a7-1");
}

#[tokio::test]
async fn sns_publishes_by_ministack() {
    let Some((_server, port)) = ministack() else { return };
    publishes(port).await;
}

#[tokio::test]
async fn sns_publishes_by_moto() {
    let Some((_server, port)) = moto() else { return };
    publishes(port).await;
    let session = session(port).await;
    let (arn, queue) = topic(&session, "ordered", true).await;
    let json = sinks(&sink("sns", port, &format!("topic_arn = '{arn}'\nmessage = 'json'"))).unwrap();
    for _ in 0..2 {
        send(&json, &notice()).await.unwrap();
    }
    let document: Value = serde_json::from_str(receive(&session, &queue).await["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&document["id"], &document["alert"]["actor"]), (&json!("a7-1"), &json!(HOSTILE)));
    let missing = sinks(&sink("sns", port, &format!("topic_arn = '{arn}x'"))).unwrap();
    let failure = send(&missing, &notice()).await.unwrap_err();
    assert!(failure.message.contains("NotFound") && !failure.message.contains("test"), "{failure:?}");
}

#[tokio::test]
async fn security_hub_takes_findings_and_their_ends() {
    let Some((_server, port)) = moto() else { return };
    let session = session(port).await;
    // Moto keeps findings only where the hub is on.
    let _ = session.rest(aws::SECURITY_HUB, aws::Method::POST, "/accounts", Some(&json!({}))).await;
    let hub = sinks(&sink("security-hub", port, "account = '123456789012'")).unwrap();
    let mut notice = notice();
    let found = async || {
        let answer = session.rest(aws::SECURITY_HUB, aws::Method::POST, "/findings", Some(&json!({}))).await.unwrap();
        let findings = answer["Findings"].as_array().unwrap().clone();
        assert_eq!(findings.len(), 1, "{findings:?}");
        findings[0].clone()
    };
    send(&hub, &notice).await.unwrap();
    let open = found().await;
    assert_eq!((&open["Id"], &open["RecordState"]), (&json!("trailhound/a7"), &json!("ACTIVE")));
    assert_eq!(open["SourceUrl"], "https://trailhound.example.com/alerts/a7");
    notice.change = Change::Closed;
    send(&hub, &notice).await.unwrap();
    assert_eq!(found().await["RecordState"], "ARCHIVED");
}

#[tokio::test]
async fn nobody_there_is_a_failure_for_now() {
    let hub = sinks(&sink("security-hub", 1, "account = '123456789012'")).unwrap();
    let failure = send(&hub, &notice()).await.unwrap_err();
    assert!(!failure.is_final, "{failure:?}");
}
