//! Versions of documents: they never change, so that a digest tells them apart, and what was compiled stays so.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 of a document's canonical JSON, in hexadecimal.
///
/// # Errors
/// When it is not JSON.
pub fn digest(document: &impl Serialize) -> Result<String, String> {
    let canonical = serde_json::to_vec(document).map_err(|error| error.to_string())?;
    Ok(Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Versions that were compiled lately, the one last asked for first. The digest tells apart what two databases call the
/// same.
#[derive(Debug)]
pub struct Latest<T> {
    most: usize,
    kept: Mutex<VecDeque<(i32, String, Arc<T>)>>,
}

impl<T> Latest<T> {
    /// None yet, and never more than these.
    pub const fn new(most: usize) -> Self {
        Self { most, kept: Mutex::new(VecDeque::new()) }
    }

    /// A version, compiled by `make` unless it is kept.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get_or_make<E>(&self, version: i32, digest: &str, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        if let Some(kept) = self.get(version, digest) {
            return Ok(kept);
        }
        // Compiling takes time, and holds nobody up.
        let made = Arc::new(make()?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((version, digest.to_owned(), Arc::clone(&made)));
        kept.truncate(self.most);
        Ok(made)
    }

    fn get(&self, version: i32, digest: &str) -> Option<Arc<T>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(number, of, _)| *number == version && of == digest)?;
        let found = kept.remove(at)?;
        let made = Arc::clone(&found.2);
        kept.push_front(found);
        Some(made)
    }
}
