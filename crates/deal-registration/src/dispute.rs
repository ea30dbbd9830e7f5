//! Disputes: the partner does not accept a decision or a conflict, and the vendor says what becomes of it.

use std::collections::BTreeSet;

use database::{Json, Result, Tx};
use events::EventData;
use kernel::{Actor, Code, Error, Fault};

use crate::{
    decide::grant_row,
    follow::end_protection,
    model::{DealId, DealRegistration, Decision, Dispute, Resolution, Row, Status},
    protection,
    register::Place,
    requests::{RaiseDispute, ResolveDispute},
    rules::Action,
    store::{self, Change, Check},
};

/// Disputes a rejection or a conflict.
///
/// # Errors
/// `not_found`; `invalid_transition`.
pub fn dispute(
    tx: &mut Tx,
    actor: &Actor,
    id: DealId,
    request: RaiseDispute,
    check: Check,
) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Dispute, check)?;
    change.row.dispute = Some(Json(Dispute {
        opened_at: tx.now(),
        opened_by: actor.subject.clone(),
        text: request.text,
        resolution: None,
        resolved_at: None,
        resolution_text: None,
    }));
    change.tell("deal_registration.disputed", EventData::default());
    change.save(tx, actor)
}

/// Resolves a dispute. What is granted to this registration is taken from whoever holds it, in the same transaction.
///
/// # Errors
/// `not_found`; `invalid_transition`; `invalid_body` when a split names no products, or all, or foreign ones.
pub fn resolve(
    tx: &mut Tx,
    actor: &Actor,
    id: DealId,
    request: ResolveDispute,
    check: Check,
) -> Result<DealRegistration> {
    let mut change = Change::begin(tx, actor, id, Action::Resolve, check)?;
    let granted = granted_products(&change.row, &request)?;
    if let Some(Json(dispute)) = &mut change.row.dispute {
        dispute.resolution = Some(request.resolution);
        dispute.resolved_at = Some(tx.now());
        dispute.resolution_text = Some(request.text.clone());
    }
    if let Some(products) = granted {
        let place = Place::of_row(tx, &change.row)?;
        let held = protection::held(tx, &place.rules, change.row.account_id, &products)?;
        // A holder may hold several of them, and gives way once.
        let holders: BTreeSet<DealId> = held.iter().map(|held| held.deal_id).filter(|holder| *holder != id).collect();
        for holder in holders {
            give_way(tx, actor, holder, &products)?;
        }
        change.row.products = Json(products);
        grant_row(tx, &mut change, &place, Some((actor, Some(request.text))))?;
    }
    change.tell("deal_registration.dispute_resolved", EventData::default().because(request.resolution));
    change.save(tx, actor)
}

/// The products that the resolution gives to the registration; `None` when the decision stands.
fn granted_products(row: &Row, request: &ResolveDispute) -> Result<Option<Vec<String>>> {
    let claimed = &row.products.0;
    if request.resolution != Resolution::Split {
        if !request.products.is_empty() {
            return Err(Error::invalid("/products", "not_allowed", "is for the resolution split alone").into());
        }
        return Ok((request.resolution == Resolution::Overturn).then(|| claimed.clone()));
    }
    let mut faults: Vec<Fault> = request
        .products
        .iter()
        .enumerate()
        .filter(|(_, product)| !claimed.contains(product))
        .map(|(at, _)| {
            Fault::at(&format!("/products/{at}"), "not_a_known_value", "is not a product of the registration")
        })
        .collect();
    let kept: Vec<String> = claimed.iter().filter(|product| request.products.contains(product)).cloned().collect();
    if faults.is_empty() && (kept.is_empty() || kept.len() == claimed.len()) {
        let detail = "must name some of the registration's products, and not all";
        faults.push(Fault::at("/products", "contradiction", detail));
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    Ok(Some(kept))
}

/// Takes products from the registration that holds them; one that is left with none is released.
fn give_way(tx: &mut Tx, actor: &Actor, id: DealId, products: &[String]) -> Result<()> {
    let row = store::row(tx, &Actor::system(), id)?;
    if row.status_at(tx.now()) != Status::Approved {
        return Ok(());
    }
    let mut change = Change::by_engine(row, "resolveDealRegistrationDispute");
    let kept: Vec<String> = change.row.products.0.iter().filter(|one| !products.contains(one)).cloned().collect();
    if kept.is_empty() {
        change.row.status = Status::Released;
        change.row.review.0.decision =
            Some(Decision { at: tx.now(), by: actor.subject.clone(), reason: Some("dispute".into()), text: None });
        end_protection(tx, &mut change.row)?;
        change.moved("deal_registration.released", Status::Approved, |data| data.because("dispute"));
    } else {
        protection::take(tx, id, Some(products))?;
        change.row.products = Json(kept);
        change.tell("deal_registration.updated", EventData::changed(["products"]).because("dispute"));
    }
    change.save(tx, actor).map(drop)
}
