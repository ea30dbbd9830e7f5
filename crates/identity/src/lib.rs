//! Who may sign in, with what, and what a token says.
//!
//! A token names a subject and a set of scopes; what the subject may reach is read from the database with every
//! request ([`resolve()`]), so that a revoked client or a suspended partner is out at once.

mod captcha;
pub mod challenge;
pub mod client;
mod digest;
pub mod familiar;
mod foreign;
mod grant;
mod keys;
mod password;
mod resolve;
mod token;
pub mod user;

pub use captcha::Captcha;
pub use client::{ApiClient, ApiClientId, ApiClientSecret, ApiClientUpdate, NewApiClient};
pub use digest::{digest as secret_digest, secret as random_password};
pub use foreign::{ForeignIssuer, ForeignSettings};
pub use grant::{Grant, Refusal, Tokens, forget_expired, grant};
pub use keys::{Keys, credential_key, rotate};
pub use resolve::{acting, resolve};
pub use token::{Identity, Subject, Verified};
pub use user::{NewUser, User, UserFilter, UserId, UserUpdate};
