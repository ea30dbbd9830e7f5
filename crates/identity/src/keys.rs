//! The keys that sign access tokens: Ed25519, made at first start, kept in the database so that every server
//! signs with the same one, rotated by command.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use database::{Error, Result, Tx, schema::signing_keys};
use diesel::prelude::*;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, JwkSet, ThumbprintHash},
};
use kernel::Timestamp;

use crate::digest::random;

/// How long a retired key still verifies: longer than any access token lives.
const RETIRED_LIFE: TimeDelta = TimeDelta::hours(1);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
struct StoredKey {
    id: String,
    private_key: String,
    created_at: Timestamp,
    retired_at: Option<Timestamp>,
}

/// The keys that are in use: the newest signs, the others verify.
pub struct Keys {
    signer: (String, EncodingKey),
    verifiers: HashMap<String, DecodingKey>,
    published: JwkSet,
}

impl Keys {
    /// The keys in use; makes the first one.
    ///
    /// # Errors
    /// When the database fails or a stored key is damaged.
    pub fn load_or_make(tx: &mut Tx) -> Result<Self> {
        match Self::load(tx)? {
            Some(keys) => Ok(keys),
            None => {
                make(tx)?;
                Self::load(tx)?.ok_or_else(|| Error::Internal("the signing key was not stored".into()))
            }
        }
    }

    /// The keys in use, if any were made.
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
        let mut signer = None;
        let mut verifiers = HashMap::new();
        let mut published = JwkSet { keys: Vec::new() };
        for key in stored {
            let (encoding, jwk) = parse(&key.private_key).map_err(|e| Error::Internal(e.to_string()))?;
            verifiers.insert(key.id.clone(), DecodingKey::from_jwk(&jwk).map_err(|e| Error::Internal(e.to_string()))?);
            published.keys.push(named(jwk, &key.id));
            signer.get_or_insert((key.id, encoding));
        }
        Ok(signer.map(|signer| Self { signer, verifiers, published }))
    }

    /// The key to sign with, and its id.
    pub fn signer(&self) -> (&str, &EncodingKey) {
        (&self.signer.0, &self.signer.1)
    }

    /// The key that verifies what `kid` signed.
    pub fn verifier(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifiers.get(kid)
    }

    /// The public halves, for `/.well-known/jwks.json`.
    pub fn published(&self) -> &JwkSet {
        &self.published
    }
}

/// Makes a new key to sign with; the earlier ones verify for another hour.
///
/// # Errors
/// When the database cannot be written.
pub fn rotate(tx: &mut Tx) -> Result<String> {
    let now = tx.wall();
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set(signing_keys::retired_at.eq(now))
        .execute(tx.sql())?;
    make(tx)
}

fn make(tx: &mut Tx) -> Result<String> {
    // Without the public half (PKCS#8 version 1): the JWT library knows an Ed25519 key by its 48 bytes.
    let key = KeypairBytes { secret_key: random::<32>()?, public_key: None };
    let der = key.to_pkcs8_der().map_err(|e| Error::Internal(e.to_string()))?;
    let private_key = STANDARD.encode(der.as_bytes());
    let (_, jwk) = parse(&private_key).map_err(|e| Error::Internal(e.to_string()))?;
    let id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|e| Error::Internal(e.to_string()))?;
    let stored = StoredKey { id: id.clone(), private_key, created_at: tx.wall(), retired_at: None };
    diesel::insert_into(signing_keys::table).values(stored).execute(tx.sql())?;
    Ok(id)
}

fn parse(private_key: &str) -> jsonwebtoken::errors::Result<(EncodingKey, Jwk)> {
    let der = STANDARD
        .decode(private_key)
        .map_err(|_| jsonwebtoken::errors::Error::from(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat))?;
    let encoding = EncodingKey::from_ed_der(&der);
    let jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
    Ok((encoding, jwk))
}

fn named(mut jwk: Jwk, kid: &str) -> Jwk {
    jwk.common.key_id = Some(kid.into());
    jwk.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
    jwk
}
