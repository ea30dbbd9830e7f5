//! `entente program plan`, `apply`, `diff` and `export`: at the desk, with a database.

use std::{fs, path::Path, process::Output};

use tests::{Server, Value, json, on_both, server::command};

use super::plans::{ladder, member};

/// How it ended, what it printed, and what it said on standard error.
fn entente(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command()
        .arg("program")
        .args(arguments)
        .args(["--database-url", &server.database.url])
        .current_dir(server.database.folder.path())
        .output()
        .expect("entente");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code().expect("a code"), text(stdout), text(stderr))
}

fn write(server: &Server, name: &str, document: &Value) {
    fs::write(server.database.folder.path().join(name), document.to_string()).expect("a file");
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join(name)).expect("the file")).expect("JSON")
}

on_both! {
    fn a_document_is_planned_shown_and_applied(server: Server) {
        let admin = server.admin();
        write(&server, "new.json", &ladder(100_000, 90));
        let (code, out, said) = entente(&server, &["plan", "new.json"]);
        assert_eq!((code, said.as_str()), (2, ""), "{out}");
        assert!(out.starts_with("ladder will be created, with 3 tiers\n"), "{out}");
        // Where nobody can be asked, nobody has agreed.
        let (code, _, said) = entente(&server, &["apply", "new.json"]);
        assert!(code == 1 && said.contains("--yes"), "{said}");
        let (code, out, said) = entente(&server, &["apply", "new.json", "--yes"]);
        assert_eq!((code, said.as_str()), (0, ""), "{out}");
        assert!(out.ends_with("ladder: version 1 is in force\n"), "{out}");
        assert_eq!(admin.get("/v1/programs/ladder").expect_status(200).json["version"], 1);
        let (code, out, _) = entente(&server, &["plan", "new.json"]);
        assert_eq!((code, out.as_str()), (0, "ladder: no changes; the document says what version 1 says\n"));

        member(&admin, "Acme", "Gold", "2026-01-31", "110000");
        write(&server, "next.json", &ladder(120_000, 120));
        let (code, out, said) = entente(&server, &["plan", "next.json", "--out", "plan.json"]);
        assert_eq!((code, said.as_str()), (2, ""), "{out}");
        for wanted in [
            "ladder: version 1 → 2\n  ~ Gold: protection days 90 → 120\n  ~ Gold: revenue at least 100,000 → 120,000 EUR\n",
            "Who would meet another tier: 0 up, 1 down",
            "10000 EUR short",
            "protection days",
            "To apply it, until ",
        ] {
            assert!(out.contains(wanted), "{wanted} in {out}");
        }
        assert!(!out.contains('\u{1b}'), "{out}");
        assert!(entente(&server, &["plan", "next.json", "--color", "always"]).1.contains("\u{1b}["));
        let kept = read(server.database.folder.path(), "plan.json");
        let (code, out, _) = entente(&server, &["plan", "next.json", "--json"]);
        let shown: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!((code, &shown["findings"], &shown["digest"]), (2, &kept["findings"], &kept["digest"]));
        let id = kept["id"].as_str().expect("an id");
        assert_eq!(admin.get(&format!("/v1/programs/ladder/plans/{id}")).expect_status(200).json, kept);

        let (code, out, said) = entente(&server, &["apply", "--plan", id]);
        assert_eq!((code, out.trim(), said.as_str()), (0, "ladder: version 2 is in force", ""));
        let (code, _, said) = entente(&server, &["apply", "--plan", id]);
        assert!(code == 1 && said.contains("it is version 2 of ladder"), "{said}");
        let (code, _, said) = entente(&server, &["apply", "--plan", shown["id"].as_str().expect("an id")]);
        assert!(code == 1 && said.contains("version 2 was published"), "{said}");
        let mut wrong = ladder(1, 1);
        wrong["tiers"][2]["requires"]["metric"] = json!("revenu");
        write(&server, "wrong.json", &wrong);
        let (code, out, _) = entente(&server, &["plan", "wrong.json"]);
        assert!(code == 1 && out.contains("did you mean \"revenue\"?"), "{out}");
    }

    fn what_is_exported_says_the_same(server: Server) {
        let admin = server.admin();
        let made = admin.post("/v1/programs", &ladder(100_000, 90)).expect_status(201);
        admin.post("/v1/programs/ladder/versions", &ladder(120_000, 90)).expect_status(201);
        let folder = server.database.folder.path();
        for (format, name) in [("yaml", "out.yaml"), ("json", "out.json")] {
            let (code, out, said) = entente(&server, &["export", "ladder", "--format", format]);
            assert_eq!((code, said.as_str()), (0, ""), "{out}");
            fs::write(folder.join(name), out).expect("a file");
            let (code, out, _) = entente(&server, &["diff", name]);
            assert_eq!((code, out.as_str()), (0, "ladder: 0 differences from version 2\n"));
            let (code, out, _) = entente(&server, &["plan", name, "--json"]);
            let plan: Value = serde_json::from_str(&out).expect("JSON");
            assert_eq!((code, &plan["digest"]), (0, &plan["base_digest"]), "{out}");
        }
        let (code, out, _) = entente(&server, &["diff", "out.yaml", "--against", "1"]);
        assert_eq!(code, 2);
        assert_eq!(out, "ladder: 1 difference from version 1\n  ~ Gold: revenue at least 100,000 → 120,000 EUR\n");
        let (code, out, _) = entente(&server, &["export", "ladder", "--version", "1", "--format", "json"]);
        let first: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!((code, &first), (0, &made.json["document"]));
        let (_, out, _) = entente(&server, &["export", "ladder", "--as-of", &made.text("effective_from"), "--format", "json"]);
        assert_eq!(serde_json::from_str::<Value>(&out).expect("JSON"), first);
        let (code, _, said) = entente(&server, &["export", "nothing"]);
        assert!(code == 1 && said.contains("There is no such program"), "{said}");
    }
}

/// The programs that come with it are written as YAML that is read as the same document.
#[test]
fn every_program_that_comes_with_it_can_be_exported() {
    let server = Server::start(tests::Kind::Sqlite);
    for name in ["reseller", "referral"] {
        let file = format!("{}/../programs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(entente(&server, &["apply", &file, "--yes"]).0, 0);
        let (_, out, _) = entente(&server, &["export", name]);
        fs::write(server.database.folder.path().join("out.yaml"), out).expect("a file");
        let (code, out, said) = entente(&server, &["diff", "out.yaml"]);
        assert_eq!((code, out, said), (0, format!("{name}: 0 differences from version 1\n"), String::new()));
    }
}
