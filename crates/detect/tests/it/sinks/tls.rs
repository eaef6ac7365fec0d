//! An authority of our own and a certificate for loopback.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// PEM files in a folder that is gone when this is dropped.
pub(super) struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// None where there is no `openssl`, which is said.
    pub(super) fn new() -> Option<Self> {
        let made = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(made.path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        let authority = format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Tests -days 2");
        let request = format!("req {key} -keyout key.pem -out request.pem -subj /CN=localhost");
        let signed =
            "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names";
        for command in [authority.as_str(), &request, signed] {
            let run = Command::new("openssl").args(command.split(' ')).current_dir(made.folder.path()).output();
            let Ok(run) = run else {
                eprintln!("skipped: there is no openssl");
                return None;
            };
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        }
        Some(made)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn acceptor(&self) -> tokio_rustls::TlsAcceptor {
        let certificate = CertificateDer::from_pem_file(self.path("cert.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.path("key.pem")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        tokio_rustls::TlsAcceptor::from(Arc::new(config))
    }
}
