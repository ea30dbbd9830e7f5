//! The application, as it is stored and as it is seen.

use std::collections::BTreeMap;

use database::{Json, schema::applications};
use diesel::prelude::*;
use identity::UserId;
use kernel::{Actor, Country, PartnerId, Timestamp, ids};
use rules::{Met, book::CriterionKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use super::{
    rules::{Action, Party, allowed_actions},
    screening::{Eligibility, Screening},
};
use crate::{EnrollmentId, likeness::ApplicationMatch};

ids! {
    /// A company that asks to join a program.
    ApplicationKind = "application" => ApplicationId;
}

/// Answers by the names of the program's facts.
pub type Answers = BTreeMap<String, Value>;

database::text_enum! {
    /// Where an application stands.
    #[derive(Hash, EnumIter)]
    pub enum ApplicationStatus {
        /// Handed in; nobody has looked yet.
        Submitted,
        /// Somebody looks.
        InReview,
        /// The applicant must say more.
        ActionRequired,
        /// The company is a partner in the program.
        Approved,
        /// The vendor does not want the company in the program.
        Rejected,
        /// Taken back.
        Withdrawn,
    }
}

/// Why an application was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ApplicationRejectionReason {
    /// A required criterion is not met.
    NotEligible,
    /// The company is a partner, or applies, already.
    Duplicate,
    /// What was asked for was not supplied.
    IncompleteInformation,
    /// What is said is not so.
    NotVerified,
    /// The company does other business than the program is for.
    PoorFit,
    /// There are partners enough in its market.
    MarketCovered,
    /// Something else; the text says what.
    Other,
}

/// The company that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Lakeside Systems GmbH", "domain": "lakeside.example", "country": "DE", "employees": 40, "industry": "manufacturing"
}))]
pub struct ApplicationCompany {
    /// The company's name.
    #[schema(min_length = 1, max_length = 200, example = "Lakeside Systems GmbH")]
    pub name: String,
    /// A host, URL or e-mail address of the company; its registrable domain is kept, and identifies it.
    #[schema(min_length = 1, max_length = 253, example = "lakeside.example")]
    pub domain: String,
    /// Where it has its seat.
    pub country: Country,
    /// How many people work there.
    #[serde(default)]
    #[schema(required = false, minimum = 1, maximum = 10_000_000, example = 40)]
    pub employees: Option<i64>,
    /// What business it is in.
    #[serde(default)]
    #[schema(required = false, min_length = 1, max_length = 100, example = "manufacturing")]
    pub industry: Option<String>,
}

/// The company's person, who becomes its first contact and user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Grace Hopper", "email": "grace@lakeside.example", "job_title": "Managing director"}))]
pub struct ApplicationContact {
    /// What to call them.
    #[schema(min_length = 1, max_length = 200, example = "Grace Hopper")]
    pub name: String,
    /// Where to write to them.
    #[schema(format = Email, max_length = 254, example = "grace@lakeside.example")]
    pub email: String,
    /// Where to call them.
    #[serde(default)]
    #[schema(required = false, min_length = 1, max_length = 40, example = "+49 30 1234567")]
    pub phone: Option<String>,
    /// What they do.
    #[serde(default)]
    #[schema(required = false, min_length = 1, max_length = 200, example = "Managing director")]
    pub job_title: Option<String>,
}

/// What the applicant must still say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"field": "/answers/certified_engineers", "text": "How many of them are certified?"}))]
pub struct ApplicationQuestion {
    /// The field of the application, as a JSON Pointer.
    #[schema(max_length = 200, pattern = "^(/[a-z0-9_]+)*$", example = "/answers/certified_engineers")]
    pub field: String,
    /// What is missing.
    #[schema(min_length = 1, max_length = 2000, example = "How many of them are certified?")]
    pub text: String,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationDecision {
    /// When.
    pub at: Timestamp,
    /// By whom: a user, an API client, the application for its applicant, or `system` for the program's policy.
    #[schema(max_length = 120, example = "system")]
    pub by: String,
    /// Why it was rejected.
    #[schema(required = true)]
    pub reason: Option<ApplicationRejectionReason>,
    /// In words, for the applicant.
    #[schema(required = true, max_length = 4000)]
    pub text: Option<String>,
}

/// An application as it is stored.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = applications, treat_none_as_null = true)]
#[schema(as = ApplicationRecord)]
pub struct Row {
    /// Unique.
    pub id: ApplicationId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules that it was screened by.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// Who handed it in: a user, an API client, or `applicant` for somebody without an account.
    #[schema(max_length = 120, example = "applicant")]
    pub submitted_by: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) domain: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) country: Country,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) normalized_name: String,
    /// The company.
    #[schema(value_type = ApplicationCompany)]
    pub company: Json<ApplicationCompany>,
    /// Its person.
    #[schema(value_type = ApplicationContact)]
    pub contact: Json<ApplicationContact>,
    /// What it says of itself, by the names of the program's facts.
    #[schema(value_type = Object, example = json!({"certified_engineers": 4}))]
    pub answers: Json<Answers>,
    /// In its own words.
    #[schema(required = true, max_length = 4000)]
    pub message: Option<String>,
    /// How it meets the program's criteria.
    #[schema(value_type = Screening)]
    pub screening: Json<Screening>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) eligibility: Eligibility,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) score: i32,
    /// Partners and other open applications that may be the same company. Empty for the partner's own people.
    #[schema(value_type = Vec<ApplicationMatch>, max_items = 20)]
    pub matches: Json<Vec<ApplicationMatch>>,
    /// What the applicant must still say.
    #[schema(value_type = Vec<ApplicationQuestion>, max_items = 50)]
    pub requests: Json<Vec<ApplicationQuestion>>,
    /// Who has taken up the review.
    #[schema(required = true, max_length = 120)]
    pub reviewer: Option<String>,
    /// What was decided.
    #[schema(required = true, value_type = Option<ApplicationDecision>)]
    pub decision: Option<Json<ApplicationDecision>>,
    /// The partner that applies, or that the company has become.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// Its enrollment in the program, once approved.
    #[schema(required = true)]
    pub enrollment_id: Option<EnrollmentId>,
    /// Its first user, if approval made one.
    #[schema(required = true)]
    pub user_id: Option<UserId>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) token_digest: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) open_key: Option<String>,
    /// From when on the company may apply again; null unless it was rejected.
    #[schema(required = true)]
    pub reapply_at: Option<Timestamp>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) search: String,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A company that asks to join a program.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Application {
    /// The application.
    #[serde(flatten)]
    pub row: Row,
    /// What the caller may do with it in its state.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<Action>,
}

/// An application as whoever applies sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnApplication {
    /// Unique.
    pub id: ApplicationId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// The company.
    pub company: ApplicationCompany,
    /// Its person.
    pub contact: ApplicationContact,
    /// What was said, by the names of the program's facts.
    #[schema(value_type = Object, example = json!({"certified_engineers": 4}))]
    pub answers: Answers,
    /// In the applicant's own words.
    #[schema(required = true, max_length = 4000)]
    pub message: Option<String>,
    /// What the program asks for, and whether it is met.
    #[schema(max_items = 100)]
    pub criteria: Vec<OwnCriterion>,
    /// What must still be said.
    #[schema(max_items = 50)]
    pub requests: Vec<ApplicationQuestion>,
    /// What was decided.
    #[schema(required = true)]
    pub decision: Option<OwnDecision>,
    /// From when on the company may apply again; null unless it was rejected.
    #[schema(required = true)]
    pub reapply_at: Option<Timestamp>,
    /// Who can sign in once a password is chosen: the contact's address, if approval made a user of them.
    #[schema(required = true, max_length = 254, example = "grace@lakeside.example")]
    pub user_email: Option<String>,
    /// What can be done in its state.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<Action>,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A criterion of the program, without what only the vendor weighs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnCriterion {
    /// Its name.
    #[schema(max_length = 64, example = "has_engineers")]
    pub name: String,
    /// What is asked for.
    #[schema(required = true, max_length = 2000)]
    pub description: Option<String>,
    /// Whether it must be met.
    pub kind: CriterionKind,
    /// Whether it is.
    pub outcome: Met,
}

/// What was decided, without who decided it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnDecision {
    /// When.
    pub at: Timestamp,
    /// Why it was rejected.
    #[schema(required = true)]
    pub reason: Option<ApplicationRejectionReason>,
    /// In words.
    #[schema(required = true, max_length = 4000)]
    pub text: Option<String>,
}

impl Row {
    /// The application as the actor sees it. What it may be a duplicate of is the vendor's to know.
    pub fn show(mut self, actor: &Actor) -> Application {
        let allowed_actions = allowed_actions(self.status, Party::of(actor));
        if !actor.is_vendor() {
            self.matches.0.clear();
        }
        Application { row: self, allowed_actions }
    }

    /// The application as whoever applies sees it.
    pub fn own(self) -> OwnApplication {
        let allowed_actions = allowed_actions(self.status, Party::Applicant);
        let criteria = self.screening.0.criteria.into_iter().map(|one| OwnCriterion {
            name: one.name,
            description: one.description,
            kind: one.kind,
            outcome: one.outcome,
        });
        let user_email = self.user_id.map(|_| self.contact.0.email.to_lowercase());
        OwnApplication {
            id: self.id,
            program: self.program,
            status: self.status,
            company: self.company.0,
            contact: self.contact.0,
            answers: self.answers.0,
            message: self.message,
            criteria: criteria.collect(),
            requests: self.requests.0,
            decision: self.decision.map(|Json(it)| OwnDecision { at: it.at, reason: it.reason, text: it.text }),
            reapply_at: self.reapply_at,
            user_email,
            allowed_actions,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}
