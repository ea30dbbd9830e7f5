//! What is decided on an application, and what is said on the way there.

use database::{Json, Result, Sought, Tx};
use identity::{NewUser, UserId};
use kernel::{
    Actor, Code, Error, Fault, Paging, PartnerId, Role, Scopes, domain::registrable_domain, matching::NormalizedName,
};
use programs::Version;

use super::{
    model::{Application, ApplicationCompany, ApplicationId, ApplicationRejectionReason, Row},
    requests::{
        ApproveApplication, RejectApplication, RequestApplicationInformation, SupplyApplicationInformation,
        WithdrawApplication,
    },
    rules::{Action, reapply_at},
    screening::{ScreenedCriterion, screen},
    store::{Change, Check},
};
use crate::{
    ContactFilter, NewContact, NewEnrollment, NewPartner, contact, enrollment,
    likeness::{self, Besides, Described},
    partner,
};

/// Takes up the review; whoever does is the reviewer. What the company resembles is looked up anew.
///
/// # Errors
/// `not_found`; `invalid_transition`; those of `check`.
pub fn claim_review(tx: &mut Tx, actor: &Actor, id: ApplicationId, check: Check) -> Result<Application> {
    let mut change = Change::begin(tx, actor, id, Action::ClaimReview, check)?;
    change.row.reviewer = Some(actor.subject.clone());
    let rules = rules_of(tx, &change.row)?;
    compare(tx, &rules, &mut change.row)?;
    change.save(tx, actor)
}

/// Asks the applicant for more.
///
/// # Errors
/// `not_found`; `invalid_transition`; those of `check`.
pub fn request_information(
    tx: &mut Tx,
    actor: &Actor,
    id: ApplicationId,
    request: RequestApplicationInformation,
    check: Check,
) -> Result<Application> {
    let mut change = Change::begin(tx, actor, id, Action::RequestInformation, check)?;
    change.row.requests = Json(request.requests);
    change.row.reviewer.get_or_insert_with(|| actor.subject.clone());
    change.save(tx, actor)
}

/// Says what was asked for. The application is screened anew, by the rules that are in force now.
///
/// # Errors
/// `not_found`; `invalid_transition`; `invalid_body` with every fault; those of `check`.
pub fn supply_information(
    tx: &mut Tx,
    actor: &Actor,
    id: ApplicationId,
    request: SupplyApplicationInformation,
    check: Check,
) -> Result<Application> {
    let mut change = Change::begin(tx, actor, id, Action::SupplyInformation, check)?;
    let row = &mut change.row;
    let mut faults = Vec::new();
    if let Some(company) = request.company {
        if registrable_domain(&company.domain).as_ref() != Some(&row.domain) {
            let detail = format!("must stay {}: another domain is another application", row.domain);
            faults.push(Fault::at("/company/domain", "contradiction", detail));
        }
        row.country = company.country;
        row.company = Json(ApplicationCompany { domain: row.domain.clone(), ..company });
    }
    row.contact = request.contact.map_or_else(|| row.contact.clone(), Json);
    row.message = request.message.or_else(|| row.message.take());
    for (name, answer) in request.answers {
        // Null takes back.
        match answer.is_null() {
            true => drop(row.answers.0.remove(&name)),
            false => drop(row.answers.0.insert(name, answer)),
        }
    }
    let rules = rules_of(tx, row)?;
    let now = tx.now();
    let screening = match screen(&rules.document.0, &row.answers.0, now) {
        Err(error) if error.code == Code::InvalidBody => {
            faults.extend(error.faults);
            None
        }
        screened => Some(screened?),
    };
    Error::unless_empty(Code::InvalidBody, faults)?;
    if let Some(screening) = screening {
        (row.program_version, row.eligibility, row.score) = (rules.version, screening.outcome, screening.rank());
        row.screening = Json(screening);
    }
    row.requests = Json(Vec::new());
    compare(tx, &rules, row)?;
    change.save(tx, actor)
}

/// Takes the company into the program: makes the partner, its first contact, its first user and its enrollment, or
/// enrolls the partner that it is already.
///
/// # Errors
/// `not_found`; `invalid_transition`; `invalid_body` with every unknown reference; `already_exists` when the company is a
/// partner already, is enrolled already, or its contact's address is another user's; those of `check`.
pub fn approve(
    tx: &mut Tx,
    actor: &Actor,
    id: ApplicationId,
    request: ApproveApplication,
    check: Check,
) -> Result<Application> {
    let mut change = Change::begin(tx, actor, id, Action::Approve, check)?;
    let known = request.partner_id.or(change.row.partner_id);
    let partner_id = match known {
        Some(id) => reachable(tx, actor, id)?,
        None => make_partner(tx, actor, &change.row)?,
    };
    let new = NewEnrollment {
        partner_id,
        program: change.row.program.clone(),
        tier: request.tier,
        status: None,
        channel_manager_id: request.channel_manager_id,
        countries: request.countries,
    };
    change.row.enrollment_id = Some(enrollment::create(tx, actor, new)?.id);
    change.row.partner_id = Some(partner_id);
    // Whoever may approve may have the approval make what belongs to it.
    let approval = Actor { role: Role::ProgramAdmin, scopes: Scopes::all(), ..actor.clone() };
    ensure_contact(tx, &approval, partner_id, &change.row)?;
    // A stranger must not become administrator of a partner that was there before.
    if known.is_none() && request.create_user {
        change.row.user_id = Some(make_user(tx, &approval, partner_id, &change.row)?);
    }
    change.decide(tx, actor, None, request.text)?;
    change.save(tx, actor)
}

/// Refuses an application; the company may apply again after a while.
///
/// # Errors
/// `not_found`; `invalid_transition`; those of `check`.
pub fn reject(
    tx: &mut Tx,
    actor: &Actor,
    id: ApplicationId,
    request: RejectApplication,
    check: Check,
) -> Result<Application> {
    let mut change = Change::begin(tx, actor, id, Action::Reject, check)?;
    let usual = rules_of(tx, &change.row)?.document.0.application.reapply_after_days;
    change.row.reapply_at = reapply_at(tx.now(), request.reapply_after_days.unwrap_or(usual));
    change.decide(tx, actor, Some(request.reason), Some(request.text))?;
    change.save(tx, actor)
}

/// Refuses an application because the program's policy says so.
pub(super) fn reject_by_policy(tx: &mut Tx, id: ApplicationId, text: String) -> Result<Row> {
    let reason = ApplicationRejectionReason::NotEligible;
    let request = RejectApplication { reason, text, reapply_after_days: None };
    Ok(reject(tx, &Actor::system(), id, request, &|_| Ok(()))?.row)
}

/// Takes an application back.
///
/// # Errors
/// `not_found`; `invalid_transition`; those of `check`.
pub fn withdraw(
    tx: &mut Tx,
    actor: &Actor,
    id: ApplicationId,
    request: WithdrawApplication,
    check: Check,
) -> Result<Application> {
    let mut change = Change::begin(tx, actor, id, Action::Withdraw, check)?;
    change.decide(tx, actor, None, request.text)?;
    change.save(tx, actor)
}

/// What criteria are called for people: their descriptions, or their names.
pub(super) fn named(criteria: &[&ScreenedCriterion]) -> String {
    let called = |it: &&ScreenedCriterion| match &it.description {
        Some(words) => words.trim_end_matches('.').to_owned(),
        None => it.name.replace('_', " "),
    };
    let text = criteria.iter().map(called).collect::<Vec<_>>().join("; ");
    // Twenty long descriptions must not make a text that is longer than decisions may be.
    text.chars().take(3_500).collect()
}

fn rules_of(tx: &mut Tx, row: &Row) -> Result<Version> {
    programs::current(tx, &row.program)?.ok_or_else(|| Error::not_found("program").into())
}

/// Looks up anew what the company resembles, under the name that it has now.
fn compare(tx: &mut Tx, rules: &Version, row: &mut Row) -> Result<()> {
    let name = NormalizedName::new(&row.company.0.name);
    if name.as_str() != row.normalized_name {
        row.normalized_name = name.as_str().to_owned();
        likeness::unindex(tx, row.id)?;
        likeness::index(tx, row.id, &name)?;
    }
    let described = Described { domain: row.domain.clone(), name };
    let besides = Besides { partner: row.partner_id, application: Some(row.id) };
    let threshold = rules.document.0.application.name_threshold_per_mille;
    row.matches = Json(likeness::matches(tx, &described, threshold, besides)?);
    Ok(())
}

fn reachable(tx: &mut Tx, actor: &Actor, id: PartnerId) -> Result<PartnerId> {
    let found = partner::find(tx, actor, id).if_there()?;
    let unseen = || Error::invalid("/partner_id", "unknown_reference", "is not a partner that you can see");
    Ok(found.ok_or_else(unseen)?.id)
}

fn make_partner(tx: &mut Tx, actor: &Actor, row: &Row) -> Result<PartnerId> {
    if let Some(known) = likeness::partner_of(tx, &row.domain)? {
        let detail = format!("{} is the partner {known} already: name it as partner_id to enroll it.", row.domain);
        let error = Error::new(Code::AlreadyExists, detail);
        return Err(error
            .with_fault("/partner_id", "required", format!("is required: {known} has this domain"))
            .into());
    }
    let company = &row.company.0;
    let new = NewPartner { name: company.name.clone(), domain: row.domain.clone(), country: company.country };
    Ok(partner::create(tx, actor, new)?.id)
}

/// Adds the applicant's person to the partner's contacts, unless they are among them.
fn ensure_contact(tx: &mut Tx, approval: &Actor, partner_id: PartnerId, row: &Row) -> Result<()> {
    let person = row.contact.0.clone();
    let filter =
        ContactFilter { partner_id: Some(partner_id), email: Some(person.email.clone()), ..ContactFilter::default() };
    if !contact::list(tx, approval, &filter, &Paging::first(1))?.data.is_empty() {
        return Ok(());
    }
    let new = NewContact {
        partner_id: Some(partner_id),
        name: person.name,
        email: person.email,
        phone: person.phone,
        job_title: person.job_title,
    };
    contact::create(tx, approval, new).map(drop)
}

/// Without a password: whoever holds the application's token chooses it.
fn make_user(tx: &mut Tx, approval: &Actor, partner_id: PartnerId, row: &Row) -> Result<UserId> {
    let person = &row.contact.0;
    let new = NewUser {
        email: person.email.clone(),
        name: Some(person.name.clone()),
        password: None,
        role: Role::PartnerAdmin,
        partner_id: Some(partner_id),
        oidc_subject: None,
    };
    match identity::user::create(tx, approval, new, None) {
        Ok(user) => Ok(user.id),
        Err(database::Error::Domain(error)) if error.code == Code::AlreadyExists => {
            let detail = format!("{} is another user's address.", person.email);
            let fault = "makes a user of an address that has one: send false, and add a user yourself";
            Err(Error::new(Code::AlreadyExists, detail).with_fault("/create_user", "taken", fault).into())
        }
        Err(error) => Err(error),
    }
}
