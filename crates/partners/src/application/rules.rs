//! What may happen to an application when: pure functions, without a clock or a database.

use chrono::TimeDelta;
use kernel::{Actor, Code, Error, Timestamp};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

use super::model::ApplicationStatus as Status;

/// What can be done with an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Display, EnumString, EnumIter, Serialize, Deserialize, ToSchema)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationAction)]
pub enum Action {
    /// Take up the review.
    ClaimReview,
    /// Ask the applicant for more.
    RequestInformation,
    /// Say what was asked for.
    SupplyInformation,
    /// Take the company into the program.
    Approve,
    /// Refuse.
    Reject,
    /// Take back.
    Withdraw,
}

/// Whose side somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The vendor, who may do everything, also for the applicant.
    Vendor,
    /// The company that applies.
    Applicant,
}

impl Party {
    /// The side of whoever acts.
    pub fn of(actor: &Actor) -> Self {
        if actor.is_vendor() { Self::Vendor } else { Self::Applicant }
    }
}

/// The status that an action leads to, or `None` where it is not possible. This is the whole state machine.
pub fn next(status: Status, action: Action, party: Party) -> Option<Status> {
    use Status::{ActionRequired, Approved, InReview, Rejected, Submitted, Withdrawn};
    let open = is_open(status);
    let vendor = party == Party::Vendor;
    match action {
        Action::ClaimReview if vendor && matches!(status, Submitted | InReview) => Some(InReview),
        Action::RequestInformation if vendor && matches!(status, Submitted | InReview) => Some(ActionRequired),
        Action::SupplyInformation if status == ActionRequired => Some(InReview),
        Action::Approve if vendor && open => Some(Approved),
        Action::Reject if vendor && open => Some(Rejected),
        Action::Withdraw if open => Some(Withdrawn),
        _ => None,
    }
}

/// Whether a decision is still to come.
pub fn is_open(status: Status) -> bool {
    matches!(status, Status::Submitted | Status::InReview | Status::ActionRequired)
}

/// Every action that is possible now.
pub fn allowed_actions(status: Status, party: Party) -> Vec<Action> {
    Action::iter().filter(|action| next(status, *action, party).is_some()).collect()
}

/// Refuses an action that is not possible.
///
/// # Errors
/// `invalid_transition`, naming the state, the action and what is allowed.
pub fn transition(status: Status, action: Action, party: Party) -> Result<Status, Error> {
    next(status, action, party).ok_or_else(|| {
        let allowed: Vec<_> = allowed_actions(status, party).iter().map(ToString::to_string).collect();
        let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        let detail = format!("An application in state {status} does not allow {action}; allowed now: {allowed}.");
        Error::new(Code::InvalidTransition, detail)
    })
}

/// From when on a company that was rejected may apply again; never earlier than now, so none for 0 days.
pub fn reapply_at(rejected_at: Timestamp, days: u16) -> Option<Timestamp> {
    (days > 0).then(|| rejected_at + TimeDelta::days(days.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_stays_decided() {
        for status in Status::iter().filter(|status| !is_open(*status)) {
            assert_eq!(allowed_actions(status, Party::Vendor), []);
        }
    }

    #[test]
    fn the_applicant_answers_and_withdraws_and_no_more() {
        for status in Status::iter() {
            for action in allowed_actions(status, Party::Applicant) {
                assert!(matches!(action, Action::SupplyInformation | Action::Withdraw), "{status} {action}");
                assert!(next(status, action, Party::Vendor).is_some());
            }
        }
        assert_eq!(next(Status::ActionRequired, Action::SupplyInformation, Party::Applicant), Some(Status::InReview));
        let refused = transition(Status::Submitted, Action::Approve, Party::Applicant).unwrap_err();
        assert_eq!(refused.detail, "An application in state submitted does not allow approve; allowed now: withdraw.");
    }

    #[test]
    fn days_are_of_24_hours() {
        let now = Timestamp::from_micros(1_000_000);
        assert_eq!(reapply_at(now, 0), None);
        assert_eq!(reapply_at(now, 2), Some(Timestamp::from_micros(172_801_000_000)));
    }
}
