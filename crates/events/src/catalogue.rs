//! Every type of event that there is, and when it happens. What is not here cannot be recorded.

/// The types of events by name, each with when it happens.
pub const CATALOGUE: &[(&str, &str)] = &[
    ("account.created", "An end customer became known."),
    ("account.updated", "An end customer was changed."),
    ("agreement.accepted", "A partner accepted a version of an agreement."),
    ("agreement.created", "An agreement was added."),
    ("agreement.published", "A version of an agreement was published."),
    ("agreement.updated", "An agreement was changed."),
    ("api_client.created", "An API client was added."),
    ("api_client.revoked", "An API client was revoked: its tokens are not valid any more."),
    ("api_client.secret_rotated", "An API client got a new secret."),
    ("api_client.updated", "An API client was changed."),
    ("application.approved", "An application was approved: the company is a partner of the program."),
    ("application.information_requested", "More was asked of an applicant."),
    ("application.information_supplied", "An applicant supplied what was asked for."),
    ("application.rejected", "An application was rejected."),
    ("application.review_claimed", "Somebody of the vendor took up an application's review."),
    ("application.submitted", "A company applied to a program."),
    ("application.withdrawn", "An application was withdrawn."),
    ("business_plan.agreed", "Partner and vendor agreed to a business plan."),
    ("business_plan.closed", "A business plan was closed."),
    ("business_plan.created", "A business plan was added."),
    ("business_plan.proposed", "One side proposed a business plan to the other."),
    ("business_plan.updated", "A business plan was changed."),
    ("business_plan_review.created", "A review of a business plan was added."),
    ("business_plan_review.updated", "A review of a business plan was changed."),
    ("contact.created", "A person of a partner was added."),
    ("contact.deleted", "A person of a partner was deleted."),
    ("contact.updated", "A person of a partner was changed."),
    ("deal_registration.action_required", "More was asked of the partner."),
    ("deal_registration.approved", "A registration was approved: its protection begins."),
    ("deal_registration.created", "A deal was registered, perhaps as a draft."),
    ("deal_registration.decision_overdue", "A decision is due that was not made."),
    ("deal_registration.dispute_resolved", "A dispute was resolved."),
    ("deal_registration.disputed", "A partner disputed a decision."),
    ("deal_registration.expired", "A protection, or a registration that nobody went on with, ended."),
    ("deal_registration.expiring", "A protection ends soon."),
    ("deal_registration.extended", "A protection was extended."),
    ("deal_registration.held", "A decision waits, because the partner may not act at present."),
    ("deal_registration.in_review", "A registration was taken into review."),
    ("deal_registration.lost", "The deal was lost."),
    ("deal_registration.paused", "A protection pauses, because the partner may not act at present."),
    ("deal_registration.rejected", "A registration was rejected."),
    ("deal_registration.released", "A protection was given up."),
    ("deal_registration.resumed", "A protection goes on after a pause."),
    ("deal_registration.submitted", "A registration was handed in."),
    ("deal_registration.updated", "A registration was changed."),
    ("deal_registration.withdrawn", "A registration was withdrawn."),
    ("deal_registration.won", "The deal was won."),
    ("enrollment.created", "A partner was enrolled in a program."),
    ("enrollment.grace_begun", "A partner does not meet its tier any more, and keeps it for a time."),
    ("enrollment.grace_ended", "A partner's grace is over."),
    ("enrollment.reinstated", "A partner may act in the program again."),
    ("enrollment.suspended", "A partner may not act in the program for a time."),
    ("enrollment.terminated", "A partner left the program for good."),
    ("enrollment.tier_changed", "A partner's tier changed."),
    ("enrollment.tier_override_lifted", "A tier set by hand is computed again."),
    ("enrollment.tier_override_set", "A tier was set by hand."),
    ("enrollment.updated", "An enrollment was changed."),
    ("manual_fact.created", "Somebody entered a fact of a partner."),
    ("manual_fact.withdrawn", "A fact that was entered was taken back."),
    ("notice.read", "A notice was read."),
    ("notice.sent", "A partner was told something."),
    ("observation.corrected", "What another system reported of a partner was corrected."),
    ("observation.created", "Another system reported something of a partner."),
    ("observation.withdrawn", "What another system reported of a partner was taken back."),
    ("partner.created", "A partner was added."),
    ("partner.reinstated", "A partner may act again."),
    ("partner.suspended", "A partner may not act for a time."),
    ("partner.terminated", "The vendor and a partner parted for good."),
    ("partner.updated", "A partner was changed."),
    ("program.created", "A program was added."),
    ("program.plan_applied", "A plan for a program's rules was applied."),
    ("program.planned", "A plan for a program's rules was made."),
    ("program.version_published", "A version of a program's rules was published."),
    ("territory.assigned", "A territory was given to a partner."),
    ("territory.created", "A territory was added."),
    ("territory.unassigned", "A territory was taken from a partner."),
    ("territory.updated", "A territory was changed."),
    ("tier_run.finished", "A run over the tiers of a program ended."),
    ("tier_run.started", "A run over the tiers of a program began."),
    ("user.created", "A user was added."),
    ("user.updated", "A user was changed."),
    ("vendor_opportunity.created", "An opportunity of the vendor's own was added."),
    ("vendor_opportunity.updated", "An opportunity of the vendor's own was changed."),
    ("violation.began", "A consequence of a violation began."),
    ("violation.created", "A violation was recorded."),
    ("violation.ended", "A consequence of a violation ended."),
    ("violation.withdrawn", "A violation was withdrawn."),
];

/// Whether there is such a type.
pub(crate) fn holds(kind: &str) -> bool {
    CATALOGUE.binary_search_by_key(&kind, |(name, _)| name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_are_sorted_and_found() {
        assert!(CATALOGUE.is_sorted_by(|left, right| left.0 < right.0));
        assert!(CATALOGUE.iter().all(|(kind, _)| holds(kind)) && !holds("deal_registration.approve"));
    }
}
