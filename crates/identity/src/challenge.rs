//! Proof of work: what a caller without an account pays with, so that a flood of requests costs the flooder.
//!
//! A challenge is signed and not stored: whoever holds the key that signs access tokens can check it, on any server. Its
//! answer is a nonce with which the SHA-256 of `CHALLENGE.NONCE` begins with so many zero bits (as in Hashcash, Back
//! 2002). What was answered is stored until it expires, in the transaction of what it paid for, so that each is good once.

use chrono::TimeDelta;
use database::{Error, Result, Tx, schema::spent_challenges};
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use kernel::{Code, Error as DomainError, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Identity, digest::random, token::reason};

/// How long a challenge may be answered.
const LIFE: TimeDelta = TimeDelta::minutes(10);
/// The type that tells a challenge from an access token (RFC 8725, 3.11).
const TYPE: &str = "challenge+jwt";

kernel::ids! {
    /// A challenge.
    ChallengeKind = "challenge" => ChallengeId;
}

/// A challenge to be answered.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// What is to be hashed, before a point and the nonce.
    pub text: String,
    /// Until when it may be answered.
    pub expires_at: Timestamp,
}

/// A challenge that was answered, and is good once.
#[derive(Debug, Clone)]
pub struct Solved {
    id: String,
    expires_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    purpose: String,
    difficulty: u8,
    exp: i64,
    jti: String,
}

impl Identity {
    /// Makes a challenge for a purpose, such as an application to a program.
    ///
    /// # Errors
    /// When the operating system gives no randomness, or signing fails.
    pub fn challenge(&self, purpose: &str, difficulty: u8) -> Result<Challenge> {
        let expires_at = self.wall() + LIFE;
        let claims = Claims {
            iss: self.issuer().to_owned(),
            aud: self.audience(),
            purpose: purpose.to_owned(),
            difficulty,
            exp: expires_at.as_seconds(),
            jti: ChallengeId::from_bytes(random::<16>()?).to_string(),
        };
        let keys = self.keys();
        let (kid, key) = keys.signer();
        let header = Header { typ: Some(TYPE.into()), kid: Some(kid.into()), ..Header::new(Algorithm::EdDSA) };
        let text = encode(&header, &claims, key).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Challenge { text, expires_at: Timestamp::from_micros(claims.exp.saturating_mul(1_000_000)) })
    }

    /// Checks the answer to a challenge for a purpose. Whether it was spent before shows when it is [`spend`]t.
    ///
    /// # Errors
    /// `proof_required`, saying what is wrong; those of the database when keys must be read.
    pub async fn solved(&self, purpose: &str, challenge: &str, nonce: &str) -> Result<Solved> {
        let wrong = |detail: &str| refused("/proof/challenge", "wrong", detail);
        let header = decode_header(challenge).map_err(|_| wrong("is not a challenge of this server"))?;
        let kid = header.kid.filter(|_| header.typ.as_deref() == Some(TYPE));
        let kid = kid.ok_or_else(|| wrong("is not a challenge of this server"))?;
        let keys = self.keys_with(&kid).await?;
        let key = keys.verifier(&kid).ok_or_else(|| wrong("is signed with a key that is not known"))?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[self.audience()]);
        rules.set_issuer(&[self.issuer()]);
        rules.leeway = 0;
        let claims = decode::<Claims>(challenge, key, &rules).map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::ExpiredSignature => refused("/proof/challenge", "expired", "is expired"),
            _ => wrong(reason(&error)),
        })?;
        let claims = claims.claims;
        if claims.purpose != purpose {
            return Err(wrong("was given for something else").into());
        }
        if leading_zero_bits(&Sha256::digest(format!("{challenge}.{nonce}"))) < u32::from(claims.difficulty) {
            let detail = format!("does not make the hash begin with {} zero bits", claims.difficulty);
            return Err(refused("/proof/nonce", "wrong", &detail).into());
        }
        Ok(Solved { id: claims.jti, expires_at: Timestamp::from_micros(claims.exp.saturating_mul(1_000_000)) })
    }

    /// Another than that of access tokens: neither can stand for the other.
    fn audience(&self) -> String {
        format!("{}/challenges", self.issuer())
    }
}

/// Spends the answer to a challenge, in the transaction of what it pays for.
///
/// # Errors
/// `proof_required` when it was spent before.
pub fn spend(tx: &mut Tx, solved: &Solved) -> Result<()> {
    let row = spent_challenges::table.find(&solved.id).select(spent_challenges::id);
    if tx.looks_first() && row.first::<String>(tx.sql()).optional()?.is_some() {
        return Err(refused("/proof/challenge", "spent", "was answered before: get another").into());
    }
    let row = (spent_challenges::id.eq(&solved.id), spent_challenges::expires_at.eq(solved.expires_at));
    diesel::insert_into(spent_challenges::table).values(row).execute(tx.sql())?;
    Ok(())
}

/// Forgets spent challenges that have expired; how many.
pub(crate) fn forget_spent(tx: &mut Tx) -> Result<usize> {
    let expired = spent_challenges::expires_at.lt(tx.wall());
    Ok(diesel::delete(spent_challenges::table.filter(expired)).execute(tx.sql())?)
}

/// The error for a proof that is not good.
pub(crate) fn refused(pointer: &str, code: &str, detail: &str) -> DomainError {
    DomainError::new(Code::ProofRequired, "The proof is not good; see errors.").with_fault(pointer, code, detail)
}

fn leading_zero_bits(hash: &[u8]) -> u32 {
    let whole = hash.iter().take_while(|byte| **byte == 0).count();
    let rest = hash.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_first() {
        for (hash, bits) in [(&[0x80][..], 0), (&[0x01], 7), (&[0, 0x10], 11), (&[0, 0], 16), (&[], 0)] {
            assert_eq!(leading_zero_bits(hash), bits, "{hash:?}");
        }
    }
}
