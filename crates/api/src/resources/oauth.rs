//! The token endpoint (RFC 6749).

use actix_web::{HttpMessage, HttpRequest, HttpResponse, post, web::Data};
use identity::{Grant, Tokens};
use kernel::{Code, Error, Fault, Scope, Scopes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Problem, basic, gate};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(token);
}

/// What a client asks a token for (RFC 6749, 4.3, 4.4 and 6).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "password", "username": "admin@acme.example", "password": "correct horse battery staple"}))]
struct TokenRequest {
    /// How the caller shows who they are.
    grant_type: GrantType,
    /// With `password`: the e-mail address.
    #[schema(nullable = false, max_length = 254, example = "admin@acme.example")]
    username: Option<String>,
    /// With `password`: the password.
    #[schema(nullable = false, max_length = 200, format = Password)]
    password: Option<String>,
    /// With `refresh_token`: the refresh token that was given last.
    #[schema(nullable = false, max_length = 64)]
    refresh_token: Option<String>,
    /// With `client_credentials`: the client's id, unless it stands in `Authorization: Basic`.
    #[schema(nullable = false, max_length = 64, example = "client_01h455vb4pex5vsknk084sn02q")]
    client_id: Option<String>,
    /// With `client_credentials`: the client's secret, unless it stands in `Authorization: Basic`.
    #[schema(nullable = false, max_length = 64, format = Password)]
    client_secret: Option<String>,
    /// Narrows what the token allows: scopes, separated by spaces.
    #[schema(nullable = false, max_length = 1000, example = "deals:read deals:write")]
    scope: Option<String>,
}

/// How a caller shows who they are.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum GrantType {
    /// With e-mail address and password.
    Password,
    /// With the refresh token that was given last.
    RefreshToken,
    /// With the client's id and secret.
    ClientCredentials,
}

/// Get an access token
///
/// For people with `password` and `refresh_token`, for integrations with `client_credentials`. A refresh token is good
/// for one use: the answer holds the next; using one twice ends the session.
#[utoipa::path(
    operation_id = "createToken",
    tag = "auth",
    security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    extensions(("x-error-codes" = json!(["invalid_grant", "invalid_client", "database_unavailable", "busy", "storage_full", "storage_read_only"])), ("x-never" = json!(["invalid_body"]))),
    responses((status = 200, description = "The tokens.", body = Tokens))
)]
#[post("/oauth/token")]
async fn token(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    match grant(&app, &request).await {
        Ok(tokens) => Ok(HttpResponse::Ok().insert_header(("Pragma", "no-cache")).json(tokens)),
        Err(problem) => Err(named(problem)),
    }
}

async fn grant(app: &Data<App>, request: &HttpRequest) -> Result<Tokens, Problem> {
    let address = gate::address(request, app).unwrap_or_default();
    gate::stands(request, app.throttle.count_token(&address).await?);
    let form = read(request)?;
    let basic = basic(request)?;
    let grant = asked(&form, basic)?;
    let account = account(&grant);
    if let Some(account) = &account {
        app.count_account(account, &address).await?;
    }
    let wanted = form.scope.as_deref().map(scopes).transpose()?;
    let (database, identity) = (app.database.clone(), app.identity.clone());
    let tokens = super::blocking(move || identity::grant(&database, &identity, grant, wanted)).await?;
    if let Some(account) = &account {
        app.signed_in(account, &address).await?;
    }
    Ok(tokens)
}

fn read(request: &HttpRequest) -> Result<TokenRequest, Problem> {
    let form = request.extensions_mut().remove::<gate::Form>().map_or_else(|| Err(Vec::new()), |form| form.0);
    serde_json::from_value(form.map_err(refusal)?).map_err(|_| refusal(Vec::new()))
}

/// What is wrong with the form, by the name that RFC 6749, 5.2 has for it.
fn refusal(faults: Vec<Fault>) -> Problem {
    let has = |code: &str| faults.iter().any(|fault| fault.code == code);
    let error = match () {
        // No other field has values to choose from.
        () if has("not_a_known_value") => "unsupported_grant_type",
        // Nobody has a name or a password with U+0000 in it.
        () if has("pattern") => "invalid_grant",
        () => "invalid_request",
    };
    let detail = "The form has faults; see errors.".into();
    Problem::from(Error { code: Code::InvalidGrant, detail, faults }).for_oauth(error)
}

fn asked(form: &TokenRequest, basic: Option<(String, String)>) -> Result<Grant, Problem> {
    let needed = |field: &Option<String>, name: &str| {
        field.clone().ok_or_else(|| invalid_request(&format!("The form lacks {name}.")))
    };
    match form.grant_type {
        GrantType::Password => Ok(Grant::Password {
            username: needed(&form.username, "username")?,
            password: needed(&form.password, "password")?,
        }),
        GrantType::RefreshToken => Ok(Grant::Refresh { refresh_token: needed(&form.refresh_token, "refresh_token")? }),
        GrantType::ClientCredentials => match basic {
            Some(_) if form.client_secret.is_some() => {
                Err(invalid_request("The client's secret stands in Authorization and in the form: once is enough."))
            }
            Some((client_id, client_secret)) => Ok(Grant::ClientCredentials { client_id, client_secret }),
            None => Ok(Grant::ClientCredentials {
                client_id: needed(&form.client_id, "client_id")?,
                client_secret: needed(&form.client_secret, "client_secret")?,
            }),
        },
    }
}

/// For whom a guess would be.
fn account(grant: &Grant) -> Option<String> {
    match grant {
        Grant::Password { username, .. } => Some(username.to_lowercase()),
        Grant::ClientCredentials { client_id, .. } => Some(client_id.clone()),
        // 256 random bits: nobody guesses them, and each is good for one use.
        Grant::Refresh { .. } => None,
    }
}

fn scopes(text: &str) -> Result<Scopes, Problem> {
    let named = text
        .split_ascii_whitespace()
        .map(|name| name.parse::<Scope>().map_err(|_| refused("invalid_scope", &format!("There is no scope {name}."))));
    named.collect()
}

/// Id and secret of the client from `Authorization: Basic`, where each is form-encoded (RFC 6749, 2.3.1).
fn basic(request: &HttpRequest) -> Result<Option<(String, String)>, Problem> {
    if !request.headers().contains_key("Authorization") {
        return Ok(None);
    }
    basic::credentials(request)
        .map(|(id, secret)| Some((form_decoded(&id), form_decoded(&secret))))
        .ok_or_else(|| Problem::new(Code::InvalidClient, "Authorization is not Basic with the client's id and secret."))
}

fn form_decoded(text: &str) -> String {
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(&format!("v={text}")).unwrap_or_default();
    pairs.into_iter().next().map(|(_, value)| value).unwrap_or_default()
}

fn invalid_request(detail: &str) -> Problem {
    refused("invalid_request", detail)
}

fn refused(error: &'static str, detail: &str) -> Problem {
    Problem::from(Error::new(Code::InvalidGrant, detail)).for_oauth(error)
}

/// Gives the problem the name that RFC 6749, 5.2 has for it.
fn named(problem: Problem) -> Problem {
    match problem.error().code {
        Code::InvalidGrant if !problem.is_for_oauth() => problem.for_oauth("invalid_grant"),
        Code::InvalidClient => {
            problem.for_oauth("invalid_client").with_header("WWW-Authenticate", r#"Basic realm="entente""#)
        }
        _ => problem,
    }
}
