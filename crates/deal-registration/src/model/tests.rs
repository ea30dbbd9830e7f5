//! A registration for other tests.

use database::Json;
use kernel::{Id, Timestamp};

use super::{DealAccount, Review, Row, Stage, Status};

/// Approved, and protected until then.
pub fn approved(until: Timestamp) -> Row {
    let zero = Timestamp::from_micros(0);
    let country = "DE".parse().unwrap();
    Row {
        id: Id::new(zero),
        program: "reseller".into(),
        program_version: 1,
        partner_id: Id::new(zero),
        account_id: Id::new(zero),
        account: Json(DealAccount { name: "Acme".into(), domain: None, country }),
        title: "A deal".into(),
        stage: Stage::Qualified,
        status: Status::Approved,
        amount_minor: 100,
        currency: "EUR".parse().unwrap(),
        expected_close_on: zero.date(),
        contact: None,
        notes: None,
        products: Json(vec!["core".into()]),
        external_refs: Json(Vec::new()),
        owner_id: "somebody".into(),
        verdict: None,
        review: Json(Review::default()),
        outcome: None,
        dispute: None,
        submitted_at: Some(zero),
        decision_due_at: None,
        escalated_at: None,
        protected_from: Some(zero),
        protected_until: Some(until),
        extensions: 0,
        expiring_notice_at: None,
        pause: None,
        search: String::new(),
        created_at: zero,
        updated_at: zero,
    }
}
