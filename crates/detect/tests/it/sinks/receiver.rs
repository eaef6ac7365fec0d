//! A web server that keeps what it is sent and answers as it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What came in.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Request {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    pub(super) requests: mpsc::UnboundedReceiver<Request>,
}

impl Receiver {
    pub(super) fn url(&self) -> String {
        format!("http://{}/hook?token=hunter2", self.address)
    }

    pub(super) async fn next(&mut self) -> Request {
        tokio::time::timeout(std::time::Duration::from_secs(10), self.requests.recv()).await.unwrap().unwrap()
    }
}

/// A server that answers the n-th request with `answer(n)`: status line and headers.
pub(super) async fn receiver(answer: impl Fn(usize) -> String + Send + Sync + 'static) -> Receiver {
    over_tls(answer, None).await
}

pub(super) async fn over_tls(
    answer: impl Fn(usize) -> String + Send + Sync + 'static,
    tls: Option<tokio_rustls::TlsAcceptor>,
) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (to, requests) = mpsc::unbounded_channel();
    let (answer, count) = (Arc::new(answer), Arc::new(std::sync::atomic::AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (to, answer, count, tls) = (to.clone(), Arc::clone(&answer), Arc::clone(&count), tls.clone());
            tokio::spawn(async move {
                let answer = || answer(count.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
                match tls {
                    None => connection(stream, &to, answer).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => connection(stream, &to, answer).await,
                        Err(_) => None,
                    },
                }
            });
        }
    });
    Receiver { address, requests }
}

async fn connection(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    to: &mpsc::UnboundedSender<Request>,
    answer: impl Fn() -> String,
) -> Option<()> {
    let mut held = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = held.windows(4).position(|w| w == b"\r\n\r\n") {
                break held.drain(..end + 4).collect::<Vec<u8>>();
            }
            more(&mut stream, &mut held).await?;
        };
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next()?.to_owned();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|l| l.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length: usize = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
        while held.len() < length {
            more(&mut stream, &mut held).await?;
        }
        let body = String::from_utf8(held.drain(..length).collect()).unwrap();
        to.send(Request { line, headers, body }).ok()?;
        let body = "the receiver says: hunter2";
        let answer = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n\r\n{body}", answer(), body.len());
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn more(stream: &mut (impl AsyncRead + Unpin), held: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 4096];
    let n = stream.read(&mut piece).await.ok().filter(|n| *n > 0)?;
    held.extend_from_slice(&piece[..n]);
    Some(())
}
