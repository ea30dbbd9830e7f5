//! Files that mean no good, or were written by something that knows no better.

use super::*;

/// The codes of the faults for which a file is refused at once.
fn refusal(client: &Client, kind: &str, rows: impl Into<Vec<u8>>) -> Vec<String> {
    let refused = client.csv(&at(kind), rows.into()).expect_problem(422, "invalid_body");
    let faults = refused.json["errors"].as_array().unwrap();
    faults.iter().map(|fault| fault["code"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    fn a_file_that_cannot_be_read_is_refused_at_once(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        assert_eq!(refusal(admin, "people", "email;colour;email\n"), ["missing_column", "unknown_column", "duplicate_column"]);
        assert_eq!(refusal(admin, "people", ""), ["required"]);
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(refusal(admin, "people", utf16("\u{feff}email,name\n")), ["encoding"]);
        assert_eq!(refusal(admin, "people", utf16("email,name\n")), ["encoding"]);
        let latin = admin.csv(&at("people"), b"email,name\nj@x.example,J\xf6rg\n".to_vec()).expect_problem(422, "invalid_body");
        assert_eq!((&latin.json["errors"][0]["line"], &latin.json["errors"][0]["column"]), (&json!(2), &json!(14)));
        let wide: Vec<_> = (0..1_000).map(|n| format!("column{n}")).collect();
        let codes = refusal(admin, "people", wide.join(","));
        assert_eq!((codes.len(), codes[20].as_str()), (21, "header"));
        assert_eq!(refusal(admin, "people", ",".repeat(10_000_000)).last().unwrap(), "header");
        let many = format!("email,name\n{}", "a@x.example,A\n".repeat(200_001));
        assert_eq!(refusal(admin, "people", many), ["too_many_rows"]);
        assert_eq!(admin.all(IMPORTS).len(), 0);
    }

    fn rows_that_cannot_be_read_are_told_and_the_others_are_done(server: Server) {
        let scene = school(&server);
        scene.partner("Acme");
        let long = "x".repeat(10_000_000);
        let cells = ",".repeat(1_000_000);
        let rows = format!(
            "email,name,partner\n\
             a@acme.example,{long},acme.example\n\
             b@acme.example,N\u{0}L,acme.example\n\
             {cells}\n\
             d@acme.example,\"two\nlines\",acme.example\n\
             e@acme.example,Eve,acme.example\n"
        );
        let over = import(&scene.admin, "people", &rows);
        assert_eq!(counts(&over), [1, 0, 0, 0, 4], "{over}");
        let expected = [
            "2 refused name too_long",
            "3 refused name control_character",
            "4 refused - cells",
            "5 refused name line_break",
        ];
        assert_eq!(told(&scene.admin, &over), expected);
        let faults = scene.admin.get(&format!("{IMPORTS}/{}/faults", over["id"].as_str().unwrap())).expect_status(200);
        assert_eq!(faults.json["data"][1]["value"], "N L");
        let open = format!("email,name,partner\ne@acme.example,\"Eve,acme.example\n{}", "f@acme.example,F,acme.example\n".repeat(9));
        let over = import(&scene.admin, "people", &open);
        assert_eq!(told(&scene.admin, &over), ["2 refused - cells"]);
    }

    fn a_file_has_a_most_of_bytes(server: Server) {
        let admin = server.admin();
        let announced = |length: usize| {
            let head = format!(
                "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: text/csv\r\nContent-Length: {length}\r\n\r\n",
                at("people"),
                admin.token.as_deref().unwrap()
            );
            tests::wire::answer(&server.url, head.as_bytes())
        };
        announced(100_000_000).expect_problem(413, "body_too_large");
        announced(32 * 1024 * 1024 + 1).expect_problem(413, "body_too_large");
        // One of the largest, of which every row is wrong, is answered and done.
        let row = "not an address,x\n";
        let rows = format!("email,name\n{}", row.repeat(150_000));
        let began = Instant::now();
        admin.csv(&at("people"), rows).expect_status(202);
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}
