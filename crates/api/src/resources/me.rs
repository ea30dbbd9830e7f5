//! Who the token stands for.

use actix_web::{get, web::Data};
use database::{Result, Tx};
use identity::{ApiClientId, UserId, client, user};
use kernel::{Actor, PartnerId, Role, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Outcome};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(me);
}

/// What kind of subject a token stands for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SubjectKind {
    /// A person.
    User,
    /// An integration.
    ApiClient,
}

/// Who the token stands for, and what it is good for.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// The user's or API client's id.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    subject: String,
    /// What kind of subject it is.
    kind: SubjectKind,
    /// What it is called.
    #[schema(required = true, max_length = 200, example = "Ada Lovelace")]
    name: Option<String>,
    /// The e-mail address; null for an API client.
    #[schema(required = true, format = Email, max_length = 254, example = "ada@acme.example")]
    email: Option<String>,
    /// What it is to the program.
    role: Role,
    /// The partner whose data alone it reaches; null on the vendor's side.
    #[schema(required = true)]
    partner_id: Option<PartnerId>,
    /// What the token allows.
    #[schema(max_items = 50)]
    scopes: Vec<Scope>,
}

/// Get the caller
///
/// Who the token stands for and what it allows now. Every token may ask this.
#[utoipa::path(
    operation_id = "getMe",
    tag = "auth",
    security(("oauth2" = [])),
    responses((status = 200, description = "The caller.", body = Me))
)]
#[get("/v1/me")]
async fn me(app: Data<App>, call: Call) -> Outcome {
    app.get(call, find).await
}

fn find(tx: &mut Tx, actor: &Actor) -> Result<Me> {
    let (kind, name, email) = if let Ok(id) = actor.subject.parse::<UserId>() {
        let user = user::find(tx, actor, id)?;
        (SubjectKind::User, user.name, Some(user.email))
    } else {
        let id = actor.subject.parse::<ApiClientId>().map_err(database::Error::Internal)?;
        (SubjectKind::ApiClient, Some(client::find(tx, id)?.name), None)
    };
    Ok(Me {
        subject: actor.subject.clone(),
        kind,
        name,
        email,
        role: actor.role,
        partner_id: actor.partner,
        scopes: actor.scopes.iter().collect(),
    })
}
