//! Random secrets, and the digests under which they are stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use database::{Error, Result};
use sha2::{Digest, Sha256};

/// A secret of 256 random bits, as text.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(bytes)
}

/// What is stored of a secret. A plain digest is enough for 256 random bits: there is nothing to guess.
pub fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}

/// Compares in a time that does not depend on where the texts differ.
pub(crate) fn same(left: &str, right: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(left.as_bytes(), right.as_bytes()).into()
}
