//! What is sent in about applications.

use identity::UserId;
use kernel::{Country, PartnerId};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::model::{Answers, ApplicationCompany, ApplicationContact, ApplicationQuestion, ApplicationRejectionReason};

/// A company asks to join a program.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "program": "reseller",
    "company": {"name": "Lakeside Systems GmbH", "domain": "lakeside.example", "country": "DE", "employees": 40},
    "contact": {"name": "Grace Hopper", "email": "grace@lakeside.example"},
    "answers": {"sales_people": 3, "support_desk": true},
    "message": "We have sold to manufacturers for ten years."
}))]
pub struct NewApplication {
    /// The program, by slug.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: String,
    /// The company. A partner's own people apply for their own.
    pub company: ApplicationCompany,
    /// Its person.
    pub contact: ApplicationContact,
    /// What the company says of itself, by the names of the program's facts. Facts that the engine knows or the vendor
    /// establishes are refused.
    #[serde(default)]
    #[schema(required = false, value_type = Object, example = json!({"sales_people": 3}))]
    pub answers: Answers,
    /// In the company's own words.
    #[schema(min_length = 1, max_length = 4000)]
    pub message: Option<String>,
    /// Without an account: the answer to a challenge, if `getApplicationChallenge` gives one.
    pub proof: Option<ApplicationProof>,
    /// Without an account: what the captcha's widget gave, if `getApplicationChallenge` says `captcha`.
    #[schema(min_length = 1, max_length = 4096)]
    pub captcha: Option<String>,
}

/// The answer to a challenge: the SHA-256 of `CHALLENGE.NONCE` begins with as many zero bits as the challenge asks for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"challenge": "eyJ0eXAiOiJjaGFsbGVuZ2Urand0IiwiYWxnIjoiRWREU0EifQ.e30.c2ln", "nonce": "184467"}))]
pub struct ApplicationProof {
    /// The challenge, as it was given.
    #[schema(min_length = 1, max_length = 2000)]
    pub challenge: String,
    /// What makes the hash begin with zeros.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$", example = "184467")]
    pub nonce: String,
}

/// Asks the applicant for more.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RequestApplicationInformation {
    /// What is missing, per field.
    #[schema(min_items = 1, max_items = 50)]
    pub requests: Vec<ApplicationQuestion>,
}

/// What the vendor has asked for. What is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"answers": {"certified_engineers": 4}, "message": "Certificates are on their way."}))]
pub struct SupplyApplicationInformation {
    /// The company as it is described now. Its domain stays: another domain is another application.
    pub company: Option<ApplicationCompany>,
    /// Its person.
    pub contact: Option<ApplicationContact>,
    /// More answers, or others, by the names of the program's facts; null takes one back.
    #[schema(required = false, value_type = Object, example = json!({"certified_engineers": 4}))]
    pub answers: Answers,
    /// In the company's own words, in place of what it said before.
    #[schema(min_length = 1, max_length = 4000)]
    pub message: Option<String>,
}

/// Takes the company into the program.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"tier": "Registered", "text": "Welcome!"}))]
pub struct ApproveApplication {
    /// The partner that the company is already: it is enrolled, and no partner and no user are made.
    pub partner_id: Option<PartnerId>,
    /// The tier, by name; the lowest if left out.
    #[schema(min_length = 1, max_length = 64, example = "Registered")]
    pub tier: Option<String>,
    /// The vendor's person for the partner; a channel manager who approves becomes it.
    pub channel_manager_id: Option<UserId>,
    /// The territory, as countries; empty means everywhere.
    #[schema(max_items = 250)]
    pub countries: Vec<Country>,
    /// Whether a new partner's contact becomes its first user, a partner administrator; true if left out. Nobody else
    /// learns the password: whoever holds the application's token chooses it.
    #[schema(default = true)]
    pub create_user: bool,
    /// A word to the applicant.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

impl Default for ApproveApplication {
    fn default() -> Self {
        let (partner_id, tier, channel_manager_id, text) = (None, None, None, None);
        Self { partner_id, tier, channel_manager_id, countries: Vec::new(), create_user: true, text }
    }
}

/// Refuses an application.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "poor_fit", "text": "The program is for companies that sell on.", "reapply_after_days": 180}))]
pub struct RejectApplication {
    /// Why.
    pub reason: ApplicationRejectionReason,
    /// In words, for the applicant.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
    /// How long the company waits before it may apply again, in days of 24 hours; as the program says if left out, 0 for
    /// not at all.
    #[schema(minimum = 0, maximum = 3650, example = 180)]
    pub reapply_after_days: Option<u16>,
}

/// Takes an application back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"text": "We have changed our plans."}))]
pub struct WithdrawApplication {
    /// In words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// A first password.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ChoosePassword {
    /// The password.
    #[schema(format = Password, min_length = 8, max_length = 200, example = "correct horse battery staple")]
    pub password: String,
}
