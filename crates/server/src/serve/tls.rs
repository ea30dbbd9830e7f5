//! TLS from a certificate and a key in files, which may be renewed while the server runs.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use crate::arguments::ServeArguments;

const CERTIFICATE: &str = "ENTENTE_TLS_CERT";
const KEY: &str = "ENTENTE_TLS_KEY";

/// The certificate that the server shows, read anew when its files change.
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Current>,
}

struct Current {
    shown: Arc<CertifiedKey>,
    /// What the files held when they were read last.
    read: Files,
}

#[derive(PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    /// The certificate that the settings name, if they name one.
    ///
    /// # Errors
    /// Says which of the two variables is wrong, and why.
    pub fn of(arguments: &ServeArguments) -> Result<Option<Arc<Self>>, String> {
        let (certificate, key) = match (&arguments.tls_cert, &arguments.tls_key) {
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(format!("{CERTIFICATE} is set and {KEY} is not: TLS needs both")),
            (None, Some(_)) => return Err(format!("{KEY} is set and {CERTIFICATE} is not: TLS needs both")),
        };
        let read = Files::read(&certificate, &key)?;
        let shown = Arc::new(read.parse(&certificate, &key)?);
        Ok(Some(Arc::new(Self { certificate, key, current: RwLock::new(Current { shown, read }) })))
    }

    /// How the server speaks TLS. Which versions of HTTP it speaks over it, the HTTP library adds.
    ///
    /// # Errors
    /// When the cryptography does not know the versions of TLS.
    pub fn config(self: &Arc<Self>) -> Result<ServerConfig, String> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| error.to_string())?;
        Ok(config.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Shows what the files hold now, if that has changed and is good. What is not good is said once, and the old
    /// certificate stays.
    pub fn reload(&self) {
        let read = match Files::read(&self.certificate, &self.key) {
            Ok(read) => read,
            Err(error) => return tracing::warn!(%error, "the renewed certificate cannot be read"),
        };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.read == read {
            return;
        }
        match read.parse(&self.certificate, &self.key) {
            Ok(shown) => {
                current.shown = Arc::new(shown);
                tracing::info!("a renewed certificate is shown from now on");
            }
            // Often one file is there and the other is not yet.
            Err(error) => tracing::warn!(%error, "the renewed certificate is not good: the old one stays"),
        }
        current.read = read;
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).shown.clone())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Files {
    fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        let read = |variable: &str, path: &Path| {
            fs::read(path).map_err(|error| format!("{variable}: cannot read {}: {error}", path.display()))
        };
        Ok(Self { certificate: read(CERTIFICATE, certificate)?, key: read(KEY, key)? })
    }

    fn parse(&self, certificate: &Path, key: &Path) -> Result<CertifiedKey, String> {
        let chain = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| format!("{CERTIFICATE}: {} holds no certificate in PEM", certificate.display()))?;
        let private = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            format!("{KEY}: {} holds no private key in PEM (PKCS#8, PKCS#1 or SEC1, not encrypted)", key.display())
        })?;
        let private = ring::sign::any_supported_type(&private)
            .map_err(|_| format!("{KEY}: {} holds a key that is neither RSA, ECDSA nor Ed25519", key.display()))?;
        let certified = CertifiedKey::new(chain, private);
        match certified.keys_match() {
            // Some keys cannot tell their public half: then the client finds out.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(certified),
            Err(rustls::Error::InconsistentKeys(_)) => Err(format!(
                "{KEY}: the key in {} is not that of the certificate in {}",
                key.display(),
                certificate.display()
            )),
            Err(_) => Err(format!("{CERTIFICATE}: {} holds a certificate that cannot be read", certificate.display())),
        }
    }
}
