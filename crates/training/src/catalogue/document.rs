//! The catalogue as a document. What a field means is in its description, which the published schema repeats.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use programs::{PartnerType, TimeZone};
use rules::{Number, book::Rule};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;
use validator::Validate;

/// Everything that can be learned and certified. Courses, exams, certifications and learning paths have slugs
/// (`^[a-z][a-z0-9_]{0,63}$`); no two of them have the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Northwind Academy", "time_zone": "Europe/Berlin",
    "courses": {"platform_basics": {
        "name": "Platform basics", "version": "2", "language": "en", "duration_minutes": 240, "delivery": "self_paced",
        "activities": ["https://lms.example/courses/platform-basics"]
    }},
    "exams": {"platform_exam": {
        "name": "Platform exam", "pass_mark": 70, "attempts": 3, "retake_wait_days": 14, "proctored": true,
        "activities": ["https://lms.example/exams/platform"]
    }},
    "certifications": {"technical": {
        "name": "Technical professional", "requires": {"all": ["platform_basics", "platform_exam"]},
        "valid_months": 24, "renewal": {"window_days": 180, "requires": "platform_exam"}
    }},
    "paths": {"technical_path": {"name": "Technical path", "role": "technical", "steps": ["technical"]}}
}))]
pub struct CatalogueDocument {
    /// How people call it.
    #[schema(min_length = 1, max_length = 200, example = "Northwind Academy")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// Where days begin and end: of which day a completion is, and on which day something is due. UTC, if nothing is
    /// said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
    /// The courses, by slug. At most 5,000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub courses: BTreeMap<String, CourseEntry>,
    /// The exams, by slug. At most 5,000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exams: BTreeMap<String, ExamEntry>,
    /// The certifications, by slug: what programs' rules call a certificate. At most 1,000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub certifications: BTreeMap<String, CertificationEntry>,
    /// The learning paths, by slug. At most 1,000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub paths: BTreeMap<String, PathEntry>,
    /// How many days before a credential's last day partner and feed are told that it expires.
    #[serde(default = "usual_notices")]
    #[schema(max_items = 20, example = json!([90, 60, 30, 7]))]
    pub expiry_notices_days: Vec<u16>,
}

/// What is usual: a quarter, two months, one, and a week before.
fn usual_notices() -> Vec<u16> {
    vec![90, 60, 30, 7]
}

/// Whose people something is for. What is left out does not matter; what is there must all fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Entitlement {
    /// Partners that are enrolled in one of these programs, by slug.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100, example = json!(["reseller"]))]
    pub programs: Vec<String>,
    /// Partners that have one of these tiers (in one of `programs`, if those are said).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100, example = json!(["Gold"]))]
    pub tiers: Vec<String>,
    /// Partners that are enrolled in a program for one of these types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub partner_types: Vec<PartnerType>,
}

impl Entitlement {
    /// Whether it is for everybody.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// How a course is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Whenever one likes.
    #[default]
    SelfPaced,
    /// At a time, online.
    Virtual,
    /// At a time and a place.
    Classroom,
}

/// A part of a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CourseModule)]
pub struct Module {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Installing it")]
    pub name: String,
    /// How long it takes, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000, example = 30)]
    pub duration_minutes: Option<u32>,
}

/// A course, as the document states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CourseEntry {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Platform basics")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// Which edition of it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40, example = "2026.1")]
    pub version: Option<String>,
    /// In which language (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length = 35, example = "en")]
    pub language: Option<String>,
    /// How long it takes, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000, example = 240)]
    pub duration_minutes: Option<u32>,
    /// How it is given.
    #[serde(default)]
    pub delivery: Delivery,
    /// What it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    pub modules: Vec<Module>,
    /// Whether people say themselves that they have completed it. Otherwise an LMS or the vendor does.
    #[serde(default)]
    pub self_reported: bool,
    /// What learning systems call it: ids of xAPI activities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, example = json!(["https://lms.example/courses/platform-basics"]))]
    pub activities: Vec<String>,
    /// Whose people may take it.
    #[serde(default, skip_serializing_if = "Entitlement::is_open")]
    pub entitlement: Entitlement,
    /// From which day on nobody can enroll any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<NaiveDate>,
}

/// An exam, as the document states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExamEntry {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Platform exam")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// Which edition of it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40, example = "2026.1")]
    pub version: Option<String>,
    /// In which language (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length = 35, example = "en")]
    pub language: Option<String>,
    /// How long it takes, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000, example = 90)]
    pub duration_minutes: Option<u32>,
    /// The least score with which it is passed, of 100.
    #[schema(value_type = f64, minimum = 0, maximum = 100, example = 70)]
    pub pass_mark: Number,
    /// How often it may be tried within one enrollment; as often as one likes, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000, example = 3)]
    pub attempts: Option<u16>,
    /// How many days must lie between a failed attempt and the next: after a failure on the 1st, one day allows the 2nd.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 3650, example = 14)]
    pub retake_wait_days: u16,
    /// Whether only attempts that were watched count.
    #[serde(default)]
    pub proctored: bool,
    /// What learning systems call it: ids of xAPI activities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, example = json!(["https://lms.example/exams/platform"]))]
    pub activities: Vec<String>,
    /// Whose people may take it.
    #[serde(default, skip_serializing_if = "Entitlement::is_open")]
    pub entitlement: Entitlement,
    /// From which day on nobody can enroll any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<NaiveDate>,
}

/// From when on a renewal is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RenewedFrom {
    /// From the day after the last day of what it renews: nothing is lost by renewing early.
    #[default]
    Expiry,
    /// From the day on which it was earned.
    Award,
}

/// How a certification is renewed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalEntry {
    /// How many days before its last day renewing begins. What was completed earlier does not renew.
    #[schema(minimum = 1, maximum = 3650, example = 180)]
    pub window_days: u16,
    /// The shorter path: a rule over courses and exams. What the certification itself requires, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<Rule>,
    /// From when on the renewal is valid.
    #[serde(default)]
    pub from: RenewedFrom,
}

/// A certification, as the document states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificationEntry {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Technical professional")]
    pub name: String,
    /// What somebody who holds it has shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// What it takes: a rule over the slugs of courses, exams and other certifications, in the language of programs'
    /// rules (`all`, `any`, `none`, `not`, `at_least_of`).
    pub requires: Rule,
    /// Certifications that must be held on the day of the award.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20, example = json!(["sales"]))]
    pub prerequisites: Vec<String>,
    /// How many months it is valid: awarded on 31 January 2026 for 24 months, its last day is 30 January 2028. For ever,
    /// if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 600, example = 24)]
    pub valid_months: Option<u16>,
    /// How it is renewed. Without it, it is earned anew when it has expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<RenewalEntry>,
    /// Whose people may earn it.
    #[serde(default, skip_serializing_if = "Entitlement::is_open")]
    pub entitlement: Entitlement,
    /// From which day on it is not awarded any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<NaiveDate>,
    /// The last day on which one that was held when it was retired counts, whatever its own last day. Without it, it
    /// counts as long as it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_until: Option<NaiveDate>,
}

/// Whom a learning path is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LearningRole {
    /// Who sells.
    Sales,
    /// Who advises before the sale.
    PreSales,
    /// Who installs and operates.
    Technical,
    /// Who makes it known.
    Marketing,
}

/// A learning path, as the document states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathEntry {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Technical path")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// Whom it is for.
    pub role: LearningRole,
    /// The slugs of courses, exams and certifications, in the order in which they are best taken.
    #[schema(min_items = 1, max_items = 200, example = json!(["platform_basics", "platform_exam"]))]
    pub steps: Vec<String>,
    /// Whose people it is for.
    #[serde(default, skip_serializing_if = "Entitlement::is_open")]
    pub entitlement: Entitlement,
}
