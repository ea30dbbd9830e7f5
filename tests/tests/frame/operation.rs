//! For whoever runs the server.

use reqwest::Method;
use tests::{Answer, Client, Database, Kind, Process, json, on_both};

use super::support::partner;

/// The sum of the samples of a series whose labels hold all of these.
fn sample(client: &Client, name: &str, labels: &[&str]) -> Option<f64> {
    let text = client.get("/metrics").expect_status(200).text;
    let of_series =
        text.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
    let values: Vec<f64> = of_series
        .filter(|line| labels.iter().all(|label| line.contains(label)))
        .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
        .collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

on_both! {
    fn health_and_readiness_need_no_token(server: Server) {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(server.client().get(path).expect_status(200).json, json!({"status": "ok"}));
        }
    }

    fn metrics_count_by_operation(server: Server) {
        let admin = server.admin();
        let labels = [r#"operation="createPartner""#, r#"method="POST""#, r#"status="422""#];
        let count = || sample(&admin, "http_requests_total", &labels).unwrap_or_default();
        let (took, before) =
            (|| sample(&admin, "http_request_duration_seconds_count", &labels[..1]).unwrap_or_default(), count());
        let took_before = took();
        for _ in 0..3 {
            admin.post("/v1/partners", &json!({})).expect_status(422);
        }
        assert_eq!((count(), took()), (before + 3.0, took_before + 3.0));
        admin.post("/v1/partners", &partner("Acme")).expect_status(201);
        assert_eq!(sample(&admin, "http_requests_total", &[labels[0], r#"status="201""#]), Some(1.0));
        assert!(
            sample(&admin, "http_request_duration_seconds_bucket", &[labels[0], r#"le="+Inf""#])
                .is_some_and(|all| all >= 4.0)
        );
        assert!(sample(&admin, "database_connections", &[]).is_some_and(|connections| connections >= 1.0));
        assert!(sample(&admin, "database_connections_idle", &[]).is_some());
        let answer = admin.get("/metrics");
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain; version=0.0.4")));
    }

    fn a_transaction_that_had_to_be_repeated_is_counted(server: Server) {
        let admin = server.admin();
        // It is there before the first, so that a graph of it has a beginning.
        assert!(sample(&admin, "entente_transaction_retries_total", &[]).is_some(), "{}", admin.get("/metrics").text);
    }

    fn callers_cannot_invent_series(server: Server) {
        let admin = server.admin();
        for at in 0..20 {
            admin.get(&format!("/v1/invented/{at}"));
            Answer::of(admin.request(Method::from_bytes(format!("INVENTED{at}").as_bytes()).unwrap(), "/v1/me"));
            admin.get(&format!("/v1/partners/invented{at}"));
        }
        assert!(!admin.get("/metrics").text.to_lowercase().contains("invented"));
        assert!(sample(&admin, "http_requests_total", &[r#"operation="none""#]).is_some_and(|count| count >= 20.0));
    }
}

#[test]
fn a_log_line_carries_the_callers_trace_and_the_requests_id() {
    let database = Database::empty(Kind::Sqlite);
    let server = Process::serve(&database, &[]);
    let client = Client::new(&server.url);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request =
        client.request(Method::GET, "/v1/me").header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    Answer::of(request.header("X-Request-Id", "find-me-again").bearer_auth("a.secret.token")).expect_status(401);
    let line = server.logged("find-me-again");
    assert_eq!(line["span"]["trace_id"], trace, "{line}");
    assert_eq!((&line["span"]["operation"], &line["status"]), (&json!("getMe"), &json!(401)), "{line}");
    assert!(line["duration_ms"].is_number() && line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    assert!(!line.to_string().contains("a.secret.token"), "{line}");
    // What is no trace is not taken over.
    let request = client.request(Method::GET, "/healthz").header("traceparent", "nonsense");
    Answer::of(request.header("X-Request-Id", "without-a-trace")).expect_status(200);
    let line = server.logged("without-a-trace");
    assert!(line["span"]["trace_id"].as_str().is_none_or(|id| id != "nonsense" && id != trace), "{line}");
}
