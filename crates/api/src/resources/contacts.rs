//! A partner's people.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use kernel::{PartnerId, Timestamp};
use partners::{Contact, ContactFilter, ContactId, ContactUpdate, NewContact, contact};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(ContactList of Contact);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update).service(remove);
}

/// Which contacts to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ContactQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only with this e-mail address.
    #[param(max_length = 254, nullable = false)]
    email: Option<String>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List contacts
///
/// Newest first.
#[utoipa::path(
    operation_id = "listContacts",
    tag = "contacts",
    security(("oauth2" = ["partners:read"])),
    params(Listed, ContactQuery),
    responses((status = 200, description = "One page of contacts.", body = ContactList))
)]
#[get("/v1/contacts")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<ContactQuery>) -> Outcome {
    let ContactQuery { partner_id, email, updated_after } = query.0;
    let (paging, filter) = (listed.paging(), ContactFilter { partner_id, email, updated_after });
    app.list::<ContactList>(call, move |tx, actor| contact::list(tx, actor, &filter, &paging)).await
}

/// Add a contact
///
/// A contact is a person at a partner; a user is a person who can sign in.
#[utoipa::path(
    operation_id = "createContact",
    tag = "contacts",
    security(("oauth2" = ["contacts:write"])),
    request_body = NewContact,
    extensions(("x-error-codes" = json!(["already_exists", "policy_refuses"]))),
    responses((status = 201, description = "The new contact.", body = Contact))
)]
#[post("/v1/contacts")]
async fn create(app: Data<App>, call: Call, new: Valid<NewContact>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = contact::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/contacts/{}", made.id), &made)
    })
    .await
}

/// Get a contact
///
/// One person at a partner.
#[utoipa::path(
    operation_id = "getContact",
    tag = "contacts",
    security(("oauth2" = ["partners:read"])),
    params(("id" = ContactId, Path, description = "The contact.")),
    responses((status = 200, description = "The contact.", body = Contact))
)]
#[get("/v1/contacts/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<ContactId>) -> Outcome {
    app.get(call, move |tx, actor| contact::find(tx, actor, *id)).await
}

/// Change a contact
///
/// What is left out stays, null clears.
#[utoipa::path(
    operation_id = "updateContact",
    tag = "contacts",
    security(("oauth2" = ["contacts:write"])),
    params(("id" = ContactId, Path, description = "The contact.")),
    request_body = ContactUpdate,
    extensions(("x-error-codes" = json!(["already_exists", "policy_refuses"]))),
    responses((status = 200, description = "The contact as it is now.", body = Contact))
)]
#[patch("/v1/contacts/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<ContactId>, new: Valid<ContactUpdate>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&contact::update(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?)
    })
    .await
}

/// Remove a contact
///
/// What was recorded of it before stays in the audit trail.
#[utoipa::path(
    operation_id = "deleteContact",
    tag = "contacts",
    security(("oauth2" = ["contacts:write"])),
    params(("id" = ContactId, Path, description = "The contact.")),
    extensions(("x-error-codes" = json!(["policy_refuses"]))),
    responses((status = 204, description = "It is removed."))
)]
#[delete("/v1/contacts/{id}")]
async fn remove(app: Data<App>, call: Call, id: Path<ContactId>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        contact::delete(tx, actor, *id, |current| precondition.check(current))?;
        Ok(Reply::no_content())
    })
    .await
}
