//! Who learns.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use kernel::{PartnerId, Timestamp};
use serde::Deserialize;
use training::{
    MergePerson, MovePerson, NewPerson, Person, PersonFilter, PersonHistory, PersonId, PersonUpdate, employment, merge,
    person,
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(PersonList of Person);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update);
    config.service(move_to).service(merge_into).service(history);
}

/// Which people to list.
#[derive(Debug, Deserialize, IntoParams)]
struct PersonQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only whom this address belongs to, primary or not.
    #[param(max_length = 254, nullable = false)]
    email: Option<String>,
    /// Only whom another system calls so.
    #[param(max_length = 200, nullable = false)]
    external_id: Option<String>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List people
///
/// Who learns, newest first, without those who were merged into others.
#[utoipa::path(
    operation_id = "listPeople",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(Listed, PersonQuery),
    responses((status = 200, description = "One page of people.", body = PersonList))
)]
#[get("/v1/people")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<PersonQuery>) -> Outcome {
    let PersonQuery { partner_id, email, external_id, updated_after } = query.0;
    let (paging, filter) = (listed.paging(), PersonFilter { partner_id, email, external_id, updated_after });
    app.list::<PersonList>(call, move |tx, actor| person::list(tx, actor, &filter, &paging)).await
}

/// Add a person
///
/// Somebody who learns. Their address is nobody else's: it is how files and learning systems name them. Who has a user
/// with that address at the same partner is that person.
#[utoipa::path(
    operation_id = "createPerson",
    tag = "training",
    security(("oauth2" = ["contacts:write", "training:write"])),
    request_body = NewPerson,
    extensions(("x-error-codes" = json!(["already_exists", "policy_refuses"]))),
    responses((status = 201, description = "The new person.", body = Person))
)]
#[post("/v1/people")]
async fn create(app: Data<App>, call: Call, new: Valid<NewPerson>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = person::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/people/{}", made.id), &made)
    })
    .await
}

/// Get a person
///
/// Who was merged into somebody else says into whom.
#[utoipa::path(
    operation_id = "getPerson",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(("id" = PersonId, Path, description = "The person.")),
    responses((status = 200, description = "The person.", body = Person))
)]
#[get("/v1/people/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<PersonId>) -> Outcome {
    app.get(call, move |tx, actor| person::find(tx, actor, *id)).await
}

/// Change a person
///
/// What is left out stays, null clears. With another primary address they stay known by the one before.
#[utoipa::path(
    operation_id = "updatePerson",
    tag = "training",
    security(("oauth2" = ["contacts:write", "training:write"])),
    params(("id" = PersonId, Path, description = "The person.")),
    request_body = PersonUpdate,
    extensions(("x-error-codes" = json!(["already_exists", "invalid_transition", "policy_refuses"]))),
    responses((status = 200, description = "The person as they are now.", body = Person))
)]
#[patch("/v1/people/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<PersonId>, new: Valid<PersonUpdate>) -> Outcome {
    app.change(call, *id, new.0, person::update).await
}

/// Move a person to another partner
///
/// With everything that they have learned. Credentials count for the one partner until the day before, and for the other
/// from the day on, so that nobody counts twice; the tiers of both are looked at again.
#[utoipa::path(
    operation_id = "movePerson",
    tag = "training",
    security(("oauth2" = ["training:manage"])),
    params(("id" = PersonId, Path, description = "The person.")),
    request_body = MovePerson,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The person as they are now.", body = Person))
)]
#[post("/v1/people/{id}/move")]
async fn move_to(app: Data<App>, call: Call, id: Path<PersonId>, request: Valid<MovePerson>) -> Outcome {
    app.change(call, *id, request.0, employment::move_to).await
}

/// Merge a person into another
///
/// One person under two addresses: addresses, training and credentials are the other's from now on. What counted for a
/// partner on days that have passed stays as it was, but for one person. Answers the other.
#[utoipa::path(
    operation_id = "mergePerson",
    tag = "training",
    security(("oauth2" = ["training:manage"])),
    params(("id" = PersonId, Path, description = "The person who is merged.")),
    request_body = MergePerson,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The person that they are.", body = Person))
)]
#[post("/v1/people/{id}/merge")]
async fn merge_into(app: Data<App>, call: Call, id: Path<PersonId>, request: Valid<MergePerson>) -> Outcome {
    app.change(call, *id, request.0, merge::merge).await
}

/// Get a person's history
///
/// By which addresses they are known, for whom they worked on which days, and who was merged into them. A partner sees
/// its own part.
#[utoipa::path(
    operation_id = "getPersonHistory",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(("id" = PersonId, Path, description = "The person.")),
    responses((status = 200, description = "How they came to where they are.", body = PersonHistory))
)]
#[get("/v1/people/{id}/history")]
async fn history(app: Data<App>, call: Call, id: Path<PersonId>) -> Outcome {
    app.get(call, move |tx, actor| employment::history(tx, actor, *id)).await
}
