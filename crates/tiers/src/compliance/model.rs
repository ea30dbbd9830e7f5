//! What is told of required and held certifications.

use chrono::NaiveDate;
use kernel::PartnerId;
use partners::EnrollmentId;
use rules::Met;
use serde::Serialize;
use training::{PersonId, catalogue::ItemKind};
use utoipa::ToSchema;

/// What a partner needs in certified people for a tier, and what it has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrainingCompliance {
    /// The enrollment.
    pub enrollment_id: EnrollmentId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// The version of the training catalogue; 0 while there is none.
    #[schema(format = Int64, minimum = 0, example = 2)]
    pub catalogue_version: i32,
    /// The day that it is told for.
    pub at: NaiveDate,
    /// The tier that the partner has now.
    #[schema(max_length = 64, example = "Silver")]
    pub tier: String,
    /// The tier that is asked about.
    #[schema(max_length = 64, example = "Gold")]
    pub target: String,
    /// Whether its own rule is met on the day.
    pub outcome: Met,
    /// Everything in its rule that counts people who hold certifications.
    #[schema(max_items = 1000)]
    pub requirements: Vec<CertifiedRequirement>,
    /// What of it counts on the day and ends within twelve months, renewed ones left out.
    pub expiring: ExpiringCertificates,
    /// Who has to learn what at least, in the least time; null when no certified people are missing.
    #[schema(required = true)]
    pub cheapest: Option<CheapestTraining>,
}

/// Something that counts people who hold certifications.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertifiedRequirement {
    /// What the document calls it.
    #[schema(max_length = 2000, example = "certified_people")]
    pub metric: String,
    /// JSON Pointer to where the document asks for it.
    #[schema(max_length = 2000, example = "/tiers/2/requires/all/1")]
    pub pointer: String,
    /// Whether a person has to hold all of the certifications; one is enough otherwise.
    pub all: bool,
    /// The day on which they must count.
    pub day: NaiveDate,
    /// How many people are needed; null where no number alone decides, as in a score.
    #[schema(required = true, minimum = 0, example = 4)]
    pub required: Option<u64>,
    /// How many there are.
    #[schema(minimum = 0, example = 2)]
    pub held: u64,
    /// How many are missing.
    #[schema(minimum = 0, example = 2)]
    pub missing: u64,
    /// How many people hold each certification, a person once in each.
    #[schema(max_items = 500)]
    pub by_certification: Vec<CertificationHeld>,
    /// Who holds any of them.
    pub people: CertifiedPeople,
}

/// How many people hold a certification.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificationHeld {
    /// The certification, by slug.
    #[schema(max_length = 2000, example = "technical")]
    pub certification: String,
    /// How many.
    #[schema(minimum = 0, example = 2)]
    pub people: u64,
}

/// Who holds certifications, the first hundred of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertifiedPeople {
    /// How many people.
    #[schema(minimum = 0, example = 2)]
    pub total: u64,
    /// The first of them.
    #[schema(max_items = 100)]
    pub data: Vec<CertifiedPerson>,
}

/// Somebody who holds certifications.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertifiedPerson {
    /// Who: a person's id, or what a learning system calls them that reports certificates.
    #[schema(max_length = 2000, example = "person_01h455vb4pex5vsknk084sn02q")]
    pub person: String,
    /// What to call them; null for whom only a learning system knows.
    #[schema(required = true, max_length = 200, example = "Ada Lovelace")]
    pub name: Option<String>,
    /// Which of the certifications they hold.
    #[schema(max_items = 500)]
    pub certifications: Vec<String>,
}

/// Certificates that end, the first two hundred of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpiringCertificates {
    /// How many.
    #[schema(minimum = 0, example = 1)]
    pub total: u64,
    /// The first of them, by their last day.
    #[schema(max_items = 200)]
    pub data: Vec<ExpiringCertificate>,
}

/// A certificate that ends.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpiringCertificate {
    /// Who holds it.
    #[schema(max_length = 2000, example = "person_01h455vb4pex5vsknk084sn02q")]
    pub person: String,
    /// What to call them; null for whom only a learning system knows.
    #[schema(required = true, max_length = 200, example = "Ada Lovelace")]
    pub name: Option<String>,
    /// The certification, by slug.
    #[schema(max_length = 2000, example = "technical")]
    pub certification: String,
    /// The last day on which it counts.
    pub last_day: NaiveDate,
}

/// Who has to learn what so that no certified people are missing, in the least time: courses and exams by the catalogue's
/// durations (60 minutes where it says none), each once a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheapestTraining {
    /// What is made enough by it.
    #[schema(max_items = 1000, example = json!(["certified_people"]))]
    pub metrics: Vec<String>,
    /// How many minutes all of it takes.
    #[schema(minimum = 0, example = 390)]
    pub minutes: u64,
    /// In how many minutes nothing can be done.
    #[schema(minimum = 0, example = 390)]
    pub lower_bound_minutes: u64,
    /// Whether nothing is cheaper. So it is for up to six requirements, as long as few enough people are missing; else it
    /// is a good one.
    pub exact: bool,
    /// How many people are missing besides everybody who works there.
    #[schema(minimum = 0, example = 0)]
    pub lacking: u64,
    /// Whether the tier is met by it: nobody is lacking, and nothing else is missing.
    pub meets_tier: bool,
    /// How many people learn.
    #[schema(minimum = 0, example = 2)]
    pub people: u64,
    /// What each of them learns, the first hundred.
    #[schema(max_items = 100)]
    pub steps: Vec<TrainingStep>,
}

/// What somebody learns.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrainingStep {
    /// Who.
    pub person_id: PersonId,
    /// What to call them.
    #[schema(max_length = 200, example = "Ada Lovelace")]
    pub name: String,
    /// The certifications that they hold then besides.
    #[schema(max_items = 1000, example = json!(["technical"]))]
    pub certifications: Vec<String>,
    /// What they still need; nothing where all is done that it takes.
    #[schema(max_items = 10_000)]
    pub needs: Vec<TrainingNeed>,
    /// How many minutes it takes.
    #[schema(minimum = 0, example = 330)]
    pub minutes: u64,
}

/// A course or an exam that is still needed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrainingNeed {
    /// Which, by slug.
    #[schema(max_length = 64, example = "platform_basics")]
    pub item: String,
    /// What it is.
    pub kind: ItemKind,
    /// How many minutes it takes.
    #[schema(minimum = 0, example = 240)]
    pub minutes: u64,
}
