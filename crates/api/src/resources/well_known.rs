//! What clients and other servers look up at fixed addresses.

use actix_web::{get, http::StatusCode, web::Data};
use kernel::Scope;
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::oauth::GrantType;
use crate::{App, Outcome, Reply};

/// How long keys may be kept without asking again: much shorter than a retired key still verifies.
pub(super) const KEYS_LIFE: &str = "public, max-age=300";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(jwks).service(metadata);
}

/// The public keys that access tokens and credentials are signed with (RFC 7517).
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of what the token library writes")]
struct JsonWebKeySet {
    /// The keys.
    #[schema(max_items = 20)]
    keys: Vec<JsonWebKey>,
}

/// A public key (RFC 7517, RFC 7518, RFC 8037).
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of what the token library writes")]
pub(super) struct JsonWebKey {
    /// The key's type.
    #[schema(max_length = 10, example = "OKP")]
    kty: String,
    /// The curve.
    #[schema(max_length = 20, example = "Ed25519")]
    crv: String,
    /// The public key, or the first part of it, in base64url.
    #[schema(max_length = 64)]
    x: String,
    /// The second part of a key on P-256.
    #[schema(max_length = 64, nullable = false)]
    y: Option<String>,
    /// What tokens call the key.
    #[schema(max_length = 64)]
    kid: String,
    /// What the key is for.
    #[schema(max_length = 10, example = "sig", rename = "use")]
    r#use: String,
    /// The algorithm.
    #[schema(max_length = 10, example = "EdDSA")]
    alg: String,
}

/// What there is to know about the authorization server (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
struct AuthorizationServer {
    /// Who issues the tokens.
    #[schema(format = "uri", max_length = 500, example = "https://partners.example")]
    issuer: String,
    /// Where tokens are issued.
    #[schema(format = "uri", max_length = 500, example = "https://partners.example/oauth/token")]
    token_endpoint: String,
    /// Where the keys are.
    #[schema(format = "uri", max_length = 500, example = "https://partners.example/.well-known/jwks.json")]
    jwks_uri: String,
    /// Where people read more.
    #[schema(format = "uri", max_length = 500, example = "https://partners.example/docs")]
    service_documentation: String,
    /// The scopes.
    #[schema(max_items = 50)]
    scopes_supported: Vec<Scope>,
    /// Empty: there is no authorization endpoint.
    #[schema(max_items = 0, value_type = Vec<ResponseType>)]
    response_types_supported: [ResponseType; 0],
    /// The grants.
    #[schema(max_items = 5, value_type = Vec<GrantType>)]
    grant_types_supported: [GrantType; 3],
    /// How a client says who it is.
    #[schema(max_items = 5, value_type = Vec<ClientAuthentication>)]
    token_endpoint_auth_methods_supported: [ClientAuthentication; 2],
}

/// What an authorization endpoint would answer with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "there is no such endpoint, and the member is required")]
enum ResponseType {
    /// A code to exchange.
    Code,
}

/// How a client says who it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClientAuthentication {
    /// In `Authorization: Basic`.
    ClientSecretBasic,
    /// In the form.
    ClientSecretPost,
}

/// Get the keys
///
/// The public keys that access tokens (EdDSA) and credentials (ES256) are signed with, for whoever checks them without
/// asking.
#[utoipa::path(
    operation_id = "getJwks",
    tag = "service",
    security(()),
    responses((status = 200, description = "The keys.", body = JsonWebKeySet))
)]
#[get("/.well-known/jwks.json")]
async fn jwks(app: Data<App>) -> Outcome {
    let keys = app.identity.keys();
    Ok(Reply::json(StatusCode::OK, keys.published())?.with_header("Cache-Control", KEYS_LIFE))
}

/// Get the authorization server's metadata
///
/// What there is to know about how to get a token (RFC 8414).
#[utoipa::path(
    operation_id = "getAuthorizationServer",
    tag = "service",
    security(()),
    responses((status = 200, description = "The metadata.", body = AuthorizationServer))
)]
#[get("/.well-known/oauth-authorization-server")]
async fn metadata(app: Data<App>) -> Outcome {
    let issuer = app.identity.issuer();
    let at = |path: &str| format!("{}{path}", issuer.trim_end_matches('/'));
    let metadata = AuthorizationServer {
        issuer: issuer.to_owned(),
        token_endpoint: at("/oauth/token"),
        jwks_uri: at("/.well-known/jwks.json"),
        service_documentation: at("/docs"),
        scopes_supported: Scope::iter().collect(),
        response_types_supported: [],
        grant_types_supported: [GrantType::Password, GrantType::RefreshToken, GrantType::ClientCredentials],
        token_endpoint_auth_methods_supported: [
            ClientAuthentication::ClientSecretBasic,
            ClientAuthentication::ClientSecretPost,
        ],
    };
    Ok(Reply::json(StatusCode::OK, &metadata)?.with_header("Cache-Control", KEYS_LIFE))
}
