//! Agreements that partners accept, as facts.

use database::{Result, Tx};
use kernel::Actor;
use partners::{Agreement, AgreementAcceptance};
use serde_json::json;

use crate::{Data, ENGINE, Reported, report};

/// Under which name acceptances are known.
pub const AGREEMENTS: &str = "agreements";

/// An agreement was accepted: told by whoever lets a partner accept, in the same transaction.
///
/// # Errors
/// When the database cannot be written.
pub fn accepted(tx: &mut Tx, actor: &Actor, agreement: &Agreement, acceptance: &AgreementAcceptance) -> Result<()> {
    let data = Data::from([
        ("agreement".to_owned(), json!(agreement.slug)),
        ("version".to_owned(), json!(acceptance.version.to_string())),
        ("at".to_owned(), json!(acceptance.accepted_at)),
    ]);
    let fact = Reported {
        partner_id: acceptance.partner_id,
        name: AGREEMENTS.to_owned(),
        subject: acceptance.id.to_string(),
        program: None,
        day: Some(acceptance.accepted_at.date()),
        until: None,
        data,
        source: ENGINE.to_owned(),
        known_new: true,
    };
    report(tx, actor, fact).map(drop)
}
