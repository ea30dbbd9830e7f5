//! Partner companies, their people and their enrollment in programs; what they have agreed to, where they may act, and
//! whether.
//!
//! | file | what it is about |
//! |---|---|
//! | [`partner`], [`contact`], [`enrollment`] | the company, its people, its place in a program |
//! | [`application`], [`likeness`] | companies that ask to join a program; which companies may be the same |
//! | [`tier`] | the tier of an enrollment: decisions, overrides, history |
//! | [`notice`] | what a partner is told |
//! | [`agreement`], [`acceptance`] | the rules of engagement in versions, and who accepted which |
//! | [`violation`] | what was violated, and what follows from it |
//! | [`territory`], [`area`] | where, and to whom, a partner may sell |
//! | [`business_plan`], [`review`] | what partner and vendor want to reach together, and how it goes |
//! | [`standing`] | may this partner act, and if not, why not |

pub mod acceptance;
pub mod agreement;
pub mod application;
pub mod area;
pub mod business_plan;
pub mod contact;
pub mod enrollment;
pub mod likeness;
pub mod notice;
pub mod partner;
pub mod review;
pub mod standing;
pub mod territory;
pub mod tier;
pub mod violation;

pub use acceptance::{AcceptAgreement, AgreementAcceptance, AgreementAcceptanceFilter, AgreementAcceptanceId};
pub use agreement::{
    Agreement, AgreementFilter, AgreementId, AgreementUpdate, AgreementVersion, NewAgreement, PublishAgreement,
};
pub use business_plan::{
    BusinessPlan, BusinessPlanFilter, BusinessPlanId, BusinessPlanUpdate, CloseBusinessPlan, NewBusinessPlan,
};
pub use contact::{Contact, ContactFilter, ContactId, ContactUpdate, NewContact};
pub use enrollment::{Enrollment, EnrollmentFilter, EnrollmentId, EnrollmentMove, EnrollmentUpdate, NewEnrollment};
pub use notice::{Notice, NoticeFilter, NoticeId};
pub use partner::{NewPartner, Partner, PartnerFilter, PartnerMove, PartnerUpdate};
pub use review::{BusinessPlanReview, BusinessPlanReviewId, BusinessPlanReviewUpdate, NewBusinessPlanReview};
pub use standing::{Effects, Standing};
pub use territory::{AssignTerritory, NewTerritory, Territory, TerritoryFilter, TerritoryId, TerritoryUpdate};
pub use tier::{LiftTierOverride, OverrideTier, TierDecision, TierDecisionId, TierOverride, TierRunId, TierStanding};
pub use violation::{NewViolation, Violation, ViolationFilter, ViolationId, WithdrawViolation};
