//! API clients: integrations that sign in with a secret.

use database::{
    Json, Result, Tx,
    schema::{api_clients, partners},
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Error as DomainError, Page, Paging, PartnerId, Role, Scope, Scopes, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::digest::{digest, same, secret};

ids! {
    /// An integration that signs in with a secret; its id is the `client_id`.
    ApiClientKind = "client" => ApiClientId;
}

database::text_enum! {
    /// Whether a client may sign in.
    pub enum Status as ApiClientStatus {
        /// May sign in.
        Active,
        /// Never again.
        Revoked,
    }
}

/// An integration that signs in with a secret.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_clients, treat_none_as_null = true)]
// Generated clients call something of their own `ApiClient`.
#[schema(as = ApiClientRecord)]
pub struct ApiClient {
    /// The `client_id`.
    #[serde(rename = "client_id")]
    pub id: ApiClientId,
    /// What it is for.
    #[schema(max_length = 200, example = "Salesforce sync")]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) secret_hash: String,
    /// What its tokens may do at most.
    #[schema(value_type = Vec<Scope>, max_items = 50)]
    pub scopes: Json<Vec<Scope>>,
    /// The partner whose data alone it reaches; null for the vendor's own.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// Whether it may sign in.
    pub status: Status,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A client with its secret, which is shown this once and stored only as a digest.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApiClientSecret {
    /// The client.
    #[serde(flatten)]
    pub client: ApiClient,
    /// The `client_secret`.
    #[schema(max_length = 64, example = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY123")]
    pub client_secret: String,
}

/// An integration to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewApiClient {
    /// What it is for.
    #[schema(min_length = 1, max_length = 200, example = "Salesforce sync")]
    pub name: String,
    /// What its tokens may do at most.
    #[schema(min_items = 1, max_items = 50)]
    pub scopes: Vec<Scope>,
    /// Binds it to one partner's data.
    pub partner_id: Option<PartnerId>,
}

/// Changes to an integration; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ApiClientUpdate {
    /// What it is for.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// What its tokens may do at most, from the next request on.
    #[schema(nullable = false, min_items = 1, max_items = 50)]
    pub scopes: Option<Vec<Scope>>,
}

/// Adds an integration.
///
/// # Errors
/// `invalid_body` when it would hold more than its maker, or a scope that is not for partners.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewApiClient) -> Result<ApiClientSecret> {
    check_scopes(actor, &new.scopes, new.partner_id)?;
    if let Some(partner) = new.partner_id {
        let known = partners::table.find(partner).select(partners::id).first::<PartnerId>(tx.sql()).optional()?;
        known.ok_or_else(|| DomainError::invalid("/partner_id", "unknown_reference", "is not a known partner"))?;
    }
    let client_secret = secret()?;
    let client = ApiClient {
        id: tx.id(),
        name: new.name,
        secret_hash: digest(&client_secret),
        scopes: Json(new.scopes.into_iter().collect::<Scopes>().iter().collect()),
        partner_id: new.partner_id,
        status: Status::Active,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(api_clients::table).values(&client).execute(tx.sql())?;
    events::record(tx, actor, NewEvent::new("api_client.created", client.id, client.partner_id))?;
    audit::record(tx, actor, "createApiClient", client.id, client.partner_id, (None::<&ApiClient>, Some(&client)))?;
    Ok(ApiClientSecret { client, client_secret })
}

/// Changes an integration.
///
/// # Errors
/// `not_found`; `invalid_body` as for [`create`].
pub fn update(tx: &mut Tx, actor: &Actor, id: ApiClientId, new: ApiClientUpdate) -> Result<ApiClient> {
    let before = find(tx, id)?;
    let mut client = before.clone();
    client.name = new.name.unwrap_or(client.name);
    if let Some(scopes) = new.scopes {
        check_scopes(actor, &scopes, client.partner_id)?;
        client.scopes = Json(scopes);
    }
    save(tx, actor, "updateApiClient", "api_client.updated", &before, client)
}

/// Gives a new secret; the old one is worth nothing from now on.
///
/// # Errors
/// `not_found`; `insufficient_scope` when the client holds more than the actor, who would get its secret.
pub fn rotate_secret(tx: &mut Tx, actor: &Actor, id: ApiClientId) -> Result<ApiClientSecret> {
    let before = find(tx, id)?;
    actor.require(&before.scopes.0)?;
    let client_secret = secret()?;
    let client = ApiClient { secret_hash: digest(&client_secret), ..before.clone() };
    let client = save(tx, actor, "rotateApiClientSecret", "api_client.secret_rotated", &before, client)?;
    Ok(ApiClientSecret { client, client_secret })
}

/// Ends an integration: its tokens are refused from now on.
///
/// # Errors
/// `not_found`.
pub fn revoke(tx: &mut Tx, actor: &Actor, id: ApiClientId) -> Result<ApiClient> {
    let before = find(tx, id)?;
    let client = ApiClient { status: Status::Revoked, ..before.clone() };
    save(tx, actor, "revokeApiClient", "api_client.revoked", &before, client)
}

/// One integration.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, id: ApiClientId) -> Result<ApiClient> {
    by_id(tx, id)?.ok_or_else(|| DomainError::not_found("API client").into())
}

/// The integrations, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, partner: Option<PartnerId>, paging: &Paging) -> Result<Page<ApiClient>> {
    let mut query = api_clients::table.into_boxed();
    if let Some(partner) = partner {
        query = query.filter(api_clients::partner_id.eq(partner));
    }
    Ok(database::page!(tx, query, paging, "api_clients", desc(api_clients::id) as ApiClient))
}

pub(crate) fn by_id(tx: &mut Tx, id: ApiClientId) -> Result<Option<ApiClient>> {
    Ok(api_clients::table.find(id).select(ApiClient::as_select()).first(tx.sql()).optional()?)
}

impl ApiClient {
    /// Whether the secret is this client's and the client may sign in.
    pub(crate) fn accepts(&self, secret: &str) -> bool {
        same(&digest(secret), &self.secret_hash) && self.status == Status::Active
    }
}

fn save(
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    event: &'static str,
    before: &ApiClient,
    mut client: ApiClient,
) -> Result<ApiClient> {
    client.updated_at = tx.now();
    diesel::update(api_clients::table.find(client.id)).set(&client).execute(tx.sql())?;
    let data = EventData::transition(before.status, client.status);
    events::record(tx, actor, NewEvent::new(event, client.id, client.partner_id).with(data))?;
    audit::record(tx, actor, action, client.id, client.partner_id, (Some(before), Some(&client)))?;
    Ok(client)
}

/// Nobody gives what they do not have, and a partner's client holds no scope of the vendor's; but a partner's learning
/// system may report, if the vendor lets it: what it says is not what the partner's people say of themselves.
fn check_scopes(actor: &Actor, scopes: &[Scope], partner: Option<PartnerId>) -> Result<()> {
    let for_partners: Scopes = Role::PartnerAdmin.scopes().iter().chain([Scope::TrainingReport]).collect();
    for (at, scope) in scopes.iter().enumerate() {
        let refusal = match partner {
            _ if !actor.scopes.contains(*scope) => "is more than you hold yourself",
            Some(_) if !for_partners.contains(*scope) => "is not for a partner's client",
            _ => continue,
        };
        return Err(DomainError::invalid(&format!("/scopes/{at}"), "not_allowed", refusal).into());
    }
    Ok(())
}
