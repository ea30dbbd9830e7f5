//! A version of the catalogue, ready to be asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use kernel::Timestamp;
use programs::TimeZone;
use rules::{
    Explanation, Met, Program, RuleBook, Value,
    book::{AtLeastOf, Fact, FactType, Group, Rule, TierRule},
};

use super::document::{CatalogueDocument, CertificationEntry, CourseEntry, Entitlement, ExamEntry};

/// The name under which a rule is compiled.
const RULE: &str = "requires";

database::text_enum! {
    /// What kind of thing a slug stands for.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum ItemKind as TrainingKind {
        /// A course.
        Course,
        /// An exam.
        Exam,
    }
}

/// A course or an exam.
#[derive(Debug, Clone, Copy)]
pub enum Item<'c> {
    /// A course.
    Course(&'c CourseEntry),
    /// An exam.
    Exam(&'c ExamEntry),
}

impl<'c> Item<'c> {
    /// Which of the two.
    pub fn kind(self) -> ItemKind {
        match self {
            Self::Course(_) => ItemKind::Course,
            Self::Exam(_) => ItemKind::Exam,
        }
    }

    /// Which edition is given.
    pub fn version(self) -> Option<&'c str> {
        match self {
            Self::Course(course) => course.version.as_deref(),
            Self::Exam(exam) => exam.version.as_deref(),
        }
    }

    /// How long it takes, in minutes.
    pub fn duration_minutes(self) -> Option<u32> {
        match self {
            Self::Course(course) => course.duration_minutes,
            Self::Exam(exam) => exam.duration_minutes,
        }
    }

    /// Whose people may take it.
    pub fn entitlement(self) -> &'c Entitlement {
        match self {
            Self::Course(course) => &course.entitlement,
            Self::Exam(exam) => &exam.entitlement,
        }
    }

    /// From which day on nobody can enroll any more.
    pub fn retired_on(self) -> Option<NaiveDate> {
        match self {
            Self::Course(course) => course.retired_on,
            Self::Exam(exam) => exam.retired_on,
        }
    }
}

/// A version of the catalogue.
#[derive(Debug)]
pub struct Catalogue {
    /// Counted from 1; 0 while there is none.
    pub version: i32,
    /// What it says.
    pub document: CatalogueDocument,
    requirements: BTreeMap<String, Requirements>,
    /// Certifications after those that they rest on.
    order: Vec<String>,
    /// Which certifications rest on a course, an exam or a certification.
    resting: HashMap<String, BTreeSet<String>>,
    activities: HashMap<String, (ItemKind, String)>,
}

/// What a certification takes.
#[derive(Debug)]
pub struct Requirements {
    /// To be awarded.
    pub award: Requirement,
    /// To be renewed, if that is another.
    pub renewal: Option<Requirement>,
}

/// A rule over courses, exams and certifications.
#[derive(Debug)]
pub struct Requirement {
    program: Program,
    names: Vec<String>,
}

impl Requirement {
    /// Compiles a rule over slugs.
    ///
    /// # Errors
    /// Every fault, with pointers below the rule.
    pub(super) fn new(rule: &Rule) -> Result<Self, Vec<kernel::Fault>> {
        let names: Vec<String> = names(rule).map(|names| names.into_iter().collect())?;
        let fact = || Fact {
            kind: FactType::Boolean,
            of: None,
            columns: Vec::new(),
            unit: None,
            default: Some(false.into()),
            description: None,
            source: None,
        };
        let book = RuleBook {
            facts: names.iter().map(|name| (name.clone(), fact())).collect(),
            tiers: vec![TierRule { name: RULE.to_owned(), requires: Some(rule.clone()) }],
            ..RuleBook::default()
        };
        let lowered = |mut fault: kernel::Fault| {
            let below = fault.pointer.as_deref().and_then(|at| at.strip_prefix("/tiers/0/requires"));
            fault.pointer = Some(below.unwrap_or_default().to_owned());
            fault
        };
        let program = Program::compile(&book).map_err(|faults| {
            let errors = faults.into_iter().filter(rules::Fault::is_error);
            errors.map(|fault| lowered(fault.into())).collect::<Vec<_>>()
        })?;
        Ok(Self { program, names })
    }

    /// The slugs that it speaks of, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it is met by somebody who has done these.
    pub fn is_met(&self, done: impl Fn(&str) -> bool, on: NaiveDate) -> bool {
        let facts = self.facts(done);
        self.program.evaluate(&facts, on).tiers().any(|(_, met)| met == Met::Met)
    }

    /// Why it is met, or is not.
    pub fn explain(&self, done: impl Fn(&str) -> bool, on: NaiveDate) -> Option<Explanation> {
        self.program.explain_tier(RULE, &self.facts(done), on)
    }

    fn facts(&self, done: impl Fn(&str) -> bool) -> rules::Facts {
        let mut builder = self.program.builder();
        for name in &self.names {
            if let Some(place) = self.program.place(name) {
                builder.set(place, Value::Boolean(done(name)), Vec::new());
            }
        }
        builder.finish()
    }
}

/// The names in a rule of names and groups.
///
/// # Errors
/// Where the rule holds something else.
pub(super) fn names(rule: &Rule) -> Result<BTreeSet<String>, Vec<kernel::Fault>> {
    let (mut found, mut faults) = (BTreeSet::new(), Vec::new());
    collect(rule, "", &mut found, &mut faults);
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn collect(rule: &Rule, at: &str, found: &mut BTreeSet<String>, faults: &mut Vec<kernel::Fault>) {
    let mut several = |rules: &[Rule], key: &str| {
        for (place, rule) in rules.iter().enumerate() {
            collect(rule, &format!("{at}/{key}/{place}"), found, faults);
        }
    };
    match rule {
        Rule::Name(name) => drop(found.insert(name.clone())),
        Rule::Group(group) => match &**group {
            Group::All(rules) => several(rules, "all"),
            Group::Any(rules) => several(rules, "any"),
            Group::None(rules) => several(rules, "none"),
            Group::Not(rule) => collect(rule, &format!("{at}/not"), found, faults),
            Group::AtLeastOf(AtLeastOf { of, including, .. }) => {
                several(of, "at_least_of/of");
                if let Some(including) = including {
                    collect(including, &format!("{at}/at_least_of/including"), found, faults);
                }
            }
            Group::Contains(_) | Group::EveryComponent(_) => faults.push(not_here(at)),
        },
        Rule::Always(_) | Rule::Comparison(_) => faults.push(not_here(at)),
    }
}

fn not_here(at: &str) -> kernel::Fault {
    let words = "must be a slug, or all, any, none, not or at_least_of over slugs";
    kernel::Fault::at(at, "not_allowed", words)
}

impl Catalogue {
    /// Before there is any: nothing can be learned.
    pub fn nothing() -> Self {
        Self {
            version: 0,
            document: CatalogueDocument {
                name: String::new(),
                description: None,
                time_zone: None,
                courses: BTreeMap::new(),
                exams: BTreeMap::new(),
                certifications: BTreeMap::new(),
                paths: BTreeMap::new(),
                expiry_notices_days: Vec::new(),
            },
            requirements: BTreeMap::new(),
            order: Vec::new(),
            resting: HashMap::new(),
            activities: HashMap::new(),
        }
    }

    pub(super) fn new(
        version: i32,
        document: CatalogueDocument,
        requirements: BTreeMap<String, Requirements>,
        order: Vec<String>,
    ) -> Self {
        let mut resting: HashMap<String, BTreeSet<String>> = HashMap::new();
        for (slug, entry) in &document.certifications {
            for name in rests_on(entry, requirements.get(slug)) {
                resting.entry(name.clone()).or_default().insert(slug.clone());
            }
        }
        let courses = document.courses.iter().map(|(slug, course)| (ItemKind::Course, slug, &course.activities));
        let exams = document.exams.iter().map(|(slug, exam)| (ItemKind::Exam, slug, &exam.activities));
        let activities = courses
            .chain(exams)
            .flat_map(|(kind, slug, ids)| ids.iter().map(move |id| (id.clone(), (kind, slug.clone()))))
            .collect();
        Self { version, document, requirements, order, resting, activities }
    }

    /// Where its days begin and end.
    pub fn time_zone(&self) -> TimeZone {
        self.document.time_zone.unwrap_or(TimeZone::UTC)
    }

    /// The day that it is there at a time.
    pub fn day_of(&self, at: Timestamp) -> NaiveDate {
        self.time_zone().day_of(at.utc())
    }

    /// The course or exam of this slug.
    pub fn item(&self, slug: &str) -> Option<Item<'_>> {
        let course = self.document.courses.get(slug).map(Item::Course);
        course.or_else(|| self.document.exams.get(slug).map(Item::Exam))
    }

    /// The course or exam that a learning system calls by this id of an activity.
    pub fn of_activity(&self, activity: &str) -> Option<(ItemKind, &str)> {
        self.activities.get(activity).map(|(kind, slug)| (*kind, slug.as_str()))
    }

    /// A certification with what it takes.
    pub fn certification(&self, slug: &str) -> Option<(&CertificationEntry, &Requirements)> {
        self.document.certifications.get(slug).zip(self.requirements.get(slug))
    }

    /// The certifications, each after those that it rests on.
    pub fn in_order(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    /// The certifications that rest on a course, an exam or a certification.
    pub fn resting_on(&self, slug: &str) -> impl Iterator<Item = &str> {
        self.resting.get(slug).into_iter().flatten().map(String::as_str)
    }
}

/// Everything that a certification speaks of.
pub(super) fn rests_on<'c>(
    entry: &'c CertificationEntry,
    requirements: Option<&'c Requirements>,
) -> impl Iterator<Item = &'c String> {
    let rules = requirements.into_iter().flat_map(|it| std::iter::once(&it.award).chain(&it.renewal));
    entry.prerequisites.iter().chain(rules.flat_map(|rule| rule.names.iter()))
}
