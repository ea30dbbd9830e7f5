//! The states of a registration: which action leads where, what is refused, and what can be changed when.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;

use super::*;

/// Who may do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Both,
    Vendor,
}
use Who::{Both, Vendor};

/// The table of the design, line by line: where a registration stands, the action, who may, and where it stands then.
///
/// `conflicted` is in review over a conflict; of the two disputed ones a dispute is open.
pub const TABLE: &[(&str, &str, Who, &str)] = &[
    ("draft", "update", Both, "draft"),
    ("draft", "submit", Both, "submitted"),
    ("draft", "withdraw", Both, "withdrawn"),
    ("submitted", "update", Both, "submitted"),
    ("submitted", "claim_review", Vendor, "in_review"),
    ("submitted", "request_information", Vendor, "action_required"),
    ("submitted", "approve", Vendor, "approved"),
    ("submitted", "reject", Vendor, "rejected"),
    ("submitted", "withdraw", Both, "withdrawn"),
    ("in_review", "update", Both, "in_review"),
    ("in_review", "request_information", Vendor, "action_required"),
    ("in_review", "approve", Vendor, "approved"),
    ("in_review", "reject", Vendor, "rejected"),
    ("in_review", "withdraw", Both, "withdrawn"),
    ("conflicted", "update", Both, "conflicted"),
    ("conflicted", "request_information", Vendor, "action_required"),
    ("conflicted", "reject", Vendor, "rejected"),
    ("conflicted", "withdraw", Both, "withdrawn"),
    ("conflicted", "dispute", Both, "conflict_disputed"),
    ("conflict_disputed", "update", Both, "conflict_disputed"),
    ("conflict_disputed", "request_information", Vendor, "action_required"),
    ("conflict_disputed", "reject", Vendor, "rejection_disputed"),
    ("conflict_disputed", "withdraw", Both, "withdrawn"),
    ("conflict_disputed", "resolve", Vendor, "conflicted"),
    ("action_required", "update", Both, "action_required"),
    ("action_required", "submit", Both, "submitted"),
    ("action_required", "withdraw", Both, "withdrawn"),
    ("approved", "update", Both, "approved"),
    ("approved", "release", Both, "released"),
    ("approved", "extend", Both, "approved"),
    ("approved", "win", Both, "won"),
    ("approved", "lose", Both, "lost"),
    ("rejected", "update", Both, "rejected"),
    ("rejected", "dispute", Both, "rejection_disputed"),
    ("rejection_disputed", "update", Both, "rejection_disputed"),
    ("rejection_disputed", "resolve", Vendor, "rejected"),
    ("withdrawn", "update", Both, "withdrawn"),
    ("released", "update", Both, "released"),
    ("won", "update", Both, "won"),
    ("lost", "update", Both, "lost"),
];

/// Every action, and the scope without which the server does not even look at the state.
pub const ACTIONS: &[(&str, Who)] = &[
    ("update", Both),
    ("submit", Both),
    ("claim_review", Vendor),
    ("request_information", Vendor),
    ("approve", Vendor),
    ("reject", Vendor),
    ("withdraw", Both),
    ("release", Both),
    ("extend", Both),
    ("win", Both),
    ("lose", Both),
    ("dispute", Both),
    ("resolve", Vendor),
];

/// The fields that can be changed, by where a registration stands.
const EDITABLE: &[(&[&str], &[&str])] = &[
    (
        &["draft", "action_required"],
        &["title", "account", "products", "amount", "expected_close_on", "stage", "contact", "notes", "external_refs"],
    ),
    (
        &["submitted", "in_review", "conflicted", "conflict_disputed"],
        &["expected_close_on", "stage", "contact", "notes", "external_refs"],
    ),
    (&["approved"], &["title", "amount", "expected_close_on", "stage", "contact", "notes", "external_refs"]),
    (&["won", "lost"], &["notes", "external_refs"]),
    (&["rejected", "rejection_disputed", "withdrawn", "released", "expired"], &["external_refs"]),
];

/// A vendor, a partner, and a rival who is protected at `taken.example`.
pub struct Cast {
    pub admin: Client,
    pub partner: Partner,
    made: AtomicU32,
}

impl Cast {
    pub fn new(server: &Server) -> Self {
        let extension = json!({"times": 50, "days": 30, "earliest_days_before_end": 1000, "progress_required": false});
        let scene = Scene::new(server, json!({"protection": {"extension": extension}}));
        let (partner, rival) = (scene.partner("Northwind"), scene.partner("Contoso"));
        let taken = register(&rival.admin, &deal("taken.example")).text("id");
        act(&scene.admin, &taken, "approve", &json!({})).expect_status(200);
        Self { admin: scene.admin, partner, made: AtomicU32::new(0) }
    }

    /// A client of the side that may act.
    fn of(&self, who: Who) -> &Client {
        if who == Vendor { &self.admin } else { &self.partner.admin }
    }

    /// A registration of the partner's that stands there.
    pub fn reach(&self, stand: &str) -> String {
        let domain = match stand {
            "conflicted" | "conflict_disputed" => "taken.example".to_owned(),
            _ => format!("customer{}.example", self.made.fetch_add(1, Ordering::Relaxed)),
        };
        let body = deal_with(&domain, json!({"submit": stand != "draft"}));
        let id = register(&self.partner.admin, &body).text("id");
        for step in way_to(stand) {
            attempt(&self.admin, &id, step).expect_status(200);
        }
        id
    }
}

/// The actions from `submitted` to there.
fn way_to(stand: &str) -> &'static [&'static str] {
    match stand {
        "draft" | "submitted" | "conflicted" => &[],
        "in_review" => &["claim_review"],
        "conflict_disputed" => &["dispute"],
        "action_required" => &["request_information"],
        "approved" => &["approve"],
        "rejected" => &["reject"],
        "rejection_disputed" => &["reject", "dispute"],
        "withdrawn" => &["withdraw"],
        "released" => &["approve", "release"],
        "won" => &["approve", "win"],
        "lost" => &["approve", "lose"],
        other => panic!("no way to {other}"),
    }
}

/// The status of a registration that stands there.
pub fn status_at(stand: &str) -> &str {
    match stand {
        "conflicted" | "conflict_disputed" => "in_review",
        "rejection_disputed" => "rejected",
        status => status,
    }
}

/// Every stand, once.
fn stands() -> Vec<&'static str> {
    let mut stands: Vec<&str> = TABLE.iter().map(|line| line.0).collect();
    stands.dedup();
    stands
}

/// What the table allows there.
pub fn allowed(stand: &str, vendor: bool) -> Vec<&'static str> {
    let possible = |line: &&(&str, &str, Who, &str)| line.0 == stand && (vendor || line.2 == Both);
    // Where a conflict stands in the way, the state allows an approval, and the conflict refuses it.
    let conflict = (vendor && stand.starts_with("conflict")).then_some("approve");
    sorted(TABLE.iter().filter(possible).map(|line| line.1).chain(conflict))
}

/// Does the action with a body that is acceptable by itself.
pub fn attempt(client: &Client, id: &str, action: &str) -> Answer {
    let body = match action {
        "update" => return patch(client, id, &json!({"external_refs": []})),
        "request_information" => json!({"requests": [{"field": "/contact", "text": "Who is it?"}]}),
        "reject" => json!({"reason": "not_qualified", "text": "Not yet."}),
        "release" => json!({"text": "No longer needed."}),
        "extend" => json!({"by": "P1D"}),
        "win" => json!({"amount": {"amount": "9000.00", "currency": "EUR"}, "closed_on": "2026-01-31"}),
        "lose" => json!({"reason": "price"}),
        "dispute" => json!({"text": "We were first."}),
        "resolve" => json!({"resolution": "uphold", "text": "It stands."}),
        _ => json!({}),
    };
    act(client, id, &action.replace('_', "-"), &body)
}

#[track_caller]
fn expect_refusal(answer: Answer, stand: &str, action: &str, allowed: &[&str]) {
    let context = format!("{action} from {stand}: {}", answer.text);
    let answer = answer.expect_problem(409, "invalid_transition");
    let detail = answer.text("detail");
    for part in [status_at(stand), action].iter().chain(allowed) {
        assert!(detail.contains(part), "{part} is missing: {context}");
    }
}

on_both! {
    fn every_line_of_the_table_leads_where_it_says(server: Server) {
        let cast = Cast::new(&server);
        for (stand, action, who, to) in TABLE {
            for side in [Both, Vendor].into_iter().filter(|side| *who == Both || *side == Vendor) {
                let id = cast.reach(stand);
                let shown = attempt(cast.of(side), &id, action);
                assert_eq!(shown.status, 200, "{action} from {stand} by {side:?}: {}", shown.text);
                assert_eq!(shown.text("status"), status_at(to), "{action} from {stand} by {side:?}");
                let now_allowed = sorted(texts(&shown.json["allowed_actions"]));
                // What was found at its first submission is found no more when it is handed in again elsewhere.
                assert_eq!(now_allowed, allowed(to, side == Vendor), "after {action} from {stand} by {side:?}");
                assert_eq!(get(cast.of(side), &id).json, shown.json, "{action} from {stand} by {side:?}");
            }
        }
    }

    fn every_other_action_is_refused_and_changes_nothing(server: Server) {
        let cast = Cast::new(&server);
        for stand in stands() {
            let id = cast.reach(stand);
            let before = get(&cast.admin, &id);
            for side in [Both, Vendor] {
                let allowed = allowed(stand, side == Vendor);
                assert_eq!(
                    sorted(texts(&get(cast.of(side), &id).json["allowed_actions"])),
                    allowed,
                    "{stand}, {side:?}"
                );
                for (action, scope) in ACTIONS.iter().filter(|(action, _)| !allowed.contains(action)) {
                    let answer = attempt(cast.of(side), &id, action);
                    if side == Both && *scope == Vendor {
                        answer.expect_problem(403, "insufficient_scope");
                    } else {
                        expect_refusal(answer, stand, action, &allowed);
                    }
                }
            }
            assert_eq!(get(&cast.admin, &id).json, before.json, "{stand}");
        }
    }

    fn a_conflict_refuses_the_approval_that_the_state_allows(server: Server) {
        let cast = Cast::new(&server);
        let id = cast.reach("conflicted");
        let before = get(&cast.admin, &id);
        act(&cast.admin, &id, "approve", &json!({})).expect_problem(409, "deal_conflict");
        assert_eq!(get(&cast.admin, &id).json, before.json);
    }

    fn the_editable_fields_are_those_that_the_server_takes(server: Server) {
        let cast = Cast::new(&server);
        let values = json!({
            "title": "Another title", "account": {"name": "Fabrikam", "domain": "fabrikam.example", "country": "FR"},
            "products": ["extra"], "amount": {"amount": "1.00", "currency": "USD"}, "expected_close_on": "2028-01-31",
            "stage": "proposal", "contact": {"name": "Grace", "email": "grace@fabrikam.example"}, "notes": "A note.",
            "external_refs": [{"system": "crm", "id": "1"}]
        });
        for (stand, fields) in
            EDITABLE.iter().flat_map(|(stands, fields)| stands.iter().map(move |one| (*one, *fields)))
        {
            if stand == "expired" {
                continue; // has a clock of its own below
            }
            let id = cast.reach(stand);
            for client in [&cast.partner.admin, &cast.admin] {
                assert_eq!(texts(&get(client, &id).json["editable_fields"]), fields, "{stand}");
            }
            for (field, value) in values.as_object().unwrap() {
                let answer = patch(&cast.partner.admin, &id, &json!({field: value}));
                if fields.contains(&field.as_str()) {
                    assert_eq!(answer.expect_status(200).json[field], *value, "{field} in {stand}");
                } else {
                    assert_eq!(
                        answer.expect_problem(409, "invalid_transition").faults(),
                        [format!("/{field}")],
                        "{stand}"
                    );
                }
            }
        }
    }

    fn a_patch_with_one_locked_field_changes_none(server: Server) {
        let cast = Cast::new(&server);
        let id = cast.reach("submitted");
        let before = get(&cast.admin, &id);
        let body = json!({"notes": "New", "title": "New", "products": ["x"], "stage": "proposal"});
        let refused = patch(&cast.partner.admin, &id, &body).expect_problem(409, "invalid_transition");
        assert_eq!(refused.faults(), ["/products", "/title"]);
        assert_eq!(get(&cast.admin, &id).json, before.json);
    }

    fn a_patch_needs_the_version_that_it_changes(server: Server) {
        let cast = Cast::new(&server);
        let (id, partner) = (cast.reach("draft"), &cast.partner.admin);
        let first = get(partner, &id).tag();
        let body = json!({"notes": "One"});
        Answer::of(partner.request(Method::PATCH, &path(&id)).json(&body)).expect_problem(428, "precondition_required");
        let changed = partner.patch(&path(&id), &first, &body).expect_status(200);
        assert_ne!(changed.tag(), first);
        assert_eq!(changed.tag(), get(partner, &id).tag());
        partner.patch(&path(&id), &first, &json!({"notes": "Two"})).expect_problem(412, "stale");
        partner.patch(&path(&id), &format!("W/{}", changed.tag()), &body).expect_problem(412, "stale");
        assert_eq!(get(partner, &id).text("notes"), "One");
        let either = format!("{first}, {}", changed.tag());
        partner.patch(&path(&id), &either, &json!({"notes": "Three"})).expect_status(200);
        partner.patch(&path(&id), "*", &json!({"notes": "Four"})).expect_status(200);
        assert_eq!(get(partner, &id).text("notes"), "Four");
    }

    fn a_verb_on_an_old_version_does_nothing(server: Server) {
        let cast = Cast::new(&server);
        for (stand, action, who, to) in TABLE.iter().filter(|line| line.1 != "update") {
            let (id, client) = (cast.reach(stand), cast.of(*who));
            let old = get(client, &id).tag();
            patch(client, &id, &json!({"external_refs": [{"system": "crm", "id": action}]})).expect_status(200);
            let verb = format!("{DEALS}/{id}/{}", action.replace('_', "-"));
            let body = match *action {
                "request_information" => json!({"requests": [{"field": "", "text": "More, please."}]}),
                "reject" => json!({"reason": "other", "text": "No."}),
                "win" => json!({"amount": {"amount": "1.00", "currency": "EUR"}, "closed_on": "2026-01-31"}),
                "lose" => json!({"reason": "timing"}),
                "dispute" => json!({"text": "No."}),
                "resolve" => json!({"resolution": "uphold", "text": "Yes."}),
                "release" => json!({"text": "Enough."}),
                _ => json!({}),
            };
            let with = |tag: &str| Answer::of(client.request(Method::POST, &verb).header("If-Match", tag).json(&body));
            with(&old).expect_problem(412, "stale");
            assert_eq!(get(client, &id).text("status"), status_at(stand), "{action} from {stand}");
            let shown = with(&get(client, &id).tag()).expect_status(200);
            assert_eq!(shown.text("status"), status_at(to), "{action} from {stand}");
        }
    }

    fn who_has_the_version_gets_it_no_second_time(server: Server) {
        let cast = Cast::new(&server);
        let (id, partner) = (cast.reach("draft"), &cast.partner.admin);
        let ask = |tag: &str| Answer::of(partner.request(Method::GET, &path(&id)).header("If-None-Match", tag));
        let tag = get(partner, &id).tag();
        let known = ask(&tag).expect_status(304);
        assert_eq!((known.text.as_str(), known.tag()), ("", tag.clone()));
        patch(partner, &id, &json!({"notes": "New"})).expect_status(200);
        assert_eq!(ask(&tag).expect_status(200).text("notes"), "New");
    }
}

on_both_with! { UNSWEPT;
    fn nothing_but_references_changes_what_has_expired(server: Server) {
        let cast = Cast::new(&server);
        let id = cast.reach("approved");
        advance(&cast.admin, "P90D");
        for (client, side) in [(&cast.partner.admin, Both), (&cast.admin, Vendor)] {
            let shown = get(client, &id);
            assert_eq!(shown.text("status"), "expired");
            assert_eq!(texts(&shown.json["allowed_actions"]), ["update"]);
            assert_eq!(texts(&shown.json["editable_fields"]), ["external_refs"]);
            for (action, scope) in ACTIONS.iter().filter(|(action, _)| *action != "update") {
                let answer = attempt(client, &id, action);
                if side == Both && *scope == Vendor {
                    answer.expect_problem(403, "insufficient_scope");
                } else {
                    expect_refusal(answer, "expired", action, &["update"]);
                }
            }
            patch(client, &id, &json!({"notes": "Late"})).expect_problem(409, "invalid_transition");
        }
        let references = json!({"external_refs": [{"system": "crm", "id": "1"}]});
        assert_eq!(patch(&cast.partner.admin, &id, &references).expect_status(200).text("status"), "expired");
    }
}
