//! What the two partners and their vendor do. Many an act is refused as things stand: that is part of the story.

use reqwest::Method;
use tests::{Answer, json};

use super::{
    MARK,
    stage::{Side, Stage},
};
use crate::authorization::world::application;

pub type Act = fn(&mut Stage, usize);

pub const ACTS: &[Act] = &[
    // Twice, so that they meet often.
    |stage, at| stage.own_registers(at),
    |stage, at| stage.own_registers(at),
    |stage, at| stage.rival_registers(at),
    |stage, at| stage.rival_registers(at),
    |stage, at| stage.vendor_decides(Side::Rival, at),
    |stage, at| stage.vendor_decides(Side::Own, at),
    |stage, at| stage.rival_does(at),
    |stage, at| stage.rival_does(at),
    |stage, at| stage.own_does(at),
    |stage, at| stage.own_does(at),
    |stage, _| stage.dispute(Side::Own),
    |stage, _| stage.dispute(Side::Rival),
    |stage, at| stage.resolve(Side::Own, at),
    |stage, at| stage.resolve(Side::Rival, at),
    |stage, at| stage.vendor_claims(at),
    |stage, at| stage.violation(at),
    |stage, at| stage.standing(at),
    |stage, at| stage.plan(at),
    |stage, at| stage.territory(at),
    |stage, at| stage.tier(at),
    |stage, at| stage.people(at),
    |stage, at| stage.facts(at),
    |stage, at| stage.learning(at),
    |stage, _| stage.applies(),
    |stage, at| stage.time_passes(at),
    |stage, at| stage.renamed(at),
];

impl Stage {
    fn own_registers(&mut self, customer: usize) {
        let claim = self.claim(Side::Own, customer);
        let check = json!({"program": self.program, "account": claim["account"], "products": claim["products"]});
        self.own_sends(Method::POST, "/v1/deal-registrations/check", &check);
        let made = self.own_sends(Method::POST, "/v1/deal-registrations", &claim);
        if made.status == 201 {
            self.own_deals.push(made.text("id"));
        }
    }

    fn rival_registers(&mut self, customer: usize) {
        let by = if customer == 1 { &self.rival_member } else { &self.rival.admin };
        let made = by.post("/v1/deal-registrations", &self.claim(Side::Rival, customer));
        if made.status == 201 {
            self.rival_deals.push(made.text("id"));
        }
    }

    fn vendor_decides(&mut self, side: Side, how: usize) {
        let Some(deal) = self.deal(side) else { return };
        let told = |text: &str| if side == Side::Rival { format!("{MARK} {text}") } else { text.to_owned() };
        let (verb, body) = [
            ("approve", json!({"text": told("Yes")})),
            ("reject", json!({"reason": "conflict", "text": told("No")})),
            ("request-information", json!({"requests": [{"field": "/contact", "text": told("Who?")}]})),
        ][how]
            .clone();
        self.admin.post(&format!("/v1/deal-registrations/{deal}/{verb}"), &body);
    }

    fn rival_does(&mut self, how: usize) {
        let Some(deal) = self.deal(Side::Rival) else { return };
        let won = json!({"amount": {"amount": "7654.32", "currency": "EUR"}, "closed_on": "2026-01-31", "text": MARK});
        let (verb, body) =
            [("release", json!({"text": MARK})), ("extend", json!({"progress": MARK})), ("win", won)][how].clone();
        self.rival.admin.post(&format!("/v1/deal-registrations/{deal}/{verb}"), &body);
    }

    fn own_does(&mut self, how: usize) {
        let Some(deal) = self.deal(Side::Own) else { return };
        let path = format!("/v1/deal-registrations/{deal}");
        let (method, path, body) = [
            (Method::POST, format!("{path}/submit"), json!({})),
            (Method::POST, format!("{path}/extend"), json!({"progress": "An offer is out."})),
            (Method::PATCH, path, json!({"notes": "Ours", "title": "Changed"})),
        ][how]
            .clone();
        self.own_sends(method, &path, &body);
    }

    fn dispute(&mut self, side: Side) {
        let Some(deal) = self.deal(side) else { return };
        let path = format!("/v1/deal-registrations/{deal}/dispute");
        if side == Side::Own {
            self.own_sends(Method::POST, &path, &json!({"text": "We were first."}));
        } else {
            self.rival.admin.post(&path, &json!({"text": format!("{MARK} was first")}));
        }
    }

    fn resolve(&mut self, side: Side, how: usize) {
        let Some(deal) = self.deal(side) else { return };
        let text = if side == Side::Rival { MARK } else { "Resolved" };
        let body = [
            json!({"resolution": "uphold", "text": text}),
            json!({"resolution": "overturn", "text": text}),
            json!({"resolution": "split", "products": ["core"], "text": text}),
        ][how]
            .clone();
        self.admin.post(&format!("/v1/deal-registrations/{deal}/resolve"), &body);
    }

    fn vendor_claims(&mut self, customer: usize) {
        let new = json!({
            "title": format!("{MARK} opportunity"), "account": self.claim(Side::Own, customer)["account"],
            "external_ref": {"system": format!("{MARK}-crm"), "id": format!("{MARK}-{}", self.things.len())}
        });
        self.admin.post("/v1/vendor-opportunities", &new);
        self.things.push("opportunity".into());
    }

    fn violation(&mut self, how: usize) {
        if how == 0
            && let Some(path) = self.things.iter().rev().find(|thing| thing.starts_with("/v1/violations"))
        {
            self.admin.post(&format!("{path}/withdraw"), &json!({"reason": MARK}));
            return;
        }
        let mut new = json!({
            "partner_id": self.rival.id, "enrollment_id": self.rival.enrollment, "category": "other",
            "text": format!("{MARK} text"), "found_by": format!("{MARK} audit"), "evidence": [{"text": format!("{MARK} mail")}]
        });
        if how == 2 {
            new["consequence"] = json!({"kind": "suspension"});
        }
        let made = self.admin.post("/v1/violations", &new);
        if made.status == 201 {
            self.things.push(format!("/v1/violations/{}", made.text("id")));
        }
    }

    fn standing(&mut self, how: usize) {
        let verb = if how == 0 { "suspend" } else { "reinstate" };
        self.admin.post(&format!("/v1/enrollments/{}/{verb}", self.rival.enrollment), &json!({"reason": MARK}));
    }

    fn plan(&mut self, how: usize) {
        let new = json!({
            "enrollment_id": self.rival.enrollment, "title": format!("{MARK} plan"), "summary": MARK,
            "starts_on": "2037-01-01", "ends_on": "2037-12-31",
            "goals": [{"name": format!("{MARK} goal"), "target": "765432", "unit": "EUR", "due_on": "2037-07-07"}]
        });
        let made = self.rival.admin.post("/v1/business-plans", &new);
        if made.status != 201 {
            return;
        }
        let path = format!("/v1/business-plans/{}", made.text("id"));
        self.rival.admin.post(&format!("{path}/propose"), &json!({}));
        if how > 0 {
            self.admin.post(&format!("{path}/agree"), &json!({}));
            let review = json!({"held_on": "2026-01-31", "notes": MARK, "decisions": [MARK], "attendees": [MARK]});
            self.admin.post(&format!("{path}/reviews"), &review);
        }
    }

    fn territory(&mut self, how: usize) {
        let name = format!("{MARK} land {}", self.things.len());
        let new = json!({"program": self.program, "name": name, "exclusive": how == 0, "countries": ["DE"]});
        let made = self.admin.post("/v1/territories", &new);
        self.things.push("territory".into());
        if made.status == 201 {
            let to = json!({"enrollment_id": self.rival.enrollment});
            self.admin.post(&format!("/v1/territories/{}/assign", made.text("id")), &to);
        }
    }

    fn tier(&mut self, how: usize) {
        let path = format!("/v1/enrollments/{}/tier-override", self.rival.enrollment);
        if how == 0 {
            self.admin.post(&format!("{path}/lift"), &json!({"reason": MARK}));
        } else {
            let exception = json!({"tier": "Silver", "reason": MARK, "until": "2099-01-01T00:00:00Z"});
            self.admin.post(&path, &exception);
            self.admin.post("/v1/tier-runs", &json!({"program": self.program, "enrollment_id": self.rival.enrollment}));
        }
    }

    fn people(&mut self, how: usize) {
        let email = format!("{MARK}{}-{}@rival.example", self.number, self.things.len());
        self.things.push("person".into());
        if how == 0 {
            let new = json!({"name": format!("{MARK} contact"), "email": email, "job_title": MARK, "phone": "+49 30 7654321"});
            self.rival.admin.post("/v1/contacts", &new);
        } else {
            let new = json!({"email": email, "name": format!("{MARK} user"), "role": "partner_member"});
            self.rival.admin.post("/v1/users", &new);
        }
    }

    fn facts(&mut self, how: usize) {
        let name = format!("{MARK}_{}", self.things.len());
        self.things.push("fact".into());
        if how == 0 {
            let fact = json!({"partner_id": self.rival.id, "name": name, "reason": MARK, "value": "765432"});
            self.admin.post("/v1/manual-facts", &fact);
        } else {
            let seen = json!({
                "partner_id": self.rival.id, "metric": name, "day": "2026-01-31", "value": "765432", "source": MARK, "external_id": name
            });
            let request = self.admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [seen]}));
            Answer::of(request);
        }
    }

    fn learning(&mut self, how: usize) {
        let number = self.things.len();
        self.things.push("learning".into());
        let email = format!("{MARK}{}-{number}@learner.example", self.number);
        let new = json!({"name": format!("{MARK} learner"), "email": email, "external_id": format!("{MARK}-{number}")});
        let made = self.rival.admin.post("/v1/people", &new);
        if made.status != 201 {
            return;
        }
        let item = if how == 0 { "exam" } else { "basics" };
        let enrolled =
            self.rival.admin.post("/v1/training-enrollments", &json!({"person_id": made.text("id"), "item": item}));
        let path = format!("/v1/training-enrollments/{}", enrolled.text("id"));
        if how == 0 {
            self.admin.post(&format!("{path}/waive"), &json!({"reason": MARK})).expect_status(200);
            return;
        }
        let done = json!({"external_id": format!("{MARK}-{number}"), "on": "2026-01-31"});
        self.admin.post(&format!("{path}/complete"), &done).expect_status(200);
        if how == 2 {
            let held = self.rival.admin.all(&format!("/v1/credentials?person_id={}", made.text("id")));
            let path = format!("/v1/credentials/{}/revoke", held[0]["id"].as_str().expect("an id"));
            self.admin.post(&path, &json!({"reason": MARK})).expect_status(200);
        }
        let own = json!({"name": "Ours", "email": format!("ours{}-{number}@learner.example", self.number)});
        self.own_sends(Method::POST, "/v1/people", &own);
    }

    fn applies(&mut self) {
        let domain = format!("{MARK}corp{}.example", self.number);
        let mut new = application(&format!("entry-{}", self.number), &domain);
        new["message"] = json!(MARK);
        self.rival.admin.post("/v1/applications", &new);
        // The other asks in its rival's name, and in its own.
        let domain = format!("northwind{}.example", self.number);
        self.own_sends(Method::POST, "/v1/applications", &application(&format!("entry-{}", self.number), &domain));
    }

    fn time_passes(&mut self, how: usize) {
        let by = ["P1D", "P20D", "P50D"][how];
        tests::clock::advance(&self.admin, by);
    }

    fn renamed(&mut self, how: usize) {
        let name = format!("{MARK} {} {how}", self.number);
        self.admin.patch(&format!("/v1/partners/{}", self.rival.id), "*", &json!({"name": name}));
    }
}
