//! May this partner act in this program, and if not, why not: the one place that answers.
//!
//! What stands against it is read, not remembered: the statuses that the vendor set, the violations whose consequences
//! are in force now, and the agreement that the program asks for. So a suspension bites from its first moment on and is
//! over at its last, whether or not anything has swept since.

use database::{
    Result, Tx,
    schema::{partners, violations},
};
use diesel::prelude::*;
use kernel::{Actor, Code, Error, Fault, PartnerId, Timestamp};
use programs::{AgreementPolicy, PartnerAction, Version};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    acceptance,
    agreement::{self, AgreementId},
    enrollment::{self, Enrollment, EnrollmentId, Status as EnrollmentStatus},
    partner::Status as PartnerStatus,
    violation::{ConsequenceKind, ViolationId, ViolationScope},
};

/// Whether a partner may act in a program.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Standing {
    /// The partner's enrollment in the program.
    pub enrollment_id: EnrollmentId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// As of when.
    pub as_of: Timestamp,
    /// Whether the partner may do everything that partners do.
    pub may_act: bool,
    /// What stands against it.
    #[schema(max_items = 200)]
    pub blocks: Vec<Block>,
}

/// Something that keeps a partner from acting.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StandingBlock)]
pub struct Block {
    /// What it is.
    pub reason: BlockReason,
    /// In words, for the partner.
    #[schema(max_length = 4200, example = "Suspended until 2027-02-01T00:00:00.000000Z for violation_….")]
    pub detail: String,
    /// What it keeps the partner from; null for everything.
    #[schema(required = true, max_items = 20)]
    pub actions: Option<Vec<PartnerAction>>,
    /// Until when; null if that is not known.
    #[schema(required = true)]
    pub until: Option<Timestamp>,
    /// The violation behind it.
    #[schema(required = true)]
    pub violation_id: Option<ViolationId>,
    /// The agreement to be accepted.
    #[schema(required = true)]
    pub agreement_id: Option<AgreementId>,
    /// The version of it that is in force.
    #[schema(required = true, format = Int64, minimum = 1, example = 2)]
    pub agreement_version: Option<i32>,
}

/// What keeps a partner from acting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = StandingBlockReason)]
pub enum BlockReason {
    /// The vendor has suspended the partner.
    PartnerSuspended,
    /// The vendor has terminated the partner.
    PartnerTerminated,
    /// The vendor has suspended the enrollment.
    EnrollmentSuspended,
    /// The enrollment has ended.
    EnrollmentEnded,
    /// A violation suspends it.
    ViolationSuspension,
    /// A violation has terminated it.
    ViolationTermination,
    /// An agreement must be accepted first.
    AgreementRequired,
}

/// How a partner stands, agreements aside: what its business follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing stands against it.
    Good,
    /// It may not act until then, if that is known.
    Suspended(Option<Timestamp>),
    /// It has left, or was made to.
    Terminated,
}

/// That a partner's standing has moved, for what follows from it in other rooms.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The partner.
    pub partner_id: PartnerId,
    /// In which program, by slug; `None` for all.
    pub program: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// Brings a partner's business in line with how the partner stands now, in the transaction that has moved it. The
/// rooms that hold this business lie above: whoever moves a standing is handed it, so that nobody can forget.
pub type Settle<'a> = &'a dyn Fn(&mut Tx, &Actor, &Moved) -> Result<Effects>;

/// What was done to a partner's business because its standing moved: ids of deal registrations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StandingEffects)]
pub struct Effects {
    /// Undecided and on hold now.
    #[schema(max_items = 100_000)]
    pub held: Vec<String>,
    /// Undecided and withdrawn.
    #[schema(max_items = 100_000)]
    pub withdrawn: Vec<String>,
    /// Approved, with a protection whose clock stands still now.
    #[schema(max_items = 100_000)]
    pub paused: Vec<String>,
    /// Approved, with a protection that has ended.
    #[schema(max_items = 100_000)]
    pub released: Vec<String>,
    /// Held or paused before, and going on now.
    #[schema(max_items = 100_000)]
    pub resumed: Vec<String>,
}

impl Effects {
    /// Adds what was done later.
    pub fn extend(&mut self, later: Self) {
        self.held.extend(later.held);
        self.withdrawn.extend(later.withdrawn);
        self.paused.extend(later.paused);
        self.released.extend(later.released);
        self.resumed.extend(later.resumed);
    }
}

/// Moves how a partner stands.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Invoices of the last two quarters are unpaid."}))]
pub struct ChangeStanding {
    /// Why, for the partner.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Whether the partner may act in the program of its enrollment, whose rules in force these are.
///
/// # Errors
/// When the database cannot be read.
pub fn of(tx: &mut Tx, enrollment: &Enrollment, rules: &Version) -> Result<Standing> {
    let mut blocks = switched(tx, enrollment)?;
    let sanctions = sanctions(tx, enrollment.partner_id)?;
    let now = tx.now();
    blocks.extend(sanctions.iter().filter(|one| one.concerns(enrollment.id) && one.is_on(now)).map(Sanction::block));
    blocks.extend(agreement_block(tx, enrollment, rules)?);
    Ok(Standing {
        enrollment_id: enrollment.id,
        partner_id: enrollment.partner_id,
        program: enrollment.program.clone(),
        as_of: now,
        may_act: blocks.is_empty(),
        blocks,
    })
}

/// The same for an enrollment that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: EnrollmentId) -> Result<Standing> {
    let enrollment = enrollment::find(tx, actor, id)?;
    let rules = rules(tx, &enrollment)?;
    of(tx, &enrollment, &rules)
}

/// Refuses what the partner may not do in the program now.
///
/// # Errors
/// `policy_refuses` with everything that stands against it; `agreement_required` when that is all.
pub fn may_act(tx: &mut Tx, enrollment: &Enrollment, rules: &Version, action: PartnerAction) -> Result<()> {
    let concerns = |block: &Block| block.actions.as_ref().is_none_or(|actions| actions.contains(&action));
    let blocks: Vec<Block> = of(tx, enrollment, rules)?.blocks.into_iter().filter(concerns).collect();
    refuse(&blocks)
}

/// Refuses what a suspended or terminated company may not do, in whatever program. The vendor's people may.
///
/// # Errors
/// `policy_refuses` with every violation that stands against it.
pub fn company_may_act(tx: &mut Tx, actor: &Actor) -> Result<()> {
    let Some(partner) = actor.partner else { return Ok(()) };
    let now = tx.now();
    let against = sanctions(tx, partner)?;
    let blocks: Vec<Block> = against
        .iter()
        .filter(|one| one.scope == ViolationScope::Partner && one.is_on(now))
        .map(Sanction::block)
        .collect();
    refuse(&blocks)
}

/// How the partner stands in the program of its enrollment, agreements aside.
///
/// # Errors
/// When the database cannot be read.
pub fn level(tx: &mut Tx, enrollment: &Enrollment) -> Result<Level> {
    let switched = switched(tx, enrollment)?;
    let sanctions = sanctions(tx, enrollment.partner_id)?;
    let spans: Vec<_> = sanctions.iter().filter(|one| one.concerns(enrollment.id)).map(Sanction::span).collect();
    let left = |block: &Block| matches!(block.reason, BlockReason::PartnerTerminated | BlockReason::EnrollmentEnded);
    if switched.iter().any(left) {
        return Ok(Level::Terminated);
    }
    let open_ended = Span { kind: ConsequenceKind::Suspension, from: tx.now(), until: None };
    Ok(combined(tx.now(), spans.into_iter().chain(switched.iter().map(|_| open_ended))))
}

/// A time for which something stands against a partner.
#[derive(Debug, Clone, Copy)]
struct Span {
    kind: ConsequenceKind,
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Span {
    fn holds_at(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| until > at)
    }
}

/// What several consequences make together. Suspensions that follow each other without a gap are one.
fn combined(now: Timestamp, spans: impl Iterator<Item = Span>) -> Level {
    let spans: Vec<Span> = spans.collect();
    if spans.iter().any(|span| span.kind == ConsequenceKind::Termination && span.holds_at(now)) {
        return Level::Terminated;
    }
    let mut end = now;
    let mut suspended = false;
    // Each step takes what holds at the end of the one before; there are no more steps than spans.
    while let Some(next) = spans.iter().filter(|span| span.holds_at(end)).map(|span| span.until).max_by_key(last) {
        suspended = true;
        match next {
            Some(until) => end = until,
            None => return Level::Suspended(None),
        }
    }
    if suspended { Level::Suspended(Some(end)) } else { Level::Good }
}

/// Without an end is later than every end.
fn last(until: &Option<Timestamp>) -> Timestamp {
    until.unwrap_or_else(Timestamp::never)
}

/// A violation's consequence, as far as it stands against the partner now or later.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = violations)]
struct Sanction {
    id: ViolationId,
    enrollment_id: Option<EnrollmentId>,
    text: String,
    consequence: ConsequenceKind,
    scope: ViolationScope,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
}

impl Sanction {
    fn concerns(&self, enrollment: EnrollmentId) -> bool {
        self.scope == ViolationScope::Partner || self.enrollment_id == Some(enrollment)
    }

    fn span(&self) -> Span {
        Span { kind: self.consequence, from: self.starts_at, until: self.ends_at }
    }

    fn is_on(&self, now: Timestamp) -> bool {
        self.span().holds_at(now)
    }

    fn block(&self) -> Block {
        let until = self.ends_at.map(|until| format!(" until {until}")).unwrap_or_default();
        let (reason, what) = match self.consequence {
            ConsequenceKind::Termination => (BlockReason::ViolationTermination, "Terminated"),
            _ => (BlockReason::ViolationSuspension, "Suspended"),
        };
        Block {
            until: self.ends_at,
            violation_id: Some(self.id),
            ..Block::new(reason, format!("{what}{until} for {}: {}", self.id, self.text))
        }
    }
}

impl Block {
    fn new(reason: BlockReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            actions: None,
            until: None,
            violation_id: None,
            agreement_id: None,
            agreement_version: None,
        }
    }
}

/// The rules in force in the program of an enrollment.
pub(crate) fn rules(tx: &mut Tx, enrollment: &Enrollment) -> Result<Version> {
    let rules = programs::current(tx, &enrollment.program)?;
    // A program is never removed, so this is a fault of ours.
    rules.ok_or_else(|| database::Error::Internal("an enrollment without its program".into()))
}

fn refuse(blocks: &[Block]) -> Result<()> {
    let Some(first) = blocks.first() else { return Ok(()) };
    let faults = blocks.iter().map(|block| Fault::at("", &block.reason.to_string(), &block.detail)).collect();
    let agreements_alone = blocks.iter().all(|block| block.reason == BlockReason::AgreementRequired);
    let code = if agreements_alone { Code::AgreementRequired } else { Code::PolicyRefuses };
    Err(Error { code, detail: first.detail.clone(), faults }.into())
}

/// What the vendor's own switches say.
fn switched(tx: &mut Tx, enrollment: &Enrollment) -> Result<Vec<Block>> {
    let partner: PartnerStatus =
        partners::table.find(enrollment.partner_id).select(partners::status).first(tx.sql())?;
    let of_partner = match partner {
        PartnerStatus::Active => None,
        PartnerStatus::Suspended => Some((BlockReason::PartnerSuspended, "The vendor has suspended the partner.")),
        PartnerStatus::Terminated => Some((BlockReason::PartnerTerminated, "The vendor has terminated the partner.")),
    };
    let of_enrollment = match enrollment.status {
        EnrollmentStatus::Active => None,
        EnrollmentStatus::Suspended => {
            Some((BlockReason::EnrollmentSuspended, "The partner's enrollment in the program is suspended."))
        }
        EnrollmentStatus::Ended => {
            Some((BlockReason::EnrollmentEnded, "The partner's enrollment in the program has ended."))
        }
    };
    Ok([of_partner, of_enrollment].into_iter().flatten().map(|(reason, text)| Block::new(reason, text)).collect())
}

/// The consequences that are in force or still to come.
fn sanctions(tx: &mut Tx, partner: PartnerId) -> Result<Vec<Sanction>> {
    let open = violations::ends_at.is_null().or(violations::ends_at.assume_not_null().gt(tx.now()));
    Ok(violations::table
        .filter(violations::partner_id.eq(partner).and(violations::withdrawn_at.is_null()))
        .filter(violations::consequence.ne(ConsequenceKind::Warning).and(open))
        .order(violations::id)
        .select(Sanction::as_select())
        .load(tx.sql())?)
}

/// The agreement that the program asks for, unless the partner has accepted what counts.
fn agreement_block(tx: &mut Tx, enrollment: &Enrollment, rules: &Version) -> Result<Option<Block>> {
    let Some(AgreementPolicy { slug, required_for }) = &rules.document.0.agreement else { return Ok(None) };
    let program = &enrollment.program;
    let in_force = agreement::in_force(tx, slug)?.filter(|one| one.program.as_ref().is_none_or(|own| own == program));
    let block = |detail: String| Block {
        actions: Some(required_for.clone()),
        ..Block::new(BlockReason::AgreementRequired, detail)
    };
    // A program that asks for what is not there lets nobody in: what the vendor demands is not waived by a slip.
    let Some((id, Some((version, least)))) = in_force.map(|one| (one.id, one.version)) else {
        let detail = format!("The program {program} asks for the agreement {slug}, of which no version is in force.");
        return Ok(Some(block(detail)));
    };
    if acceptance::at_least(tx, enrollment.partner_id, id, least)?.is_some() {
        return Ok(None);
    }
    let detail = format!(
        "The program {program} asks for the acceptance of {slug}, version {} (digest {}).",
        version.number, version.digest
    );
    Ok(Some(Block { agreement_id: Some(id), agreement_version: Some(version.number), ..block(detail) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn suspension(from: i64, until: Option<i64>) -> Span {
        Span { kind: ConsequenceKind::Suspension, from: at(from), until: until.map(at) }
    }

    #[test]
    fn suspensions_without_a_gap_are_one() {
        let spans = [suspension(0, Some(10)), suspension(5, Some(20)), suspension(20, Some(30)), suspension(31, None)];
        let level = |now| combined(at(now), spans.into_iter());
        assert_eq!(level(0), Level::Suspended(Some(at(30))));
        assert_eq!(level(19), Level::Suspended(Some(at(30))));
        assert_eq!(level(29), Level::Suspended(Some(at(30))));
        assert_eq!(level(30), Level::Good);
        assert_eq!(level(31), Level::Suspended(None));
        assert_eq!(level(-1), Level::Good);
    }

    #[test]
    fn termination_outweighs_suspension_from_its_first_moment() {
        let end = Span { kind: ConsequenceKind::Termination, from: at(10), until: None };
        let level = |now| combined(at(now), [suspension(0, Some(20)), end].into_iter());
        assert_eq!((level(9), level(10)), (Level::Suspended(None), Level::Terminated));
    }
}
