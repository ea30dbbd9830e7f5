//! Protection: how long, how it is extended, how it ends, and what is free when it has.

use super::*;

const DAY: TimeDelta = TimeDelta::days(1);

fn cast(server: &Server, policy: Value) -> (Scene, Partner, Partner) {
    let mut policy = policy;
    policy["auto_approve"] = json!({});
    let scene = Scene::new(server, policy);
    let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
    (scene, partner, rival)
}

fn protected(partner: &Partner, domain: &str) -> Answer {
    let made = register(&partner.admin, &deal(domain));
    assert_eq!(made.text("status"), "approved");
    made
}

/// What another partner would be told.
fn verdict_for(other: &Partner, domain: &str) -> String {
    let account = json!({"name": domain, "domain": domain, "country": "DE"});
    let body = json!({"program": "reseller", "products": ["core"], "account": account});
    other.admin.post(&format!("{DEALS}/check"), &body).expect_status(200).text("verdict")
}

fn extend(partner: &Partner, id: &str, body: &Value) -> Answer {
    act(&partner.admin, id, "extend", body)
}

/// The codes of the faults with their places, sorted.
fn refusals(answer: Answer) -> Vec<String> {
    let answer = answer.expect_problem(422, "policy_refuses");
    let fault = |one: &Value| format!("{} {}", one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap());
    sorted(answer.json["errors"].as_array().unwrap().iter().map(fault))
}

on_both! {
    fn protection_lasts_as_long_as_the_tier_gives_at_the_approval(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let partner = scene.partner("Northwind");
        let path = format!("/v1/enrollments/{}", partner.enrollment);
        for (tier, days) in [("Silver", 60), ("Gold", 90)] {
            let id = register(&partner.admin, &deal(&format!("{tier}.example"))).text("id");
            // It is the tier on the day of the decision that counts.
            scene.admin.patch(&path, &scene.admin.get(&path).tag(), &json!({"tier": tier})).expect_status(200);
            let shown = act(&scene.admin, &id, "approve", &json!({"text": "Good luck!"})).expect_status(200);
            let (from, until) = (time(&shown.json["protected_from"]), time(&shown.json["protected_until"]));
            assert_eq!(until - from, DAY * days, "{tier}");
            assert_eq!(shown.json["decision"]["at"], shown.json["protected_from"]);
            assert_eq!(shown.json["decision"]["text"], "Good luck!");
        }
    }

    fn nothing_is_protected_before_the_approval(server: Server) {
        let scene = Scene::new(&server, json!({}));
        let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
        let made = register(&partner.admin, &deal("acme.example"));
        assert_eq!((&made.json["protected_from"], &made.json["protected_until"]), (&Value::Null, &Value::Null));
        assert_eq!(verdict_for(&rival, "acme.example"), "clean");
    }

    fn what_ends_early_is_free_at_once(server: Server) {
        let (scene, partner, rival) = cast(&server, json!({}));
        let won =
            json!({"amount": {"amount": "46500.00", "currency": "EUR"}, "closed_on": "2026-03-15", "text": "Signed."});
        let lost = json!({"reason": "no_budget", "closed_on": "2026-03-15", "text": "Frozen."});
        for (verb, body, status) in
            [("release", json!({}), "released"), ("win", won.clone(), "won"), ("lose", lost.clone(), "lost")]
        {
            let domain = format!("{verb}.example");
            let id = protected(&partner, &domain).text("id");
            assert_eq!(verdict_for(&rival, &domain), "conflict");
            let shown = act(&partner.admin, &id, verb, &body).expect_status(200);
            assert_eq!(shown.text("status"), status);
            assert_eq!(time(&shown.json["protected_until"]), time(&shown.json["updated_at"]), "it ended now");
            assert_eq!(verdict_for(&rival, &domain), "clean");
            assert_eq!(protected(&rival, &domain).text("verdict"), "clean");
        }
        let of = |status: &str| {
            scene.admin.get(&format!("{DEALS}?status={status}")).expect_status(200).json["data"][0].clone()
        };
        assert_eq!(of("won")["stage"], "won");
        assert_eq!(
            of("won")["outcome"],
            json!({"closed_on": "2026-03-15", "amount": won["amount"], "reason": null, "text": "Signed."})
        );
        assert_eq!(of("lost")["stage"], "lost");
        assert_eq!(
            of("lost")["outcome"],
            json!({"closed_on": "2026-03-15", "amount": null, "reason": "no_budget", "text": "Frozen."})
        );
    }

    fn a_vendor_who_releases_says_why(server: Server) {
        let (scene, partner, _) = cast(&server, json!({}));
        let id = protected(&partner, "acme.example").text("id");
        let refused = act(&scene.admin, &id, "release", &json!({})).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/text"]);
        let shown = act(&scene.admin, &id, "release", &json!({"text": "No activity."})).expect_status(200);
        assert_eq!(
            (&shown.json["decision"]["reason"], &shown.json["decision"]["text"]),
            (&json!("by_vendor"), &json!("No activity."))
        );
        let id = protected(&partner, "other.example").text("id");
        // The partner need not even send a body.
        let bare = Answer::of(partner.admin.request(reqwest::Method::POST, &format!("{DEALS}/{id}/release")));
        assert_eq!(bare.expect_status(200).json["decision"]["reason"], "by_partner");
    }

    fn a_deal_ends_with_what_is_true(server: Server) {
        let (_, partner, _) = cast(&server, json!({}));
        let id = protected(&partner, "acme.example").text("id");
        let try_to = |verb: &str, body: Value| {
            act(&partner.admin, &id, verb, &body).expect_problem(422, "invalid_body").faults()
        };
        let money = json!({"amount": "1.00", "currency": "EUR"});
        assert_eq!(try_to("win", json!({"amount": money, "closed_on": "2099-01-01"})), ["/closed_on"]);
        assert_eq!(
            try_to("win", json!({"amount": {"amount": "-1.00", "currency": "EUR"}, "closed_on": "2099-01-01"})),
            ["/amount/amount", "/closed_on"]
        );
        assert_eq!(try_to("win", json!({})), ["/amount", "/closed_on"]);
        assert_eq!(try_to("lose", json!({})), ["/reason"]);
        assert_eq!(try_to("lose", json!({"reason": "boredom"})), ["/reason"]);
        assert_eq!(try_to("lose", json!({"reason": "price", "closed_on": "2099-01-01"})), ["/closed_on"]);
        assert_eq!(get(&partner.admin, &id).text("status"), "approved");
    }

    fn every_rule_against_an_extension_is_told_at_once(server: Server) {
        let (_, partner, _) = cast(&server, json!({}));
        let id = protected(&partner, "acme.example").text("id");
        // 90 days ahead, and the usual policy: once, by 30 days, in the last 30 days, with progress named.
        assert_eq!(
            refusals(extend(&partner, &id, &json!({"by": "P31D"}))),
            [" too_early", "/by too_long", "/progress required"]
        );
        assert_eq!(refusals(extend(&partner, &id, &json!({}))), [" too_early", "/progress required"]);
        assert_eq!(refusals(extend(&partner, &id, &json!({"progress": "  "}))), [" too_early", "/progress required"]);
        assert_eq!(
            refusals(extend(&partner, &id, &json!({"by": "P0D", "progress": "x"}))),
            [" too_early", "/by too_long"]
        );
        let shown = get(&partner.admin, &id);
        assert_eq!(
            (&shown.json["extensions"], time(&shown.json["protected_until"])),
            (&json!(0), time(&shown.json["protected_from"]) + DAY * 90)
        );
        for by in ["P1M", "30 days", "P"] {
            assert_eq!(
                extend(&partner, &id, &json!({"by": by})).expect_problem(422, "invalid_body").faults(),
                ["/by"],
                "{by}"
            );
        }
    }

    fn an_extension_is_of_whole_days(server: Server) {
        let extension = json!({"times": 5, "days": 30, "earliest_days_before_end": 1000, "progress_required": false});
        let (_, partner, _) = cast(&server, json!({"protection": {"extension": extension}}));
        let id = protected(&partner, "acme.example").text("id");
        for by in ["PT12H", "P1DT1S"] {
            assert_eq!(refusals(extend(&partner, &id, &json!({"by": by}))), ["/by not_whole_days"], "{by}");
        }
        extend(&partner, &id, &json!({"by": "P1W"})).expect_status(200);
        extend(&partner, &id, &json!({"by": "PT48H"})).expect_status(200);
    }

    fn a_program_may_allow_no_extension(server: Server) {
        let (_, partner, _) = cast(&server, json!({"protection": {"extension": null}}));
        let id = protected(&partner, "acme.example").text("id");
        let refused = extend(&partner, &id, &json!({"progress": "Almost done."})).expect_problem(422, "policy_refuses");
        assert!(refused.text("detail").contains("no extensions"), "{}", refused.text);
    }

    fn extensions_are_counted_and_named(server: Server) {
        let extension = json!({"times": 2, "days": 30, "earliest_days_before_end": 1000, "progress_required": true});
        let (_, partner, _) = cast(&server, json!({"protection": {"extension": extension}}));
        let made = protected(&partner, "acme.example");
        let id = made.text("id");
        let once =
            extend(&partner, &id, &json!({"by": "P10D", "progress": "Proof of concept done."})).expect_status(200);
        assert_eq!(time(&once.json["protected_until"]), time(&made.json["protected_until"]) + DAY * 10);
        let twice = extend(&partner, &id, &json!({"progress": "Contract sent."})).expect_status(200);
        assert_eq!(
            time(&twice.json["protected_until"]),
            time(&made.json["protected_until"]) + DAY * 40,
            "the most that is allowed"
        );
        assert_eq!(twice.json["extensions"], 2);
        assert_eq!(
            refusals(extend(&partner, &id, &json!({"by": "P31D"}))),
            [" extensions_used_up", "/by too_long", "/progress required"]
        );
        assert_eq!(times_told(&partner.admin, &id, "extended"), 2);
        // The first end is no end for the others either.
        assert_eq!(made.json["protected_from"], twice.json["protected_from"]);
    }
}

on_both_with! { UNSWEPT;
    fn protection_ends_on_time_without_a_sweep(server: Server) {
        let (scene, partner, rival) = cast(&server, json!({}));
        let made = protected(&partner, "acme.example");
        let id = made.text("id");
        advance(&scene.admin, "P89DT86000S");
        assert_eq!(get(&partner.admin, &id).text("status"), "approved");
        assert_eq!(verdict_for(&rival, "acme.example"), "conflict");
        advance(&scene.admin, "PT400S");
        for client in [&partner.admin, &scene.admin] {
            let shown = get(client, &id);
            assert_eq!(
                (shown.text("status"), &shown.json["protected_until"]),
                ("expired".into(), &made.json["protected_until"])
            );
            let listed = |status: &str| client.all(&format!("{DEALS}?status={status}")).len();
            assert_eq!(
                (listed("approved"), listed("expired"), listed("approved,expired"), listed("draft,expired")),
                (0, 1, 1, 1)
            );
        }
        assert_eq!(verdict_for(&rival, "acme.example"), "clean");
        let next = protected(&rival, "acme.example");
        assert_eq!(verdict_for(&partner, "acme.example"), "conflict");
        // The sweep that comes late takes nothing from the new holder.
        let sweeper = sweeping(&server);
        eventually("the end is told", || times_told(&partner.admin, &id, "expired") == 1);
        drop(sweeper);
        assert_eq!(get(&rival.admin, &next.text("id")).json, next.json);
        assert_eq!(verdict_for(&partner, "acme.example"), "conflict");
        assert_eq!(get(&partner.admin, &id).json["protected_until"], made.json["protected_until"]);
    }

    fn an_own_registration_that_has_ended_is_no_duplicate(server: Server) {
        let (scene, partner, _) = cast(&server, json!({}));
        protected(&partner, "acme.example");
        advance(&scene.admin, "P90D");
        assert_eq!(protected(&partner, "acme.example").text("verdict"), "clean");
    }

    fn a_change_after_the_end_and_before_the_sweep_hides_no_event(server: Server) {
        let (scene, partner, _) = cast(&server, json!({}));
        let id = protected(&partner, "acme.example").text("id");
        advance(&scene.admin, "P90D");
        patch(&partner.admin, &id, &json!({"external_refs": [{"system": "crm", "id": "1"}]})).expect_status(200);
        let _sweeper = sweeping(&server);
        eventually("the end is told", || times_told(&partner.admin, &id, "expired") > 0);
        two_sweeps();
        assert_eq!(times_told(&partner.admin, &id, "expired"), 1);
        assert_eq!(get(&partner.admin, &id).text("status"), "expired");
    }

    fn an_extension_is_possible_in_the_last_days(server: Server) {
        let (scene, partner, rival) = cast(&server, json!({}));
        let made = protected(&partner, "acme.example");
        let (id, progress) = (made.text("id"), json!({"progress": "Contract is with legal."}));
        advance(&scene.admin, "P59D");
        assert_eq!(refusals(extend(&partner, &id, &progress)), [" too_early"]);
        advance(&scene.admin, "P1D");
        let shown = extend(&partner, &id, &progress).expect_status(200);
        assert_eq!(time(&shown.json["protected_until"]), time(&made.json["protected_until"]) + DAY * 30);
        advance(&scene.admin, "P59D");
        assert_eq!(verdict_for(&rival, "acme.example"), "conflict", "it holds beyond its first end");
        assert_eq!(refusals(extend(&partner, &id, &progress)), [" extensions_used_up"]);
        advance(&scene.admin, "P1D");
        assert_eq!(verdict_for(&rival, "acme.example"), "clean");
    }
}

on_both_with! { SWEPT;
    fn the_end_is_announced_and_told_once_each(server: Server) {
        let (scene, partner, rival) = cast(&server, json!({"protection": {"expiring_notice_days": 10}}));
        let made = protected(&partner, "acme.example");
        let id = made.text("id");
        advance(&scene.admin, "P79D");
        two_sweeps();
        assert_eq!(told(&partner.admin, &id), ["created", "submitted", "approved"]);
        advance(&scene.admin, "P1D");
        eventually("the end is announced", || times_told(&partner.admin, &id, "expiring") == 1);
        assert_eq!(get(&partner.admin, &id).text("status"), "approved");
        let event =
            scene.admin.get("/v1/events?types=deal_registration.expiring").expect_status(200).json["data"][0].clone();
        assert_eq!(
            (&event["subject"], &event["data"]["until"], &event["actor"]),
            (&made.json["id"], &made.json["protected_until"], &json!("system"))
        );
        advance(&scene.admin, "P10D");
        eventually("the end is told", || times_told(&partner.admin, &id, "expired") == 1);
        two_sweeps();
        assert_eq!(told(&partner.admin, &id), ["created", "submitted", "approved", "expiring", "expired"]);
        let shown = get(&partner.admin, &id);
        assert_eq!(
            (shown.text("status"), &shown.json["protected_until"]),
            ("expired".into(), &made.json["protected_until"])
        );
        protected(&rival, "acme.example");
    }

    fn an_extension_is_announced_anew(server: Server) {
        let extension = json!({"times": 1, "days": 30, "earliest_days_before_end": 30, "progress_required": false});
        let (scene, partner, _) =
            cast(&server, json!({"protection": {"expiring_notice_days": 10, "extension": extension}}));
        let id = protected(&partner, "acme.example").text("id");
        advance(&scene.admin, "P80D");
        eventually("the end is announced", || times_told(&partner.admin, &id, "expiring") == 1);
        extend(&partner, &id, &json!({})).expect_status(200);
        two_sweeps();
        assert_eq!(times_told(&partner.admin, &id, "expiring"), 1);
        advance(&scene.admin, "P30D");
        eventually("the new end is announced", || times_told(&partner.admin, &id, "expiring") == 2);
    }

    fn without_notice_nothing_is_announced(server: Server) {
        let (scene, partner, _) = cast(&server, json!({"protection": {"expiring_notice_days": 0}}));
        let id = protected(&partner, "acme.example").text("id");
        advance(&scene.admin, "P89D");
        two_sweeps();
        advance(&scene.admin, "P1D");
        eventually("the end is told", || times_told(&partner.admin, &id, "expired") == 1);
        assert_eq!(times_told(&partner.admin, &id, "expiring"), 0);
    }

    fn two_sweepers_tell_the_end_once(server: Server) {
        let (scene, partner, _) = cast(&server, json!({}));
        let ids: Vec<String> =
            (0..20).map(|n| protected(&partner, &format!("customer{n}.example")).text("id")).collect();
        let (_one, _two) = (sweeping(&server), sweeping(&server));
        advance(&scene.admin, "P90D");
        eventually("all ends are told", || ids.iter().all(|id| times_told(&partner.admin, id, "expired") > 0));
        two_sweeps();
        for id in &ids {
            assert_eq!(times_told(&partner.admin, id, "expired"), 1);
        }
    }
}
