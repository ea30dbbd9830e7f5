//! Applications to programs: handing in, reading, listing. What is decided on them is in `application_decisions`; what
//! whoever applies does with theirs is in `own_application`.

use actix_web::{
    HttpRequest, get,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use database::Error as DatabaseError;
use identity::{challenge::Solved, random_password};
use kernel::{Code, Country, Error, PartnerId, Timestamp};
use partners::application::{
    Application, ApplicationId, ApplicationStatus, OwnApplication,
    apply::{self, Looked},
    filter::{self, ApplicationFilter, Sort},
    requests::NewApplication,
    screening::{Eligibility, hundredths},
    store,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Counted, Listed, Outcome, Problem, Query, Reply, Valid, gate, list_of, settings::Guard};

list_of!(ApplicationList of Application, counted);

pub(super) fn routes(config: &mut ServiceConfig) {
    // What stands beside ids is looked for before they are.
    config.service(challenge).service(list).service(create).service(get_one);
}

/// For which program.
#[derive(Debug, Deserialize, IntoParams)]
struct ChallengeQuery {
    /// The program to apply to, by slug.
    #[param(min_length = 1, max_length = 64)]
    program: String,
}

/// What whoever applies without an account must show.
#[derive(Debug, Serialize, ToSchema)]
struct ApplicationChallenge {
    /// In which way.
    method: ProofMethod,
    /// With `proof_of_work`: find a nonce with which the SHA-256 of this text, a point and the nonce begins with
    /// `difficulty` zero bits, and send both as `proof`.
    #[schema(required = true, max_length = 2000)]
    challenge: Option<String>,
    /// With `proof_of_work`: how many zero bits. Each more takes twice as long.
    #[schema(required = true, minimum = 1, maximum = 32, example = 18)]
    difficulty: Option<i64>,
    /// With `proof_of_work`: until when the challenge may be answered, once.
    #[schema(required = true)]
    expires_at: Option<Timestamp>,
}

/// In which way whoever applies shows that they are no machine's flood.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationProofMethod)]
enum ProofMethod {
    /// In none.
    None,
    /// By answering the challenge: `proof`.
    ProofOfWork,
    /// By solving the captcha that the vendor's page shows: `captcha`.
    Captcha,
}

/// Get a challenge to apply with
///
/// Who applies without an account answers it with a proof of work, or solves a captcha, as the server is configured.
/// Nothing is stored; an answer is good once, and for ten minutes.
#[utoipa::path(
    operation_id = "getApplicationChallenge",
    tag = "applications",
    security(()),
    params(ChallengeQuery),
    extensions(("x-never" = json!(["etag"]))),
    responses((status = 200, description = "What must be shown.", body = ApplicationChallenge))
)]
#[get("/v1/applications/challenge")]
async fn challenge(app: Data<App>, query: Query<ChallengeQuery>) -> Outcome {
    let nothing = |method| ApplicationChallenge { method, challenge: None, difficulty: None, expires_at: None };
    let told = match app.settings.guard {
        Guard::Open => nothing(ProofMethod::None),
        Guard::Captcha(_) => nothing(ProofMethod::Captcha),
        Guard::ProofOfWork(difficulty) => {
            let made = app.identity.challenge(&purpose(&query.program), difficulty)?;
            ApplicationChallenge {
                method: ProofMethod::ProofOfWork,
                challenge: Some(made.text),
                difficulty: Some(difficulty.into()),
                expires_at: Some(made.expires_at),
            }
        }
    };
    Ok(Reply::json(StatusCode::OK, &told)?)
}

/// Which applications to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ApplicationQuery {
    /// Only with one of these statuses, separated by commas.
    #[param(max_items = 6, nullable = false)]
    status: Option<Vec<ApplicationStatus>>,
    /// Only to this program, by slug.
    #[param(max_length = 64, nullable = false)]
    program: Option<String>,
    /// Only of companies of this country.
    #[param(nullable = false)]
    country: Option<Country>,
    /// Only with this outcome of the screening.
    #[param(nullable = false)]
    eligibility: Option<Eligibility>,
    /// Only from this score on, 0 to 100.
    #[param(pattern = r"^([0-9]{1,2}(\.[0-9]{1,2})?|100(\.00?)?)$", max_length = 6, nullable = false)]
    score_min: Option<String>,
    /// Only up to this score, 0 to 100.
    #[param(pattern = r"^([0-9]{1,2}(\.[0-9]{1,2})?|100(\.00?)?)$", max_length = 6, nullable = false)]
    score_max: Option<String>,
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only of this registrable domain.
    #[param(max_length = 253, nullable = false)]
    domain: Option<String>,
    /// Only handed in at or after this time.
    #[param(nullable = false)]
    created_after: Option<Timestamp>,
    /// Only handed in before this time.
    #[param(nullable = false)]
    created_before: Option<Timestamp>,
    /// Only changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
    /// Only changed before this time.
    #[param(nullable = false)]
    updated_before: Option<Timestamp>,
    /// Only those whose company, domain, contact or industry contain this, ignoring case and accents.
    #[param(min_length = 1, max_length = 100, nullable = false)]
    q: Option<String>,
    /// In which order; newest first if left out.
    #[param(nullable = false)]
    sort: Option<Sort>,
}

impl From<ApplicationQuery> for ApplicationFilter {
    fn from(query: ApplicationQuery) -> Self {
        let rank = |text: Option<String>| text.as_deref().and_then(hundredths);
        Self {
            status: query.status.unwrap_or_default(),
            program: query.program,
            country: query.country,
            eligibility: query.eligibility,
            score_min: rank(query.score_min),
            score_max: rank(query.score_max),
            partner_id: query.partner_id,
            domain: query.domain,
            created_after: query.created_after,
            created_before: query.created_before,
            updated_after: query.updated_after,
            updated_before: query.updated_before,
            q: query.q,
            sort: query.sort.unwrap_or_default(),
        }
    }
}

/// List applications
///
/// Newest first, unless `sort` says otherwise. A channel manager sees those of companies that are no partner yet, and
/// those of their partners; a partner its own.
#[utoipa::path(
    operation_id = "listApplications",
    tag = "applications",
    security(("oauth2" = ["applications:read"])),
    params(Listed, Counted, ApplicationQuery),
    responses((status = 200, description = "One page of applications.", body = ApplicationList))
)]
#[get("/v1/applications")]
async fn list(
    app: Data<App>,
    call: Call,
    listed: Query<Listed>,
    counted: Query<Counted>,
    query: Query<ApplicationQuery>,
) -> Outcome {
    let (paging, filter) = (counted.paging(&listed), ApplicationFilter::from(query.0));
    app.list::<ApplicationList>(call, move |tx, actor| filter::list(tx, actor, &filter, &paging)).await
}

/// An application that was handed in, and the token that goes with it.
#[derive(Debug, Serialize, ToSchema)]
struct ApplicationReceipt {
    /// The application.
    #[serde(flatten)]
    application: OwnApplication,
    /// Reads and answers the application at `/v1/own-application`. It is shown this once.
    #[schema(max_length = 64, example = "q0pTnqHNK2mUs5C1r6qk1bQ2Zr0T4mT3b1hC7y5d0vA")]
    status_token: String,
}

/// Apply to a program
///
/// Without an account, with what `getApplicationChallenge` asks for; or signed in, for a company that somebody brings or
/// for another program of one's own company. The application is screened at once. A company has one open application to
/// a program; after a rejection it waits (`reapply_later`).
#[utoipa::path(
    operation_id = "createApplication",
    tag = "applications",
    security((), ("oauth2" = ["applications:write"])),
    request_body = NewApplication,
    extensions(("x-error-codes" = json!(["already_exists", "reapply_later", "policy_refuses", "proof_required", "captcha_unavailable"]))),
    responses((status = 201, description = "The application, as whoever applies sees it.", body = ApplicationReceipt))
)]
#[post("/v1/applications")]
async fn create(app: Data<App>, call: Call, request: HttpRequest, new: Valid<NewApplication>) -> Outcome {
    if call.is_anonymous() {
        gate::stands(&request, app.throttle.count_application(call.address().unwrap_or_default()).await?);
    }
    let seen = match proof(&app, &call, &new.0).await? {
        Ok(solved) => look(&app, &call, &new.0).await?.map(|looked| (solved, looked)),
        Err(refused) => Err(refused),
    };
    let (status_token, anonymous) = (random_password()?, call.is_anonymous());
    app.write(call, move |tx, actor| {
        // What was refused before is told here: who repeats a request hears its first answer, although its proof is spent.
        let (solved, looked) = seen.as_ref().map_err(Clone::clone)?;
        let application = apply::apply(tx, actor, &new.0, looked, (solved.as_ref(), &status_token))?;
        let known = format!("/v1/applications/{}", application.id);
        let location = if anonymous { "/v1/own-application".to_owned() } else { known };
        let receipt = ApplicationReceipt { application, status_token: status_token.clone() };
        Reply::created(location, &receipt)?.tagged_as(&receipt.application)
    })
    .await
}

/// Screens and compares before the transaction, which this would hold up.
async fn look(app: &App, call: &Call, new: &NewApplication) -> Result<Result<Looked, Error>, Problem> {
    let new = new.clone();
    app.read(call, move |tx, actor| match apply::look(tx, actor, &new) {
        Err(DatabaseError::Domain(error)) => Ok(Err(error)),
        looked => looked.map(Ok),
    })
    .await
}

/// What a challenge is for.
fn purpose(program: &str) -> String {
    format!("application {program}")
}

/// Checks what is shown before the transaction, where waiting for a captcha's provider harms nobody. The answer to a
/// challenge is still to be spent.
async fn proof(app: &App, call: &Call, new: &NewApplication) -> Result<Result<Option<Solved>, Error>, Problem> {
    if !call.is_anonymous() {
        return Ok(Ok(None));
    }
    let checked = match &app.settings.guard {
        Guard::Open => Ok(None),
        Guard::ProofOfWork(_) => match &new.proof {
            Some(given) => app.identity.solved(&purpose(&new.program), &given.challenge, &given.nonce).await.map(Some),
            None => Err(missing("/proof", "the answer to a challenge of /v1/applications/challenge").into()),
        },
        Guard::Captcha(captcha) => match &new.captcha {
            Some(token) => captcha.verify(token, call.address()).await.map(|()| None),
            None => Err(missing("/captcha", "what the captcha gave").into()),
        },
    };
    match checked {
        Err(DatabaseError::Domain(error)) if error.code == Code::ProofRequired => Ok(Err(error)),
        checked => Ok(Ok(checked?)),
    }
}

fn missing(pointer: &str, what: &str) -> Error {
    let detail = format!("Without an account, an application needs {what}.");
    Error::new(Code::ProofRequired, detail).with_fault(pointer, "required", format!("is required: {what}"))
}

/// Get an application
///
/// With its screening, and for the vendor the partners and applications that may be the same company.
/// `allowed_actions` tells what the caller may do.
#[utoipa::path(
    operation_id = "getApplication",
    tag = "applications",
    security(("oauth2" = ["applications:read"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The application.", body = Application))
)]
#[get("/v1/applications/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<ApplicationId>) -> Outcome {
    app.get(call, move |tx, actor| store::find(tx, actor, *id)).await
}
