//! A credential, and what callers send about it.

use chrono::NaiveDate;
use database::{Json, schema::credentials};
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{award::Award, person::PersonId};

ids! {
    /// A certification that somebody was awarded.
    CredentialKind = "credential" => CredentialId;
}

database::text_enum! {
    /// What became of a credential.
    pub enum Status as CredentialStatus {
        /// It is held.
        Valid,
        /// It was renewed: another follows on it.
        Renewed,
        /// Its last day is over.
        Expired,
        /// The vendor has taken it back.
        Revoked,
        /// What became known later puts the award on another day; another stands in its place.
        Superseded,
    }
}

impl Status {
    /// Whether the award stands, over or not.
    pub fn stands(self) -> bool {
        matches!(self, Self::Valid | Self::Renewed | Self::Expired)
    }
}

/// A certification that somebody was awarded, for a time.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credentials, treat_none_as_null = true)]
pub struct Credential {
    /// Unique.
    pub id: CredentialId,
    /// Who holds it.
    pub person_id: PersonId,
    /// The partner that they work for now.
    pub partner_id: PartnerId,
    /// Who earned it, before anybody was merged.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) origin: PersonId,
    /// The certification, by slug: what programs' rules call a certificate.
    #[schema(max_length = 64, example = "technical")]
    pub certification: String,
    /// The version of the catalogue under which it was awarded.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub catalogue_version: i32,
    /// What became of it.
    pub status: Status,
    /// The day on which everything that it takes was there.
    pub awarded_on: NaiveDate,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// Its last day; null without end.
    #[schema(required = true)]
    pub valid_to: Option<NaiveDate>,
    /// The last day on which it counts, if its certification was retired; it takes the place of `valid_to`.
    #[schema(required = true)]
    pub counts_until: Option<NaiveDate>,
    /// The credential that it renews.
    #[schema(required = true)]
    pub renews: Option<CredentialId>,
    /// What it rests on: ids of training enrollments and credentials.
    #[schema(value_type = Vec<String>, max_items = 10_000)]
    pub earned_by: Json<Vec<String>>,
    /// How many days it took from the first enrollment in something that it takes to the award.
    #[schema(required = true, format = Int64, minimum = 0, example = 42)]
    pub days: Option<i32>,
    /// Why it was revoked or superseded.
    #[schema(required = true, max_length = 4000)]
    pub reason: Option<String>,
    /// When it was revoked or superseded.
    #[schema(required = true)]
    pub ended_at: Option<Timestamp>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) due_on: Option<NaiveDate>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) told_on: Option<NaiveDate>,
    /// When it was awarded here.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Credential {
    /// The last day on which it counts; `None` without end.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.counts_until.or(self.valid_to)
    }

    /// As it is on a day: what is over is expired, swept or not.
    #[must_use]
    pub fn on(mut self, today: NaiveDate) -> Self {
        if self.status == Status::Valid && self.last_day().is_some_and(|last| last < today) {
            self.status = Status::Expired;
        }
        self
    }

    pub(crate) fn award(&self) -> Award {
        Award {
            awarded_on: self.awarded_on,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            renews: self.renews.is_some(),
            earned_by: self.earned_by.0.clone(),
        }
    }

    /// Whether it is this award.
    pub(crate) fn is(&self, award: &Award) -> bool {
        (self.awarded_on, self.valid_from, self.valid_to) == (award.awarded_on, award.valid_from, award.valid_to)
    }
}

/// Takes a credential back.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The exam was taken by somebody else."}))]
pub struct RevokeCredential {
    /// Why.
    #[schema(min_length = 1, max_length = 4000, example = "The exam was taken by somebody else.")]
    pub reason: String,
}

/// Which credentials to list.
#[derive(Debug, Default)]
pub struct CredentialFilter {
    /// Only of this partner's people.
    pub partner_id: Option<PartnerId>,
    /// Only of this person.
    pub person_id: Option<PersonId>,
    /// Only of this certification.
    pub certification: Option<String>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only valid ones whose last day is before this day.
    pub expires_before: Option<NaiveDate>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}
