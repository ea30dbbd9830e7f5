//! Every step of a connector in Rust, with the client that `make sdk` generates.

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use entente_smoke::{Client, Error as ApiError, types};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

async fn sign_in(base_url: &str, user: &str, password: &str) -> Result<Client> {
    let request = types::TokenRequest::builder()
        .grant_type(types::GrantType::Password)
        .username(types::TokenRequestUsername::try_from(user)?)
        .password(types::TokenRequestPassword::try_from(password)?);
    let tokens = Client::new(base_url).create_token().body(request).send().await.map_err(refused)?;
    say("signed in", &format!("{user} may: {}", *tokens.scope));
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {}", *tokens.access_token))?);
    let http = reqwest::Client::builder().default_headers(headers).timeout(Duration::from_secs(30)).build()?;
    Ok(Client::new_with_client(base_url, http))
}

async fn register(
    client: &Client,
    wanted: &types::NewDealRegistration,
    key: &str,
) -> Result<(types::DealRegistration, bool)> {
    let answer =
        client.create_deal_registration().idempotency_key(key).body(wanted.clone()).send().await.map_err(refused)?;
    let replayed = answer.headers().get("Idempotency-Replayed").is_some_and(|value| value == "true");
    Ok((answer.into_inner(), replayed))
}

async fn all_deals(client: &Client) -> Result<Vec<Vec<types::DealRegistration>>> {
    let mut pages = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut request = client.list_deal_registrations().limit(10);
        if let Some(cursor) = next {
            request = request.cursor(cursor);
        }
        let page = request.send().await.map_err(refused)?.into_inner();
        pages.push(page.data);
        match page.next_cursor {
            Some(cursor) => next = Some(cursor.into()),
            None => return Ok(pages),
        }
    }
}

async fn events_after(client: &Client, after: Option<String>) -> Result<(Vec<types::Event>, Option<String>)> {
    let mut request = client.list_events().limit(200);
    if let Some(after) = &after {
        request = request.after(after.clone());
    }
    let page = request.send().await.map_err(refused)?.into_inner();
    Ok((page.data, page.next_cursor.map(Into::into).or(after)))
}

async fn end_of_feed(client: &Client) -> Result<Option<String>> {
    let mut cursor = None;
    loop {
        let (events, next) = events_after(client, cursor).await?;
        if events.is_empty() {
            return Ok(next);
        }
        cursor = next;
    }
}

async fn submit_again(client: &Client, deal: &types::DealRegistration) -> Result<String> {
    match client.submit_deal_registration().id(deal.id.as_str()).send().await {
        Ok(_) => Err("a registration was submitted twice".into()),
        // It was submitted before: for many callers as good as done.
        Err(ApiError::ErrorResponse(problem)) if *problem.code == "invalid_transition" => {
            Ok(problem.into_inner().detail.into())
        }
        Err(error) => Err(refused(error)),
    }
}

/// A problem in the server's words, or what kept the request from it.
fn refused(error: ApiError<types::Problem>) -> Box<dyn Error> {
    match error {
        ApiError::ErrorResponse(answer) => {
            let types::Problem { status, code, detail, request_id, .. } = answer.into_inner();
            format!("{status} {}: {} (request {})", *code, *detail, *request_id).into()
        }
        other => other.into(),
    }
}

fn check(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}

fn say(step: &str, what: &str) {
    println!("rust        {step:<10} {what}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let setting = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let base_url = setting("ENTENTE_URL", "http://127.0.0.1:8080");
    let user = setting("ENTENTE_USER", "partner@northwind.example");
    let client = sign_in(&base_url, &user, &setting("ENTENTE_PASSWORD", "partner-program-demo")).await?;
    let mut cursor = end_of_feed(&client).await?;

    let key = Uuid::new_v4().to_string();
    let wanted: types::NewDealRegistration = types::NewDealRegistration::builder()
        .program("reseller")
        .title("200 seats")
        .account(
            types::DealAccount::builder()
                .name("Rust Works GmbH")
                .domain(types::DealAccountDomain::try_from("rust-works.example")?)
                .country("DE"),
        )
        .products(vec!["core".parse()?])
        .amount(types::Money::builder().amount("48000.50").currency("EUR"))
        .expected_close_on(NaiveDate::from_ymd_opt(2027, 3, 31).ok_or("no such day")?)
        .submit(true)
        .try_into()?;
    let (deal, _) = register(&client, &wanted, &key).await?;
    check(*deal.amount.amount == "48000.50", "money stays the decimal string that was sent")?;
    say("registered", &format!("{}, {} {}, {}", *deal.id, *deal.amount.amount, *deal.amount.currency, deal.status));

    let (again, replayed) = register(&client, &wanted, &key).await?;
    check(replayed && again.id == deal.id, "the same key gives the first answer again")?;
    say("repeated", &format!("the same key, the same {}", *again.id));

    let pages = all_deals(&client).await?;
    let found = pages.iter().flatten().any(|each| each.id == deal.id);
    check(pages.len() > 1 && found, "several pages, and the new registration on one of them")?;
    say("paged", &format!("{} registrations on {} pages", pages.iter().flatten().count(), pages.len()));

    let deadline = Instant::now() + Duration::from_secs(10);
    let event = loop {
        check(Instant::now() < deadline, "the feed tells of the registration within 10 seconds")?;
        let (events, next) = events_after(&client, cursor).await?;
        cursor = next;
        if let Some(event) = events.into_iter().find(|event| *event.subject == *deal.id) {
            break event;
        }
    };
    say("followed", &format!("{} as {}", *event.type_, *event.id));

    say("conflict", &submit_again(&client, &deal).await?);
    Ok(())
}
