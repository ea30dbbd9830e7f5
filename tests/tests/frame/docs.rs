//! The documentation, for a machine without internet.

use tests::{Client, on_both};

/// What the page refers to.
fn references(html: &str) -> Vec<String> {
    let after = |attribute: &str| -> Vec<String> {
        html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
    };
    [after("src=\""), after("href=\"")].concat()
}

/// Where a reference of the page leads.
fn path_of(reference: &str) -> String {
    match reference.strip_prefix('/') {
        Some(_) => reference.to_owned(),
        None => format!("/docs/{}", reference.trim_start_matches("./")),
    }
}

fn page(client: &Client) -> tests::Answer {
    let page = client.get("/docs").expect_status(200);
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{:?}", page.headers);
    page
}

on_both! {
    fn the_page_and_all_that_it_needs_come_from_the_server(server: Server) {
        let client = server.client();
        let page = page(&client);
        let references = references(&page.text);
        assert!(
            references.iter().any(|one| one.ends_with(".js")) && references.iter().any(|one| one.ends_with(".css")),
            "{references:?}"
        );
        for reference in &references {
            assert!(!reference.contains("//"), "{reference} is somewhere else");
            let asset = client.get(&path_of(reference)).expect_status(200);
            assert!(!asset.text.is_empty(), "{reference}");
            let kind = asset.header("content-type").unwrap_or_default().to_owned();
            assert!(!reference.ends_with(".js") || kind.contains("javascript"), "{reference}: {kind}");
            assert!(!reference.ends_with(".css") || kind.contains("css"), "{reference}: {kind}");
        }
        let scripts: Vec<String> =
            references.iter().filter(|one| one.ends_with(".js")).map(|one| client.get(&path_of(one)).text).collect();
        assert!(scripts.iter().any(|script| script.contains("/openapi.json")), "no script loads the document");
    }

    fn the_page_may_load_nothing_from_elsewhere_and_run_nothing_of_its_own(server: Server) {
        let page = page(&server.client());
        let policy = page.header("content-security-policy").expect("a policy").to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
        assert!(policy.contains("connect-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("http:") && !policy.contains("https:") && !policy.contains("unsafe-eval"), "{policy}");
        // A script in the page itself would not run under this policy: the page would stay empty.
        for script in page.text.split("<script").skip(1) {
            let (attributes, rest) = script.split_once('>').expect("an end");
            let content = rest.split("</script").next().unwrap_or_default();
            assert!(attributes.contains("src=") && content.trim().is_empty(), "<script{attributes}>{content}");
        }
        let asset = server.client().get("/docs/nothing-of-this-name.js");
        asset.expect_problem(404, "unknown_route");
    }
}
