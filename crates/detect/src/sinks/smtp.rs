//! SMTP as a client speaks it: RFC 5321, STARTTLS (3207), TLS from the first byte (8314), AUTH (4954) by PLAIN or LOGIN. A server
//! that does not offer what the settings ask for gets nothing.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::secret::Secret;

/// Longest conversation.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest line of a reply, and most of them.
const LINE: u64 = 4096;
const LINES: usize = 100;

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Not at all.
    None,
    /// It begins plain and must become TLS.
    StartTls,
    /// From the first byte.
    Tls,
}

/// A mail server and how to sign in.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) login: Option<(String, Secret)>,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum SmtpError {
    /// The server said no. What it says in words is its own.
    #[error("the mail server answered {code} to {command}")]
    Refused {
        /// Its code.
        code: u16,
        /// What it was asked.
        command: &'static str,
    },
    /// It lacks what is asked of it.
    #[error("the mail server does not offer {0}")]
    Lacks(&'static str),
    /// It does not speak SMTP.
    #[error("the mail server's answer is no SMTP")]
    Garbled,
    /// The connection failed.
    #[error("the mail server: {0}")]
    Io(#[from] io::Error),
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

struct Reply {
    code: u16,
    lines: Vec<String>,
}

/// A conversation under way.
struct Talk {
    stream: BufReader<Box<dyn Stream>>,
    /// Who we say we are.
    name: String,
    /// What the server can do, as it said last.
    offers: Vec<String>,
}

impl Server {
    /// Hands a message over. It is taken for all receivers or for none.
    pub(super) async fn send(&self, from: &str, to: &[&str], message: &[u8]) -> Result<(), SmtpError> {
        let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut).into());
        tokio::time::timeout(PATIENCE, self.conversation(from, to, message)).await.unwrap_or_else(late)
    }

    async fn conversation(&self, from: &str, to: &[&str], message: &[u8]) -> Result<(), SmtpError> {
        let mut talk = self.open().await?;
        if let Some((user, password)) = &self.login {
            talk.sign_in(user, password.reveal()).await?;
        }
        talk.ask("MAIL", &format!("MAIL FROM:<{from}>"), &[250]).await?;
        for to in to {
            talk.ask("RCPT", &format!("RCPT TO:<{to}>"), &[250, 251]).await?;
        }
        talk.ask("DATA", "DATA", &[354]).await?;
        talk.stream.write_all(&stuffed(message)).await?;
        talk.ask("the message", ".", &[250]).await?;
        // It has the message: what becomes of the farewell does not matter.
        let _ = talk.ask("QUIT", "QUIT", &[221]).await;
        Ok(())
    }

    async fn open(&self) -> Result<Talk, SmtpError> {
        let plain = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let name = match plain.local_addr()?.ip() {
            std::net::IpAddr::V4(address) => format!("[{address}]"),
            std::net::IpAddr::V6(address) => format!("[IPv6:{address}]"),
        };
        let stream: Box<dyn Stream> = match self.encryption {
            Encryption::Tls => Box::new(self.secured(plain).await?),
            _ => Box::new(plain),
        };
        let mut talk = Talk { stream: BufReader::new(stream), name, offers: Vec::new() };
        talk.expect("the connection", &[220]).await?;
        talk.hello().await?;
        if self.encryption != Encryption::StartTls {
            return Ok(talk);
        }
        if !talk.offers("STARTTLS") {
            return Err(SmtpError::Lacks("STARTTLS"));
        }
        talk.ask("STARTTLS", "STARTTLS", &[220]).await?;
        // What came in the clear after the reply is not from the server that the certificate names.
        if !talk.stream.buffer().is_empty() {
            return Err(SmtpError::Garbled);
        }
        let Talk { stream, name, .. } = talk;
        let stream: Box<dyn Stream> = Box::new(self.secured(stream.into_inner()).await?);
        let mut talk = Talk { stream: BufReader::new(stream), name, offers: Vec::new() };
        talk.hello().await?;
        Ok(talk)
    }

    async fn secured<S: Stream>(&self, stream: S) -> io::Result<tokio_rustls::client::TlsStream<S>> {
        let name = ServerName::try_from(self.host.clone()).map_err(io::Error::other)?;
        TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await
    }
}

impl Talk {
    async fn hello(&mut self) -> Result<(), SmtpError> {
        let hello = format!("EHLO {}", self.name);
        self.offers = self.ask("EHLO", &hello, &[250]).await?.lines.into_iter().skip(1).collect();
        Ok(())
    }

    fn offers(&self, what: &str) -> bool {
        self.offers.iter().any(|offer| offer.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(what)))
    }

    async fn sign_in(&mut self, user: &str, password: &str) -> Result<(), SmtpError> {
        let auth = self.offers.iter().map(|offer| offer.to_ascii_uppercase());
        let ways: Vec<String> = auth.filter(|offer| offer.starts_with("AUTH ")).collect();
        let offered = |way: &str| ways.iter().any(|offer| offer.split(' ').any(|word| word == way));
        if offered("PLAIN") {
            let both = STANDARD.encode(format!("\0{user}\0{password}"));
            self.ask("AUTH", &format!("AUTH PLAIN {both}"), &[235]).await?;
        } else if offered("LOGIN") {
            self.ask("AUTH", "AUTH LOGIN", &[334]).await?;
            self.ask("AUTH", &STANDARD.encode(user), &[334]).await?;
            self.ask("AUTH", &STANDARD.encode(password), &[235]).await?;
        } else {
            return Err(SmtpError::Lacks("sign-in by PLAIN or LOGIN"));
        }
        Ok(())
    }

    /// Says a line and takes one of some codes for yes.
    async fn ask(&mut self, command: &'static str, line: &str, good: &[u16]) -> Result<Reply, SmtpError> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await?;
        self.expect(command, good).await
    }

    async fn expect(&mut self, command: &'static str, good: &[u16]) -> Result<Reply, SmtpError> {
        let reply = self.reply().await?;
        if good.contains(&reply.code) { Ok(reply) } else { Err(SmtpError::Refused { code: reply.code, command }) }
    }

    async fn reply(&mut self) -> Result<Reply, SmtpError> {
        let mut lines = Vec::new();
        while lines.len() < LINES {
            let mut line = Vec::new();
            (&mut self.stream).take(LINE).read_until(b'\n', &mut line).await?;
            if line.is_empty() {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let (code, text, last) = parsed(&line).ok_or(SmtpError::Garbled)?;
            lines.push(text);
            if last {
                return Ok(Reply { code, lines });
            }
        }
        Err(SmtpError::Garbled)
    }
}

/// A line of a reply: its code, its text, and whether it is the last.
fn parsed(line: &[u8]) -> Option<(u16, String, bool)> {
    let line = String::from_utf8_lossy(line.strip_suffix(b"\n")?);
    let line = line.trim_end_matches('\r');
    let code = line.get(..3)?.parse().ok().filter(|code| (200..600).contains(code))?;
    match line.as_bytes().get(3) {
        None => Some((code, String::new(), true)),
        Some(b' ') => Some((code, line[4..].to_owned(), true)),
        Some(b'-') => Some((code, line[4..].to_owned(), false)),
        Some(_) => None,
    }
}

/// A message as it is sent: a line that begins with a full stop gets another, and the last line is ended.
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 16);
    let mut begins = true;
    for byte in message {
        if begins && *byte == b'.' {
            out.push(b'.');
        }
        out.push(*byte);
        begins = *byte == b'\n';
    }
    if !begins {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read() {
        let check = |line: &str, expected: Option<(u16, &str, bool)>| {
            let found = parsed(line.as_bytes());
            assert_eq!(found.as_ref().map(|(code, text, last)| (*code, text.as_str(), *last)), expected, "{line:?}");
        };
        check("250 OK\r\n", Some((250, "OK", true)));
        check("250-SIZE 1\n", Some((250, "SIZE 1", false)));
        check("354\r\n", Some((354, "", true)));
        for bad in ["250 OK", "25 x\n", "+OK\n", "999 x\n", "250xOK\n", "日本語\n", "\n"] {
            check(bad, None);
        }
    }

    #[test]
    fn lines_of_a_full_stop_end_nothing() {
        let check = |text: &str, sent: &str| assert_eq!(String::from_utf8(stuffed(text.as_bytes())).unwrap(), sent);
        check("a\r\n.\r\n.b\r\n", "a\r\n..\r\n..b\r\n");
        check(".", "..\r\n");
        check("", "");
    }
}
