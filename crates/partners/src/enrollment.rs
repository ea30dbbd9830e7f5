//! A partner in a program: its tier, its status, and who manages it.

use database::{
    Json, Result, Sought, Tx,
    schema::{enrollments, partners},
    within_reach,
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use identity::UserId;
use kernel::{Actor, Code, Country, Error, Fault, Page, Paging, PartnerId, Role, Timestamp, ids};
use programs::Version;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    standing::{self, Effects, Moved, Settle, Standing},
    tier,
};

ids! {
    /// A partner in a program.
    EnrollmentKind = "enrollment" => EnrollmentId;
}

database::text_enum! {
    /// How a partner stands in a program.
    pub enum Status as EnrollmentStatus {
        /// Takes part.
        Active,
        /// Takes no part for now.
        Suspended,
        /// Has left the program.
        Ended,
    }
}

/// A partner in a program.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = enrollments, treat_none_as_null = true)]
pub struct Enrollment {
    /// Unique.
    pub id: EnrollmentId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The tier, by name.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// How the partner stands.
    pub status: Status,
    /// Why the vendor set the status as it is.
    #[schema(required = true, max_length = 4000, example = "No business plan for this year.")]
    pub status_reason: Option<String>,
    /// The vendor's person for the partner in this program (CAM).
    #[schema(required = true)]
    pub channel_manager_id: Option<UserId>,
    /// The territory, as countries; empty means everywhere. Territories that are assigned take its place.
    #[schema(value_type = Vec<Country>, max_items = 250)]
    pub countries: Json<Vec<Country>>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Until when an override of the tier holds.
    #[serde(skip)]
    #[schema(ignore)]
    pub tier_until: Option<Timestamp>,
    /// The tier after the override.
    #[serde(skip)]
    #[schema(ignore)]
    pub tier_after: Option<String>,
}

impl Enrollment {
    /// Whether the partner takes part in the program now.
    pub fn takes_part(&self) -> bool {
        self.status == Status::Active
    }

    /// As it is at this time: an override that is over by then counts no more, swept or not.
    pub(crate) fn at(mut self, now: Timestamp) -> Self {
        if self.tier_until.is_some_and(|until| until <= now) {
            self.tier = self.tier_after.take().unwrap_or(self.tier);
            self.tier_until = None;
        }
        self
    }
}

/// An enrollment to make.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"partner_id": "partner_01h455vb4pex5vsknk084sn02q", "program": "reseller", "tier": "Gold"}))]
pub struct NewEnrollment {
    /// The partner.
    pub partner_id: PartnerId,
    /// The program, by slug.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: String,
    /// The tier, by name; the lowest if left out.
    #[schema(min_length = 1, max_length = 64, example = "Gold")]
    pub tier: Option<String>,
    /// How the partner stands; `active` if left out.
    pub status: Option<Status>,
    /// The vendor's person for the partner; a channel manager who enrolls becomes it.
    pub channel_manager_id: Option<UserId>,
    /// The territory, as countries; empty means everywhere.
    #[serde(default)]
    #[schema(max_items = 250)]
    pub countries: Vec<Country>,
}

/// Changes to an enrollment; what is left out stays, null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tier": "Gold"}))]
pub struct EnrollmentUpdate {
    /// The tier, by name.
    #[schema(nullable = false, min_length = 1, max_length = 64, example = "Gold")]
    pub tier: Option<String>,
    /// How the partner stands.
    #[schema(nullable = false)]
    pub status: Option<Status>,
    /// The vendor's person for the partner.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<UserId>)]
    pub channel_manager_id: Option<Option<UserId>>,
    /// The territory, as countries; empty means everywhere.
    #[schema(nullable = false, max_items = 250)]
    pub countries: Option<Vec<Country>>,
}

/// Which enrollments to list.
#[derive(Debug, Default)]
pub struct EnrollmentFilter {
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only in this program.
    pub program: Option<String>,
    /// Only at this tier.
    pub tier: Option<String>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only with this channel manager.
    pub channel_manager_id: Option<UserId>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// Enrolls a partner.
///
/// # Errors
/// `invalid_body` with every unknown reference; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewEnrollment) -> Result<Enrollment> {
    let mut faults = Vec::new();
    if !may_enroll(tx, actor, new.partner_id)? {
        faults.push(Fault::at("/partner_id", "unknown_reference", "is not a partner that you can see"));
    }
    let rules = programs::current(tx, &new.program)?;
    if rules.is_none() {
        faults.push(Fault::at("/program", "unknown_reference", "is not a known program"));
    }
    let tier = rules.as_ref().and_then(|rules| tier_name(rules, new.tier.as_deref(), &mut faults));
    let own = (actor.role == Role::ChannelManager).then(|| actor.subject.parse().ok()).flatten();
    let channel_manager_id = new.channel_manager_id.or(own);
    check_manager(tx, channel_manager_id, &mut faults)?;
    Error::unless_empty(Code::InvalidBody, faults)?;
    refuse_second(tx, &new)?;
    let enrollment = Enrollment {
        id: tx.id(),
        partner_id: new.partner_id,
        program: new.program,
        tier: tier.unwrap_or_default(),
        status: new.status.unwrap_or(Status::Active),
        status_reason: None,
        channel_manager_id,
        countries: Json(new.countries),
        created_at: tx.now(),
        updated_at: tx.now(),
        tier_until: None,
        tier_after: None,
    };
    diesel::insert_into(enrollments::table).values(&enrollment).execute(tx.sql())?;
    let version = rules.as_ref().map_or(1, |rules| rules.version);
    let event = NewEvent::new("enrollment.created", enrollment.id, Some(enrollment.partner_id))
        .under(&enrollment.program, version);
    events::record(tx, actor, event)?;
    if let Some(rules) = &rules {
        tier::begin(tx, actor, &enrollment, rules)?;
    }
    let states = (None::<&Enrollment>, Some(&enrollment));
    audit::record(tx, actor, "createEnrollment", enrollment.id, Some(enrollment.partner_id), states)?;
    Ok(enrollment)
}

/// Whether the actor may enroll the partner: one that they reach, or that is in no program yet and so nobody's. Whoever
/// manages an enrollment reaches all that the partner has: a channel manager must not take over another's.
fn may_enroll(tx: &mut Tx, actor: &Actor, partner: PartnerId) -> Result<bool> {
    let reached = within_reach!(partners::table.into_boxed(), partners::id, actor).filter(partners::id.eq(partner));
    if reached.select(partners::id).first::<PartnerId>(tx.sql()).optional()?.is_some() {
        return Ok(true);
    }
    let enrolled = enrollments::table.filter(enrollments::partner_id.eq(partner)).select(enrollments::id);
    let taken = enrolled.first::<EnrollmentId>(tx.sql()).optional()?.is_some();
    let there = partners::table.find(partner).select(partners::id).first::<PartnerId>(tx.sql()).optional()?.is_some();
    Ok(actor.is_vendor() && there && !taken)
}

/// Changes an enrollment. `check` sees it as it is, before anything changes; `settle` is told when its status moves.
///
/// # Errors
/// `not_found`; `invalid_body` with every unknown reference; those of `check`.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: EnrollmentId,
    new: EnrollmentUpdate,
    settle: Settle,
    check: impl FnOnce(&Enrollment) -> Result<()>,
) -> Result<Enrollment> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    let mut enrollment = before.clone();
    let mut faults = Vec::new();
    let rules = standing::rules(tx, &before)?;
    let tier = new.tier.and_then(|tier| tier_name(&rules, Some(&tier), &mut faults));
    if let Some(manager) = new.channel_manager_id {
        check_manager(tx, manager, &mut faults)?;
        enrollment.channel_manager_id = manager;
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    enrollment.status = new.status.unwrap_or(enrollment.status);
    if enrollment.status != before.status {
        enrollment.status_reason = None;
    }
    enrollment.countries = new.countries.map_or(enrollment.countries, Json);
    enrollment.updated_at = tx.now();
    diesel::update(enrollments::table.find(id)).set(&enrollment).execute(tx.sql())?;
    if let Some(tier) = tier.filter(|tier| *tier != before.tier) {
        enrollment = tier::place(tx, actor, enrollment, &rules, tier)?;
    }
    let partner = Some(enrollment.partner_id);
    let data = EventData::transition(&before.tier, &enrollment.tier).because(enrollment.status);
    events::record(tx, actor, NewEvent::new("enrollment.updated", id, partner).with(data))?;
    if enrollment.status != before.status {
        moved(tx, actor, (&before, &enrollment), settle)?;
    }
    audit::record(tx, actor, "updateEnrollment", id, partner, (Some(&before), Some(&enrollment)))?;
    Ok(enrollment)
}

/// An enrollment whose status has moved, and what that did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnrollmentMove {
    /// The enrollment as it is now.
    pub enrollment: Enrollment,
    /// What was done to the partner's business in the program.
    pub effects: Effects,
    /// Whether the partner may act now: other reasons may still stand against it.
    pub standing: Standing,
}

/// Suspends or ends the enrollment, or reinstates the partner in the program.
///
/// # Errors
/// `not_found`; `invalid_transition` when the status is that already; those of `check`.
pub fn change_status(
    tx: &mut Tx,
    actor: &Actor,
    id: EnrollmentId,
    (to, reason): (Status, String),
    settle: Settle,
    check: impl FnOnce(&Enrollment) -> Result<()>,
) -> Result<EnrollmentMove> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    if before.status == to || (before.status, to) == (Status::Ended, Status::Suspended) {
        let detail = format!("An enrollment in state {} does not become {to}.", before.status);
        return Err(Error::new(Code::InvalidTransition, detail).into());
    }
    let enrollment = Enrollment { status: to, status_reason: Some(reason), updated_at: tx.now(), ..before.clone() };
    diesel::update(enrollments::table.find(id)).set(&enrollment).execute(tx.sql())?;
    let effects = moved(tx, actor, (&before, &enrollment), settle)?;
    let (_, operation) = names(to);
    audit::record(tx, actor, operation, id, Some(enrollment.partner_id), (Some(&before), Some(&enrollment)))?;
    let standing = standing::find(tx, actor, id)?;
    Ok(EnrollmentMove { enrollment, effects, standing })
}

/// What a move to this status is called: the event, and the operation.
fn names(to: Status) -> (&'static str, &'static str) {
    match to {
        Status::Active => ("enrollment.reinstated", "reinstateEnrollment"),
        Status::Suspended => ("enrollment.suspended", "suspendEnrollment"),
        Status::Ended => ("enrollment.terminated", "terminateEnrollment"),
    }
}

fn moved(tx: &mut Tx, actor: &Actor, (before, after): (&Enrollment, &Enrollment), settle: Settle) -> Result<Effects> {
    let data = EventData::transition(before.status, after.status);
    let (event, _) = names(after.status);
    events::record(tx, actor, NewEvent::new(event, after.id, Some(after.partner_id)).with(data))?;
    let program = Some(after.program.clone());
    settle(tx, actor, &Moved { partner_id: after.partner_id, program, since: tx.now() })
}

/// An enrollment that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: EnrollmentId) -> Result<Enrollment> {
    let found = within_reach!(enrollments::table.into_boxed(), enrollments::partner_id, actor)
        .filter(enrollments::id.eq(id))
        .select(Enrollment::as_select())
        .first(tx.sql())
        .optional()?;
    Ok(found.map(|one: Enrollment| one.at(tx.now())).ok_or_else(|| Error::not_found("enrollment"))?)
}

/// The partner's enrollment in a program, if it has one.
///
/// # Errors
/// When the database cannot be read.
pub fn of_partner(tx: &mut Tx, partner: PartnerId, program: &str) -> Result<Option<Enrollment>> {
    let found = enrollments::table
        .filter(enrollments::partner_id.eq(partner).and(enrollments::program.eq(program)))
        .select(Enrollment::as_select())
        .first(tx.sql())
        .optional()?;
    Ok(found.map(|one: Enrollment| one.at(tx.now())))
}

/// All of the partner's enrollments; only that in the program if one is named.
///
/// # Errors
/// When the database cannot be read.
pub fn all_of(tx: &mut Tx, partner: PartnerId, program: Option<&str>) -> Result<Vec<Enrollment>> {
    let mut query = enrollments::table.filter(enrollments::partner_id.eq(partner)).into_boxed();
    if let Some(program) = program {
        query = query.filter(enrollments::program.eq(program));
    }
    let found: Vec<Enrollment> = query.order(enrollments::id).select(Enrollment::as_select()).load(tx.sql())?;
    Ok(found.into_iter().map(|one| one.at(tx.now())).collect())
}

/// Enrollments that take part in a program, by id, after one of them: a chunk of all.
///
/// # Errors
/// When the database cannot be read.
pub fn taking_part(tx: &mut Tx, program: &str, after: Option<EnrollmentId>, limit: i64) -> Result<Vec<Enrollment>> {
    let active = enrollments::program.eq(program).and(enrollments::status.eq(Status::Active));
    let mut query = enrollments::table.filter(active).into_boxed();
    if let Some(last) = after {
        query = query.filter(enrollments::id.gt(last));
    }
    let found: Vec<Enrollment> =
        query.order(enrollments::id).limit(limit).select(Enrollment::as_select()).load(tx.sql())?;
    Ok(found.into_iter().map(|one| one.at(tx.now())).collect())
}

/// How many take part in a program.
///
/// # Errors
/// When the database cannot be read.
pub fn count_taking_part(tx: &mut Tx, program: &str) -> Result<i64> {
    let active = enrollments::program.eq(program).and(enrollments::status.eq(Status::Active));
    Ok(enrollments::table.filter(active).count().get_result(tx.sql())?)
}

/// The enrollments that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &EnrollmentFilter, paging: &Paging) -> Result<Page<Enrollment>> {
    let mut query = within_reach!(enrollments::table.into_boxed(), enrollments::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(enrollments::partner_id.eq(partner));
    }
    if let Some(program) = &filter.program {
        query = query.filter(enrollments::program.eq(program));
    }
    let now = tx.now();
    if let Some(tier) = &filter.tier {
        let is_over = enrollments::tier_until.is_not_null().and(enrollments::tier_until.assume_not_null().le(now));
        let holds = enrollments::tier_until.is_null().or(enrollments::tier_until.assume_not_null().gt(now));
        let after = enrollments::tier_after.assume_not_null().eq(tier);
        query = query.filter(holds.and(enrollments::tier.eq(tier)).or(is_over.and(after)));
    }
    if let Some(status) = filter.status {
        query = query.filter(enrollments::status.eq(status));
    }
    if let Some(manager) = filter.channel_manager_id {
        query = query.filter(enrollments::channel_manager_id.eq(manager));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(enrollments::updated_at.ge(after));
    }
    database::page!(tx, query, paging, "enrollments", desc(enrollments::id) as Enrollment)
        .try_map(|one| Ok(one.at(now)))
}

pub(crate) fn tier_name(rules: &Version, wanted: Option<&str>, faults: &mut Vec<Fault>) -> Option<String> {
    let ladder = &rules.document.0;
    let found = match wanted {
        Some(name) => ladder.tier(name),
        None => ladder.tiers.first(),
    };
    if found.is_none() {
        let names: Vec<_> = ladder.tiers.iter().map(|tier| tier.name.as_str()).collect();
        let detail = format!("is not a tier of {}; its tiers are {}", rules.program, names.join(", "));
        faults.push(Fault::at("/tier", "not_a_known_value", detail));
    }
    found.map(|tier| tier.name.clone())
}

fn check_manager(tx: &mut Tx, manager: Option<UserId>, faults: &mut Vec<Fault>) -> Result<()> {
    let Some(id) = manager else { return Ok(()) };
    let known =
        identity::user::find(tx, &Actor::system(), id).if_there()?.is_some_and(|user| user.partner_id.is_none());
    if !known {
        faults.push(Fault::at("/channel_manager_id", "unknown_reference", "is not one of the vendor's users"));
    }
    Ok(())
}

fn refuse_second(tx: &mut Tx, new: &NewEnrollment) -> Result<()> {
    match of_partner(tx, new.partner_id, &new.program)? {
        Some(_) => Err(Error::new(Code::AlreadyExists, "The partner is enrolled in this program already.")
            .with_fault("/program", "taken", "has an enrollment of this partner")
            .into()),
        None => Ok(()),
    }
}
