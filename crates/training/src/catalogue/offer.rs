//! What the catalogue offers to whom: entitlement by program, tier and partner type.

use database::{Result, Sought, Tx};
use kernel::{Actor, Code, Error, Page, Paging, PartnerId};
use partners::enrollment;
use programs::PartnerType;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;

use super::{Catalogue, CertificationEntry, CourseEntry, Entitlement, ExamEntry, LearningRole, PathEntry, current};

/// What kind of thing is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[schema(as = TrainingOfferKind)]
pub enum OfferKind {
    /// A course.
    Course,
    /// An exam.
    Exam,
    /// A certification.
    Certification,
    /// A learning path.
    Path,
}

/// Something that can be learned or earned. What kind it is says which of the last four is there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrainingOffer {
    /// How it is called in paths and references.
    #[schema(max_length = 64, example = "platform_basics")]
    pub slug: String,
    /// What it is.
    pub kind: OfferKind,
    /// How people call it.
    #[schema(max_length = 200, example = "Platform basics")]
    pub name: String,
    /// The version of the catalogue that says so.
    #[schema(format = Int64, minimum = 1, example = 2)]
    pub catalogue_version: i32,
    /// Of a course.
    #[schema(required = true)]
    pub course: Option<CourseEntry>,
    /// Of an exam.
    #[schema(required = true)]
    pub exam: Option<ExamEntry>,
    /// Of a certification.
    #[schema(required = true)]
    pub certification: Option<CertificationEntry>,
    /// Of a learning path.
    #[schema(required = true)]
    pub path: Option<PathEntry>,
}

/// Which offers to list.
#[derive(Debug, Default)]
pub struct OfferFilter {
    /// Only what is offered to this partner; to a partner's own people, theirs.
    pub partner_id: Option<PartnerId>,
    /// Only of this kind.
    pub kind: Option<OfferKind>,
    /// Only learning paths for this role.
    pub role: Option<LearningRole>,
}

impl TrainingOffer {
    fn new(catalogue: &Catalogue, slug: &str, kind: OfferKind) -> Option<Self> {
        let document = &catalogue.document;
        let (course, exam) = (document.courses.get(slug).cloned(), document.exams.get(slug).cloned());
        let (certification, path) = (document.certifications.get(slug).cloned(), document.paths.get(slug).cloned());
        let name = match kind {
            OfferKind::Course => &course.as_ref()?.name,
            OfferKind::Exam => &exam.as_ref()?.name,
            OfferKind::Certification => &certification.as_ref()?.name,
            OfferKind::Path => &path.as_ref()?.name,
        };
        let (name, slug, catalogue_version) = (name.clone(), slug.to_owned(), catalogue.version);
        Some(Self { slug, kind, name, catalogue_version, course, exam, certification, path })
    }

    fn entitlement(&self) -> Option<&Entitlement> {
        match self.kind {
            OfferKind::Course => self.course.as_ref().map(|it| &it.entitlement),
            OfferKind::Exam => self.exam.as_ref().map(|it| &it.entitlement),
            OfferKind::Certification => self.certification.as_ref().map(|it| &it.entitlement),
            OfferKind::Path => self.path.as_ref().map(|it| &it.entitlement),
        }
    }
}

/// Where a partner takes part: program, tier, and for which type of partners the program is.
struct Membership {
    program: String,
    tier: String,
    partner_type: PartnerType,
}

impl Membership {
    fn fits(&self, entitlement: &Entitlement) -> bool {
        let Entitlement { programs, tiers, partner_types } = entitlement;
        (programs.is_empty() || programs.contains(&self.program))
            && (tiers.is_empty() || tiers.iter().any(|tier| tier.eq_ignore_ascii_case(&self.tier)))
            && (partner_types.is_empty() || partner_types.contains(&self.partner_type))
    }
}

fn memberships(tx: &mut Tx, partner: PartnerId) -> Result<Vec<Membership>> {
    let mut found = Vec::new();
    for one in enrollment::all_of(tx, partner, None)?.into_iter().filter(enrollment::Enrollment::takes_part) {
        let Some(rules) = programs::rules_at(tx, &one.program, tx.now())? else { continue };
        let partner_type = rules.document.partner_type;
        found.push(Membership { program: one.program, tier: one.tier, partner_type });
    }
    Ok(found)
}

fn fits(memberships: &[Membership], entitlement: &Entitlement) -> bool {
    entitlement.is_open() || memberships.iter().any(|one| one.fits(entitlement))
}

/// What a partner's people are entitled to now.
pub struct Entitled(Vec<Membership>);

impl Entitled {
    /// Where the partner takes part.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(tx: &mut Tx, partner: PartnerId) -> Result<Self> {
        memberships(tx, partner).map(Self)
    }

    /// Whether a course, an exam or a certification is offered to them.
    pub fn may(&self, catalogue: &Catalogue, slug: &str) -> bool {
        let own = catalogue.item(slug).map(super::Item::entitlement);
        let own = own.or_else(|| catalogue.document.certifications.get(slug).map(|it| &it.entitlement));
        own.is_none_or(|entitlement| fits(&self.0, entitlement))
    }
}

/// Whether something is offered to a partner's people now.
///
/// # Errors
/// When the database cannot be read.
pub fn is_offered(tx: &mut Tx, entitlement: &Entitlement, partner: PartnerId) -> Result<bool> {
    Ok(entitlement.is_open() || fits(&memberships(tx, partner)?, entitlement))
}

/// Refuses what is not offered to a partner's people.
///
/// # Errors
/// `policy_refuses`.
pub fn refuse_unoffered(tx: &mut Tx, slug: &str, entitlement: &Entitlement, partner: PartnerId) -> Result<()> {
    if is_offered(tx, entitlement, partner)? {
        return Ok(());
    }
    let detail =
        format!("{slug} is not offered to this partner: its entitlement names other programs, tiers or types.");
    Err(Error::new(Code::PolicyRefuses, detail).into())
}

/// For whose eyes: a partner's people see what is offered to them.
fn viewer(actor: &Actor, asked: Option<PartnerId>) -> Option<PartnerId> {
    actor.partner.or(asked)
}

/// What the catalogue offers, by slug.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor, or a partner that the actor does not reach.
pub fn offers(tx: &mut Tx, actor: &Actor, filter: &OfferFilter, paging: &Paging) -> Result<Page<TrainingOffer>> {
    let catalogue = current(tx)?;
    if let Some(partner) = filter.partner_id {
        partners::partner::find(tx, actor, partner).if_there()?.ok_or_else(|| {
            let error = Error::new(Code::InvalidParameter, "The query has faults; see errors.");
            error.with_parameter("partner_id", "unknown_reference", "is not a partner that you can see")
        })?;
    }
    let memberships = viewer(actor, filter.partner_id).map(|partner| memberships(tx, partner)).transpose()?;
    let last = paging.after::<String>("training_offers")?;
    let document = &catalogue.document;
    let courses = document.courses.keys().map(|slug| (slug, OfferKind::Course));
    let exams = document.exams.keys().map(|slug| (slug, OfferKind::Exam));
    let certifications = document.certifications.keys().map(|slug| (slug, OfferKind::Certification));
    let role = |slug: &String| document.paths.get(slug).map(|path| path.role);
    let paths = document.paths.keys().map(|slug| (slug, OfferKind::Path));
    let mut all: Vec<(&String, OfferKind)> = courses
        .chain(exams)
        .chain(certifications)
        .chain(paths)
        .filter(|(slug, _)| last.as_ref().is_none_or(|last| *slug > last))
        .filter(|(_, kind)| filter.kind.is_none_or(|wanted| wanted == *kind))
        .filter(|(slug, _)| filter.role.is_none_or(|wanted| role(slug) == Some(wanted)))
        .collect();
    all.sort_unstable_by_key(|(slug, _)| *slug);
    let seen = |offer: &TrainingOffer| {
        memberships.as_ref().is_none_or(|own| offer.entitlement().is_some_and(|entitlement| fits(own, entitlement)))
    };
    let offers = all.into_iter().filter_map(|(slug, kind)| TrainingOffer::new(&catalogue, slug, kind)).filter(seen);
    let fetched = usize::from(paging.limit).saturating_add(1);
    Ok(paging.page(offers.take(fetched).collect(), "training_offers", |offer| offer.slug.clone()))
}

/// One of them.
///
/// # Errors
/// `not_found`, also for what is not offered to the actor's company.
pub fn offer(tx: &mut Tx, actor: &Actor, slug: &str) -> Result<TrainingOffer> {
    let catalogue = current(tx)?;
    let kinds = [OfferKind::Course, OfferKind::Exam, OfferKind::Certification, OfferKind::Path];
    let found = kinds.into_iter().find_map(|kind| TrainingOffer::new(&catalogue, slug, kind));
    let found = found.ok_or_else(|| Error::not_found("training offer"))?;
    let entitlement = found.entitlement().cloned().unwrap_or_default();
    match actor.partner {
        Some(partner) if !is_offered(tx, &entitlement, partner)? => Err(Error::not_found("training offer").into()),
        _ => Ok(found),
    }
}
