//! Syslog over UDP, TCP and TLS, and the file of JSON lines.

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, UdpSocket};

use super::tls::Certificates;
use super::{HOSTILE, notice, send, sinks};

fn syslog(port: u16, more: &str) -> String {
    format!("[[sink]]\ntype = 'syslog'\nname = 's'\naddress = '127.0.0.1:{port}'\n{more}")
}

async fn all(mut stream: impl AsyncRead + Unpin) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// The message of a frame whose length is right, and nothing after it.
fn unframed(text: &str) -> &str {
    let (length, message) = text.split_once(' ').unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), message.len());
    message
}

#[tokio::test]
async fn one_datagram_is_one_message_of_one_line() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let sinks = sinks(&syslog(socket.local_addr().unwrap().port(), "hostname = 'siem-1'")).unwrap();
    send(&sinks, &notice()).await.unwrap();
    let mut bytes = [0; 9000];
    let n = socket.recv(&mut bytes).await.unwrap();
    let text = std::str::from_utf8(&bytes[..n]).unwrap();
    assert!(
        text.starts_with("<134>1 2026-01-15T03:04:05.000Z siem-1 trailhound - alert [trailhound@32473 id=\"a7-1\""),
        "{text}"
    );
    assert!(!text.contains(['\n', '\r', '\u{1b}', '\u{202E}']), "{text:?}");
    assert!(text.contains("link=\"https://trailhound.example.com/alerts/a7\"]"), "{text}");
}

#[tokio::test]
async fn tcp_counts_and_carries_json() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sinks =
        sinks(&syslog(listener.local_addr().unwrap().port(), "transport = 'tcp'\nmessage = 'json'\nfacility = 'auth'"))
            .unwrap();
    let notice = notice();
    let (sent, got) = tokio::join!(send(&sinks, &notice), async { all(listener.accept().await.unwrap().0).await });
    sent.unwrap();
    let message = unframed(&got);
    assert!(message.starts_with("<38>1 "), "{message}");
    let document: serde_json::Value = serde_json::from_str(message.split_once('\u{FEFF}').unwrap().1).unwrap();
    assert_eq!(document["alert"]["actor"], HOSTILE);
}

#[tokio::test]
async fn tls_is_checked() {
    let Some(certificates) = Certificates::new() else { return };
    let (listener, acceptor) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), certificates.acceptor());
    let plain = syslog(listener.local_addr().unwrap().port(), "transport = 'tls'");
    let trusting = format!("{plain}\nca_file = '{}'", certificates.path("ca.pem").display());
    let (plain, trusting) = (sinks(&plain).unwrap(), sinks(&trusting).unwrap());
    let server = async {
        let accept = async || acceptor.accept(listener.accept().await.unwrap().0).await;
        assert!(accept().await.is_err());
        all(accept().await.unwrap()).await
    };
    let notice = notice();
    let client = async { (send(&plain, &notice).await, send(&trusting, &notice).await) };
    let (got, (refused, sent)) = tokio::join!(server, client);
    assert!(refused.unwrap_err().message.contains("certificate"));
    sent.unwrap();
    assert!(unframed(&got).contains("rule=\"test\""));
}

#[tokio::test]
async fn nobody_there_is_a_failure() {
    let failure = send(&sinks(&syslog(1, "transport = 'tcp'")).unwrap(), &notice()).await.unwrap_err();
    assert!(!failure.is_final && failure.message.starts_with("127.0.0.1:1: "), "{failure:?}");
}

#[tokio::test]
async fn a_file_gets_a_line_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.jsonl");
    let sinks = sinks(&format!("[[sink]]\ntype = 'json-file'\nname = 'f'\npath = '{}'", path.display())).unwrap();
    for _ in 0..3 {
        send(&sinks, &notice()).await.unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3);
    for line in text.lines() {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&document["id"], &document["alert"]["actor"]), (&"a7-1".into(), &HOSTILE.into()));
    }
    std::fs::rename(&path, folder.path().join("old")).unwrap();
    send(&sinks, &notice()).await.unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
}
