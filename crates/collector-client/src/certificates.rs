//! Certificates and keys from PEM files.

use log_files::disk;
use std::path::{Path, PathBuf};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

/// PEM files for TLS. They are read when the first request is sent, so that a missing file stops only requests, and not the start.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Certificates to trust, instead of the public authorities'.
    pub roots: Option<PathBuf>,
    /// The client's certificates and its private key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or has no certificate or key.
    pub(crate) fn config(&self) -> Result<TlsConfig, String> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = &self.roots {
            tls = tls.root_certs(RootCerts::from(certificates(path)?));
        }
        if let Some((certificate, key)) = &self.identity {
            let pem = read(key)?;
            let key = PrivateKey::from_pem(&pem)
                .map_err(|error| format!("{} has no private key: {error}", key.display()))?;
            let certificates = certificates(certificate)?;
            tls = tls.client_cert(Some(ClientCert::new_with_certs(&certificates, key)));
        }
        Ok(tls.build())
    }

    /// Returns the certificates to trust, in PEM.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has no certificate.
    pub fn roots_pem(&self) -> Result<Option<Vec<u8>>, String> {
        let Some(path) = &self.roots else {
            return Ok(None);
        };
        certificates(path)?;
        read(path).map(Some)
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let pem = read(path)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        let item = item
            .map_err(|error| format!("{} has an invalid certificate: {error}", path.display()))?;
        if let PemItem::Certificate(certificate) = item {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(format!(
            "{} has no PEM certificate, which begins with `-----BEGIN CERTIFICATE-----`",
            path.display()
        ));
    }
    Ok(certificates)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    disk::read(path, disk::PEM_BYTES)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
