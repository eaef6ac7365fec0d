//! Programs of Python's index that stand for the servers of others, in an environment that `scripts/aws-servers.sh` makes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The folder of the programs; none where the index can't be reached, which is said.
pub(super) fn programs() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/aws-servers.sh");
        let made = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
        if made.status.success() {
            return Some(PathBuf::from(String::from_utf8(made.stdout).unwrap().trim()));
        }
        assert_eq!(made.status.code(), Some(3), "the environment of the test servers");
        eprintln!("skipped: Python's package index can't be reached, and no test server is there");
        None
    };
    FOUND.get_or_init(find).as_deref()
}

/// A server that ends with this.
pub(super) struct Server {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Server {
    pub(super) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (to, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| to.send(line)));
        Self { child, lines }
    }

    /// The next line that it prints.
    pub(super) fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    pub(super) fn silent(&self) -> bool {
        self.lines.recv_timeout(Duration::from_millis(200)).is_err()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free now.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until a port answers.
pub(super) fn wait_for(port: u16) {
    let end = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "no server on port {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
