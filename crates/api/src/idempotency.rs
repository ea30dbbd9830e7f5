//! Requests that may come twice: their keys, and those that are running now.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Error;
use sha2::{Digest, Sha256};

/// The header's name.
pub(crate) const HEADER: &str = "Idempotency-Key";

/// A digest by which the same request is known again.
pub(crate) fn fingerprint(operation: &str, path: &str, query: &str, body: &[u8]) -> String {
    let mut digest = Sha256::new();
    for part in [operation.as_bytes(), path.as_bytes(), query.as_bytes(), body] {
        // With its length before it, no part can run into the next.
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// The requests with a key that this server is working on. Others are kept out by the transaction itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashSet<(String, String)>>>);

/// Holds a key until the request has ended, however it ends.
#[derive(Debug)]
pub(crate) struct Held {
    running: Running,
    key: (String, String),
}

impl Running {
    /// Takes the key of a subject.
    ///
    /// # Errors
    /// `idempotency_key_in_use`.
    pub(crate) fn hold(&self, subject: String, key: &str) -> Result<Held, Error> {
        let key = (subject, key.to_owned());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return Ok(Held { running: self.clone(), key });
        }
        Err(events::idempotency::in_use())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
