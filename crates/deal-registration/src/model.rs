//! The registration: as it is stored, and as it is shown.

use chrono::NaiveDate;
use database::{Json, schema::deal_registrations};
use diesel::prelude::*;
use kernel::{Actor, Country, Currency, Money, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use strum::EnumIter;
use utoipa::ToSchema;

use crate::{
    account::AccountId,
    pause::{DealPause, Pause},
    rules::{self, Action},
    verdict::{Finding, Verdict, VerdictKind},
};

ids! {
    /// A deal registration.
    DealKind = "deal" => DealId;
}

database::text_enum! {
    /// Where a registration stands with the vendor.
    #[derive(EnumIter)]
    pub enum Status as DealStatus {
        /// Not handed in yet.
        Draft,
        /// Handed in; waits for somebody to take it up.
        Submitted,
        /// Somebody looks at it.
        InReview,
        /// The partner must say more.
        ActionRequired,
        /// Granted; protected until a date.
        Approved,
        /// Refused.
        Rejected,
        /// Taken back by the partner before a decision.
        Withdrawn,
        /// Protection given up or taken back before its end.
        Released,
        /// Protection has ended.
        Expired,
        /// The deal was won.
        Won,
        /// The deal was lost.
        Lost,
    }

    /// How far the sale itself is; separate from what the vendor decided.
    pub enum Stage as DealStage {
        /// A first contact.
        Prospect,
        /// The need and the budget are real.
        Qualified,
        /// The product is shown to fit.
        TechnicalValidation,
        /// The business case is shown to hold.
        BusinessValidation,
        /// An offer is out.
        Proposal,
        /// Terms are being settled.
        Negotiation,
        /// The customer has said yes; signatures are missing.
        Committed,
        /// Won. Set by the action `win`.
        Won,
        /// Lost. Set by the action `lose`.
        Lost,
    }

    /// Why a registration was rejected.
    pub enum RejectionReason as DealRejectionReason {
        /// Somebody else is protected at this account.
        Conflict,
        /// The partner has registered this before.
        Duplicate,
        /// The vendor is at it itself.
        VendorOpportunity,
        /// The account is reserved.
        NamedAccount,
        /// The account is outside the partner's territory.
        OutOfTerritory,
        /// There is no real opportunity yet.
        NotQualified,
        /// What was asked for was not supplied.
        IncompleteInformation,
        /// The program does not cover it.
        NotEligible,
        /// Something else; the text says what.
        Other,
    }

    /// Why a deal was lost.
    pub enum LossReason as DealLossReason {
        /// To a competitor of the vendor.
        Competitor,
        /// Over the price.
        Price,
        /// The product lacked something.
        MissingFeature,
        /// The customer has no money for it.
        NoBudget,
        /// The customer decided nothing.
        NoDecision,
        /// The customer could not be reached any more.
        NoContact,
        /// At the wrong time.
        Timing,
        /// Something else; the text says what.
        Other,
    }

    /// What became of a dispute.
    pub enum Resolution as DisputeResolution {
        /// The decision stands.
        Uphold,
        /// The registration is approved; protection moves to it.
        Overturn,
        /// Some of the products go to the registration, the rest stays.
        Split,
    }
}

impl Stage {
    /// Whether only `win` and `lose` set it.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Won | Self::Lost)
    }
}

/// The customer, as the partner described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Acme Industries GmbH", "domain": "acme.example", "country": "DE"}))]
pub struct DealAccount {
    /// The company's name.
    #[schema(min_length = 1, max_length = 200, example = "Acme Industries GmbH")]
    pub name: String,
    /// A host, URL or e-mail address of the company; its registrable domain identifies it.
    #[serde(default)]
    #[schema(required = false, min_length = 1, max_length = 253, example = "acme.example")]
    pub domain: Option<String>,
    /// Where the customer is.
    pub country: Country,
}

/// The customer's person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Grace Hopper", "email": "grace@acme.example"}))]
pub struct DealContact {
    /// What to call them.
    #[schema(min_length = 1, max_length = 200, example = "Grace Hopper")]
    pub name: String,
    /// Where to write to them.
    #[schema(format = Email, max_length = 254, example = "grace@acme.example")]
    pub email: String,
}

/// What another system calls the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"system": "salesforce", "id": "0065g00000XyZAbAAN"}))]
pub struct ExternalRef {
    /// The system.
    #[schema(min_length = 1, max_length = 64, example = "salesforce")]
    pub system: String,
    /// Its id there.
    #[schema(min_length = 1, max_length = 200, example = "0065g00000XyZAbAAN")]
    pub id: String,
}

/// How the vendor dealt with a registration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who has taken it up.
    pub reviewer: Option<String>,
    /// What the partner must still say.
    #[serde(default)]
    pub requests: Vec<InformationRequest>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// What was said for extending protection, oldest first.
    #[serde(default)]
    pub progress: Vec<String>,
}

/// What the partner must still say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"field": "/contact", "text": "Who is your contact at the customer?"}))]
pub struct InformationRequest {
    /// The field of the registration, as a JSON Pointer.
    #[schema(max_length = 200, pattern = "^(/[a-z0-9_]+)*$", example = "/contact")]
    pub field: String,
    /// What is missing.
    #[schema(min_length = 1, max_length = 2000, example = "Who is your contact at the customer?")]
    pub text: String,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// By whom: a user, an API client, or `system` for the program's policy.
    #[schema(max_length = 120, example = "system")]
    pub by: String,
    /// The enumerated reason of a rejection or release.
    #[schema(required = true, max_length = 80, example = "conflict")]
    pub reason: Option<String>,
    /// In words.
    #[schema(required = true, max_length = 4000)]
    pub text: Option<String>,
}

/// How the sale ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DealOutcome {
    /// On which day.
    pub closed_on: NaiveDate,
    /// What it was worth, if won.
    #[schema(required = true)]
    pub amount: Option<Money>,
    /// Why it was lost, if lost.
    #[schema(required = true)]
    pub reason: Option<LossReason>,
    /// In words.
    #[schema(required = true, max_length = 4000)]
    pub text: Option<String>,
}

/// The partner does not accept a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dispute {
    /// When it was raised.
    pub opened_at: Timestamp,
    /// By whom.
    #[schema(max_length = 120)]
    pub opened_by: String,
    /// The partner's reasons.
    #[schema(max_length = 4000)]
    pub text: String,
    /// What became of it; null while open.
    #[schema(required = true)]
    pub resolution: Option<Resolution>,
    /// When it was resolved.
    #[schema(required = true)]
    pub resolved_at: Option<Timestamp>,
    /// The vendor's reasons.
    #[schema(required = true, max_length = 4000)]
    pub resolution_text: Option<String>,
}

/// The registration as it is stored. What a column means stands at [`DealRegistration`].
#[allow(missing_docs, reason = "the same fields are described where they are shown")]
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deal_registrations, treat_none_as_null = true)]
pub struct Row {
    pub id: DealId,
    pub program: String,
    pub program_version: i32,
    pub partner_id: PartnerId,
    pub account_id: AccountId,
    pub account: Json<DealAccount>,
    pub title: String,
    pub stage: Stage,
    pub status: Status,
    pub amount_minor: i64,
    pub currency: Currency,
    pub expected_close_on: NaiveDate,
    pub contact: Option<Json<DealContact>>,
    pub notes: Option<String>,
    pub products: Json<Vec<String>>,
    pub external_refs: Json<Vec<ExternalRef>>,
    pub owner_id: String,
    pub verdict: Option<Json<Verdict>>,
    pub review: Json<Review>,
    pub outcome: Option<Json<DealOutcome>>,
    pub dispute: Option<Json<Dispute>>,
    pub submitted_at: Option<Timestamp>,
    pub decision_due_at: Option<Timestamp>,
    pub escalated_at: Option<Timestamp>,
    pub protected_from: Option<Timestamp>,
    pub protected_until: Option<Timestamp>,
    pub extensions: i32,
    pub expiring_notice_at: Option<Timestamp>,
    pub pause: Option<Json<Pause>>,
    pub search: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row {
    /// The status as it is now, also before a sweep has written that protection has ended.
    pub fn status_at(&self, now: Timestamp) -> Status {
        let ended = self.protected_until.is_some_and(|until| until <= now);
        if self.status == Status::Approved && ended { Status::Expired } else { self.status }
    }

    /// What the deal is worth.
    pub fn amount(&self) -> Money {
        Money { minor: self.amount_minor, currency: self.currency }
    }

    /// Whether a dispute waits for its resolution.
    pub fn is_disputed(&self) -> bool {
        self.dispute.as_ref().is_some_and(|dispute| dispute.0.resolution.is_none())
    }

    /// The kind of its verdict, once it has one.
    pub fn verdict_kind(&self) -> Option<VerdictKind> {
        self.verdict.as_ref().map(|verdict| verdict.0.kind)
    }

    /// The registration as the actor sees it now.
    pub fn show(self, actor: &Actor, now: Timestamp) -> DealRegistration {
        let status = self.status_at(now);
        let verdict = self.verdict_kind();
        let amount = self.amount();
        let paused = self.pause_at(now);
        let standing = rules::Standing { status, verdict, disputed: self.is_disputed(), vendor: actor.is_vendor() };
        let findings = self.verdict.map(|verdict| verdict.0.findings_for(actor)).unwrap_or_default();
        let review = self.review.0;
        DealRegistration {
            id: self.id,
            program: self.program,
            program_version: self.program_version,
            partner_id: self.partner_id,
            account_id: self.account_id,
            account: self.account.0,
            title: self.title,
            products: self.products.0,
            amount,
            expected_close_on: self.expected_close_on,
            stage: self.stage,
            status,
            contact: self.contact.map(|contact| contact.0),
            notes: self.notes,
            external_refs: self.external_refs.0,
            owner_id: self.owner_id,
            verdict,
            findings,
            reviewer: review.reviewer,
            information_requests: review.requests,
            decision: review.decision,
            outcome: self.outcome.map(|outcome| outcome.0),
            dispute: self.dispute.map(|dispute| dispute.0),
            submitted_at: self.submitted_at,
            decision_due_at: self.decision_due_at.and_then(Timestamp::comes),
            escalated_at: self.escalated_at,
            protected_from: self.protected_from,
            protected_until: self.protected_until.and_then(Timestamp::comes),
            paused,
            extensions: self.extensions,
            allowed_actions: rules::allowed_actions(standing),
            editable_fields: rules::editable_fields(status).iter().map(ToString::to_string).collect(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// A partner's claim on an opportunity at an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DealRegistration {
    /// Unique.
    pub id: DealId,
    /// The program under whose rules it is, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules that were last applied to it.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// Whose claim it is.
    pub partner_id: PartnerId,
    /// The account that the engine recognized.
    pub account_id: AccountId,
    /// The customer, as the partner described it.
    pub account: DealAccount,
    /// What it is about.
    #[schema(max_length = 200, example = "200 seats for Acme's plant in Essen")]
    pub title: String,
    /// What is to be sold.
    #[schema(max_items = 50, example = json!(["core"]))]
    pub products: Vec<String>,
    /// What it is expected to be worth.
    pub amount: Money,
    /// When it is expected to close.
    pub expected_close_on: NaiveDate,
    /// How far the sale is.
    pub stage: Stage,
    /// Where it stands with the vendor.
    pub status: Status,
    /// The customer's person.
    #[schema(required = true)]
    pub contact: Option<DealContact>,
    /// In words.
    #[schema(required = true, max_length = 4000)]
    pub notes: Option<String>,
    /// What other systems call it.
    #[schema(max_items = 20)]
    pub external_refs: Vec<ExternalRef>,
    /// Who registered it.
    #[schema(max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub owner_id: String,
    /// Whether it collides with anything; null before submission.
    #[schema(required = true)]
    pub verdict: Option<VerdictKind>,
    /// What it collides with. A partner is told until when, never with whom.
    #[schema(max_items = 100)]
    pub findings: Vec<Finding>,
    /// Who has taken up the review.
    #[schema(required = true, max_length = 120)]
    pub reviewer: Option<String>,
    /// What the partner must still say.
    #[schema(max_items = 50)]
    pub information_requests: Vec<InformationRequest>,
    /// What was decided.
    #[schema(required = true)]
    pub decision: Option<Decision>,
    /// How the sale ended.
    #[schema(required = true)]
    pub outcome: Option<DealOutcome>,
    /// The partner's dispute of the decision.
    #[schema(required = true)]
    pub dispute: Option<Dispute>,
    /// When it was last handed in.
    #[schema(required = true)]
    pub submitted_at: Option<Timestamp>,
    /// By when a decision is due.
    #[schema(required = true)]
    pub decision_due_at: Option<Timestamp>,
    /// When it was found that no decision had come in time.
    #[schema(required = true)]
    pub escalated_at: Option<Timestamp>,
    /// Since when it is or was protected.
    #[schema(required = true)]
    pub protected_from: Option<Timestamp>,
    /// Until when it is or was protected; null while its clock stands still without an end.
    #[schema(required = true)]
    pub protected_until: Option<Timestamp>,
    /// That its clock stands still, because the partner may not act; null while it runs.
    #[schema(required = true)]
    pub paused: Option<DealPause>,
    /// How often its protection was extended.
    #[schema(format = Int64, minimum = 0, example = 0)]
    pub extensions: i32,
    /// What the caller may do with it in its state; whether the partner may act at all, its enrollment's standing tells.
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<Action>,
    /// Which fields can be changed now.
    #[schema(max_items = 20, example = json!(["title", "notes"]))]
    pub editable_fields: Vec<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
pub(crate) mod tests;
