//! Why: the timeline of a registration, and the explanation of its verdict.

use database::{Result, Tx};
use events::{Event, EventData, feed};
use kernel::{Actor, Timestamp};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;

use crate::{
    model::{DealId, Decision, Dispute},
    store,
    verdict::{Finding, Inputs, Verdict, VerdictKind},
};

/// What happened to a registration, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DealTimeline)]
pub struct Timeline {
    /// Every event.
    #[schema(max_items = 1000)]
    pub data: Vec<TimelineEntry>,
}

/// One event of a timeline.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DealTimelineEntry)]
pub struct TimelineEntry {
    /// The event's id.
    #[schema(max_length = 120, example = "event_01h455vb4pex5vsknk084sn02q")]
    pub event_id: String,
    /// What happened, for a machine.
    #[serde(rename = "type")]
    #[schema(max_length = 80, example = "deal_registration.approved")]
    pub kind: String,
    /// What happened, in words.
    #[schema(max_length = 1000, example = "Approved; protected until 2026-06-30.")]
    pub text: String,
    /// When.
    pub occurred_at: Timestamp,
    /// By whom: a user, an API client, or `system`.
    #[schema(max_length = 120, example = "system")]
    pub actor: String,
    /// What changed.
    pub data: EventData,
}

/// Why a registration has its verdict and its decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DealExplanation)]
pub struct Explanation {
    /// The registration.
    pub deal_registration_id: DealId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules that were last applied.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// The verdict; null before submission.
    #[schema(required = true)]
    pub verdict: Option<VerdictKind>,
    /// What the verdict was made from; null before submission.
    #[schema(required = true)]
    pub inputs: Option<Inputs>,
    /// Every rule that was applied, gravest first, and whether it stands against the claim.
    #[schema(max_items = 20)]
    pub rules: Vec<RuleOutcome>,
    /// What was found. A partner is told until when, never whose.
    #[schema(max_items = 100)]
    pub findings: Vec<Finding>,
    /// What was decided.
    #[schema(required = true)]
    pub decision: Option<Decision>,
    /// The partner's dispute of the decision.
    #[schema(required = true)]
    pub dispute: Option<Dispute>,
    /// By when a decision is or was due.
    #[schema(required = true)]
    pub decision_due_at: Option<Timestamp>,
    /// Since when it is or was protected.
    #[schema(required = true)]
    pub protected_from: Option<Timestamp>,
    /// Until when it is or was protected.
    #[schema(required = true)]
    pub protected_until: Option<Timestamp>,
}

/// What a rule said.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DealRuleOutcome)]
pub struct RuleOutcome {
    /// The rule.
    #[schema(max_length = 80, example = "protection.same_account")]
    pub rule: String,
    /// The verdict that it would give.
    pub verdict: VerdictKind,
    /// How many things it found; none means that it holds.
    #[schema(format = Int64, minimum = 0, maximum = 100)]
    pub findings: usize,
}

/// Everything that happened to a registration.
///
/// # Errors
/// `not_found`.
pub fn timeline(tx: &mut Tx, actor: &Actor, id: DealId) -> Result<Timeline> {
    store::row(tx, actor, id)?;
    let data = feed::of_subject(tx, &id.to_string())?.into_iter().map(entry).collect();
    Ok(Timeline { data })
}

/// Why a registration has its verdict.
///
/// # Errors
/// `not_found`.
pub fn explanation(tx: &mut Tx, actor: &Actor, id: DealId) -> Result<Explanation> {
    let row = store::row(tx, actor, id)?;
    let verdict: Option<Verdict> = row.verdict.map(|verdict| verdict.0);
    let rules = verdict.as_ref().map(outcomes).unwrap_or_default();
    Ok(Explanation {
        deal_registration_id: id,
        program: row.program,
        program_version: row.program_version,
        verdict: verdict.as_ref().map(|verdict| verdict.kind),
        inputs: verdict.as_ref().map(|verdict| verdict.inputs.clone()),
        rules,
        findings: verdict.map(|verdict| verdict.findings_for(actor)).unwrap_or_default(),
        decision: row.review.0.decision,
        dispute: row.dispute.map(|dispute| dispute.0),
        decision_due_at: row.decision_due_at.and_then(Timestamp::comes),
        protected_from: row.protected_from,
        protected_until: row.protected_until.and_then(Timestamp::comes),
    })
}

fn outcomes(verdict: &Verdict) -> Vec<RuleOutcome> {
    let found = |kind| verdict.findings.iter().filter(|finding| finding.kind == kind).count();
    VerdictKind::iter()
        .filter(|kind| *kind != VerdictKind::Clean)
        .map(|kind| RuleOutcome { rule: kind.rule().into(), verdict: kind, findings: found(kind) })
        .collect()
}

fn entry(event: Event) -> TimelineEntry {
    let data = event.data.0;
    TimelineEntry {
        event_id: event.id.to_string(),
        text: words(&event.kind, &data),
        kind: event.kind,
        occurred_at: event.occurred_at,
        actor: event.actor,
        data,
    }
}

fn words(kind: &str, data: &EventData) -> String {
    let reason = data.reason.as_deref().unwrap_or_default().replace('_', " ");
    let until = data.until.map(|until| until.date().to_string()).unwrap_or_default();
    let fields = data.changed.join(", ");
    match kind.strip_prefix("deal_registration.").unwrap_or(kind) {
        "created" => "Registered.".into(),
        "updated" => format!("Changed: {fields}."),
        "submitted" => format!("Handed in; the verdict is {reason}."),
        "in_review" => format!("Taken into review: {reason}."),
        "action_required" => format!("The partner is asked for more: {fields}."),
        "approved" => format!("Approved by {reason}; protected until {until}."),
        "rejected" => format!("Rejected: {reason}."),
        "withdrawn" if reason.is_empty() => "Withdrawn by the partner.".into(),
        "withdrawn" => format!("Withdrawn: {reason}."),
        "held" if until.is_empty() => format!("On hold: {reason}."),
        "held" => format!("On hold until {until}: {reason}."),
        "paused" if until.is_empty() => format!("Protection stands still: {reason}."),
        "paused" => format!("Protection stands still until {until}: {reason}."),
        "resumed" => format!("Goes on: {reason}."),
        "released" => format!("Protection released: {reason}."),
        "extended" => format!("Protection extended until {until}."),
        "expiring" => format!("Protection ends on {until}."),
        "expired" => format!("Protection ended on {until}."),
        "won" => "Won.".into(),
        "lost" => format!("Lost: {reason}."),
        "disputed" => "The partner disputes the decision.".into(),
        "dispute_resolved" => format!("The dispute is resolved: {reason}."),
        "decision_overdue" => format!("No decision by {until}, when it was due."),
        other => format!("{other}."),
    }
}
