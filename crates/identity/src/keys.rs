//! The keys that sign, made at first start, kept in the database so that every server signs with the same ones, rotated
//! by command: one for access tokens (Ed25519), one for credentials (P-256).

use std::{collections::HashMap, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use database::{Error, Result, Tx, schema::signing_keys};
use diesel::prelude::*;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, encode,
    jwk::{Jwk, JwkSet, ThumbprintHash},
};
use kernel::{Error as DomainError, Timestamp};
use p256::SecretKey;
use serde::Serialize;

use crate::digest::random;

/// How long a retired key still verifies: longer than any access token lives.
const RETIRED_LIFE: TimeDelta = TimeDelta::hours(1);

/// What access tokens are signed with.
const TOKENS: Algorithm = Algorithm::EdDSA;
/// What credentials are signed with: what verifiers of Open Badges take everywhere, beside RSA.
const CREDENTIALS: Algorithm = Algorithm::ES256;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
struct StoredKey {
    id: String,
    private_key: String,
    created_at: Timestamp,
    retired_at: Option<Timestamp>,
    algorithm: String,
}

/// The keys that are in use: of each kind the newest signs, the others verify.
pub struct Keys {
    signer: (String, EncodingKey),
    /// The one that signs credentials, with its public half.
    credentials: (String, EncodingKey, Jwk),
    /// Of access tokens alone.
    verifiers: HashMap<String, DecodingKey>,
    published: JwkSet,
}

impl Keys {
    /// The keys in use; makes those that there are not.
    ///
    /// # Errors
    /// When the database fails or a stored key is damaged.
    pub fn load_or_make(tx: &mut Tx) -> Result<Self> {
        for algorithm in [TOKENS, CREDENTIALS] {
            let current = signing_keys::retired_at.is_null().and(signing_keys::algorithm.eq(name(algorithm)));
            if signing_keys::table.filter(current).count().get_result::<i64>(tx.sql())? == 0 {
                make(tx, algorithm)?;
            }
        }
        Self::load(tx)?.ok_or_else(|| Error::Internal("the signing keys were not stored".into()))
    }

    /// The keys in use, if they were made.
    ///
    /// # Errors
    /// When the database fails or a stored key is damaged.
    pub fn load(tx: &mut Tx) -> Result<Option<Self>> {
        let usable = signing_keys::retired_at.is_null().or(signing_keys::retired_at.gt(tx.wall() - RETIRED_LIFE));
        let stored: Vec<StoredKey> = signing_keys::table
            .filter(usable)
            .order((signing_keys::retired_at.is_null().desc(), signing_keys::created_at.desc()))
            .select(StoredKey::as_select())
            .load(tx.sql())?;
        let (mut signer, mut credentials) = (None, None);
        let mut verifiers = HashMap::new();
        let mut published = JwkSet { keys: Vec::new() };
        for key in stored {
            let (algorithm, encoding, jwk) = key.parse()?;
            let jwk = named(jwk, &key.id);
            published.keys.push(jwk.clone());
            if algorithm == TOKENS {
                verifiers.insert(key.id.clone(), DecodingKey::from_jwk(&jwk).map_err(damaged)?);
                signer.get_or_insert((key.id, encoding));
            } else {
                credentials.get_or_insert((key.id, encoding, jwk));
            }
        }
        Ok(signer.zip(credentials).map(|(signer, credentials)| Self { signer, credentials, verifiers, published }))
    }

    /// The key to sign access tokens with, and its id.
    pub fn signer(&self) -> (&str, &EncodingKey) {
        (&self.signer.0, &self.signer.1)
    }

    /// The key that verifies the access tokens that `kid` signed.
    pub fn verifier(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifiers.get(kid)
    }

    /// The public halves, for `/.well-known/jwks.json`.
    pub fn published(&self) -> &JwkSet {
        &self.published
    }

    /// The key that signs credentials now: its id, and its public half.
    pub fn of_credentials(&self) -> (&str, &Jwk) {
        (&self.credentials.0, &self.credentials.2)
    }

    /// Signs a credential as a JWT whose header names the key by its address: `keys` and the key's id.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign_credential(&self, keys: &str, claims: &impl Serialize) -> Result<String> {
        let (id, key, _) = &self.credentials;
        let header = Header { kid: Some(format!("{keys}{id}")), ..Header::new(CREDENTIALS) };
        encode(&header, claims, key).map_err(damaged)
    }
}

/// The public half of a key that signs credentials, or has: what it signed is looked at long after it was retired.
///
/// # Errors
/// `not_found`.
pub fn credential_key(tx: &mut Tx, id: &str) -> Result<Jwk> {
    let stored: Option<StoredKey> = signing_keys::table
        .filter(signing_keys::id.eq(id).and(signing_keys::algorithm.eq(name(CREDENTIALS))))
        .select(StoredKey::as_select())
        .first(tx.sql())
        .optional()?;
    let (_, _, jwk) = stored.ok_or_else(|| DomainError::not_found("key"))?.parse()?;
    Ok(named(jwk, id))
}

/// Makes new keys to sign with; the earlier ones verify access tokens for another hour, and credentials for good, unless
/// they are withdrawn because somebody else may have them. Answers the id of the one for tokens.
///
/// # Errors
/// When the database cannot be written.
pub fn rotate(tx: &mut Tx, withdraw: bool) -> Result<String> {
    if withdraw {
        let of_credentials = signing_keys::algorithm.eq(name(CREDENTIALS));
        diesel::delete(signing_keys::table.filter(of_credentials)).execute(tx.sql())?;
    }
    let now = tx.wall();
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set(signing_keys::retired_at.eq(now))
        .execute(tx.sql())?;
    make(tx, CREDENTIALS)?;
    make(tx, TOKENS)
}

fn make(tx: &mut Tx, algorithm: Algorithm) -> Result<String> {
    let private_key = STANDARD.encode(if algorithm == TOKENS { ed25519()? } else { p256()? });
    let algorithm = name(algorithm);
    let mut stored = StoredKey { id: String::new(), private_key, created_at: tx.wall(), retired_at: None, algorithm };
    let (_, _, jwk) = stored.parse()?;
    stored.id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(damaged)?;
    let id = stored.id.clone();
    diesel::insert_into(signing_keys::table).values(stored).execute(tx.sql())?;
    Ok(id)
}

/// Without the public half (PKCS#8 version 1): the JWT library knows an Ed25519 key by its 48 bytes.
fn ed25519() -> Result<Vec<u8>> {
    let key = KeypairBytes { secret_key: random::<32>()?, public_key: None };
    Ok(key.to_pkcs8_der().map_err(damaged)?.as_bytes().to_vec())
}

/// One of 2^32 random numbers is none of the curve's; then the server is started again.
fn p256() -> Result<Vec<u8>> {
    let key = SecretKey::from_slice(&random::<32>()?).map_err(damaged)?;
    Ok(key.to_pkcs8_der().map_err(damaged)?.as_bytes().to_vec())
}

impl StoredKey {
    fn parse(&self) -> Result<(Algorithm, EncodingKey, Jwk)> {
        let algorithm = Algorithm::from_str(&self.algorithm).map_err(damaged)?;
        let der = STANDARD.decode(&self.private_key).map_err(damaged)?;
        let encoding =
            if algorithm == TOKENS { EncodingKey::from_ed_der(&der) } else { EncodingKey::from_ec_der(&der) };
        let jwk = Jwk::from_encoding_key(&encoding, algorithm).map_err(damaged)?;
        Ok((algorithm, encoding, jwk))
    }
}

/// As it is stored: what JWTs call it.
fn name(algorithm: Algorithm) -> String {
    format!("{algorithm:?}")
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

fn named(mut jwk: Jwk, kid: &str) -> Jwk {
    jwk.common.key_id = Some(kid.into());
    jwk.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
    jwk
}
