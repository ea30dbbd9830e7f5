//! One immutable fact: a state changed.

use database::{Error, Json, Result, Tx, schema::events};
use diesel::prelude::*;
use kernel::{Actor, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue;

ids! {
    /// An event.
    EventKind = "event" => EventId;
}

/// A fact in the feed.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = events)]
pub struct Event {
    /// Unique; also usable as a cursor (`after`).
    pub id: EventId,
    /// What happened, as `subject.past_participle`: `deal_registration.approved`.
    #[serde(rename = "type")]
    #[schema(max_length = 80, example = "deal_registration.approved")]
    pub kind: String,
    /// The id of what it happened to.
    #[schema(max_length = 120, example = "deal_01h455vb4pex5vsknk084sn02q")]
    pub subject: String,
    /// The partner concerned, if one is.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// Who caused it: a user, an API client, or `system`.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub actor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The program whose rules were applied, if any were.
    #[schema(required = true, max_length = 64, example = "reseller")]
    pub program: Option<String>,
    /// The version of those rules.
    #[schema(required = true, format = Int64, minimum = 1, example = 1)]
    pub program_version: Option<i32>,
    /// What changed.
    #[schema(value_type = EventData)]
    pub data: Json<EventData>,
}

/// What changed, thinly: who needs more reads the subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventData {
    /// The state before, where a state changed.
    #[serde(default)]
    #[schema(required = true, max_length = 40, example = "submitted")]
    pub from: Option<String>,
    /// The state after, where a state changed.
    #[serde(default)]
    #[schema(required = true, max_length = 40, example = "approved")]
    pub to: Option<String>,
    /// The enumerated reason or verdict behind it, where there is one.
    #[serde(default)]
    #[schema(required = true, max_length = 80, example = "clean")]
    pub reason: Option<String>,
    /// Until when what the event grants holds, or when what it announces happens.
    #[serde(default)]
    #[schema(required = true)]
    pub until: Option<Timestamp>,
    /// Names of the fields that changed, where fields changed.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub changed: Vec<String>,
}

impl EventData {
    /// A change of state.
    pub fn transition(from: impl ToString, to: impl ToString) -> Self {
        Self { from: Some(from.to_string()), to: Some(to.to_string()), ..Self::default() }
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(mut self, reason: impl ToString) -> Self {
        self.reason = Some(reason.to_string());
        self
    }

    /// Adds a time.
    #[must_use]
    pub fn until(mut self, until: Option<Timestamp>) -> Self {
        self.until = until;
        self
    }

    /// Fields that changed.
    pub fn changed(fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { changed: fields.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

/// A fact about to be recorded.
#[derive(Debug)]
pub struct NewEvent {
    /// `subject.past_participle`.
    pub kind: &'static str,
    /// The id of what it happened to.
    pub subject: String,
    /// The partner concerned.
    pub partner_id: Option<PartnerId>,
    /// The rules applied: program and version.
    pub rules: Option<(String, i32)>,
    /// What changed.
    pub data: EventData,
}

impl NewEvent {
    /// A fact without rules or details.
    pub fn new(kind: &'static str, subject: impl ToString, partner_id: Option<PartnerId>) -> Self {
        Self { kind, subject: subject.to_string(), partner_id, rules: None, data: EventData::default() }
    }

    /// Adds what changed.
    #[must_use]
    pub fn with(mut self, data: EventData) -> Self {
        self.data = data;
        self
    }

    /// Adds the rules that were applied.
    #[must_use]
    pub fn under(mut self, program: &str, version: i32) -> Self {
        self.rules = Some((program.into(), version));
        self
    }
}

/// Records the fact in the running transaction.
///
/// # Errors
/// When the database cannot be written, or the catalogue lacks the type: clients learn from it what they can expect.
pub fn record(tx: &mut Tx, actor: &Actor, new: NewEvent) -> Result<()> {
    if !catalogue::holds(new.kind) {
        return Err(Error::Internal(format!("the catalogue of events lacks {}", new.kind)));
    }
    let (program, program_version) = new.rules.unzip();
    let event = Event {
        id: tx.id(),
        kind: new.kind.into(),
        subject: new.subject,
        partner_id: new.partner_id,
        actor: actor.subject.clone(),
        occurred_at: tx.now(),
        program,
        program_version,
        data: Json(new.data),
    };
    let position = if tx.is_only_writer() { Some(last_position(tx)? + 1) } else { None };
    diesel::insert_into(events::table).values((event, events::position.eq(position))).execute(tx.sql())?;
    Ok(())
}

fn last_position(tx: &mut Tx) -> Result<i64> {
    Ok(events::table.select(diesel::dsl::max(events::position)).first::<Option<i64>>(tx.sql())?.unwrap_or_default())
}
