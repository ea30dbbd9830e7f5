//! The token endpoint's grants (RFC 6749): password, refresh token, client credentials.

use chrono::TimeDelta;
use database::{Database, Error, Result, Tx, schema::refresh_tokens};
use diesel::prelude::*;
use kernel::{Code, Error as DomainError, Origin, Scopes, Timestamp, ids};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    ApiClientId, Identity, Subject, UserId, Verified, challenge,
    digest::{digest, secret},
    familiar, password, resolve,
    token::ACCESS_LIFE,
};

/// How long a refresh token lives.
const REFRESH_LIFE: TimeDelta = TimeDelta::days(30);

ids! {
    /// A sign-in: all the refresh tokens that follow from it.
    Family = "session" => FamilyId;
}

/// What a client asks a token for. No `Debug`: it holds secrets.
#[derive(Clone)]
pub enum Grant {
    /// A person signs in.
    Password {
        /// E-mail address.
        username: String,
        /// Password.
        password: String,
    },
    /// A session goes on.
    Refresh {
        /// The refresh token that was given last.
        refresh_token: String,
    },
    /// An integration signs in.
    ClientCredentials {
        /// The client's id.
        client_id: String,
        /// Its secret.
        client_secret: String,
    },
}

/// An answer of the token endpoint (RFC 6749, 5.1). No `Debug`: it holds secrets.
#[derive(Clone, Serialize, ToSchema)]
pub struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    #[schema(max_length = 4096)]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(max_length = 6, example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(minimum = 1, maximum = 900, example = 900)]
    pub expires_in: i64,
    /// Exchanges for the next tokens, once. Only people have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub refresh_token: Option<String>,
    /// What the access token allows, separated by spaces.
    #[schema(max_length = 1000, example = "deals:read deals:write")]
    pub scope: String,
}

/// Why a grant is refused; each has its own error in RFC 6749, 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `invalid_grant`: the person, the password or the refresh token is not good.
    Grant,
    /// `invalid_client`: the client or its secret is not good.
    Client,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (code, detail) = match refusal {
            Refusal::Grant => (Code::InvalidGrant, "The credentials are wrong, expired or used up."),
            Refusal::Client => (Code::InvalidClient, "The client is unknown or its secret is wrong."),
        };
        DomainError::new(code, detail).into()
    }
}

/// Exchanges a grant for tokens. `wanted` narrows what they allow. Takes tens of milliseconds of CPU.
///
/// # Errors
/// `invalid_grant` or `invalid_client`, after the same time whether the user exists or not.
pub fn grant(
    database: &Database,
    identity: &std::sync::Arc<Identity>,
    grant: Grant,
    wanted: Option<Scopes>,
) -> Result<Tokens> {
    let identity = identity.clone();
    match grant {
        Grant::Password { username, password } => {
            let user = database.read_blocking(move |tx| crate::user::by_email(tx, &username))?;
            let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
            if !password::verify(&password, hash) {
                return Err(Refusal::Grant.into());
            }
            let user = user.ok_or(Refusal::Grant)?.id;
            database.write_blocking(move |tx| {
                let family = tx.id();
                identity.session(tx, user, family, wanted.clone())
            })
        }
        // A used token ends its session: that must be kept although the answer is a refusal.
        Grant::Refresh { refresh_token } => database
            .write_blocking(move |tx| identity.refresh(tx, &digest(&refresh_token), wanted.clone()))?
            .map_err(Into::into),
        Grant::ClientCredentials { client_id, client_secret } => {
            database.read_blocking(move |tx| identity.integration(tx, &client_id, &client_secret, wanted))
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens)]
struct RefreshToken {
    digest: String,
    family: FamilyId,
    user_id: UserId,
    scopes: String,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

/// Whoever may not act is told no more; that the database cannot be asked is no refusal.
fn refused(error: Error, refusal: Refusal) -> Error {
    match error {
        Error::Domain(_) => refusal.into(),
        other => other,
    }
}

impl Identity {
    fn session(&self, tx: &mut Tx, user: UserId, family: FamilyId, wanted: Option<Scopes>) -> Result<Tokens> {
        let verified = Verified { subject: Subject::User(user), scopes: wanted };
        let actor = resolve(tx, &verified, &Origin::default()).map_err(|error| refused(error, Refusal::Grant))?;
        let refresh_token = secret()?;
        let row = RefreshToken {
            digest: digest(&refresh_token),
            family,
            user_id: user,
            scopes: actor.scopes.to_string(),
            expires_at: tx.wall() + REFRESH_LIFE,
            used_at: None,
        };
        diesel::insert_into(refresh_tokens::table).values(row).execute(tx.sql())?;
        self.tokens(tx, &actor.subject, &actor.scopes, Some(refresh_token))
    }

    fn refresh(
        &self,
        tx: &mut Tx,
        digest: &str,
        wanted: Option<Scopes>,
    ) -> Result<std::result::Result<Tokens, Refusal>> {
        let found = refresh_tokens::table.find(digest).select(RefreshToken::as_select()).first(tx.sql()).optional()?;
        let Some(token) = found.filter(|token| token.expires_at > tx.wall()) else { return Ok(Err(Refusal::Grant)) };
        if token.used_at.is_some() {
            // Somebody has a copy. Whoever it is, the session ends for both (RFC 9700, 4.14.2).
            diesel::delete(refresh_tokens::table.filter(refresh_tokens::family.eq(token.family))).execute(tx.sql())?;
            return Ok(Err(Refusal::Grant));
        }
        diesel::update(refresh_tokens::table.find(digest))
            .set(refresh_tokens::used_at.eq(tx.wall()))
            .execute(tx.sql())?;
        let held: Scopes = token.scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect();
        let scopes = wanted.map_or(held.clone(), |wanted| wanted.intersection(&held));
        match self.session(tx, token.user_id, token.family, Some(scopes)) {
            Err(Error::Domain(_)) => Ok(Err(Refusal::Grant)),
            other => other.map(Ok),
        }
    }

    fn integration(&self, tx: &mut Tx, id: &str, secret: &str, wanted: Option<Scopes>) -> Result<Tokens> {
        let id: ApiClientId = id.parse().map_err(|_| Refusal::Client)?;
        let client = crate::client::by_id(tx, id)?.filter(|client| client.accepts(secret)).ok_or(Refusal::Client)?;
        let verified = Verified { subject: Subject::Client(client.id), scopes: wanted };
        let actor = resolve(tx, &verified, &Origin::default()).map_err(|error| refused(error, Refusal::Client))?;
        self.tokens(tx, &actor.subject, &actor.scopes, None)
    }

    fn tokens(&self, tx: &Tx, subject: &str, scopes: &Scopes, refresh_token: Option<String>) -> Result<Tokens> {
        Ok(Tokens {
            access_token: self.issue(tx, subject, scopes)?,
            token_type: "Bearer",
            expires_in: ACCESS_LIFE.num_seconds(),
            refresh_token,
            scope: scopes.to_string(),
        })
    }
}

/// Forgets refresh tokens, spent challenges and familiar addresses that have expired; how many.
///
/// # Errors
/// When the database cannot be written.
pub fn forget_expired(tx: &mut Tx) -> Result<usize> {
    let expired = refresh_tokens::expires_at.lt(tx.wall());
    let forgotten = diesel::delete(refresh_tokens::table.filter(expired)).execute(tx.sql())?;
    Ok(forgotten + challenge::forget_spent(tx)? + familiar::forget_old(tx)?)
}
