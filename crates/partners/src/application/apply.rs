//! A company hands in an application.

use database::{Json, Result, Tx, schema::applications};
use diesel::prelude::*;
use identity::{
    challenge::{self, Solved},
    secret_digest,
};
use kernel::{Actor, Code, Error, Fault, PartnerId, domain::registrable_domain, matching::NormalizedName};
use programs::Version;

use super::{
    decide,
    model::{ApplicationCompany, ApplicationId, ApplicationStatus, OwnApplication, Row},
    requests::NewApplication,
    screening::{Screening, screen},
    store,
};
use crate::{
    likeness::{self, ApplicationMatch, Besides, Described},
    standing,
};

/// An application that was looked at before the transaction that stores it: screening and matching take time.
#[derive(Debug, Clone)]
pub struct Looked {
    version: i32,
    described: Described,
    screening: Screening,
    matches: Vec<ApplicationMatch>,
}

/// Looks at an application: by which rules, how it meets them, and whom it resembles.
///
/// # Errors
/// `invalid_body` with every fault.
pub fn look(tx: &mut Tx, actor: &Actor, new: &NewApplication) -> Result<Looked> {
    let mut faults = Vec::new();
    let domain = registrable_domain(&new.company.domain);
    if domain.is_none() {
        faults.push(Fault::at("/company/domain", "format", "is not a domain that a company can register"));
    }
    let rules = programs::current(tx, &new.program)?;
    if rules.is_none() {
        faults.push(Fault::at("/program", "unknown_reference", "is not a known program"));
    }
    let own = partner_of(actor);
    if let (Some(own), Some(domain)) = (own, &domain)
        && likeness::partner_of(tx, domain)? != Some(own)
    {
        faults.push(Fault::at("/company/domain", "not_allowed", "is not the domain of your company"));
    }
    let now = tx.now();
    let screened = rules.as_ref().map(|rules| screen(&rules.document.0, &new.answers, now)).transpose();
    let screening = match screened {
        Ok(screening) => screening,
        Err(error) if error.code == Code::InvalidBody => {
            faults.extend(error.faults);
            None
        }
        Err(error) => return Err(error.into()),
    };
    Error::unless_empty(Code::InvalidBody, faults)?;
    let ((Some(rules), Some(screening)), Some(domain)) = ((rules, screening), domain) else {
        return Err(database::Error::Internal("an application without faults lacks something".into()));
    };
    let described = Described { domain, name: NormalizedName::new(&new.company.name) };
    let threshold = rules.document.0.application.name_threshold_per_mille;
    let besides = Besides { partner: own, application: None };
    let matches = likeness::matches(tx, &described, threshold, besides)?;
    Ok(Looked { version: rules.version, described, screening, matches })
}

/// Hands in an application, under a token that whoever holds it reads and answers it with. An answer to a challenge is
/// spent with it. What was looked at under rules that are no longer in force is looked at again.
///
/// # Errors
/// `invalid_body` with every fault; `proof_required` for a challenge that was spent; `policy_refuses` when the program takes no applications, or the partner may not act;
/// `already_exists` when the company's last one is open; `reapply_later`.
pub fn apply(
    tx: &mut Tx,
    actor: &Actor,
    new: &NewApplication,
    looked: &Looked,
    (solved, token): (Option<&Solved>, &str),
) -> Result<OwnApplication> {
    standing::company_may_act(tx, actor)?;
    let rules = programs::current(tx, &new.program)?;
    let rules = rules.ok_or_else(|| Error::invalid("/program", "unknown_reference", "is not a known program"))?;
    let again = if rules.version == looked.version { None } else { Some(look(tx, actor, new)?) };
    let looked = again.as_ref().unwrap_or(looked);
    refuse_untimely(tx, actor, &rules, &looked.described.domain)?;
    if let Some(solved) = solved {
        challenge::spend(tx, solved)?;
    }
    let row = store::insert(tx, actor, row(tx, actor, new, looked, token))?;
    likeness::index(tx, row.id, &looked.described.name)?;
    let policy = &rules.document.0.application;
    let missed = row.screening.0.missed();
    let row = if policy.auto_reject_ineligible && !missed.is_empty() {
        let text = format!("The program asks for what is not met: {}.", decide::named(&missed));
        decide::reject_by_policy(tx, row.id, text)?
    } else {
        row
    };
    Ok(row.own())
}

fn row(tx: &Tx, actor: &Actor, new: &NewApplication, looked: &Looked, token: &str) -> Row {
    let domain = looked.described.domain.clone();
    Row {
        id: tx.id(),
        program: new.program.clone(),
        program_version: looked.version,
        status: ApplicationStatus::Submitted,
        submitted_by: actor.subject.clone(),
        open_key: Some(store::open_key(&new.program, &domain)),
        country: new.company.country,
        normalized_name: looked.described.name.as_str().to_owned(),
        company: Json(ApplicationCompany { domain: domain.clone(), ..new.company.clone() }),
        domain,
        contact: Json(new.contact.clone()),
        answers: Json(new.answers.clone()),
        message: new.message.clone(),
        eligibility: looked.screening.outcome,
        score: looked.screening.rank(),
        screening: Json(looked.screening.clone()),
        matches: Json(looked.matches.clone()),
        requests: Json(Vec::new()),
        reviewer: None,
        decision: None,
        partner_id: partner_of(actor),
        enrollment_id: None,
        user_id: None,
        token_digest: secret_digest(token),
        reapply_at: None,
        search: String::new(),
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}

/// The partner whose people apply, if a partner's do.
fn partner_of(actor: &Actor) -> Option<PartnerId> {
    actor.partner.filter(|_| !actor.is_applicant())
}

/// Who has an open application, or was rejected lately, or comes to a program that is closed. The vendor's people may
/// hand in one for a company before its time.
fn refuse_untimely(tx: &mut Tx, actor: &Actor, rules: &Version, domain: &str) -> Result<()> {
    if !actor.is_vendor() && !rules.document.0.application.open {
        let detail = format!("The program {} takes no applications (application.open).", rules.program);
        return Err(Error::new(Code::PolicyRefuses, detail).into());
    }
    let open = applications::table.filter(applications::open_key.eq(store::open_key(&rules.program, domain)));
    if open.select(applications::id).first::<ApplicationId>(tx.sql()).optional()?.is_some() {
        let detail = format!("An application of {domain} to {} is open already.", rules.program);
        let error = Error::new(Code::AlreadyExists, detail);
        return Err(error.with_fault("/company/domain", "taken", "has an open application").into());
    }
    let now = tx.now();
    let own = applications::domain.eq(domain).and(applications::program.eq(&rules.program));
    let waits = applications::table.filter(own.and(applications::reapply_at.gt(now)));
    let until = waits.select(diesel::dsl::max(applications::reapply_at)).first(tx.sql())?;
    let until: Option<kernel::Timestamp> = until;
    match until.filter(|_| !actor.is_vendor()) {
        Some(until) => {
            let detail = format!(
                "The last application of {domain} to {} was rejected; apply again from {until} on.",
                rules.program
            );
            let fault = format!("may apply again from {until} on");
            Err(Error::new(Code::ReapplyLater, detail).with_fault("/company/domain", "reapply_later", fault).into())
        }
        None => Ok(()),
    }
}
