//! A partner's people.

use database::{Result, Sought, Tx, schema::contacts, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Page, Paging, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::standing;

ids! {
    /// One of a partner's people.
    ContactKind = "contact" => ContactId;
}

/// One of a partner's people.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contacts, treat_none_as_null = true)]
pub struct Contact {
    /// Unique.
    pub id: ContactId,
    /// The company.
    pub partner_id: PartnerId,
    /// What to call them.
    #[schema(max_length = 200, example = "Ada Lovelace")]
    pub name: String,
    /// Unique within the company; lower case.
    #[schema(format = Email, max_length = 254, example = "ada@northwind.example")]
    pub email: String,
    /// Where to call them.
    #[schema(required = true, max_length = 40, example = "+49 30 1234567")]
    pub phone: Option<String>,
    /// What they do.
    #[schema(required = true, max_length = 200, example = "Head of sales")]
    pub job_title: Option<String>,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// A person to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ada Lovelace", "email": "ada@northwind.example", "job_title": "Head of sales"}))]
pub struct NewContact {
    /// The company; a partner's own people may leave it out.
    pub partner_id: Option<PartnerId>,
    /// What to call them.
    #[schema(min_length = 1, max_length = 200, example = "Ada Lovelace")]
    pub name: String,
    /// Unique within the company.
    #[schema(format = Email, max_length = 254, example = "ada@northwind.example")]
    pub email: String,
    /// Where to call them.
    #[schema(min_length = 1, max_length = 40, example = "+49 30 1234567")]
    pub phone: Option<String>,
    /// What they do.
    #[schema(min_length = 1, max_length = 200, example = "Head of sales")]
    pub job_title: Option<String>,
}

/// Changes to a person; what is left out stays, null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "+49 30 7654321"}))]
pub struct ContactUpdate {
    /// What to call them.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Unique within the company.
    #[schema(nullable = false, format = Email, max_length = 254)]
    pub email: Option<String>,
    /// Where to call them.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<String>, max_length = 40)]
    pub phone: Option<Option<String>>,
    /// What they do.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub job_title: Option<Option<String>>,
}

/// Which contacts to list.
#[derive(Debug, Default)]
pub struct ContactFilter {
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only with this e-mail address.
    pub email: Option<String>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// Adds a person.
///
/// # Errors
/// `invalid_body` for a partner that the actor does not reach; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewContact) -> Result<Contact> {
    standing::company_may_act(tx, actor)?;
    let partner_id =
        new.partner_id.or(actor.partner).ok_or_else(|| Error::invalid("/partner_id", "required", "is required"))?;
    crate::partner::find(tx, actor, partner_id)
        .if_there()?
        .ok_or_else(|| Error::invalid("/partner_id", "unknown_reference", "is not a partner that you can see"))?;
    let contact = Contact {
        id: tx.id(),
        partner_id,
        name: new.name,
        email: new.email.to_lowercase(),
        phone: new.phone,
        job_title: new.job_title,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    refuse_taken(tx, &contact)?;
    diesel::insert_into(contacts::table).values(&contact).execute(tx.sql())?;
    events::record(tx, actor, NewEvent::new("contact.created", contact.id, Some(partner_id)))?;
    audit::record(tx, actor, "createContact", contact.id, Some(partner_id), (None::<&Contact>, Some(&contact)))?;
    Ok(contact)
}

/// Changes a person. `check` sees them as they are, before anything changes.
///
/// # Errors
/// `not_found`; `already_exists`; those of `check`.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: ContactId,
    new: ContactUpdate,
    check: impl FnOnce(&Contact) -> Result<()>,
) -> Result<Contact> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    standing::company_may_act(tx, actor)?;
    let mut contact = before.clone();
    contact.name = new.name.unwrap_or(contact.name);
    contact.email = new.email.map_or(contact.email, |email| email.to_lowercase());
    contact.phone = new.phone.unwrap_or(contact.phone);
    contact.job_title = new.job_title.unwrap_or(contact.job_title);
    contact.updated_at = tx.now();
    refuse_taken(tx, &contact)?;
    diesel::update(contacts::table.find(id)).set(&contact).execute(tx.sql())?;
    events::record(tx, actor, NewEvent::new("contact.updated", id, Some(contact.partner_id)))?;
    audit::record(tx, actor, "updateContact", id, Some(contact.partner_id), (Some(&before), Some(&contact)))?;
    Ok(contact)
}

/// Removes a person.
///
/// # Errors
/// `not_found`; those of `check`.
pub fn delete(tx: &mut Tx, actor: &Actor, id: ContactId, check: impl FnOnce(&Contact) -> Result<()>) -> Result<()> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    standing::company_may_act(tx, actor)?;
    diesel::delete(contacts::table.find(id)).execute(tx.sql())?;
    let event = NewEvent::new("contact.deleted", id, Some(before.partner_id)).with(EventData::default());
    events::record(tx, actor, event)?;
    audit::record(tx, actor, "deleteContact", id, Some(before.partner_id), (Some(&before), None::<&Contact>))
}

/// A person whom the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: ContactId) -> Result<Contact> {
    within_reach!(contacts::table.into_boxed(), contacts::partner_id, actor)
        .filter(contacts::id.eq(id))
        .select(Contact::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("contact").into())
}

/// The people whom the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &ContactFilter, paging: &Paging) -> Result<Page<Contact>> {
    let mut query = within_reach!(contacts::table.into_boxed(), contacts::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(contacts::partner_id.eq(partner));
    }
    if let Some(email) = &filter.email {
        query = query.filter(contacts::email.eq(email.to_lowercase()));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(contacts::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "contacts", desc(contacts::id) as Contact))
}

fn refuse_taken(tx: &mut Tx, contact: &Contact) -> Result<()> {
    let same = contacts::partner_id.eq(contact.partner_id).and(contacts::email.eq(&contact.email));
    let other = contacts::table.filter(same.and(contacts::id.ne(contact.id))).select(contacts::id);
    match other.first::<ContactId>(tx.sql()).optional()? {
        Some(_) => Err(Error::new(Code::AlreadyExists, "The partner has a contact with this address already.")
            .with_fault("/email", "taken", "belongs to another contact")
            .into()),
        None => Ok(()),
    }
}
