//! Parameters of path and query.

use tests::on_both;

use super::support::{expect_discreet, partner, places};

on_both! {
    fn all_faults_of_a_query_come_at_once(server: Server) {
        let query = "limit=0&cursor=&status=asleep&country=Germany&updated_after=yesterday&sort=name&limti=5";
        let answer = server.admin().get(&format!("/v1/partners?{query}")).expect_problem(400, "invalid_parameter");
        let expected = ["country", "cursor", "limit", "limti", "sort", "status", "updated_after"];
        assert_eq!(places(&answer), expected, "{}", answer.text);
        let text = answer.json["errors"].to_string();
        assert!(text.contains("did you mean limit"), "{text}");
        expect_discreet(&answer);
    }

    fn a_parameter_is_of_its_type_and_given_once(server: Server) {
        let admin = server.admin();
        for query in [
            "limit=ten",
            "limit=1.5",
            "limit=-1",
            "limit=201",
            "limit=",
            "limit=99999999999999999999",
            "limit=5&limit=5",
            "q=",
            "country=XX",
        ] {
            let answer = admin.get(&format!("/v1/partners?{query}")).expect_problem(400, "invalid_parameter");
            let name = query.split('=').next().unwrap_or_default();
            assert!(answer.faults().iter().all(|fault| fault == name), "{query}: {}", answer.text);
        }
        for query in ["limit=1", "limit=200", "", "q=a%20b", "q=%25_%5C", "status=active&country=DE"] {
            admin.get(&format!("/v1/partners?{query}")).expect_status(200);
        }
        for query in ["%ff=1", "q=%ff%fe", "q=%00", "=&=", "limit=%31"] {
            let answer = admin.get(&format!("/v1/partners?{query}"));
            assert!(matches!(answer.status, 200 | 400), "{query}: {}", answer.text);
            expect_discreet(&answer);
        }
    }

    fn an_operation_without_parameters_takes_none(server: Server) {
        let admin = server.admin();
        admin.get("/v1/me?verbose=1").expect_problem(400, "invalid_parameter");
        let answer = admin.post("/v1/partners?dry_run=true", &partner("Acme")).expect_problem(400, "invalid_parameter");
        assert_eq!(answer.faults(), ["dry_run"]);
        assert!(admin.all("/v1/partners").is_empty());
    }

    fn a_part_of_a_path_is_as_long_as_what_it_says(server: Server) {
        let admin = server.admin();
        admin.get(&format!("/v1/programs/{}", "%C3%BC".repeat(40))).expect_problem(404, "not_found");
        admin.get(&format!("/v1/programs/{}", "%C3%BC".repeat(65))).expect_problem(400, "invalid_parameter");
    }

    fn an_id_that_is_none_is_a_problem_and_no_crash(server: Server) {
        let admin = server.admin();
        let ids = [
            "x",
            "partner_x",
            "partner_",
            "deal_01h455vb4pex5vsknk084sn02q",
            "01h455vb4pex5vsknk084sn02q",
            "..%2f..%2fetc",
            "%00",
            "%ff",
            "partner_81h455vb4pex5vsknk084sn02q",
            "PARTNER_01H455VB4PEX5VSKNK084SN02Q",
            "'%20OR%201=1",
            "%F0%9F%99%82",
        ];
        for id in ids {
            let answer = admin.get(&format!("/v1/partners/{id}"));
            let code = answer.text("code");
            assert!(
                matches!(
                    (answer.status, code.as_str()),
                    (404, "not_found" | "unknown_route") | (400, "invalid_parameter")
                ),
                "{id}: {}",
                answer.text
            );
            let status = answer.status;
            expect_discreet(&answer.expect_problem(status, &code));
        }
        admin.get("/v1/partners/partner_01h455vb4pex5vsknk084sn02q").expect_problem(404, "not_found");
        for path in [
            "/v1/programs/%00",
            "/v1/programs/a%00b",
            "/v1/programs/%ff",
            "/problems/%00",
            "/v1/programs/Not%20A%20Slug",
        ] {
            let answer = admin.get(path);
            assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.text);
            expect_discreet(&answer);
        }
        let long = "a".repeat(5_000);
        assert!(matches!(admin.get(&format!("/v1/partners/{long}")).status, 400 | 404 | 414));
    }
}
