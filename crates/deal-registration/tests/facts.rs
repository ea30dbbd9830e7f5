//! What registrations and acceptances say of their partner, as rules read it; on both databases.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use database::{Database, Tx, testing::TestDatabase};
use deal_registration::{DealId, DealRegistration, follow, register};
use facts::{Moment, gather, inputs};
use kernel::{Actor, Clock};
use partners::{Enrollment, acceptance, agreement, enrollment, partner};
use serde_json::{Value, json};

fn typed<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn document() -> Value {
    json!({
        "slug": "reseller", "name": "Reseller", "currency": "EUR",
        "facts": {
            "deals": {"type": "records", "source": {"engine": "registrations"}, "columns": [
                {"name": "approved", "type": "date"}, {"name": "closed", "type": "date"},
                {"name": "status", "type": "text"}, {"name": "amount", "type": "number"},
                {"name": "products", "type": "number"}, {"name": "country", "type": "text"},
                {"name": "deal", "type": "text"}
            ]},
            "sales": {"type": "records", "source": {"engine": "transactions"}, "columns": [
                {"name": "day", "type": "date"}, {"name": "amount", "type": "number"}, {"name": "currency", "type": "text"}
            ]},
            "agreed": {"type": "boolean", "source": {"engine": "agreement"}},
            "accepted": {"type": "records", "source": {"engine": "agreements"}, "columns": [
                {"name": "agreement", "type": "text"}, {"name": "version", "type": "number"}
            ]}
        },
        "agreement": {"slug": "rules", "required_for": ["plan_business"]},
        "tiers": [{"name": "Member", "benefits": {"protection_days": 30}}],
        "deal_registration": {"auto_approve": {}}
    })
}

fn deal(enrollment: &Enrollment, domain: &str) -> Value {
    json!({
        "program": "reseller", "partner_id": enrollment.partner_id, "title": domain,
        "account": {"name": domain, "domain": domain, "country": "DE"}, "products": ["core", "support"],
        "amount": {"amount": "1000.50", "currency": "EUR"}, "expected_close_on": "2027-01-01", "submit": true
    })
}

fn scene(database: &Database) -> Enrollment {
    database
        .write_blocking(|tx| {
            let system = Actor::system();
            programs::program::create(tx, &system, typed(document()))?;
            let new = json!({"name": "Acme", "domain": "acme.example", "country": "DE"});
            let partner = partner::create(tx, &system, typed(new))?;
            let new = json!({"partner_id": partner.id, "program": "reseller"});
            enrollment::create(tx, &system, typed(new))
        })
        .unwrap()
}

fn registered(database: &Database, body: Value) -> DealRegistration {
    database.write_blocking(move |tx| register::register(tx, &Actor::system(), typed(body.clone()), None)).unwrap()
}

fn gathered(database: &Database, enrollment: &Enrollment, days: i64) -> Value {
    let known_at = database.write_blocking(facts::known_now).unwrap();
    let read = |tx: &mut Tx| {
        let as_of = (tx.now() + chrono::TimeDelta::days(days)).date();
        let rules = programs::rules(tx, "reseller", 1)?;
        let all = gather(tx, &rules, std::slice::from_ref(enrollment), Moment { as_of, known_at })?;
        Ok(inputs(&rules, &all[0]))
    };
    database.read_blocking(read).unwrap()
}

fn win(database: &Database, id: DealId, amount: Value) {
    let work = move |tx: &mut Tx| {
        let body = json!({"amount": amount, "closed_on": tx.now().date()});
        follow::win(tx, &Actor::system(), id, typed(body), &|_| Ok(()))
    };
    database.write_blocking(work).unwrap();
}

fn on(test: &TestDatabase) {
    let database = Database::attach(&test.settings, Clock::default()).unwrap();
    let own = scene(&database);
    let none = json!({"accepted": [], "agreed": false, "deals": [], "sales": []});
    assert_eq!(gathered(&database, &own, 0), none, "that there is nothing is known");
    let first = registered(&database, deal(&own, "one.example"));
    let second = registered(&database, deal(&own, "two.example"));
    assert_eq!(first.status.to_string(), "approved");
    let today = database.read_blocking(|tx| Ok(tx.now().date())).unwrap();
    let approved = |deal: &DealRegistration| {
        json!({
            "approved": today, "status": "approved", "amount": "1000.5", "products": 2, "country": "DE", "deal": deal.id
        })
    };
    let came = gathered(&database, &own, 0);
    assert_eq!(came["deals"], json!([approved(&first), approved(&second)]));
    assert_eq!(came["sales"], json!([]));
    assert_eq!(gathered(&database, &own, -1)["deals"], json!([]), "yesterday they were not approved");
    win(&database, first.id, json!({"amount": "2000.00", "currency": "EUR"}));
    let came = gathered(&database, &own, 0);
    assert_eq!(came["deals"][0]["status"], "won");
    assert_eq!((&came["deals"][0]["amount"], &came["deals"][0]["closed"]), (&json!(2000), &json!(today)));
    assert_eq!(came["sales"], json!([{"day": today, "amount": 2000, "currency": "EUR"}]));
    // A sale in another currency is a sale, of an amount that is not counted.
    win(&database, second.id, json!({"amount": "99.00", "currency": "USD"}));
    let came = gathered(&database, &own, 0);
    assert!(came["sales"].as_array().unwrap().contains(&json!({"day": today, "currency": "USD"})), "{came}");
    assert_eq!(came["deals"][1].get("amount"), None);
    agreements(&database, &own);
}

fn agreements(database: &Database, own: &Enrollment) {
    let partner = own.partner_id;
    let made = database.write_blocking(|tx| {
        let system = Actor::system();
        let made = agreement::create(tx, &system, typed(json!({"slug": "rules", "title": "Rules"})))?;
        let text = json!({"text": "# Rules", "requires_reacceptance": true});
        agreement::publish(tx, &system, made.id, typed(text), |_| Ok(()))
    });
    let made = made.unwrap();
    assert_eq!(gathered(database, own, 0)["agreed"], json!(false));
    let digest = made.current.unwrap().digest;
    let accept = move |tx: &mut Tx| {
        let body = json!({
            "version": 1, "digest": digest, "partner_id": partner, "accepted_by": "Ada", "evidence": {"text": "on paper"}
        });
        let tell = &facts::acceptance::accepted;
        acceptance::accept(tx, &Actor::system(), made.id, typed(body), tell, |_| Ok(()))
    };
    database.write_blocking(accept).unwrap();
    let came = gathered(database, own, 0);
    assert_eq!((&came["agreed"], &came["accepted"]), (&json!(true), &json!([{"agreement": "rules", "version": 1}])));
    assert_eq!(gathered(database, own, -1)["agreed"], json!(false));
}

#[test]
fn registrations_and_acceptances_are_facts_on_sqlite() {
    on(&TestDatabase::sqlite().unwrap());
}

#[test]
fn registrations_and_acceptances_are_facts_on_postgres() {
    on(&TestDatabase::postgres().unwrap());
}
