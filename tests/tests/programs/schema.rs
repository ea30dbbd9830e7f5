//! The published schema of program documents.

use std::path::PathBuf;

use reqwest::Method;
use tests::{Answer, Value, on_both, server::command};

on_both! {
    fn the_schema_is_public_kept_and_that_of_the_repository(server: Server) {
        let served = server.client().get("/v1/schemas/program").expect_status(200);
        assert_eq!(served.header("content-type"), Some("application/schema+json"));
        assert_eq!(served.header("cache-control"), Some("public, max-age=3600"));
        assert_eq!(served.text("$schema"), "https://json-schema.org/draft/2020-12/schema");
        assert!(served.json["properties"]["tiers"].is_object() && served.json["$defs"]["Rule"].is_object());
        let again = server.client().request(Method::GET, "/v1/schemas/program").header("If-None-Match", served.tag());
        let again = Answer::of(again).expect_status(304);
        assert_eq!((again.tag(), again.text.as_str()), (served.tag(), ""));
        let printed = command().args(["program", "schema"]).output().expect("entente").stdout;
        assert_eq!(serde_json::from_slice::<Value>(&printed).expect("JSON"), served.json);
        let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../openapi/program.schema.json");
        if let Ok(kept) = std::fs::read(kept) {
            assert!(serde_json::from_slice::<Value>(&kept).expect("JSON") == served.json, "run `make openapi`");
        }
    }
}
