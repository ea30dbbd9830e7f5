//! What callers send.

use chrono::NaiveDate;
use kernel::{Money, PartnerId, Period};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::model::{
    DealAccount, DealContact, ExternalRef, InformationRequest, LossReason, RejectionReason, Resolution, Stage,
};

/// A deal to register.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "program": "reseller", "title": "200 seats for Acme's plant in Essen",
    "account": {"name": "Acme Industries GmbH", "domain": "acme.example", "country": "DE"},
    "products": ["core"], "amount": {"amount": "48000.00", "currency": "EUR"},
    "expected_close_on": "2027-03-31", "stage": "qualified", "submit": true
}))]
pub struct NewDealRegistration {
    /// The program, by slug.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: String,
    /// Whose claim it is: required from a vendor user; a partner's own people may leave it out.
    pub partner_id: Option<PartnerId>,
    /// What it is about.
    #[schema(min_length = 1, max_length = 200, example = "200 seats for Acme's plant in Essen")]
    pub title: String,
    /// The customer.
    pub account: DealAccount,
    /// What is to be sold.
    #[schema(min_items = 1, max_items = 50, example = json!(["core"]))]
    pub products: Vec<String>,
    /// What it is expected to be worth.
    pub amount: Money,
    /// When it is expected to close.
    pub expected_close_on: NaiveDate,
    /// How far the sale is; `prospect` if left out. Not `won` or `lost`.
    pub stage: Option<Stage>,
    /// The customer's person.
    pub contact: Option<DealContact>,
    /// In words.
    #[schema(max_length = 4000)]
    pub notes: Option<String>,
    /// What other systems call it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub external_refs: Vec<ExternalRef>,
    /// Whether to hand it in at once. Otherwise it is a draft.
    #[serde(default)]
    pub submit: bool,
}

/// A deal to check before it is registered.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "program": "reseller", "account": {"name": "Acme Industries GmbH", "domain": "acme.example", "country": "DE"},
    "products": ["core"]
}))]
pub struct DealCheck {
    /// The program, by slug.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: String,
    /// Whose claim it would be: required from a vendor user.
    pub partner_id: Option<PartnerId>,
    /// The customer.
    pub account: DealAccount,
    /// What is to be sold.
    #[schema(min_items = 1, max_items = 50, example = json!(["core"]))]
    pub products: Vec<String>,
    /// What it is expected to be worth: tells whether the program would approve it by itself.
    pub amount: Option<Money>,
}

/// Changes to a registration; what is left out stays, null clears. `editable_fields` tells what can be changed now.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"stage": "proposal", "notes": "Offer sent."}))]
pub struct DealUpdate {
    /// What it is about.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// The customer.
    #[schema(nullable = false)]
    pub account: Option<DealAccount>,
    /// What is to be sold.
    #[schema(nullable = false, min_items = 1, max_items = 50)]
    pub products: Option<Vec<String>>,
    /// What it is expected to be worth.
    #[schema(nullable = false)]
    pub amount: Option<Money>,
    /// When it is expected to close.
    #[schema(nullable = false)]
    pub expected_close_on: Option<NaiveDate>,
    /// How far the sale is. Not `won` or `lost`.
    #[schema(nullable = false)]
    pub stage: Option<Stage>,
    /// The customer's person.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<DealContact>)]
    pub contact: Option<Option<DealContact>>,
    /// In words.
    #[serde(default, deserialize_with = "kernel::patch::present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub notes: Option<Option<String>>,
    /// What other systems call it.
    #[schema(nullable = false, max_items = 20)]
    pub external_refs: Option<Vec<ExternalRef>>,
}

/// Asks the partner for more.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RequestInformation {
    /// What is missing, per field.
    #[schema(min_items = 1, max_items = 50)]
    pub requests: Vec<InformationRequest>,
}

/// Grants a registration.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"text": "Good luck!"}))]
pub struct Approve {
    /// A word to the partner.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// Refuses a registration.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "not_qualified", "text": "Please come back when the budget is confirmed."}))]
pub struct Reject {
    /// Why.
    pub reason: RejectionReason,
    /// In words, for the partner.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
}

/// Takes a registration back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"text": "The customer has postponed the project."}))]
pub struct Withdraw {
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// Ends a protection before its time.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"text": "We no longer work on this."}))]
pub struct Release {
    /// Why; required from the vendor.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: Option<String>,
}

/// Prolongs a protection.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"by": "P30D", "progress": "Proof of concept done; contract is with legal."}))]
pub struct Extend {
    /// By how long, in whole days; the most that the policy allows if left out.
    pub by: Option<Period>,
    /// What has been achieved; required where the policy says so.
    #[schema(min_length = 1, max_length = 4000)]
    pub progress: Option<String>,
}

/// Ends a deal as won.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": {"amount": "46500.00", "currency": "EUR"}, "closed_on": "2027-03-15"}))]
pub struct Win {
    /// What it was worth.
    pub amount: Money,
    /// On which day.
    pub closed_on: NaiveDate,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// Ends a deal as lost.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "no_budget", "text": "Frozen until next year."}))]
pub struct Lose {
    /// Why.
    pub reason: LossReason,
    /// On which day; today if left out.
    pub closed_on: Option<NaiveDate>,
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// Disputes a decision or a conflict.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "We have worked with this customer since January; see the attached minutes."}))]
pub struct RaiseDispute {
    /// The partner's reasons.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
}

/// Resolves a dispute.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"resolution": "overturn", "text": "The earlier partner has had no activity for 60 days."}))]
pub struct ResolveDispute {
    /// What becomes of it.
    pub resolution: Resolution,
    /// The vendor's reasons, for the partner.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
    /// For `split`: the products that go to this registration.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub products: Vec<String>,
}
