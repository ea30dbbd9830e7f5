//! The pages, for a machine without internet. What they do in a browser: `tests/browser`.

use reqwest::Method;
use tests::{Answer, Client, Database, Kind, Process, on_both};

/// What a page refers to.
fn references(html: &str) -> Vec<String> {
    let after = |attribute: &str| -> Vec<String> {
        html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
    };
    [after("src=\""), after("href=\"/")]
        .concat()
        .iter()
        .map(|one| format!("/{}", one.trim_start_matches('/')))
        .collect()
}

/// The modules that a script loads.
fn imports(script: &str) -> Vec<String> {
    let names = script.split("from './").skip(1).filter_map(|rest| rest.split('\'').next());
    names.map(|name| format!("/docs/{name}")).collect()
}

fn accepting(client: &Client, path: &str, accept: &str) -> Answer {
    Answer::of(client.request(Method::GET, path).header("Accept", accept))
}

/// The two pages.
fn pages(client: &Client) -> [Answer; 2] {
    [accepting(client, "/", "text/html"), client.get("/docs")].map(|page| {
        let page = page.expect_status(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        page
    })
}

/// Fetches a file of the page, and what it loads.
fn fetch(client: &Client, path: &str) {
    let file = client.get(path).expect_status(200);
    assert!(!file.text.is_empty(), "{path}");
    let kind = file.header("content-type").unwrap_or_default();
    let wanted = [(".js", "text/javascript"), (".css", "text/css"), (".svg", "image/svg+xml")];
    let wanted = wanted.iter().find(|(end, _)| path.ends_with(end));
    assert!(wanted.is_none_or(|(_, wanted)| kind.starts_with(wanted)), "{path}: {kind}");
    if path.ends_with(".js") && !path.contains("bundle") {
        imports(&file.text).iter().for_each(|module| fetch(client, module));
    }
}

on_both! {
    fn the_pages_and_all_that_they_need_come_from_the_server(server: Server) {
        let client = server.client();
        for page in pages(&client) {
            let references = references(&page.text);
            for end in [".js", ".css", ".svg"] {
                assert!(references.iter().any(|one| one.ends_with(end)), "no {end} in {references:?}");
            }
            assert!(!page.text.contains("=\"//") && !page.text.contains("src=\"http"), "{}", page.text);
            references.iter().for_each(|reference| fetch(&client, reference));
        }
        assert!(client.get("/docs/viewer.js").text.contains("/openapi.json"), "no script loads the document");
    }

    fn the_pages_may_load_nothing_from_elsewhere_and_run_nothing_of_their_own(server: Server) {
        let client = server.client();
        for page in pages(&client) {
            let policy = page.header("content-security-policy").expect("a policy").to_owned();
            for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                "frame-ancestors 'none'", "base-uri 'none'", "form-action '"] {
                assert!(policy.contains(part), "no {part} in {policy}");
            }
            assert!(!policy.contains("http:") && !policy.contains("https:") && !policy.contains("unsafe"), "{policy}");
            // A script in the page itself would not run under this policy, a style not show.
            for script in page.text.split("<script").skip(1) {
                let (attributes, rest) = script.split_once('>').expect("an end");
                let content = rest.split("</script").next().unwrap_or_default();
                assert!(attributes.contains("src=") && content.trim().is_empty(), "<script{attributes}>{content}");
            }
            assert!(!page.text.contains("<style") && !page.text.contains("style="), "{}", page.text);
        }
        client.get("/docs/nothing-of-this-name.js").expect_problem(404, "unknown_route");
        client.get("/docs/nothing/of/this/name").expect_problem(404, "unknown_route");
    }

    fn a_file_that_somebody_has_is_not_sent_again(server: Server) {
        let client = server.client();
        for path in ["/docs/swagger-ui-bundle.js", "/docs/entente.css"] {
            let tag = client.get(path).expect_status(200).tag();
            let again = Answer::of(client.request(Method::GET, path).header("If-None-Match", &tag));
            assert_eq!((again.status, again.text.as_str(), again.tag()), (304, "", tag));
        }
    }

    fn a_browser_gets_the_front_page_and_a_program_the_index(server: Server) {
        let client = server.client();
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let page = accepting(&client, "/", browser).expect_status(200);
        assert!(page.text.contains("It can serve") && page.text.contains("http://entente.test/oauth/token"));
        assert!(!page.text.contains("northwind") && !page.text.contains("partner-program-demo"), "this is no demo");
        let docs = client.get("/docs/").text;
        assert!(!docs.contains("northwind") && !docs.contains("partner-program-demo"), "this is no demo");
        for program in ["*/*", "application/json", "application/json, text/html;q=0.9", "text/html;q=0"] {
            let index = accepting(&client, "/", program).expect_status(200);
            assert_eq!(index.header("content-type"), Some("application/json"), "{program}");
            assert_eq!(index.json["docs"], "/docs/", "{program}");
        }
        for accept in [browser, "*/*"] {
            let answer = accepting(&client, "/", accept);
            let vary = answer.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value.to_lowercase());
            let vary: Vec<String> = vary.collect();
            assert!(vary.iter().any(|value| value.split(", ").any(|one| one == "accept")), "{vary:?}");
        }
    }
}

#[test]
fn a_demo_with_a_password_of_its_own_does_not_tell_it() {
    let database = Database::empty(Kind::Sqlite);
    let password = "only the operator knows";
    let server = Process::serve(&database, &[("ENTENTE_DEMO", "yes"), ("ENTENTE_DEMO_PASSWORD", password)]);
    let client = Client::new(&server.url);
    for page in pages(&client) {
        assert!(page.text.contains("partner@northwind.example"), "{}", page.text);
        assert!(!page.text.contains(password) && !page.text.contains("partner-program-demo"), "{}", page.text);
    }
}
