//! Finders, lists, and the one way in which a registration changes.

use database::{
    Json, Result, Tx,
    schema::{deal_external_refs, deal_products, deal_registrations as deals},
    within_reach,
};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Error, text::searchable};
use partners::standing;
use programs::PartnerAction;

use crate::{
    model::{DealId, DealRegistration, Row, Status},
    register::Place,
    reported,
    rules::{self, Action, Standing},
    sweep,
};

/// What the caller knows of the registration, checked before anything changes (`If-Match`).
pub type Check<'a> = &'a dyn Fn(&DealRegistration) -> Result<()>;

/// A registration that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: DealId) -> Result<DealRegistration> {
    let now = tx.now();
    Ok(row(tx, actor, id)?.show(actor, now))
}

pub(crate) fn row(tx: &mut Tx, actor: &Actor, id: DealId) -> Result<Row> {
    within_reach!(deals::table.into_boxed(), deals::partner_id, actor)
        .filter(deals::id.eq(id))
        .select(Row::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("deal registration").into())
}

/// A registration about to change: as it was, as it will be, and by which action.
pub(crate) struct Change {
    pub before: Row,
    pub row: Row,
    action: &'static str,
    events: Vec<NewEvent>,
}

impl Change {
    /// Loads the registration for an action and moves it to the state that the action leads to.
    pub fn begin(tx: &mut Tx, actor: &Actor, id: DealId, action: Action, check: Check) -> Result<Self> {
        let mut before = row(tx, actor, id)?;
        check(&before.clone().show(actor, tx.now()))?;
        refuse_who_may_not_act(tx, actor, &before, action)?;
        if before.status != before.status_at(tx.now()) {
            // No sweep has come since it ended: the end is told before anything else happens to it.
            sweep::end(tx, before)?;
            before = row(tx, actor, id)?;
        }
        let standing = Standing {
            status: before.status_at(tx.now()),
            verdict: before.verdict_kind(),
            disputed: before.is_disputed(),
            vendor: actor.is_vendor(),
        };
        let status = rules::transition(standing, action)?;
        let mut row = before.clone();
        row.status = status;
        Ok(Self { before, row, action: operation(action), events: Vec::new() })
    }

    /// A change by the engine itself.
    pub fn by_engine(before: Row, action: &'static str) -> Self {
        Self { row: before.clone(), before, action, events: Vec::new() }
    }

    /// A registration that is new.
    pub fn new(row: Row) -> Self {
        Self { before: row.clone(), row, action: "createDealRegistration", events: Vec::new() }
    }

    /// Tells of a move from one state to another.
    pub fn moved(&mut self, kind: &'static str, from: Status, data: impl FnOnce(EventData) -> EventData) {
        let data = data(EventData::transition(from, self.row.status));
        self.tell(kind, data);
    }

    /// Tells of something else.
    pub fn tell(&mut self, kind: &'static str, data: EventData) {
        let event = NewEvent::new(kind, self.row.id, Some(self.row.partner_id))
            .under(&self.row.program, self.row.program_version)
            .with(data);
        self.events.push(event);
    }

    /// Stores a new registration with its events and audit entry.
    pub fn insert(mut self, tx: &mut Tx, actor: &Actor) -> Result<DealRegistration> {
        self.row.search = search_text(&self.row);
        diesel::insert_into(deals::table).values(&self.row).execute(tx.sql())?;
        self.index(tx)?;
        reported::changed(tx, actor, None, &self.row)?;
        self.record(tx, actor, None)
    }

    /// Stores the change with its events and audit entry.
    pub fn save(mut self, tx: &mut Tx, actor: &Actor) -> Result<DealRegistration> {
        self.row.updated_at = tx.now();
        self.row.search = search_text(&self.row);
        diesel::update(deals::table.find(self.row.id)).set(&self.row).execute(tx.sql())?;
        if self.row.products != self.before.products || self.row.external_refs != self.before.external_refs {
            let (id, products, refs) = (self.row.id, deal_products::table, deal_external_refs::table);
            diesel::delete(products.filter(deal_products::deal_id.eq(id))).execute(tx.sql())?;
            diesel::delete(refs.filter(deal_external_refs::deal_id.eq(id))).execute(tx.sql())?;
            self.index(tx)?;
        }
        reported::changed(tx, actor, Some(&self.before), &self.row)?;
        let before = self.before.clone().show(&Actor::system(), tx.now());
        self.record(tx, actor, Some(&before))
    }

    /// What filters by product and by external reference look at.
    fn index(&self, tx: &mut Tx) -> Result<()> {
        for product in &self.row.products.0 {
            let row = (deal_products::product.eq(product), deal_products::deal_id.eq(self.row.id));
            diesel::insert_into(deal_products::table).values(row).execute(tx.sql())?;
        }
        for reference in &self.row.external_refs.0 {
            let row = (
                deal_external_refs::system.eq(&reference.system),
                deal_external_refs::external_id.eq(&reference.id),
                deal_external_refs::deal_id.eq(self.row.id),
            );
            diesel::insert_into(deal_external_refs::table).values(row).execute(tx.sql())?;
        }
        Ok(())
    }

    fn record(self, tx: &mut Tx, actor: &Actor, before: Option<&DealRegistration>) -> Result<DealRegistration> {
        for event in self.events {
            events::record(tx, actor, event)?;
        }
        let after = self.row.clone().show(&Actor::system(), tx.now());
        audit::record(tx, actor, self.action, after.id, Some(after.partner_id), (before, Some(&after)))?;
        Ok(self.row.show(actor, tx.now()))
    }
}

/// The vendor may do what it can for a partner that may not act, but not hand in claims for it.
fn refuse_who_may_not_act(tx: &mut Tx, actor: &Actor, row: &Row, action: Action) -> Result<()> {
    let asked = match action {
        Action::Update => PartnerAction::UpdateDeals,
        Action::Submit => PartnerAction::RegisterDeals,
        Action::Withdraw | Action::Release => PartnerAction::GiveUpDeals,
        Action::Extend => PartnerAction::ExtendProtection,
        Action::Win | Action::Lose => PartnerAction::CloseDeals,
        Action::Dispute => PartnerAction::DisputeDecisions,
        Action::ClaimReview | Action::RequestInformation | Action::Approve | Action::Reject | Action::Resolve => {
            return Ok(());
        }
    };
    if actor.is_vendor() && action != Action::Submit {
        return Ok(());
    }
    let place = Place::of_row(tx, row)?;
    standing::may_act(tx, &place.enrollment, &place.rules, asked)
}

/// The operation that an action is called by in the API and in the audit trail.
fn operation(action: Action) -> &'static str {
    match action {
        Action::Update => "updateDealRegistration",
        Action::Submit => "submitDealRegistration",
        Action::ClaimReview => "claimDealRegistrationReview",
        Action::RequestInformation => "requestDealRegistrationInformation",
        Action::Approve => "approveDealRegistration",
        Action::Reject => "rejectDealRegistration",
        Action::Withdraw => "withdrawDealRegistration",
        Action::Release => "releaseDealRegistration",
        Action::Extend => "extendDealRegistration",
        Action::Win => "winDealRegistration",
        Action::Lose => "loseDealRegistration",
        Action::Dispute => "disputeDealRegistration",
        Action::Resolve => "resolveDealRegistrationDispute",
    }
}

fn search_text(row: &Row) -> String {
    let Json(account) = &row.account;
    let domain = account.domain.as_deref().unwrap_or_default();
    searchable(&format!("{} {} {domain} {}", row.title, account.name, row.notes.as_deref().unwrap_or_default()))
}
