//! Access tokens: what they say, how they are signed and checked.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use database::{Database, Error, Result, Tx};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use kernel::{Code, Error as DomainError, Scopes, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::{ApiClientId, ForeignIssuer, Keys, UserId};

/// How long an access token lives.
pub(crate) const ACCESS_LIFE: TimeDelta = TimeDelta::minutes(15);

/// The least time between two looks for a key that is not known.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

/// Whom a token speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A person.
    User(UserId),
    /// An integration.
    Client(ApiClientId),
    /// Somebody whom a foreign issuer names.
    Foreign {
        /// The issuer's name for them.
        subject: String,
        /// Their e-mail address, if the issuer has verified it.
        email: Option<String>,
    },
}

/// What a genuine token says.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Whom it speaks of.
    pub subject: Subject,
    /// What it allows; `None` when that is for the subject's role to say.
    pub scopes: Option<Scopes>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    scope: String,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Issues and checks access tokens.
pub struct Identity {
    database: Database,
    keys: RwLock<Arc<Keys>>,
    /// When an unknown key was last looked for.
    looked: Mutex<Option<Instant>>,
    issuer: String,
    foreign: Option<ForeignIssuer>,
}

impl Identity {
    /// Loads the keys, or makes the first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn start(database: &Database, issuer: String, foreign: Option<ForeignIssuer>) -> Result<Self> {
        let keys = database.write_blocking(Keys::load_or_make)?;
        let (keys, looked) = (RwLock::new(Arc::new(keys)), Mutex::default());
        Ok(Self { database: database.clone(), keys, looked, issuer, foreign })
    }

    /// The issuer's URL, which tokens name as `iss` and `aud`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys in use.
    pub fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks again which keys are in use: after a rotation on another server.
    ///
    /// # Errors
    /// When the database fails.
    pub fn reload_keys(&self) -> Result<()> {
        self.take_up(self.database.read_blocking(Keys::load)?);
        Ok(())
    }

    fn take_up(&self, keys: Option<Keys>) {
        if let Some(keys) = keys {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        }
    }

    /// Looks for a key that another server may have begun to sign with. One look is for all who wait for it, and the
    /// next is not before a second has passed: an invented `kid` must not become load.
    async fn look_again(&self) -> Result<()> {
        let came = Instant::now();
        let mut looked = self.looked.lock().await;
        if looked.is_some_and(|at| at >= came) {
            return Ok(());
        }
        if let Some(early) = looked.and_then(|at| LEAST_PAUSE.checked_sub(at.elapsed())) {
            tokio::time::sleep(early).await;
        }
        *looked = Some(Instant::now());
        self.take_up(self.database.read(Keys::load).await?);
        Ok(())
    }

    /// Signs an access token.
    ///
    /// # Errors
    /// When signing fails.
    pub(crate) fn issue(&self, tx: &Tx, subject: &str, scopes: &Scopes) -> Result<String> {
        let now = tx.wall();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: subject.into(),
            scope: scopes.to_string(),
            iat: now.as_seconds(),
            exp: (now + ACCESS_LIFE).as_seconds(),
            jti: tx.id::<TokenKind>().to_string(),
        };
        let keys = self.keys();
        let (kid, key) = keys.signer();
        // RFC 9068: the type tells an access token from any other JWT.
        let header = Header { typ: Some("at+jwt".into()), kid: Some(kid.into()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, key).map_err(|error| Error::Internal(error.to_string()))
    }

    /// What the token says, if it is genuine: signed by us, or by the foreign issuer that is configured.
    ///
    /// # Errors
    /// `invalid_token`; or `database_unavailable` when keys must be read and cannot be.
    pub async fn verify(&self, token: &str) -> Result<Verified> {
        let header = decode_header(token).map_err(|_| invalid("it is not a JWT"))?;
        let kid = header.kid.clone().ok_or_else(|| invalid("it names no key"))?;
        // Each issuer's keys are good for its own tokens alone; so the one may be away without harm to the other.
        if let Some(foreign) = self.foreign.as_ref().filter(|foreign| claims_issuer(token, foreign.issuer())) {
            let verified = foreign.verify(token, &header, self.database.clock().wall()).await?;
            return verified.ok_or_else(|| invalid("its key is not known").into());
        }
        let keys = self.keys_with(&kid).await?;
        self.verify_own(token, &kid, &keys)
    }

    /// The keys in use, looked for again if this one is not among them.
    pub(crate) async fn keys_with(&self, kid: &str) -> Result<Arc<Keys>> {
        if self.keys().verifier(kid).is_none() {
            self.look_again().await?;
        }
        Ok(self.keys())
    }

    /// Whom a client's id and secret speak of. The secret's 256 bits are random: a plain digest is compared, which costs
    /// no more than to check a token, so nothing is remembered.
    ///
    /// # Errors
    /// `invalid_token`; or `database_unavailable`.
    pub async fn verify_secret(&self, id: &str, secret: &str) -> Result<Verified> {
        let wrong = || DomainError::new(Code::InvalidToken, "The client is unknown or its secret is wrong.");
        let (id, secret) = (id.parse::<ApiClientId>().map_err(|_| wrong())?, secret.to_owned());
        let client = self.database.read(move |tx| crate::client::by_id(tx, id)).await?;
        let client = client.filter(|client| client.accepts(&secret)).ok_or_else(wrong)?;
        let scopes = client.scopes.0.iter().copied().collect();
        Ok(Verified { subject: Subject::Client(client.id), scopes: Some(scopes) })
    }

    fn verify_own(&self, token: &str, kid: &str, keys: &Keys) -> Result<Verified> {
        let key = keys.verifier(kid).ok_or_else(|| invalid("its key is not known"))?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[&self.issuer]);
        rules.set_issuer(&[&self.issuer]);
        rules.leeway = 0;
        let claims = decode::<Claims>(token, key, &rules).map_err(|error| invalid(reason(&error)))?.claims;
        let subject = claims.sub.parse().map(Subject::User).or_else(|_| claims.sub.parse().map(Subject::Client));
        let scopes = claims.scope.split(' ').filter_map(|scope| scope.parse().ok()).collect();
        Ok(Verified { subject: subject.map_err(|_| invalid("its subject is unknown"))?, scopes: Some(scopes) })
    }

    /// When the machine's clock says it is.
    pub fn wall(&self) -> Timestamp {
        self.database.clock().wall()
    }
}

kernel::ids! {
    /// An access token.
    TokenKind = "token" => TokenId;
}

/// Whether the token says that it is of this issuer. That alone proves nothing: it chooses the keys to check it with.
fn claims_issuer(token: &str, issuer: &str) -> bool {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claimed = payload.and_then(|payload| serde_json::from_slice::<Issuer>(&payload).ok());
    claimed.is_some_and(|claimed| claimed.iss == issuer)
}

/// The error for a token that is not good.
pub(crate) fn invalid(why: &str) -> DomainError {
    DomainError::new(Code::InvalidToken, format!("The access token is not valid: {why}."))
}

/// Why the library refuses a token, without its details.
pub(crate) fn reason(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => "it is expired",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::InvalidIssuer => "it is of another issuer",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "its algorithm is not accepted",
        _ => "its signature or content is wrong",
    }
}
