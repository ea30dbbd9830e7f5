//! What may happen when: pure functions, without a clock or a database.

use chrono::TimeDelta;
use kernel::{Code, Error, Money, Timestamp};
use programs::{AutoApproval, ExtensionPolicy};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

use crate::{model::Status, verdict::VerdictKind};

/// What can be done with a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Display, EnumString, EnumIter, Serialize, Deserialize, ToSchema)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = DealAction)]
pub enum Action {
    /// Change fields.
    Update,
    /// Hand in.
    Submit,
    /// Take up the review.
    ClaimReview,
    /// Ask the partner for more.
    RequestInformation,
    /// Grant.
    Approve,
    /// Refuse.
    Reject,
    /// Take back before a decision.
    Withdraw,
    /// End protection before its time.
    Release,
    /// Prolong protection.
    Extend,
    /// End as won.
    Win,
    /// End as lost.
    Lose,
    /// Dispute a decision or a conflict.
    Dispute,
    /// Resolve a dispute.
    Resolve,
}

/// What decides which actions are possible.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The status now.
    pub status: Status,
    /// The verdict, once there is one.
    pub verdict: Option<VerdictKind>,
    /// Whether a dispute is open.
    pub disputed: bool,
    /// Whether the actor is on the vendor's side.
    pub vendor: bool,
}

/// The status that an action leads to, or `None` where it is not possible. This is the whole state machine, but for
/// what the clock does (`approved` to `expired`) and what the policy does on submission.
pub fn next(standing: Standing, action: Action) -> Option<Status> {
    use Status::{ActionRequired, Approved, Draft, InReview, Lost, Rejected, Released, Submitted, Withdrawn, Won};
    let Standing { status, verdict, disputed, vendor } = standing;
    let undecided = matches!(status, Submitted | InReview);
    let conflicted = verdict.is_some_and(|kind| kind != VerdictKind::Clean);
    match action {
        Action::Update if !editable_fields(status).is_empty() => Some(status),
        Action::Submit if matches!(status, Draft | ActionRequired) => Some(Submitted),
        Action::ClaimReview if vendor && status == Submitted => Some(InReview),
        Action::RequestInformation if vendor && undecided => Some(ActionRequired),
        Action::Approve if vendor && undecided => Some(Approved),
        Action::Reject if vendor && undecided => Some(Rejected),
        Action::Withdraw if undecided || matches!(status, Draft | ActionRequired) => Some(Withdrawn),
        Action::Release if status == Approved => Some(Released),
        Action::Extend if status == Approved => Some(Approved),
        Action::Win if status == Approved => Some(Won),
        Action::Lose if status == Approved => Some(Lost),
        Action::Dispute if !disputed && (status == Rejected || (undecided && conflicted)) => Some(status),
        Action::Resolve if vendor && disputed && (status == Rejected || undecided) => Some(status),
        _ => None,
    }
}

/// Every action that is possible now.
pub fn allowed_actions(standing: Standing) -> Vec<Action> {
    Action::iter().filter(|action| next(standing, *action).is_some()).collect()
}

/// Refuses an action that is not possible.
///
/// # Errors
/// `invalid_transition`, naming the state, the action and what is allowed.
pub fn transition(standing: Standing, action: Action) -> Result<Status, Error> {
    next(standing, action).ok_or_else(|| {
        let allowed: Vec<_> = allowed_actions(standing).iter().map(ToString::to_string).collect();
        let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        let status = standing.status;
        Error::new(
            Code::InvalidTransition,
            format!("A registration in state {status} does not allow {action}; allowed now: {allowed}."),
        )
    })
}

/// The fields that can be changed in a state.
pub fn editable_fields(status: Status) -> &'static [&'static str] {
    match status {
        Status::Draft | Status::ActionRequired => &[
            "title",
            "account",
            "products",
            "amount",
            "expected_close_on",
            "stage",
            "contact",
            "notes",
            "external_refs",
        ],
        // What the verdict and the decision were made on stays.
        Status::Submitted | Status::InReview => &["expected_close_on", "stage", "contact", "notes", "external_refs"],
        Status::Approved => &["title", "amount", "expected_close_on", "stage", "contact", "notes", "external_refs"],
        Status::Won | Status::Lost => &["notes", "external_refs"],
        Status::Rejected | Status::Withdrawn | Status::Released | Status::Expired => &["external_refs"],
    }
}

/// What becomes of a registration that is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// The policy grants it.
    Approve,
    /// A person must look.
    Review,
    /// It waits for a person to take it up.
    Wait,
}

/// Applies the program's auto-approval to a verdict. The limit itself is still within; what depends on an amount that
/// is not known waits.
pub fn intake(verdict: VerdictKind, amount: impl Into<Option<Money>>, policy: Option<&AutoApproval>) -> Intake {
    if verdict != VerdictKind::Clean {
        return Intake::Review;
    }
    match (policy, amount.into()) {
        (Some(AutoApproval { up_to: None }), _) => Intake::Approve,
        (None, _) | (Some(_), None) => Intake::Wait,
        (Some(AutoApproval { up_to: Some(limit) }), Some(amount)) => {
            let within = limit.currency == amount.currency && amount.minor <= limit.minor;
            if within { Intake::Approve } else { Intake::Review }
        }
    }
}

/// When protection ends that begins at `from`: whole days of 24 hours.
pub fn protected_until(from: Timestamp, days: u16) -> Timestamp {
    from + TimeDelta::days(days.into())
}

/// When the end of protection is to be announced; never for 0 days.
pub fn expiring_notice_at(until: Timestamp, days: u16) -> Option<Timestamp> {
    (days > 0).then(|| until - TimeDelta::days(days.into()))
}

/// What is asked for when protection is to be prolonged.
#[derive(Debug, Clone, Copy)]
pub struct ExtensionRequest<'a> {
    /// When protection ends now.
    pub until: Timestamp,
    /// How often it was prolonged before.
    pub extensions: i32,
    /// By how long.
    pub by: Option<TimeDelta>,
    /// What has been achieved.
    pub progress: Option<&'a str>,
}

/// When prolonged protection ends.
///
/// # Errors
/// `policy_refuses` with every rule that stands against it.
pub fn extended_until(
    request: ExtensionRequest<'_>,
    now: Timestamp,
    policy: Option<&ExtensionPolicy>,
) -> Result<Timestamp, Error> {
    let Some(policy) = policy else {
        return Err(Error::new(Code::PolicyRefuses, "The program allows no extensions (protection.extension)."));
    };
    let longest = TimeDelta::days(policy.days.into());
    let by = request.by.unwrap_or(longest);
    let earliest = request.until - TimeDelta::days(policy.earliest_days_before_end.into());
    let mut refusal =
        Error::new(Code::PolicyRefuses, "The program's policy on extensions stands against it; see errors.");
    if request.extensions >= i32::from(policy.times) {
        let detail =
            format!("protection.extension.times: it was extended {} of {} times", request.extensions, policy.times);
        refusal = refusal.with_fault("", "extensions_used_up", detail);
    }
    if by > longest || by <= TimeDelta::zero() {
        let detail = format!("protection.extension.days: must be more than nothing and at most {} days", policy.days);
        refusal = refusal.with_fault("/by", "too_long", detail);
    }
    if by.num_seconds() % 86_400 != 0 {
        refusal = refusal.with_fault("/by", "not_whole_days", "must be whole days");
    }
    if now < earliest {
        let detail = format!("protection.extension.earliest_days_before_end: possible from {earliest} on");
        refusal = refusal.with_fault("", "too_early", detail);
    }
    if policy.progress_required && request.progress.is_none_or(|text| text.trim().is_empty()) {
        let detail = "protection.extension.progress_required: say what has been achieved";
        refusal = refusal.with_fault("/progress", "required", detail);
    }
    if refusal.faults.is_empty() { Ok(request.until + by) } else { Err(refusal) }
}

#[cfg(test)]
mod tests;
