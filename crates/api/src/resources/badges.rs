//! What anybody can verify: credentials as Open Badges 3.0, their pictures and status, and who issues them.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::TimeDelta;
use kernel::Error;
use training::{
    CredentialId,
    badge::{self, Places},
    catalogue, credential,
};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::well_known::{JsonWebKey, KEYS_LIFE};
use crate::{App, Outcome, Problem, Reply, pages, texts::texts};

const JWT: &str = "application/vc+jwt";
const HTML: &str = "text/html";
/// The forms of a credential; the first for whoever does not say.
const FORMS: [&str; 4] = ["application/json", "application/vc+ld+json", "application/ld+json", HTML];

/// How long a status may be believed without asking again.
const STATUS_LIFE: TimeDelta = TimeDelta::hours(1);

pub(super) fn routes(config: &mut ServiceConfig) {
    // What stands beside ids is looked for before they are.
    config.service(get_issuer).service(get_key).service(show);
    config.service(get_jwt).service(get_svg).service(get_png).service(get_status);
}

/// An `OpenBadgeCredential`. Open Badges 3.0 says what it holds.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the outline of what another specification says")]
struct OpenBadge {
    /// Where it is.
    #[schema(format = "uri", max_length = 500)]
    id: String,
    /// What it is.
    #[schema(max_items = 10, example = json!(["VerifiableCredential", "OpenBadgeCredential"]))]
    r#type: Vec<String>,
    /// What is certified.
    #[schema(max_length = 200, example = "Technical professional")]
    name: String,
}

/// The `Profile` of whoever issues the credentials, with the key that signs them.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the outline of what another specification says")]
struct BadgeIssuer {
    /// Where it is.
    #[schema(format = "uri", max_length = 500)]
    id: String,
    /// What it is.
    #[schema(max_items = 10, example = json!(["Profile"]))]
    r#type: Vec<String>,
    /// What it is called: as the catalogue is.
    #[schema(max_length = 200, example = "Northwind Academy")]
    name: String,
    /// The server.
    #[schema(format = "uri", max_length = 500)]
    url: String,
}

texts! {
    /// A page.
    CertificatePage(max_length = 100_000);

    /// A JWT (RFC 7519), signed with ES256.
    CredentialJwt(max_length = 100_000);

    /// A picture that holds the credential's JWT.
    BakedBadge(max_length = 200_000);
}

fn places(app: &App) -> Places {
    Places::below(app.identity.issuer())
}

async fn signed(app: &App, id: CredentialId) -> Result<(badge::Badge, String), Problem> {
    let badge = app.show(move |tx| badge::find(tx, id)).await?;
    let places = places(app);
    let jwt = app.identity.keys().sign_credential(&places.keys(), &badge.claims(&places))?;
    Ok((badge, jwt))
}

/// Show a credential
///
/// For anybody who has its link: a page for whoever would rather have HTML, such as a browser, and an
/// `OpenBadgeCredential` (Open Badges 3.0) for everybody else. It tells who holds what, and until when. One that has
/// expired or was revoked is shown as such; one that was superseded is not there.
#[utoipa::path(
    operation_id = "showCredential",
    tag = "credentials",
    security(()),
    params(("id" = CredentialId, Path, description = "The credential.")),
    extensions(("x-error-codes" = json!(["database_unavailable", "busy"]))),
    responses((
        status = 200,
        description = "The credential.",
        content(
            (OpenBadge = "application/json"),
            (OpenBadge = "application/vc+ld+json"),
            (OpenBadge = "application/ld+json"),
            (CertificatePage = "text/html", example = json!("<!doctype html>"))
        )
    ))
)]
#[get("/credentials/{id}")]
async fn show(app: Data<App>, request: HttpRequest, id: Path<CredentialId>) -> Outcome {
    let badge = app.show(move |tx| badge::find(tx, *id)).await?;
    let places = places(&app);
    let reply = match pages::preferred(&request, &FORMS) {
        HTML => pages::certificate(&badge, &places)?,
        form => Reply::text(StatusCode::OK, form, badge.document(&places).to_string()),
    };
    Ok(reply.tagged().with_header("Vary", "Accept").unless_known(&request))
}

/// Get a credential's JWT
///
/// The credential, signed (Open Badges 3.0, 8.2): what verifiers and wallets take. The header's `kid` is the address of
/// the key.
#[utoipa::path(
    operation_id = "getCredentialJwt",
    tag = "credentials",
    security(()),
    params(("id" = CredentialId, Path, description = "The credential.")),
    extensions(("x-error-codes" = json!(["database_unavailable", "busy"]))),
    responses((
        status = 200,
        description = "The JWT.",
        content((CredentialJwt = "application/vc+jwt", example = json!("eyJhbGciOiJFUzI1NiJ9.eyJuYW1lIjoiLi4uIn0.c2lnbmF0dXJl")))
    ))
)]
#[get("/credentials/{id}/jwt")]
async fn get_jwt(app: Data<App>, request: HttpRequest, id: Path<CredentialId>) -> Outcome {
    let (_, jwt) = signed(&app, *id).await?;
    Ok(Reply::text(StatusCode::OK, JWT, jwt).tagged().unless_known(&request))
}

/// Get a credential's picture
///
/// A drawing (SVG) with the name of the certification; the JWT is baked into it (Open Badges 3.0, 5.3.2).
#[utoipa::path(
    operation_id = "getCredentialSvg",
    tag = "credentials",
    security(()),
    params(("id" = CredentialId, Path, description = "The credential.")),
    extensions(("x-error-codes" = json!(["database_unavailable", "busy"]))),
    responses((
        status = 200,
        description = "The picture.",
        content((BakedBadge = "image/svg+xml", example = json!("<svg/>")))
    ))
)]
#[get("/credentials/{id}/badge.svg")]
async fn get_svg(app: Data<App>, request: HttpRequest, id: Path<CredentialId>) -> Outcome {
    let (badge, jwt) = signed(&app, *id).await?;
    Ok(pages::painted(&badge, &jwt)?.tagged().unless_known(&request))
}

/// Get a credential's picture as PNG
///
/// A seal; the JWT is baked into it (Open Badges 3.0, 5.3.1).
#[utoipa::path(
    operation_id = "getCredentialPng",
    tag = "credentials",
    security(()),
    params(("id" = CredentialId, Path, description = "The credential.")),
    extensions(("x-error-codes" = json!(["database_unavailable", "busy"]))),
    responses((
        status = 200,
        description = "The picture.",
        content((BakedBadge = "image/png", example = json!("PNG")))
    ))
)]
#[get("/credentials/{id}/badge.png")]
async fn get_png(app: Data<App>, request: HttpRequest, id: Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let (_, jwt) = signed(&app, *id).await?;
    Ok(pages::stamped(&jwt).answer(&request))
}

/// Get a credential's status
///
/// Whether it was revoked, as a signed Bitstring Status List (W3C): the credential's `credentialStatus` points here, and
/// the first bit is its. It is good for an hour. One that was superseded after somebody fetched it reads as revoked.
#[utoipa::path(
    operation_id = "getCredentialStatus",
    tag = "credentials",
    security(()),
    params(("id" = CredentialId, Path, description = "The credential.")),
    extensions(("x-error-codes" = json!(["database_unavailable", "busy"])), ("x-never" = json!(["etag"]))),
    responses((
        status = 200,
        description = "The status list.",
        content((CredentialJwt = "application/vc+jwt", example = json!("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")))
    ))
)]
#[get("/credentials/{id}/status")]
async fn get_status(app: Data<App>, id: Path<CredentialId>) -> Outcome {
    let id = *id;
    let is_revoked = app.show(move |tx| credential::is_taken_back(tx, id)).await?;
    let places = places(&app);
    let list = badge::revocation(&places, id, is_revoked, app.identity.wall() + STATUS_LIFE);
    Ok(Reply::text(StatusCode::OK, JWT, app.identity.keys().sign_credential(&places.keys(), &list)?))
}

/// Get the issuer of credentials
///
/// Who issues them, as a `Profile` (Open Badges 3.0), with the key that signs them now.
#[utoipa::path(
    operation_id = "getCredentialIssuer",
    tag = "credentials",
    security(()),
    extensions(("x-error-codes" = json!(["not_found", "database_unavailable", "busy"]))),
    responses((
        status = 200,
        description = "The issuer.",
        content((BadgeIssuer = "application/json"), (BadgeIssuer = "application/ld+json"))
    ))
)]
#[get("/credentials/issuer")]
async fn get_issuer(app: Data<App>, request: HttpRequest) -> Outcome {
    let newest = app.show(catalogue::newest).await?;
    let name = newest.ok_or_else(|| Error::not_found("issuer: nothing is certified yet"))?.document.0.name;
    let keys = app.identity.keys();
    let issuer = badge::issuer(&name, &places(&app), keys.of_credentials());
    let form = pages::preferred(&request, &["application/json", "application/ld+json"]);
    let reply = Reply::text(StatusCode::OK, form, issuer.to_string()).tagged().with_header("Vary", "Accept");
    Ok(reply.unless_known(&request))
}

/// Get a key of credentials
///
/// The public key that a JWT's `kid` points at (RFC 7517). It stays after another has taken its place, so that what it
/// signed can be verified.
#[utoipa::path(
    operation_id = "getCredentialKey",
    tag = "credentials",
    security(()),
    params(("kid" = String, Path, description = "The key.", min_length = 1, max_length = 64,
        example = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")),
    extensions(("x-error-codes" = json!(["database_unavailable", "busy"])), ("x-never" = json!(["etag"]))),
    responses((status = 200, description = "The key.", body = JsonWebKey))
)]
#[get("/credentials/issuer/keys/{kid}")]
async fn get_key(app: Data<App>, kid: Path<String>) -> Outcome {
    let key = app.show(move |tx| identity::credential_key(tx, &kid)).await?;
    Ok(Reply::json(StatusCode::OK, &key)?.with_header("Cache-Control", KEYS_LIFE))
}
