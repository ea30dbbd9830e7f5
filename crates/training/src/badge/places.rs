//! Where everything stands that is published of credentials.

use crate::CredentialId;

/// The addresses, all below the URL by which clients reach the server.
#[derive(Debug, Clone)]
pub struct Places(String);

impl Places {
    /// Below this URL.
    pub fn below(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// The server.
    pub fn home(&self) -> &str {
        &self.0
    }

    /// Who issues the credentials.
    pub fn issuer(&self) -> String {
        format!("{}/credentials/issuer", self.0)
    }

    /// The keys that sign them; the id of one follows.
    pub fn keys(&self) -> String {
        format!("{}/credentials/issuer/keys/", self.0)
    }

    /// A certification.
    pub fn achievement(&self, slug: &str) -> String {
        format!("{}#{slug}", self.issuer())
    }

    /// A credential: a page for people, JSON for everybody else.
    pub fn credential(&self, id: CredentialId) -> String {
        format!("{}/credentials/{id}", self.0)
    }

    /// Who holds it: one of their own for each, so that two credentials do not tell that they are the same person's.
    pub fn holder(&self, id: CredentialId) -> String {
        format!("{}#holder", self.credential(id))
    }

    /// Whether it was revoked.
    pub fn status(&self, id: CredentialId) -> String {
        format!("{}/status", self.credential(id))
    }

    /// Its picture.
    pub fn picture(&self, id: CredentialId) -> String {
        format!("{}/badge.png", self.credential(id))
    }
}
