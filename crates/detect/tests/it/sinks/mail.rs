//! E-mail, by way of aiosmtpd.

use std::path::Path;
use std::process::Command;

use detect::sinks::Failure;
use serde_json::Value;

use super::servers::{Server, programs};
use super::tls::Certificates;
use super::{notice, send, sinks};

/// A server, and settings of a sink that speaks to it.
fn server(mode: &str, certificates: &Certificates, more: &str) -> Option<(Server, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sinks/smtp_server.py");
    let mut command = Command::new(programs()?.join("python"));
    command.arg(script).arg(mode).arg(certificates.path("cert.pem")).arg(certificates.path("key.pem"));
    let server = Server::start(&mut command);
    let port = server.line();
    let toml = format!(
        "[[sink]]\ntype = 'email'\nname = 'm'\nhost = 'localhost'\nport = {port}\ntls = '{mode}'\nfrom = 'Trailhound <siem@example.com>'\n{more}"
    );
    Some((server, toml))
}

const TO: &str = "to = ['SOC <soc@example.com>', 'boss@example.com']\n";

fn trusting(certificates: &Certificates) -> String {
    let ca = certificates.path("ca.pem");
    format!("{TO}user = 'trailhound'\npassword = 'hunter2'\nca_file = '{}'", ca.display())
}

async fn refused(toml: &str) -> Failure {
    let failure = send(&sinks(toml).unwrap(), &notice()).await.unwrap_err();
    assert!(!failure.message.contains("hunter2"), "{failure:?}");
    failure
}

#[tokio::test]
async fn mail_arrives_encrypted_in_the_readers_language() {
    let Some(certificates) = Certificates::new() else { return };
    for mode in ["starttls", "tls"] {
        let Some((server, toml)) = server(mode, &certificates, &trusting(&certificates)) else { return };
        let sinks = sinks(&format!("{toml}\nlanguage = 'ja'")).unwrap();
        send(&sinks, &notice()).await.unwrap();
        let message: Value = serde_json::from_str(&server.line()).unwrap();
        assert_eq!((&message["tls"], &message["user"]), (&true.into(), &"trailhound".into()), "{mode}");
        assert_eq!(message["to"], serde_json::json!(["soc@example.com", "boss@example.com"]));
        let text = message["text"].as_str().unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(
            head.contains("Message-ID: <a7-1@trailhound>") && head.contains("References: <alert-a7@trailhound>"),
            "{head}"
        );
        assert!(head.contains("Auto-Submitted: auto-generated") && head.contains("multipart/alternative"), "{head}");
        // [情報], as a header encodes it; what the log brought is in no header of its own.
        assert!(head.contains("Subject: =?utf-8?b?") && !head.contains("\r\nBcc"), "{head}");
        // Quoted-printable breaks long lines. The plain part is text; the other one must not be markup where a log has a say.
        let text = text.replace("=\r\n", "");
        let html = text.split("text/html").nth(1).unwrap();
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("https://trailhound.example.com/alerts/a7"), "{html}");
    }
}

#[tokio::test]
async fn a_relay_nearby_may_go_without_tls() {
    let Some(certificates) = Certificates::new() else { return };
    let Some((server, toml)) = server("none", &certificates, TO) else { return };
    send(&sinks(&toml).unwrap(), &notice()).await.unwrap();
    let message: Value = serde_json::from_str(&server.line()).unwrap();
    assert_eq!(message["tls"], false);
}

#[tokio::test]
async fn what_can_not_be_trusted_or_delivered_is_a_failure() {
    let Some(certificates) = Certificates::new() else { return };
    let good = trusting(&certificates);
    let Some((server, toml)) = server("starttls", &certificates, &good) else { return };
    let stranger = refused(&toml.replace(good.lines().last().unwrap(), "")).await;
    assert!(!stranger.is_final && stranger.message.contains("certificate"), "{stranger:?}");
    let password = refused(&toml.replace("'hunter2'", "'hunter3'")).await;
    assert!(!password.is_final && password.message.contains("535"), "{password:?}");
    let nobody = refused(&toml.replace("boss@example.com", "boss@refused.example")).await;
    assert!(nobody.is_final && nobody.message.contains("550"), "{nobody:?}");
    let busy = refused(&toml.replace("boss@example.com", "boss@busy.example")).await;
    assert!(!busy.is_final && busy.message.contains("451"), "{busy:?}");
    assert!(server.silent());
}

#[tokio::test]
async fn a_server_that_will_not_encrypt_gets_nothing() {
    let Some(certificates) = Certificates::new() else { return };
    let Some((server, toml)) = server("none", &certificates, &trusting(&certificates)) else { return };
    let failure = refused(&toml.replace("tls = 'none'", "tls = 'starttls'")).await;
    assert!(failure.message.to_lowercase().contains("starttls"), "{failure:?}");
    assert!(server.silent());
}
