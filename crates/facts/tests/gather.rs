//! Facts in, values out: how a program's facts read the store, as of a day and as known at a time; on both databases.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::thread;

use database::{Database, StorageFault, Tx, testing::TestDatabase};
use facts::{Gathered, Moment, PutObservations, gather, inputs, manual, observation};
use kernel::{Actor, Clock, PartnerId, Timestamp};
use partners::{Enrollment, enrollment, partner};
use programs::{ProgramDocument, Rules};
use serde_json::{Value, json};

macro_rules! on_both {
    ($($(#[$doc:meta])* fn $test:ident($stage:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $test {
            #[allow(unused_imports)]
            use super::*;
            fn body($stage: &Stage) $body
            #[test]
            fn sqlite() {
                body(&Stage::on(TestDatabase::sqlite().unwrap()));
            }
            #[test]
            fn postgres() {
                body(&Stage::on(TestDatabase::postgres().unwrap()));
            }
        }
    )+};
}

/// A database with a program, and two partners in it.
struct Stage {
    database: Database,
    enrollments: Vec<Enrollment>,
    _test: TestDatabase,
}

fn document() -> Value {
    let number = |source: &str| json!({"type": "number", "unit": "EUR", "source": {"observation": source}});
    json!({
        "slug": "reseller", "name": "Reseller", "currency": "EUR", "time_zone": "Europe/Berlin",
        "facts": {
            "revenue": number("azure_revenue"),
            "by_region": {"type": "map", "unit": "EUR", "source": {"observation": "azure_revenue"}},
            "months": {"type": "records", "source": {"observation": "azure_revenue"}, "columns": [
                {"name": "from", "type": "date"}, {"name": "month", "type": "date"}, {"name": "region", "type": "text"},
                {"name": "amount", "type": "number", "unit": "EUR"}
            ]},
            "validations": {"type": "list", "of": "text", "source": {"observation": "validation"}},
            "segment": {"type": "text"},
            "audited": {"type": "boolean", "default": false, "source": {"manual": "audit"}},
            "fee": {"type": "number", "source": {"manual": "fee"}},
            "people": {"type": "people", "default": {}, "source": {"engine": "certificates"}},
            "sales": {"type": "records", "source": {"engine": "transactions"}, "columns": [
                {"name": "won", "type": "date"}, {"name": "amount", "type": "number"}, {"name": "currency", "type": "text"}
            ]},
            "country": {"type": "text", "source": {"engine": "country"}},
            "tier": {"type": "text", "source": {"engine": "tier"}},
            "since": {"type": "date", "source": {"engine": "enrolled_on"}},
            "kind": {"type": "text", "source": {"engine": "partner_type"}},
            "agreed": {"type": "boolean", "source": {"engine": "agreement"}}
        },
        "metrics": {
            "sold": {"total": {"of": "sales", "value": "row.amount"}},
            "certified": {"people": {"holding": ["sales"], "of": "people"}}
        },
        "tiers": [{"name": "Member"}]
    })
}

fn typed<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

impl Stage {
    fn on(test: TestDatabase) -> Self {
        let database = Database::attach(&test.settings, Clock::default()).unwrap();
        let enrollments = database
            .write_blocking(|tx| {
                let system = Actor::system();
                programs::program::create(tx, &system, typed(document()))?;
                let mut all = Vec::new();
                for name in ["acme", "bravo"] {
                    let new = json!({"name": name, "domain": format!("{name}.example"), "country": "DE"});
                    let partner = partner::create(tx, &system, typed(new))?;
                    let new = json!({"partner_id": partner.id, "program": "reseller"});
                    all.push(enrollment::create(tx, &system, typed(new))?);
                }
                Ok(all)
            })
            .unwrap();
        Self { database, enrollments, _test: test }
    }

    fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> database::Result<T> + Send + 'static) -> T {
        self.database.write_blocking(work).unwrap()
    }

    fn partner(&self) -> PartnerId {
        self.enrollments[0].partner_id
    }

    /// Reports observations of the first partner, each with what all have.
    fn observe(&self, observations: Value) -> Vec<String> {
        let mut all = observations;
        for one in all.as_array_mut().unwrap() {
            let own = one.as_object_mut().unwrap();
            own.entry("partner_id").or_insert(json!(self.partner()));
            own.entry("source").or_insert(json!("sap"));
        }
        let request: PutObservations = typed(json!({"observations": all}));
        let results = self.write(move |tx| observation::put(tx, &Actor::system(), &request));
        results.data.iter().map(|one| format!("{:?}", one.result).to_lowercase()).collect()
    }

    fn known_now(&self) -> Timestamp {
        self.write(facts::known_now)
    }

    fn gathered(&self, as_of: &str, known_at: Timestamp) -> (Gathered, Value) {
        let (enrollments, as_of) = (self.enrollments.clone(), as_of.parse().unwrap());
        let read = |tx: &mut Tx| {
            let rules = programs::rules(tx, "reseller", 1)?;
            let mut all = gather(tx, &rules, &enrollments, Moment { as_of, known_at })?;
            assert_eq!(all.len(), 2);
            assert_eq!(all[1].enrollment, enrollments[1].id);
            let first = all.remove(0);
            let json = inputs(&rules, &first);
            // What is gathered is what an evaluation would take, and the same comes out.
            let read = rules.compiled.read_facts(&json).unwrap();
            assert_eq!(rules.compiled.facts_as_json(&read), json);
            Ok((first, json))
        };
        self.database.read_blocking(read).unwrap()
    }

    fn inputs(&self, as_of: &str) -> Value {
        self.gathered(as_of, self.known_now()).1
    }
}

fn month(day: &str, region: Option<&str>, value: &str, unit: &str) -> Value {
    let period = json!({"from": format!("{}-01", &day[..7]), "to": day});
    let dimensions = region.map_or(json!({}), |region| json!({"region": region}));
    json!({"metric": "azure_revenue", "period": period, "dimensions": dimensions, "value": value, "unit": unit})
}

on_both! {
    fn each_kind_of_fact_reads_what_it_is_made_for(stage) {
        stage.observe(json!([
            month("2026-01-31", None, "100.50", "EUR"),
            month("2026-02-28", None, "200.000000000001", "EUR"),
            month("2026-02-28", Some("emea"), "150", "EUR"),
            month("2026-01-31", Some("emea"), "90", "EUR"),
            month("2026-02-28", Some("apac"), "50", "EUR"),
            {"metric": "validation", "day": "2026-01-10", "value": "msp", "external_id": "1"},
            {"metric": "validation", "day": "2026-01-11", "value": "devops", "external_id": "2"},
            {"metric": "segment", "day": "2026-01-01", "value": "smb"},
            {"metric": "certificates", "period": {"from": "2025-01-01", "to": "2026-02-10"},
                "dimensions": {"person": "ann", "certificate": "sales"}},
            {"metric": "certificates", "day": "2026-01-01", "dimensions": {"person": "bob", "certificate": "sales"}},
            {"metric": "transactions", "day": "2026-01-15", "value": "1234.50", "unit": "EUR", "external_id": "a"},
            {"metric": "transactions", "day": "2026-01-16", "value": "99", "unit": "USD", "external_id": "b"}
        ]));
        let came = stage.inputs("2026-02-28");
        assert_eq!(came["revenue"], json!("200.000000000001"), "of no region, and the latest");
        assert_eq!(came["by_region"], json!({"apac": 50, "emea": 150}));
        assert_eq!(came["months"].as_array().unwrap().len(), 5);
        assert!(came["months"].as_array().unwrap().contains(
            &json!({"from": "2026-01-01", "month": "2026-01-31", "region": "emea", "amount": 90})
        ));
        let mut validations: Vec<&str> =
            came["validations"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        validations.sort_unstable();
        assert_eq!(validations, ["devops", "msp"]);
        assert_eq!((&came["segment"], &came["country"], &came["kind"], &came["tier"]),
            (&json!("smb"), &json!("DE"), &json!("reseller"), &json!("Member")));
        assert_eq!((&came["agreed"], &came["audited"], came.get("fee")), (&json!(true), &json!(false), None));
        assert_eq!(came["people"]["ann"], json!([{"certificate": "sales", "valid_from": "2025-01-01", "valid_to": "2026-02-10"}]));
        assert_eq!(came["people"]["bob"], json!([{"certificate": "sales", "valid_from": "2026-01-01"}]));
        // What is in another currency is a row without an amount.
        let sales = came["sales"].as_array().unwrap();
        assert!(sales.contains(&json!({"won": "2026-01-15", "amount": "1234.5", "currency": "EUR"})), "{sales:?}");
        assert!(sales.contains(&json!({"won": "2026-01-16", "currency": "USD"})), "{sales:?}");
        // Earlier, less was there; the other partner has nothing at all.
        let earlier = stage.inputs("2026-01-31");
        assert_eq!((&earlier["revenue"], &earlier["by_region"]), (&json!("100.5"), &json!({"emea": 90})));
    }

    fn what_counted_and_what_was_left_out_is_told(stage) {
        stage.observe(json!([
            {"metric": "transactions", "day": "2026-01-15", "value": "10", "unit": "EUR", "external_id": "a"},
            {"metric": "transactions", "day": "2026-01-16", "value": "99", "unit": "USD", "external_id": "b"},
            {"metric": "certificates", "day": "2026-01-01", "dimensions": {"person": "bob", "certificate": "sales"}}
        ]));
        let (gathered, _) = stage.gathered("2026-06-30", stage.known_now());
        let rules = Rules::new(typed::<ProgramDocument>(document()), 1, "x".into()).unwrap();
        let as_of = "2026-06-30".parse().unwrap();
        let why = rules.compiled.explain("sold", &gathered.facts, as_of).unwrap();
        assert_eq!(why.value.to_string(), "10");
        let evidence = why.children[0].evidence.clone().unwrap();
        assert_eq!((evidence.rows.len(), evidence.more), (2, 0));
        let left_out = evidence.rows.iter().find(|row| row.note.is_some()).unwrap();
        assert_eq!(left_out.note.as_deref(), Some("is in USD, not in EUR"));
        assert!(left_out.reference.starts_with("observation_"), "{}", left_out.reference);
        let why = rules.compiled.explain("certified", &gathered.facts, as_of).unwrap();
        assert_eq!(why.children[0].evidence.as_ref().unwrap().rows[0].reference, "bob");
    }

    fn what_was_known_at_a_time_can_be_read_for_ever(stage) {
        assert_eq!(stage.observe(json!([month("2026-01-31", None, "100", "EUR")])), ["created"]);
        let first = stage.known_now();
        let before = serde_json::to_string(&stage.gathered("2026-02-28", first).1).unwrap();
        assert_eq!(stage.observe(json!([month("2026-01-31", None, "100", "EUR")])), ["unchanged"]);
        assert_eq!(stage.observe(json!([month("2026-01-31", None, "120", "EUR")])), ["corrected"]);
        assert_eq!(stage.inputs("2026-02-28")["revenue"], 120);
        assert_eq!(serde_json::to_string(&stage.gathered("2026-02-28", first).1).unwrap(), before);
        // Whose facts have changed since.
        let second = stage.known_now();
        let changed = move |after: Timestamp, until: Timestamp| {
            move |tx: &mut Tx| facts::partners_changed(tx, after, until, 10)
        };
        assert_eq!(stage.write(changed(first, second)), (vec![stage.partner()], second));
        assert_eq!(stage.write(changed(second, stage.known_now())).0, vec![]);
        let partner = stage.partner();
        let id = stage.database.read_blocking(|tx| {
            observation::list(tx, &Actor::system(), &Default::default(), &kernel::Paging::first(10))
        });
        let id = id.unwrap().data[0].id;
        stage.write(move |tx| facts::withdraw(tx, partner, "azure_revenue", &id.to_string()));
        let third = stage.known_now();
        assert_eq!(stage.write(changed(second, third)).0, vec![partner], "what is withdrawn has changed");
        assert_eq!(stage.gathered("2026-02-28", third).1.get("revenue"), None);
        assert_eq!(stage.gathered("2026-02-28", second).1["revenue"], 120);
    }

    fn of_many_changes_the_answer_says_how_far_it_goes(stage) {
        let other = json!(stage.enrollments[1].partner_id);
        let begin = stage.known_now();
        for day in ["2026-01-01", "2026-01-02", "2026-01-03"] {
            stage.observe(json!([{"metric": "segment", "day": day, "value": day}]));
        }
        stage.observe(json!([{"metric": "segment", "day": "2026-01-01", "value": "x", "partner_id": other}]));
        let (end, mut after, mut found) = (stage.known_now(), begin, Vec::new());
        while after < end {
            let (partners, complete) = stage.write(move |tx| facts::partners_changed(tx, after, end, 1));
            assert!(complete > after, "it goes on");
            found.extend(partners);
            after = complete;
        }
        found.dedup();
        assert_eq!(found, [stage.partner(), stage.enrollments[1].partner_id]);
    }

    fn what_people_enter_holds_over_its_days(stage) {
        let partner = stage.partner();
        let enter = move |body: Value| {
            let mut body = body;
            body["partner_id"] = json!(partner);
            body["reason"] = json!("because");
            move |tx: &mut Tx| manual::create(tx, &Actor::system(), typed(body.clone()))
        };
        stage.write(enter(json!({"name": "audit", "from": "2026-01-10", "until": "2026-01-20"})));
        let fee = stage.write(enter(json!({"name": "fee", "value": "1250.00", "from": "2026-01-01"})));
        stage.write(enter(json!({"name": "fee", "value": "99", "from": "2026-01-01", "program": "reseller", "until": "2026-01-05"})));
        // An observation of the same name is something else.
        stage.observe(json!([{"metric": "audit", "day": "2026-01-30", "value": true}]));
        for (day, audited) in [("2026-01-09", false), ("2026-01-10", true), ("2026-01-20", true), ("2026-01-21", false)] {
            assert_eq!(stage.inputs(day)["audited"], json!(audited), "{day}");
        }
        assert_eq!(stage.inputs("2026-01-05")["fee"], json!(99), "the one that was entered last");
        assert_eq!(stage.inputs("2026-01-06")["fee"], json!(1250));
        let request = json!({"reason": "not paid"});
        stage.write(move |tx| manual::withdraw(tx, &Actor::system(), fee.id, typed(request.clone()), |_| Ok(())));
        assert_eq!(stage.inputs("2026-01-06").get("fee"), None);
    }

    fn of_eight_who_correct_one_observation_one_is_current(stage) {
        stage.observe(json!([{"metric": "segment", "day": "2026-01-01", "value": "first"}]));
        thread::scope(|scope| {
            for writer in 0..8 {
                scope.spawn(move || {
                    for round in 0..5 {
                        let one = json!({"partner_id": stage.partner(), "metric": "segment", "day": "2026-01-01",
                            "value": format!("{writer}.{round}"), "source": "sap"});
                        let request: PutObservations = typed(json!({"observations": [one]}));
                        insist(&stage.database, request);
                    }
                });
            }
        });
        let list = |history: bool| {
            let filter = facts::ObservationFilter { history, ..Default::default() };
            let paging = kernel::Paging::first(200);
            stage.database.read_blocking(|tx| observation::list(tx, &Actor::system(), &filter, &paging)).unwrap().data
        };
        assert_eq!(list(false).len(), 1);
        let history = list(true);
        assert_eq!(history.len(), 41);
        // Each ends when the next begins, so at any time exactly one was known.
        for pair in history.windows(2) {
            assert_eq!(pair[1].superseded_at, Some(pair[0].recorded_at));
        }
    }
}

/// Repeats what collided too often, as callers are told to.
fn insist(database: &Database, request: PutObservations) {
    loop {
        let request = request.clone();
        match database.write_blocking(move |tx| observation::put(tx, &Actor::system(), &request)) {
            Err(error) if error.storage_fault() == Some(StorageFault::Busy) => {}
            result => return drop(result.unwrap()),
        }
    }
}
