//! Finders, and the one way in which an application changes.

use database::{Json, Result, Tx, managed_by, schema::applications};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use identity::secret_digest;
use kernel::{Actor, Code, Error, Origin, Reach, text::searchable};

use super::{
    model::{Application, ApplicationDecision, ApplicationId, ApplicationRejectionReason, ApplicationStatus, Row},
    rules::{self, Action, Party},
};
use crate::likeness;

/// What the caller knows of the application, checked before anything changes (`If-Match`).
pub type Check<'a> = &'a dyn Fn(&Application) -> Result<()>;

pub(super) type Query<'a> = applications::BoxedQuery<'a, database::MultiBackend>;

/// An application that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: ApplicationId) -> Result<Application> {
    Ok(row(tx, actor, id)?.show(actor))
}

pub(super) fn row(tx: &mut Tx, actor: &Actor, id: ApplicationId) -> Result<Row> {
    let own = actor.is_applicant() && actor.subject.parse().ok() == Some(id);
    let query = if own { applications::table.into_boxed() } else { visible(actor) };
    query
        .filter(applications::id.eq(id))
        .select(Row::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("application").into())
}

/// The applications that the actor reaches. One that is not of a partner yet is nobody's: each channel manager may take
/// it up. One of a partner is its channel manager's alone.
pub(super) fn visible(actor: &Actor) -> Query<'_> {
    let query = applications::table.into_boxed();
    match actor.reach() {
        Reach::Everything => query,
        Reach::Partner(partner) => query.filter(applications::partner_id.assume_not_null().eq(partner)),
        Reach::ManagedBy(user) => {
            let managed = applications::partner_id.assume_not_null().eq_any(managed_by(user));
            query.filter(applications::partner_id.is_null().or(managed))
        }
    }
}

/// Whoever holds this application's token.
///
/// # Errors
/// `invalid_token`.
pub fn applicant(tx: &mut Tx, token: &str, origin: &Origin) -> Result<Actor> {
    let held = applications::table.filter(applications::token_digest.eq(secret_digest(token)));
    let id: Option<ApplicationId> = held.select(applications::id).first(tx.sql()).optional()?;
    let id = id.ok_or_else(|| Error::new(Code::InvalidToken, "This is not the token of an application."))?;
    Ok(Actor::applicant(id.to_string(), origin.clone()))
}

/// By what an open application keeps out another of its company to its program.
pub(super) fn open_key(program: &str, domain: &str) -> String {
    format!("{program} {domain}")
}

/// An application about to change: as it was, and as it will be.
pub(super) struct Change {
    before: Row,
    pub row: Row,
    action: Action,
}

impl Change {
    /// Loads the application for an action and moves it to the state that the action leads to.
    pub fn begin(tx: &mut Tx, actor: &Actor, id: ApplicationId, action: Action, check: Check) -> Result<Self> {
        let before = row(tx, actor, id)?;
        check(&before.clone().show(actor))?;
        let status = rules::transition(before.status, action, Party::of(actor))?;
        let mut row = before.clone();
        row.status = status;
        Ok(Self { before, row, action })
    }

    /// Writes down what was decided, and closes the application: another may be handed in.
    pub fn decide(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        reason: Option<ApplicationRejectionReason>,
        text: Option<String>,
    ) -> Result<()> {
        self.row.decision = Some(Json(ApplicationDecision { at: tx.now(), by: actor.subject.clone(), reason, text }));
        self.row.open_key = None;
        self.row.requests = Json(Vec::new());
        likeness::unindex(tx, self.row.id)
    }

    /// Stores the change with its event and audit entry.
    pub fn save(mut self, tx: &mut Tx, actor: &Actor) -> Result<Application> {
        self.row.updated_at = tx.now();
        self.row.search = search_text(&self.row);
        diesel::update(applications::table.find(self.row.id)).set(&self.row).execute(tx.sql())?;
        let (kind, operation) = names(self.action, actor);
        let mut data = EventData::transition(self.before.status, self.row.status).until(self.row.reapply_at);
        if let Some(reason) = self.row.decision.as_ref().and_then(|decision| decision.0.reason) {
            data = data.because(reason);
        }
        let event = NewEvent::new(kind, self.row.id, self.row.partner_id)
            .under(&self.row.program, self.row.program_version)
            .with(data);
        events::record(tx, actor, event)?;
        let states = (Some(&self.before), Some(&self.row));
        audit::record(tx, actor, operation, self.row.id, self.row.partner_id, states)?;
        Ok(self.row.show(actor))
    }
}

/// What an action is called in the feed, and by which operation it is done.
fn names(action: Action, actor: &Actor) -> (&'static str, &'static str) {
    let own = actor.is_applicant();
    match action {
        Action::ClaimReview => ("application.review_claimed", "claimApplicationReview"),
        Action::RequestInformation => ("application.information_requested", "requestApplicationInformation"),
        Action::SupplyInformation if own => ("application.information_supplied", "supplyOwnApplicationInformation"),
        Action::SupplyInformation => ("application.information_supplied", "supplyApplicationInformation"),
        Action::Approve => ("application.approved", "approveApplication"),
        Action::Reject => ("application.rejected", "rejectApplication"),
        Action::Withdraw if own => ("application.withdrawn", "withdrawOwnApplication"),
        Action::Withdraw => ("application.withdrawn", "withdrawApplication"),
    }
}

/// Stores a new application with its event and audit entry.
pub(super) fn insert(tx: &mut Tx, actor: &Actor, mut row: Row) -> Result<Row> {
    row.search = search_text(&row);
    diesel::insert_into(applications::table).values(&row).execute(tx.sql())?;
    let data = EventData { to: Some(ApplicationStatus::Submitted.to_string()), ..EventData::default() };
    let event = NewEvent::new("application.submitted", row.id, row.partner_id)
        .under(&row.program, row.program_version)
        .with(data.because(row.eligibility));
    events::record(tx, actor, event)?;
    audit::record(tx, actor, "createApplication", row.id, row.partner_id, (None::<&Row>, Some(&row)))?;
    Ok(row)
}

fn search_text(row: &Row) -> String {
    let (company, contact) = (&row.company.0, &row.contact.0);
    let industry = company.industry.as_deref().unwrap_or_default();
    searchable(&format!("{} {} {} {} {industry}", company.name, company.domain, contact.name, contact.email))
}
