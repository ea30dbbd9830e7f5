//! By when a decision is due, and what happens when none comes.

use chrono::{Datelike, NaiveTime, Weekday};

use super::*;

/// Moves the clock to the next such day, at this hour.
fn go_to(admin: &Client, day: Weekday, hour: u32) -> DateTime<Utc> {
    let now = now(admin);
    let at = |date: chrono::NaiveDate| date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()).and_utc();
    let next = now.date_naive().iter_days().map(at).find(|at| at.weekday() == day && *at > now).unwrap();
    advance(admin, &format!("PT{}S", (next - now).num_seconds().max(1)));
    next
}

/// How far the clock may have run on while the test went on.
#[track_caller]
fn assert_about(actual: DateTime<Utc>, expected: DateTime<Utc>) {
    let off = actual - expected;
    assert!(off.abs() < TimeDelta::minutes(5), "{actual} is not about {expected}");
}

fn due(answer: &Answer) -> DateTime<Utc> {
    time(&answer.json["decision_due_at"])
}

const DAY: TimeDelta = TimeDelta::days(1);

on_both! {
    fn a_draft_has_no_deadline_and_a_registration_has(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let partner = scene.partner("Northwind");
        let draft = register(&partner.admin, &deal_with("acme.example", json!({"submit": false})));
        assert_eq!((&draft.json["decision_due_at"], &draft.json["submitted_at"]), (&Value::Null, &Value::Null));
        let submitted = act(&partner.admin, &draft.text("id"), "submit", &json!({})).expect_status(200);
        assert!(due(&submitted) > time(&submitted.json["submitted_at"]) + DAY);
    }
}

on_both_with! { UNSWEPT;
    fn business_days_pass_over_weekends_and_holidays(server: Server) {
        let admin = server.admin();
        let friday = go_to(&admin, Weekday::Fri, 15);
        let monday = (friday + DAY * 3).date_naive();
        let scene = Scene::new(&server, json!({"decision": {"business_days": 2, "holidays": [monday]}}));
        scene.program("gulf", json!({"decision": {"business_days": 1, "weekend": ["friday", "saturday"]}}));
        scene.program("daily", json!({"decision": {"business_days": 3, "weekend": []}}));
        scene.program("at-once", json!({"decision": {"business_days": 0}}));
        let partner = scene.partner("Northwind");
        for program in ["gulf", "daily", "at-once"] {
            scene.enroll(&partner.id, program, "Gold");
        }
        let due_in = |program: &str, domain: &str| {
            due(&register(&partner.admin, &deal_with(domain, json!({"program": program}))))
        };
        // Saturday, Sunday and the holiday do not count: Tuesday is the first day, Wednesday the second.
        assert_about(due_in("reseller", "a.example"), friday + DAY * 5);
        assert_about(due_in("daily", "a.example"), friday + DAY * 3);
        assert_about(due_in("at-once", "a.example"), friday);
        // What comes in on a day off counts from the first moment of the next business day: Sunday there.
        let sunday = (friday + DAY * 2).date_naive().and_time(NaiveTime::MIN).and_utc();
        assert_eq!(due_in("gulf", "a.example"), sunday + DAY);
        go_to(&scene.admin, Weekday::Sat, 9);
        // Monday is a holiday, so it counts as Tuesday's first moment.
        let tuesday = (friday + DAY * 4).date_naive().and_time(NaiveTime::MIN).and_utc();
        assert_eq!(due_in("reseller", "b.example"), tuesday + DAY * 2);
    }

    fn the_deadline_stands_still_while_the_partner_is_asked(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let partner = scene.partner("Northwind");
        let made = register(&partner.admin, &deal("acme.example"));
        let id = made.text("id");
        let requests =
            json!({"requests": [{"field": "/contact", "text": "Who is it?"}, {"field": "/amount", "text": "Really?"}]});
        let asked = act(&scene.admin, &id, "request-information", &requests).expect_status(200);
        assert_eq!(
            (&asked.json["decision_due_at"], &asked.json["information_requests"]),
            (&Value::Null, &requests["requests"])
        );
        advance(&scene.admin, "P30D");
        let answered = act(&partner.admin, &id, "submit", &json!({})).expect_status(200);
        assert!(due(&answered) > due(&made) + DAY * 20);
        assert_eq!(answered.json["information_requests"], json!([]));
    }
}

on_both_with! { SWEPT;
    fn an_overdue_decision_is_escalated_once_for_each_submission(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let partner = scene.partner("Northwind");
        let made = register(&partner.admin, &deal("acme.example"));
        let id = made.text("id");
        let decided = register(&partner.admin, &deal("decided.example")).text("id");
        act(&scene.admin, &decided, "reject", &json!({"reason": "other", "text": "No."})).expect_status(200);
        two_sweeps();
        assert_eq!(told(&partner.admin, &id), ["created", "submitted"]);
        advance(&scene.admin, "P10D");
        eventually("it is escalated", || times_told(&partner.admin, &id, "decision_overdue") == 1);
        two_sweeps();
        let shown = get(&scene.admin, &id);
        assert_eq!(
            (shown.text("status"), times_told(&partner.admin, &id, "decision_overdue")),
            ("submitted".into(), 1)
        );
        assert!(time(&shown.json["escalated_at"]) > due(&shown));
        let event = scene.admin.get("/v1/events?types=deal_registration.decision_overdue").expect_status(200).json;
        assert_eq!(event["data"].as_array().unwrap().len(), 1, "what is decided is not overdue");
        assert_eq!(event["data"][0]["data"]["until"], shown.json["decision_due_at"]);
        // It can still be decided, or asked for more and handed in again: with a deadline of its own.
        act(&scene.admin, &id, "request-information", &json!({"requests": [{"field": "/notes", "text": "More."}]}))
            .expect_status(200);
        advance(&scene.admin, "P10D");
        two_sweeps();
        assert_eq!(times_told(&partner.admin, &id, "decision_overdue"), 1, "it is the partner's turn");
        let again = act(&partner.admin, &id, "submit", &json!({})).expect_status(200);
        assert_eq!(again.json["escalated_at"], Value::Null);
        advance(&scene.admin, "P10D");
        eventually("it is escalated again", || times_told(&partner.admin, &id, "decision_overdue") == 2);
        act(&scene.admin, &id, "approve", &json!({})).expect_status(200);
    }

    fn the_policy_may_approve_what_is_overdue_and_clean(server: Server) {
        let limit = json!({"up_to": {"amount": "1.00", "currency": "EUR"}});
        let scene = Scene::new(&server, json!({"auto_approve": limit, "decision": {"when_overdue": "approve"}}));
        let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
        let held = register(
            &rival.admin,
            &deal_with("acme.example", json!({"amount": {"amount": "1.00", "currency": "EUR"}})),
        );
        let ended = register(
            &rival.admin,
            &deal_with("ended.example", json!({"amount": {"amount": "1.00", "currency": "EUR"}})),
        );
        assert_eq!(held.text("status"), "approved");
        let clean = register(&partner.admin, &deal("clean.example")).text("id");
        let conflict = register(&partner.admin, &deal("acme.example")).text("id");
        let free_again = register(&partner.admin, &deal("ended.example"));
        assert_eq!(free_again.text("verdict"), "conflict");
        act(&rival.admin, &ended.text("id"), "release", &json!({})).expect_status(200);
        let suspended = scene.partner("Fabrikam");
        let theirs = register(&suspended.admin, &deal("suspended.example")).text("id");
        let path = format!("/v1/enrollments/{}", suspended.enrollment);
        scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"status": "suspended"})).expect_status(200);
        advance(&scene.admin, "P10D");
        eventually("the clean one is approved", || get(&scene.admin, &clean).text("status") == "approved");
        eventually("the conflict is escalated", || times_told(&partner.admin, &conflict, "decision_overdue") == 1);
        eventually("what stands free now is approved", || {
            get(&scene.admin, &free_again.text("id")).text("status") == "approved"
        });
        eventually("the suspended partner's is escalated", || {
            times_told(&scene.admin, &theirs, "decision_overdue") == 1
        });
        let shown = get(&partner.admin, &clean);
        assert_eq!((&shown.json["decision"]["by"], &shown.json["escalated_at"]), (&json!("system"), &Value::Null));
        assert_eq!(time(&shown.json["protected_until"]) - time(&shown.json["protected_from"]), DAY * 90);
        assert_eq!(get(&scene.admin, &conflict).text("status"), "in_review");
        assert_eq!(get(&scene.admin, &held.text("id")).text("status"), "approved");
    }
}
