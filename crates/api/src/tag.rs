//! Entity tags: which version of a resource somebody holds (RFC 9110, 8.8.3 and 13.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Code, Error};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The strong tag of a representation: half a SHA-256. It names the resource's state, whatever the coding in
/// which the bytes travel.
pub(crate) fn of(representation: &[u8]) -> String {
    let digest = Sha256::digest(representation);
    let half: Vec<u8> = digest.into_iter().take(16).collect();
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(half))
}

/// The versions that a request names in `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `*`: whichever there is.
    Any,
    /// One of these.
    Listed(Vec<String>),
}

impl Tags {
    /// Reads the header. What is no tag matches nothing.
    pub(crate) fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        Self::Listed(header.split(',').map(|tag| tag.trim().to_owned()).collect())
    }

    /// By strong comparison: a weak tag matches nothing.
    fn strongly(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|listed| listed == tag),
        }
    }

    /// By weak comparison, as `If-None-Match` wants it.
    pub(crate) fn weakly(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|listed| listed.strip_prefix("W/").unwrap_or(listed) == tag),
        }
    }
}

/// The version that a request wants to change: what `If-Match` says, if anything.
#[derive(Debug, Clone, Default)]
pub struct Precondition(pub(crate) Option<Tags>);

impl Precondition {
    /// Checks it against the resource as it is. To be called in the transaction that changes it.
    ///
    /// # Errors
    /// `stale`.
    pub fn check<T: Serialize>(&self, current: &T) -> database::Result<()> {
        let Some(tags) = &self.0 else { return Ok(()) };
        let bytes = serde_json::to_vec(current).map_err(|error| database::Error::Internal(error.to_string()))?;
        if tags.strongly(&of(&bytes)) {
            return Ok(());
        }
        let detail = "The resource has changed since you read it: read it again, and repeat with its new ETag.";
        Err(Error::new(Code::Stale, detail).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_as_the_rfc_says() {
        let tag = of(b"{}");
        let listed = Tags::parse(&format!("\"other\", {tag}"));
        assert!(listed.strongly(&tag) && listed.weakly(&tag));
        let weak = Tags::parse(&format!("W/{tag}"));
        assert!(!weak.strongly(&tag) && weak.weakly(&tag));
        assert!(Tags::parse("*").strongly(&tag) && !Tags::parse("\"\"").weakly(&tag));
    }
}
