//! Checking, registering, changing and handing in.

use std::collections::HashSet;

use database::{Json, Result, Sought, Tx};
use events::EventData;
use kernel::{Actor, Code, Country, Error, Fault, Money, PartnerId};
use partners::{
    Enrollment, enrollment,
    standing::{self, Level},
    territory,
};
use programs::{PartnerAction, Version};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    account::{self, Described, Sighting},
    calendar::Calendar,
    evidence::Claim,
    model::{DealAccount, DealId, DealRegistration, ExternalRef, Review, Row, Stage, Status},
    protection,
    requests::{DealCheck, DealUpdate, NewDealRegistration},
    rules::{self, Action, Intake},
    store::{Change, Check},
    verdict::{Facts, Finding, VerdictKind, judge},
};

/// What would become of a registration; nothing is stored.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DealCheckResult)]
pub struct CheckResult {
    /// Whether it would collide with anything.
    pub verdict: VerdictKind,
    /// What it would collide with. A partner is told until when, never with whom.
    #[schema(max_items = 100)]
    pub findings: Vec<Finding>,
    /// The status that it would have after it is handed in.
    pub expected_status: Status,
    /// The partner's tier.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// Days of protection that approval would give.
    #[schema(minimum = 1, maximum = 1095, example = 90)]
    pub protection_days: u16,
}

/// Judges a claim without storing anything.
///
/// # Errors
/// `invalid_body` with every fault; `policy_refuses` and `agreement_required` while the partner may not act.
pub fn check(tx: &mut Tx, actor: &Actor, check: &DealCheck) -> Result<CheckResult> {
    let mut faults = Vec::new();
    let place = Place::find(tx, actor, check.partner_id, &check.program, &mut faults)?;
    faults.extend(product_faults(&check.products, place.as_ref()));
    faults.extend(check.amount.and_then(amount_fault));
    let described = describe(&check.account, &mut faults);
    Error::unless_empty(Code::InvalidBody, faults)?;
    let (Some(place), Some(described)) = (place, described) else { return Err(nowhere()) };
    standing::may_act(tx, &place.enrollment, &place.rules, PartnerAction::RegisterDeals)?;
    let claim = place.claim(&described, &check.products, None);
    let facts = claim.facts(tx)?;
    let verdict = judge(claim.inputs(tx), place.enrollment.partner_id, &facts);
    let policy = place.rules.document.0.deal_registration.auto_approve.as_ref();
    let expected_status = match rules::intake(verdict.kind, check.amount, policy) {
        Intake::Approve => Status::Approved,
        Intake::Review => Status::InReview,
        Intake::Wait => Status::Submitted,
    };
    Ok(CheckResult {
        verdict: verdict.kind,
        expected_status,
        tier: claim.enrollment.tier.clone(),
        protection_days: claim.protection_days(),
        findings: verdict.findings_for(actor),
    })
}

/// Registers a deal: as a draft, or handed in at once. `seen` is what a look before the transaction has shown, if there
/// was one.
///
/// # Errors
/// `invalid_body` with every fault; `policy_refuses` and `agreement_required` while the partner may not act.
pub fn register(
    tx: &mut Tx,
    actor: &Actor,
    new: NewDealRegistration,
    seen: Option<&Sighting>,
) -> Result<DealRegistration> {
    let mut faults = Vec::new();
    let place = Place::find(tx, actor, new.partner_id, &new.program, &mut faults)?;
    faults.extend(product_faults(&new.products, place.as_ref()));
    faults.extend(amount_fault(new.amount));
    faults.extend(new.stage.and_then(stage_fault));
    faults.extend(reference_faults(&new.external_refs));
    let described = describe(&new.account, &mut faults);
    Error::unless_empty(Code::InvalidBody, faults)?;
    let (Some(place), Some(described)) = (place, described) else { return Err(nowhere()) };
    standing::may_act(tx, &place.enrollment, &place.rules, PartnerAction::RegisterDeals)?;
    // Before the account is added, or given its domain: the claim is judged on what was known without it.
    let recognized = account::recognize_as_seen(tx, &described, seen)?;
    let claim = place.claim(&described, &new.products, None);
    let facts = if new.submit { Some(claim.facts_at(tx, recognized.as_ref(), seen)?) } else { None };
    let known = recognized.is_some();
    let account = account::ensure(tx, actor, &described, recognized.map(|(account, _)| account))?;
    let row = Row {
        id: tx.id(),
        program: place.rules.program.clone(),
        program_version: place.rules.version,
        partner_id: place.enrollment.partner_id,
        account_id: account.id,
        account: Json(new.account),
        title: new.title,
        stage: new.stage.unwrap_or(Stage::Prospect),
        status: Status::Draft,
        amount_minor: new.amount.minor,
        currency: new.amount.currency,
        expected_close_on: new.expected_close_on,
        contact: new.contact.map(Json),
        notes: new.notes,
        products: Json(new.products),
        external_refs: Json(new.external_refs),
        owner_id: actor.subject.clone(),
        verdict: None,
        review: Json(Review::default()),
        outcome: None,
        dispute: None,
        submitted_at: None,
        decision_due_at: None,
        escalated_at: None,
        protected_from: None,
        protected_until: None,
        extensions: 0,
        expiring_notice_at: None,
        pause: None,
        search: String::new(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let mut change = Change::new(row);
    change.tell("deal_registration.created", EventData::default());
    let intake = facts.map(|facts| hand_in(tx, &place, &described, &facts, &mut change));
    let granted = change.row.clone();
    let shown = change.insert(tx, actor)?;
    match granted.protected_until.filter(|_| intake == Some(Intake::Approve)) {
        Some(until) if known => protection::grant(tx, &place.rules, &granted, until)?,
        // Nobody can hold anything at an account that this transaction adds.
        Some(until) => protection::grant_at_new_account(tx, &granted, until)?,
        None => {}
    }
    Ok(shown)
}

/// Changes fields; which, depends on the state.
///
/// # Errors
/// `not_found`; `invalid_transition` naming the fields that cannot be changed now; `invalid_body`.
pub fn update(tx: &mut Tx, actor: &Actor, id: DealId, new: DealUpdate, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Update, check)?;
    let changed = new.fields();
    refuse_locked(change.row.status, &changed)?;
    let mut faults = Vec::new();
    let place = Place::of_row(tx, &change.row)?;
    faults.extend(new.products.iter().flat_map(|products| product_faults(products, Some(&place))));
    faults.extend(new.amount.and_then(amount_fault));
    faults.extend(new.stage.and_then(stage_fault));
    faults.extend(new.external_refs.iter().flat_map(|refs| reference_faults(refs)));
    let described = new.account.as_ref().and_then(|account| describe(account, &mut faults));
    Error::unless_empty(Code::InvalidBody, faults)?;
    if let (Some(described), Some(account)) = (described, new.account) {
        change.row.account_id = account::recognize_or_add(tx, actor, &described)?.id;
        change.row.account = Json(account);
    }
    let row = &mut change.row;
    row.title = new.title.unwrap_or_else(|| row.title.clone());
    row.products = new.products.map_or_else(|| row.products.clone(), Json);
    if let Some(amount) = new.amount {
        (row.amount_minor, row.currency) = (amount.minor, amount.currency);
    }
    row.expected_close_on = new.expected_close_on.unwrap_or(row.expected_close_on);
    row.stage = new.stage.unwrap_or(row.stage);
    if let Some(contact) = new.contact {
        row.contact = contact.map(Json);
    }
    if let Some(notes) = new.notes {
        row.notes = notes;
    }
    row.external_refs = new.external_refs.map_or_else(|| row.external_refs.clone(), Json);
    change.tell("deal_registration.updated", EventData::changed(changed));
    change.save(tx, actor)
}

/// Hands a draft in, or hands it in again.
///
/// # Errors
/// `not_found`; `invalid_transition`; `policy_refuses` and `agreement_required` while the partner may not act.
pub fn submit(tx: &mut Tx, actor: &Actor, id: DealId, check: Check) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Submit, check)?;
    let place = Place::of_row(tx, &change.row)?;
    let described = Described::new(&change.row.account.0, "/account")?;
    let facts = place.claim(&described, &change.row.products.0, Some(id)).facts(tx)?;
    change.row.status = change.before.status;
    if hand_in(tx, &place, &described, &facts, &mut change) == Intake::Approve {
        grant(tx, &place.rules, &change.row)?;
    }
    change.save(tx, actor)
}

/// The partner's place in the program whose rules apply.
pub(crate) struct Place {
    pub rules: Version,
    pub enrollment: Enrollment,
    /// The countries in which the partner may sell; empty means everywhere.
    pub territory: Vec<Country>,
}

impl Place {
    /// Finds it for a request; what is wrong with it joins the faults.
    fn find(
        tx: &mut Tx,
        actor: &Actor,
        partner: Option<PartnerId>,
        program: &str,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<Self>> {
        let Some(rules) = programs::current(tx, program)? else {
            faults.push(Fault::at("/program", "unknown_reference", "is not a known program"));
            return Ok(None);
        };
        let Some(partner) = partner.or(actor.partner) else {
            faults.push(Fault::at("/partner_id", "required", "is required from the vendor's users"));
            return Ok(None);
        };
        let Some(partner) = partners::partner::find(tx, actor, partner).if_there()? else {
            faults.push(Fault::at("/partner_id", "unknown_reference", "is not a partner that you can see"));
            return Ok(None);
        };
        let enrolled = enrollment::of_partner(tx, partner.id, program)?;
        let Some(enrollment) = enrolled.filter(|one| one.status == enrollment::Status::Active) else {
            let detail = "is not a program in which the partner is actively enrolled";
            faults.push(Fault::at("/program", "not_enrolled", detail));
            return Ok(None);
        };
        let territory = territory::countries_of(tx, &enrollment)?;
        Ok(Some(Self { rules, enrollment, territory }))
    }

    /// Finds it for a registration that is there.
    pub fn of_row(tx: &mut Tx, row: &Row) -> Result<Self> {
        let rules = programs::current(tx, &row.program)?;
        let enrollment = enrollment::of_partner(tx, row.partner_id, &row.program)?;
        match (rules, enrollment) {
            (Some(rules), Some(enrollment)) => {
                let territory = territory::countries_of(tx, &enrollment)?;
                Ok(Self { rules, enrollment, territory })
            }
            _ => Err(nowhere()),
        }
    }

    /// Whether the partner takes part now, and nothing stands against it.
    pub fn is_in_good_standing(&self, tx: &mut Tx) -> Result<bool> {
        Ok(standing::level(tx, &self.enrollment)? == Level::Good)
    }

    pub fn claim<'a>(&'a self, account: &'a Described, products: &'a [String], deal: Option<DealId>) -> Claim<'a> {
        Claim { rules: &self.rules, enrollment: &self.enrollment, territory: &self.territory, account, products, deal }
    }
}

/// Judges the claim and applies the policy: moves the row, tells of it, and says what is to follow.
fn hand_in(tx: &Tx, place: &Place, described: &Described, facts: &Facts, change: &mut Change) -> Intake {
    let products = change.row.products.0.clone();
    let claim = place.claim(described, &products, Some(change.row.id));
    let verdict = judge(claim.inputs(tx), change.row.partner_id, facts);
    let policy = &place.rules.document.0.deal_registration;
    let intake = rules::intake(verdict.kind, change.row.amount(), policy.auto_approve.as_ref());
    let (kind, days) = (verdict.kind, claim.protection_days());
    let from = std::mem::replace(&mut change.row.status, Status::Submitted);
    change.row.program_version = place.rules.version;
    change.row.verdict = Some(Json(verdict));
    change.row.review.0.requests.clear();
    change.row.submitted_at = Some(tx.now());
    change.row.escalated_at = None;
    let decision = &policy.decision;
    let weekend: Vec<_> = decision.weekend.iter().copied().map(Into::into).collect();
    let calendar = Calendar::new(&weekend, decision.holidays.iter().copied());
    change.row.decision_due_at = Some(calendar.add_business_days(tx.now().utc(), decision.business_days).into());
    change.moved("deal_registration.submitted", from, |data| data.because(kind));
    match intake {
        Intake::Wait => {}
        Intake::Review => {
            change.row.status = Status::InReview;
            change.moved("deal_registration.in_review", Status::Submitted, |data| data.because(kind));
        }
        Intake::Approve => crate::decide::approve_row(tx.now(), change, place, days, None),
    }
    intake
}

pub(crate) fn grant(tx: &mut Tx, rules: &Version, row: &Row) -> Result<()> {
    match row.protected_until {
        Some(until) => protection::grant(tx, rules, row, until),
        None => Ok(()),
    }
}

impl DealUpdate {
    /// The names of the fields that are to change.
    fn fields(&self) -> Vec<&'static str> {
        [
            ("title", self.title.is_some()),
            ("account", self.account.is_some()),
            ("products", self.products.is_some()),
            ("amount", self.amount.is_some()),
            ("expected_close_on", self.expected_close_on.is_some()),
            ("stage", self.stage.is_some()),
            ("contact", self.contact.is_some()),
            ("notes", self.notes.is_some()),
            ("external_refs", self.external_refs.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, present)| present.then_some(name))
        .collect()
    }
}

fn refuse_locked(status: Status, changed: &[&str]) -> Result<()> {
    let editable = rules::editable_fields(status);
    let faults: Vec<Fault> = changed
        .iter()
        .filter(|field| !editable.contains(field))
        .map(|field| Fault::at(&format!("/{field}"), "not_editable", format!("cannot be changed in state {status}")))
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    let detail = format!("In state {status} only these fields can be changed: {}.", editable.join(", "));
    Err(Error { code: Code::InvalidTransition, detail, faults }.into())
}

fn describe(account: &DealAccount, faults: &mut Vec<Fault>) -> Option<Described> {
    let described = Described::new(account, "/account");
    match described {
        Ok(described) if described.normalized.is_empty() => {
            faults.push(Fault::at("/account/name", "pattern", "has neither a letter nor a digit"));
            None
        }
        Ok(described) => Some(described),
        Err(error) => {
            faults.extend(error.faults);
            None
        }
    }
}

fn product_faults(products: &[String], place: Option<&Place>) -> Vec<Fault> {
    let catalogue = place.map(|place| place.rules.document.0.deal_registration.products.as_slice()).unwrap_or_default();
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for (at, product) in products.iter().enumerate() {
        let (code, detail) = if !programs::document::is_product(product) {
            ("pattern", "is not a product: letters, digits, '.', '_' and '-', at most 64".to_owned())
        } else if !seen.insert(product) {
            ("duplicate", "is there twice".to_owned())
        } else if !catalogue.is_empty() && !catalogue.contains(product) {
            ("not_a_known_value", format!("is not a product of the program, which are {}", catalogue.join(", ")))
        } else {
            continue;
        };
        faults.push(Fault::at(&format!("/products/{at}"), code, detail));
    }
    faults
}

pub(crate) fn amount_fault(amount: Money) -> Option<Fault> {
    (amount.minor < 0).then(|| Fault::at("/amount/amount", "minimum", "is less than 0"))
}

fn stage_fault(stage: Stage) -> Option<Fault> {
    stage.is_closed().then(|| Fault::at("/stage", "not_allowed", "is set by the actions win and lose alone"))
}

fn reference_faults(references: &[ExternalRef]) -> Vec<Fault> {
    let mut seen = HashSet::new();
    let duplicate = |(at, reference)| {
        (!seen.insert(reference)).then(|| Fault::at(&format!("/external_refs/{at}"), "duplicate", "is there twice"))
    };
    references.iter().enumerate().filter_map(duplicate).collect()
}

/// Program or enrollment are gone: they are never removed, so this is a fault of ours.
fn nowhere() -> database::Error {
    database::Error::Internal("a registration without its program or enrollment".into())
}
