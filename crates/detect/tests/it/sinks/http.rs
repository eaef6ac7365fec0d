//! Webhook, Slack, PagerDuty.

use std::time::Duration;

use chrono::Utc;
use detect::sinks::{Change, Failure};
use ring::hmac;
use serde_json::json;

use super::receiver::{Receiver, over_tls, receiver};
use super::tls::Certificates;
use super::{HOSTILE, notice, send, sinks};

fn webhook(receiver: &Receiver, more: &str) -> String {
    format!("[[sink]]\ntype = 'webhook'\nname = 'w'\nurl = '{}'\nallow = ['127.0.0.0/8']\n{more}", receiver.url())
}

async fn good() -> Receiver {
    receiver(|_| "200 OK".to_owned()).await
}

#[tokio::test]
async fn a_webhook_is_signed_and_can_be_told_from_a_repetition() {
    let mut server = good().await;
    let toml = webhook(&server, "secret = { env = 'HOOK' }\nheaders = { Authorization = 'Bearer x' }");
    let sinks = sinks(&toml).unwrap();
    for _ in 0..2 {
        send(&sinks, &notice()).await.unwrap();
    }
    let (first, again) = (server.next().await, server.next().await);
    assert_eq!(first.line, "POST /hook?token=hunter2 HTTP/1.1");
    assert_eq!(first.headers["trailhound-id"], "a7-1");
    assert_eq!(first.headers["trailhound-id"], again.headers["trailhound-id"]);
    assert_eq!(first.headers["authorization"], "Bearer x");
    assert_eq!(first.headers["content-type"], "application/json");
    let timestamp = &first.headers["trailhound-timestamp"];
    assert!((Utc::now().timestamp() - timestamp.parse::<i64>().unwrap()).abs() < 60);
    // As a receiver checks it.
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"from-the-environment");
    let hex = first.headers["trailhound-signature"].strip_prefix("v1=").unwrap();
    let tag: Vec<u8> = (0..hex.len()).step_by(2).map(|n| u8::from_str_radix(&hex[n..n + 2], 16).unwrap()).collect();
    hmac::verify(&key, format!("{timestamp}.{}", first.body).as_bytes(), &tag).unwrap();
    assert!(hmac::verify(&key, format!("{timestamp}.{} ", first.body).as_bytes(), &tag).is_err());
    let body = first.json();
    assert_eq!(body["alert"]["actor"], HOSTILE);
    assert_eq!(body["link"], "https://trailhound.example.com/alerts/a7");
    assert_eq!((&body["change"], &body["alert"]["severity"]), (&json!("opened"), &json!("informational")));
}

#[tokio::test]
async fn a_template_takes_values_as_values() {
    let mut server = good().await;
    let template = r#"template = '{"text": "{{ alert.actor }}", "n": "{{ alert.events }}", "to": ["soc"]}'"#;
    let sinks = sinks(&webhook(&server, &format!("{template}\nlanguage = 'ja'"))).unwrap();
    send(&sinks, &notice()).await.unwrap();
    let request = server.next().await;
    assert_eq!(request.json(), json!({"text": HOSTILE, "n": 1, "to": ["soc"]}));
    assert!(!request.headers.contains_key("trailhound-signature"));
}

#[tokio::test]
async fn answers_decide_what_comes_next_and_are_not_repeated() {
    for (answer, is_final, after) in [
        ("503 Busy\r\nretry-after: 7", false, Some(7)),
        ("500 Broken", false, None),
        ("404 Nowhere", false, None),
        ("400 Bad", true, None),
        ("302 Elsewhere\r\nlocation: http://127.0.0.1:1/", true, None),
    ] {
        let server = receiver(move |_| answer.to_owned()).await;
        let sinks = sinks(&webhook(&server, "secret = 'hunter2'")).unwrap();
        let failure: Failure = send(&sinks, &notice()).await.unwrap_err();
        assert_eq!((failure.is_final, failure.after), (is_final, after.map(Duration::from_secs)), "{answer}");
        assert!(failure.message.contains(&answer[..3]) && !failure.message.contains("hunter2"), "{failure:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_failure_without_the_address_of_the_hook() {
    let server = good().await;
    let toml = webhook(&server, "").replace(&server.address.port().to_string(), "1");
    let failure = send(&sinks(&toml).unwrap(), &notice()).await.unwrap_err();
    assert!(!failure.is_final && !failure.message.contains("hunter2"), "{failure:?}");
}

#[tokio::test]
async fn closed_addresses_are_not_called() {
    let mut server = good().await;
    let literal = webhook(&server, "").replace("allow = ['127.0.0.0/8']\n", "");
    let refused = sinks(&literal).err().unwrap().to_string();
    assert!(refused.contains("loopback") && !refused.contains("hunter2"), "{refused}");
    // A name is found out when it is called.
    let name = literal.replace("127.0.0.1", "localhost");
    let failure = send(&sinks(&name).unwrap(), &notice()).await.unwrap_err();
    assert!(failure.is_final && failure.message.contains("loopback"), "{failure:?}");
    assert!(server.requests.try_recv().is_err());
    let name = webhook(&server, "")
        .replace("http://127.0.0.1", "http://localhost")
        .replace("127.0.0.0/8'", "127.0.0.0/8', '::1'");
    send(&sinks(&name).unwrap(), &notice()).await.unwrap();
    server.next().await;
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_where_it_is_named() {
    let Some(certificates) = Certificates::new() else { return };
    let mut server = over_tls(|_| "204 Done".to_owned(), Some(certificates.acceptor())).await;
    let toml = webhook(&server, "").replace("http:", "https:");
    let failure = send(&sinks(&toml).unwrap(), &notice()).await.unwrap_err();
    assert!(failure.message.contains("certificate"), "{failure:?}");
    let toml = format!("{toml}\nca_file = '{}'", certificates.path("ca.pem").display());
    send(&sinks(&toml).unwrap(), &notice()).await.unwrap();
    server.next().await;
}

#[tokio::test]
async fn slack_gets_blocks() {
    let mut server = good().await;
    let toml = webhook(&server, "language = 'ja'").replace("'webhook'", "'slack'");
    send(&sinks(&toml).unwrap(), &notice()).await.unwrap();
    let request = server.next().await;
    let body = request.json();
    let blocks = body["attachments"][0]["blocks"].as_array().unwrap();
    assert!(blocks[0]["text"]["text"].as_str().unwrap().starts_with("[情報] Trailhound からの通知テスト"));
    assert!(!blocks[1..].iter().any(|b| b.to_string().contains("<!channel>") || b.to_string().contains("<script>")));
    assert_eq!(blocks.last().unwrap()["elements"][0]["url"], "https://trailhound.example.com/alerts/a7");
}

#[tokio::test]
async fn pagerduty_gets_events_of_one_incident() {
    let mut server = receiver(|_| "202 Accepted".to_owned()).await;
    let toml = webhook(&server, "routing_key = 'k1'").replace("'webhook'", "'pagerduty'");
    let sinks = sinks(&toml).unwrap();
    let mut notice = notice();
    for (change, action) in
        [(Change::Opened, "trigger"), (Change::Acknowledged, "acknowledge"), (Change::Closed, "resolve")]
    {
        notice.change = change;
        send(&sinks, &notice).await.unwrap();
        let body = server.next().await.json();
        assert_eq!(
            (&body["event_action"], &body["dedup_key"], &body["routing_key"]),
            (&json!(action), &json!("trailhound-a7"), &json!("k1"))
        );
    }
    sinks.test("w", Utc::now()).await.unwrap().unwrap();
    let (opened, closed) = (server.next().await.json(), server.next().await.json());
    assert_eq!((&opened["event_action"], &closed["event_action"]), (&json!("trigger"), &json!("resolve")));
    assert_eq!(opened["dedup_key"], closed["dedup_key"]);
}
