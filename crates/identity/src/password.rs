//! Passwords: Argon2id with the parameters that OWASP recommends (19 MiB, 2 passes, 1 lane).
//!
//! Source: OWASP Password Storage Cheat Sheet. Hashing takes tens of milliseconds of CPU: never inside a write.

use std::sync::OnceLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use database::{Error, Result};

/// The password's hash, with its salt and parameters, as a PHC string.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn hash(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password belongs to the hash. Without a hash the answer is no, after the same time.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let nobody = || NOBODY.get_or_init(|| self::hash("nobody's password").unwrap_or_default()).as_str();
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or_else(nobody)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_fits() {
        let stored = hash("correct horse battery staple").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse battery staple", Some(&stored)));
        assert!(!verify("wrong", Some(&stored)) && !verify("nobody's password", None));
    }
}
