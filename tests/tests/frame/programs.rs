//! Program documents, as JSON and as YAML.

use tests::{Answer, Value, json, on_both};

use super::support::{events_of, expect_audited, expect_discreet, send};

const YAML: &str = "# A comment, as people write them
slug: gold-only
name: Gold only
tiers:
  - name: Gold
    benefits: { protection_days: 90 }
deal_registration:
  auto_approve:
    up_to: { amount: \"50000.00\", currency: EUR }
";

fn document(slug: &str) -> Value {
    json!({"slug": slug, "name": "A program", "tiers": [{"name": "Gold", "benefits": {"protection_days": 90}}]})
}

on_both! {
    fn a_program_comes_as_json(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/programs", &document("reseller")).expect_status(201);
        assert_eq!(made.header("location"), Some("/v1/programs/reseller"));
        assert_eq!((made.text("slug"), &made.json["version"]), ("reseller".into(), &json!(1)));
        assert_eq!(made.json["document"]["tiers"], json!([{"name": "Gold", "benefits": {"protection_days": 90}}]));
        let read = admin.get("/v1/programs/reseller").expect_status(200);
        assert_eq!((&read.json, read.tag()), (&made.json, made.tag()));
        assert_eq!(admin.all("/v1/programs"), std::slice::from_ref(&made.json));
        assert_eq!(events_of(&admin, "reseller"), ["program.created"]);
        expect_audited(&admin, "reseller", "createProgram", &Value::Null, &made.json);
        admin.get("/v1/programs/nothing").expect_problem(404, "not_found");
    }

    fn a_program_comes_as_yaml_and_is_the_same(server: Server) {
        let admin = server.admin();
        let made = send(&admin, "/v1/programs", "application/yaml", YAML).expect_status(201);
        let as_json = json!({
            "slug": "gold-only-json", "name": "Gold only",
            "tiers": [{"name": "Gold", "benefits": {"protection_days": 90}}],
            "deal_registration": {"auto_approve": {"up_to": {"amount": "50000.00", "currency": "EUR"}}}
        });
        let same = admin.post("/v1/programs", &as_json).expect_status(201);
        for member in ["tiers", "deal_registration"] {
            assert_eq!(made.json["document"][member], same.json["document"][member]);
        }
        for name in ["reseller", "referral"] {
            let path = format!("{}/../programs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
            let shipped = std::fs::read_to_string(path).expect("the programs that come with it");
            send(&admin, "/v1/programs", "application/yaml; charset=utf-8", shipped).expect_status(201);
        }
    }

    fn what_is_not_yaml_is_said_to_be_so_with_line_and_column(server: Server) {
        let admin = server.admin();
        for text in ["slug: [a\nname: b", "slug: a\n\tname: b", "a: 1\na: 2", "slug: *nothing", "a: b: c", "%", "- [\n"]
        {
            let answer = send(&admin, "/v1/programs", "application/yaml", text).expect_problem(400, "invalid_json");
            let detail = answer.text("detail");
            assert!(detail.contains("line ") && detail.contains("column "), "{text:?}: {detail}");
            expect_discreet(&answer);
        }
        send(&admin, "/v1/programs", "application/yaml", vec![0xff, 0xfe, 0x00]).expect_problem(400, "invalid_json");
        // A small text that would become a large one.
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for at in 1..12 {
            let before = format!("*a{},", at - 1).repeat(10);
            bomb.push_str(&format!("a{at}: &a{at} [{before}]\n"));
        }
        send(&admin, "/v1/programs", "application/yaml", bomb).expect_problem(400, "invalid_json");
        let deep = format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000));
        send(&admin, "/v1/programs", "application/yaml", deep).expect_problem(400, "invalid_json");
    }

    fn the_faults_of_a_document_are_the_same_however_it_is_written(server: Server) {
        let admin = server.admin();
        let yaml = "slug: Not A Slug\nnmae: x\ntiers: []\ndeal_registration: { products: core }\n";
        let as_yaml = send(&admin, "/v1/programs", "application/yaml", yaml).expect_problem(422, "invalid_body");
        let as_json =
            json!({"slug": "Not A Slug", "nmae": "x", "tiers": [], "deal_registration": {"products": "core"}});
        let as_json = admin.post("/v1/programs", &as_json).expect_problem(422, "invalid_body");
        assert_eq!(as_yaml.faults(), ["/deal_registration/products", "/name", "/nmae", "/slug", "/tiers"]);
        // The places in the text differ, and with them the order; what is told does not.
        let told = |answer: &Answer| {
            let mut faults = answer.json["errors"].as_array().expect("errors").clone();
            for fault in &mut faults {
                assert!(fault["line"].is_u64() && fault["column"].is_u64(), "{fault}");
                let fault = fault.as_object_mut().expect("a fault");
                fault.retain(|member, _| member != "line" && member != "column");
            }
            faults.sort_by_key(Value::to_string);
            faults
        };
        assert_eq!(told(&as_yaml), told(&as_json));
    }

    fn a_slug_is_taken_once(server: Server) {
        let admin = server.admin();
        admin.post("/v1/programs", &document("reseller")).expect_status(201);
        let taken = admin.post("/v1/programs", &document("reseller")).expect_problem(409, "already_exists");
        assert_eq!(taken.faults(), ["/slug"]);
        assert_eq!(admin.all("/v1/programs").len(), 1);
    }

    fn a_document_that_contradicts_itself_is_told_every_contradiction(server: Server) {
        let admin = server.admin();
        let mut document = document("reseller");
        document["tiers"] = json!([{"name": "Gold"}, {"name": "gold"}]);
        document["deal_registration"] = json!({
            "exclusive_with": ["reseller"],
            "auto_approve": {"up_to": {"amount": "-1.00", "currency": "EUR"}},
            "decision": {"weekend": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}
        });
        let refused = admin.post("/v1/programs", &document).expect_problem(422, "invalid_program");
        let expected = [
            "/deal_registration/auto_approve/up_to/amount",
            "/deal_registration/decision/weekend",
            "/deal_registration/exclusive_with/0",
            "/tiers/1/name",
        ];
        assert_eq!(refused.faults(), expected, "{}", refused.text);
        assert!(admin.all("/v1/programs").is_empty());
        assert!(
            admin.get("/v1/events").json["data"]
                .as_array()
                .unwrap()
                .iter()
                .all(|event| event["type"] != "program.created")
        );
    }
}
