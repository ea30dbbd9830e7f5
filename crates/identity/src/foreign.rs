//! Tokens of a foreign OpenID Connect issuer, such as a company's own sign-on.
//!
//! Keys are found by discovery (OpenID Connect Discovery 1.0), kept, and fetched again when a token names one that
//! is not known, though not more often than every few seconds: an attacker's invented `kid` must not become load.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use database::{Error, Result, StorageFault};
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode,
    jwk::{Jwk, JwkSet},
};
use kernel::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::token::{Subject, Verified, invalid, reason};

/// How long keys are believed without asking again.
const KEYS_LIFE: TimeDelta = TimeDelta::hours(1);
/// The least time between two looks for an unknown key.
const LEAST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// Clocks of two companies may differ by this many seconds.
const LEEWAY: u64 = 30;
/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 256 * 1024;

const ALGORITHMS: [Algorithm; 6] =
    [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// Which foreign issuer is believed, and for which audience.
#[derive(Debug, Clone)]
pub struct ForeignSettings {
    /// The issuer's URL, exactly as its tokens name it.
    pub issuer: String,
    /// The audience that its tokens for us name.
    pub audience: String,
}

/// A foreign issuer and what is known of its keys.
pub struct ForeignIssuer {
    settings: ForeignSettings,
    http: reqwest::Client,
    known: RwLock<Known>,
    /// When its keys were last asked for; held while they are.
    asked_at: Mutex<Option<Timestamp>>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Jwk>,
    read_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

impl ForeignIssuer {
    /// Prepares to believe the issuer; nothing is fetched yet.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(settings: ForeignSettings) -> std::result::Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { settings, http, known: RwLock::default(), asked_at: Mutex::default() })
    }

    /// The issuer's URL.
    pub(crate) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// What the token says, if this issuer signed it for us; `None` when it has no such key.
    pub(crate) async fn verify(&self, token: &str, header: &Header, now: Timestamp) -> Result<Option<Verified>> {
        if !ALGORITHMS.contains(&header.alg) {
            return Err(invalid("its algorithm is not accepted").into());
        }
        let Some(kid) = &header.kid else { return Ok(None) };
        let Some(jwk) = self.key(kid, now).await? else { return Ok(None) };
        let key = DecodingKey::from_jwk(&jwk).map_err(|_| invalid("its key is of an unknown kind"))?;
        let mut rules = Validation::new(header.alg);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.leeway = LEEWAY;
        rules.validate_nbf = true;
        let claims = decode::<Claims>(token, &key, &rules).map_err(|error| invalid(reason(&error)))?.claims;
        let email = claims.email.filter(|_| claims.email_verified);
        Ok(Some(Verified { subject: Subject::Foreign { subject: claims.sub, email }, scopes: None }))
    }

    async fn key(&self, kid: &str, now: Timestamp) -> Result<Option<Jwk>> {
        let (found, fresh) = self.find(kid, now);
        // Whose key is known does not wait for an issuer that is slow to answer somebody else's question.
        let asking = match (&found, fresh) {
            (Some(_), true) => return Ok(found),
            (Some(_), false) => self.asked_at.try_lock().ok(),
            (None, _) => Some(self.asked_at.lock().await),
        };
        let Some(mut asked_at) = asking else { return Ok(found) };
        if asked_at.is_some_and(|at| now - at < LEAST_PAUSE) {
            return Ok(self.find(kid, now).0);
        }
        *asked_at = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known { keys, read_at: Some(now) };
                Ok(self.find(kid, now).0)
            }
            // The issuer is away: keys that are known stay good; for an unknown one nobody can say.
            Err(error) => {
                tracing::warn!(issuer = self.settings.issuer, error, "cannot read the foreign issuer's keys");
                found.map_or(Err(Error::Storage(StorageFault::Unavailable)), |jwk| Ok(Some(jwk)))
            }
        }
    }

    /// The key as it is known, and whether it may be believed without asking.
    fn find(&self, kid: &str, now: Timestamp) -> (Option<Jwk>, bool) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.keys.iter().find(|jwk| jwk.common.key_id.as_deref() == Some(kid)).cloned();
        (found, known.read_at.is_some_and(|at| now - at < KEYS_LIFE))
    }

    async fn fetch(&self) -> std::result::Result<Vec<Jwk>, String> {
        let at = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let discovery: Discovery = self.get(&at).await?;
        if discovery.issuer != self.settings.issuer {
            return Err(format!("the discovery document is of {}", discovery.issuer));
        }
        Ok(self.get::<JwkSet>(&discovery.jwks_uri).await?.keys)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> std::result::Result<T, String> {
        let mut answer = self
            .http
            .get(url)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| error.to_string())?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_ANSWER {
                return Err(format!("{url} answers with more than {LARGEST_ANSWER} bytes"));
            }
        }
        serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
    }
}
