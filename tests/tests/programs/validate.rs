//! What is wrong with a document, all at once.

use tests::{json, on_both};

use super::{PROGRAM, send};
use crate::frame::support::expect_discreet;

on_both! {
    fn a_good_document_is_valid_and_can_be_added(server: Server) {
        let admin = server.admin();
        let valid = json!({"valid": true, "faults": [], "warnings": []});
        assert_eq!(send(&admin, "/v1/programs/validate", PROGRAM).expect_status(200).json, valid);
        assert!(admin.all("/v1/programs").is_empty(), "nothing is stored");
        let made = send(&admin, "/v1/programs", PROGRAM).expect_status(201);
        let document = &made.json["document"];
        assert_eq!(document["tiers"][1]["benefits"], json!({"protection_days": 90, "margin_percent": "12.5", "leads": true}));
        assert_eq!(admin.post("/v1/programs/validate", document).expect_status(200).json, valid);
    }

    fn all_faults_are_told_with_line_column_and_pointer(server: Server) {
        let admin = server.admin();
        let text = PROGRAM
            .replace("metric: certified, at_least: 2", "metric: certifed, at_least: 2")
            .replace("unit: 1000, points", "unit: 1000, pionts")
            .replace("slug: gold", "slug: No Slug");
        let answer = send(&admin, "/v1/programs/validate", &text).expect_status(200);
        assert_eq!(answer.json["valid"], false);
        let told: Vec<_> = answer.json["faults"].as_array().expect("faults").iter().map(|it| (&it["line"], &it["code"])).collect();
        // While the shape of the rules is wrong, what they mean is not looked at.
        assert_eq!(told, [(&json!(2), &json!("pattern")), (&json!(14), &json!("shape"))], "{}", answer.text);
        let text = PROGRAM.replace("metric: certified, at_least: 2", "metric: certifed, at_least: 2").replace("slug: gold", "slug: No Slug");
        let answer = send(&admin, "/v1/programs/validate", &text).expect_status(200);
        assert_eq!(
            answer.json["faults"][1],
            json!({
                "pointer": "/rules/skilled/metric", "code": "unknown_name", "line": 17, "column": 22,
                "detail": "there is no name \"certifed\"; did you mean \"certified\"?"
            }),
            "{}", answer.text
        );
        // Adding it says the same.
        let refused = send(&admin, "/v1/programs", &text).expect_problem(422, "invalid_body");
        assert_eq!(refused.json["errors"], answer.json["faults"]);
        expect_discreet(&refused);
    }

    fn a_document_whose_example_does_not_come_out_is_refused(server: Server) {
        let admin = server.admin();
        let text = PROGRAM.replace("given: { revenue: 100000,", "given: { revenue: 99000,");
        let answer = send(&admin, "/v1/programs/validate", &text).expect_status(200);
        let refused = send(&admin, "/v1/programs", &text).expect_problem(422, "invalid_program");
        assert_eq!(refused.json["errors"], answer.json["faults"]);
        assert_eq!((refused.faults(), refused.json["errors"][0]["line"].as_u64()), (vec!["/examples/0/expect/tier".to_owned()], Some(29)));
        let words = answer.json["faults"][0]["detail"].as_str().expect("words");
        assert!(words.contains("Gold was expected, Registered came out") && words.contains("1000 EUR short"), "{words}");
        assert!(admin.all("/v1/programs").is_empty());
    }

    fn what_cannot_be_read_is_a_fault_too(server: Server) {
        let admin = server.admin();
        for (text, code) in [("slug: [a\nname: b", "syntax"), ("a: 007", "number"), ("a: &a [*a]", "alias"), ("", "type")] {
            let answer = send(&admin, "/v1/programs/validate", text).expect_status(200);
            let first = &answer.json["faults"][0];
            assert!(answer.json["valid"] == false && first["line"].is_u64(), "{text:?}: {}", answer.text);
            let codes: Vec<_> = answer.json["faults"].as_array().expect("faults").iter().map(|it| &it["code"]).collect();
            assert!(codes.contains(&&json!(code)), "{text:?}: {}", answer.text);
            expect_discreet(&answer);
        }
        let large = format!("# {}\n{PROGRAM}", "x".repeat(1024 * 1024));
        send(&admin, "/v1/programs/validate", &large).expect_problem(413, "body_too_large");
    }

    fn a_program_that_partners_join_needs_a_tier(server: Server) {
        let admin = server.admin();
        let rules_alone = "slug: a\nname: A\nmetrics: { x: 1 }\n";
        assert_eq!(send(&admin, "/v1/programs/validate", rules_alone).expect_status(200).json["valid"], true);
        let refused = send(&admin, "/v1/programs", rules_alone).expect_problem(422, "invalid_program");
        assert_eq!(refused.faults(), ["/tiers"]);
    }
}
