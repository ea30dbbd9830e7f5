//! One row for every operation: which object it is about, and a body that it takes. An operation without a row, or a
//! row without an operation, fails the test: whoever adds an operation says here how it could reach what is another's.

use tests::{Value, json, scene::deal};

use super::world::{Kind, Side, World, catalogue, fresh, program, reading, statement};

/// Where a request names the object that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Nowhere.
    Nothing,
    /// In its path.
    Path(Kind),
    /// In its path, and it need not be there: a program may be planned before it is made.
    Planned(Kind),
    /// In its body, at this JSON Pointer.
    Body(Kind, &'static str),
}

type Make = fn(&World, &Side) -> Value;

/// How an operation is called.
#[derive(Clone)]
pub struct Row {
    pub operation: &'static str,
    pub at: At,
    body: Option<Make>,
}

impl Row {
    /// A body that the operation takes, about this object where the body names it.
    pub fn body(&self, world: &World, side: &Side, id: &str) -> Option<Value> {
        let mut body = (self.body?)(world, side);
        if let At::Body(_, pointer) = self.at {
            let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
            body.pointer_mut(parent).expect("its parent")[member] = json!(id);
        }
        Some(body)
    }

    /// The kind of object that it is about.
    pub fn kind(&self) -> Option<Kind> {
        match self.at {
            At::Nothing => None,
            At::Path(kind) | At::Planned(kind) | At::Body(kind, _) => Some(kind),
        }
    }
}

/// All of them. Some operations name two objects, and have a row for each.
pub fn rows() -> Vec<Row> {
    let planned = Row { operation: "listProgramPlans", at: At::Planned(Kind::Program), body: None };
    let bare = BARE.iter().map(|operation| Row { operation, at: At::Nothing, body: None });
    let about = ABOUT.iter().map(|(operation, kind)| Row { operation, at: At::Path(*kind), body: None });
    let with = WITH.iter().map(|(operation, at, body)| Row { operation, at: *at, body: Some(*body) });
    bare.chain(about).chain(with).chain([planned]).collect()
}

/// No object, no body.
const BARE: &[&str] = &[
    "exportCredentials",
    "exportTrainingEnrollments",
    "getApplicationChallenge",
    "getAuthorizationServer",
    "getCredentialIssuer",
    "getHealth",
    "getIndex",
    "getJwks",
    "getMe",
    "getMetrics",
    "getOlderOpenapi",
    "getOpenapi",
    "getOwnApplication",
    "getProgramSchema",
    "getReadiness",
    "getSandboxClock",
    "getTrainingCatalogue",
    "getXapiStatements",
    "listAccounts",
    "listAgreementAcceptances",
    "listAgreements",
    "listApiClients",
    "listApplications",
    "listAuditEntries",
    "listBusinessPlans",
    "listContacts",
    "listCredentials",
    "listDealRegistrations",
    "listEnrollments",
    "listEvents",
    "listManualFacts",
    "listNotices",
    "listObservations",
    "listPartners",
    "listPeople",
    "listProblemTypes",
    "listPrograms",
    "listTerritories",
    "listTierRuns",
    "listTrainingCatalogueVersions",
    "listTrainingEnrollments",
    "listTrainingImports",
    "listTrainingOffers",
    "listTrainingReviews",
    "listUsers",
    "listVendorOpportunities",
    "listViolations",
];

/// An object in the path, and no body.
const ABOUT: &[(&str, Kind)] = &[
    ("agreeBusinessPlan", Kind::BusinessPlan),
    ("applyProgramPlan", Kind::ProgramPlan),
    ("cancelTrainingImport", Kind::TrainingImport),
    ("claimApplicationReview", Kind::Application),
    ("claimDealRegistrationReview", Kind::Deal),
    ("deleteContact", Kind::Contact),
    ("diffProgramVersion", Kind::ProgramVersion),
    ("explainDealRegistration", Kind::Deal),
    ("explainTier", Kind::Enrollment),
    ("forecastTier", Kind::Enrollment),
    ("getAccount", Kind::Account),
    ("getAgreement", Kind::Agreement),
    ("getAgreementAcceptance", Kind::Acceptance),
    ("getApiClient", Kind::ApiClient),
    ("getApplication", Kind::Application),
    ("getBusinessPlan", Kind::BusinessPlan),
    ("getBusinessPlanReview", Kind::Review),
    ("getContact", Kind::Contact),
    ("getCredential", Kind::Credential),
    ("getCredentialJwt", Kind::Credential),
    ("getCredentialKey", Kind::CredentialKey),
    ("getCredentialPng", Kind::Credential),
    ("getCredentialStatus", Kind::Credential),
    ("getCredentialSvg", Kind::Credential),
    ("getDealRegistration", Kind::Deal),
    ("getDealRegistrationTimeline", Kind::Deal),
    ("getEnrollment", Kind::Enrollment),
    ("getEnrollmentBenefits", Kind::Enrollment),
    ("getEnrollmentStanding", Kind::Enrollment),
    ("getEnrollmentTier", Kind::Enrollment),
    ("getEvent", Kind::Event),
    ("getManualFact", Kind::ManualFact),
    ("getNotice", Kind::Notice),
    ("getObservation", Kind::Observation),
    ("getPartner", Kind::Partner),
    ("getPerson", Kind::Person),
    ("getPersonHistory", Kind::Person),
    ("getProblemType", Kind::ProblemCode),
    ("getProgram", Kind::Program),
    ("getProgramPlan", Kind::ProgramPlan),
    ("getProgramVersion", Kind::ProgramVersion),
    ("getTerritory", Kind::Territory),
    ("getTierProgress", Kind::Enrollment),
    ("getTierRun", Kind::TierRun),
    ("getTrainingCatalogueVersion", Kind::CatalogueVersion),
    ("getTrainingCompliance", Kind::Enrollment),
    ("getTrainingEnrollment", Kind::Training),
    ("getTrainingImport", Kind::TrainingImport),
    ("getTrainingOffer", Kind::TrainingOffer),
    ("getTrainingReview", Kind::TrainingReview),
    ("getUser", Kind::User),
    ("getVendorOpportunity", Kind::Opportunity),
    ("getViolation", Kind::Violation),
    ("listAgreementVersions", Kind::Agreement),
    ("listBusinessPlanReviews", Kind::BusinessPlan),
    ("listExamAttempts", Kind::Training),
    ("listProgramPlanMoves", Kind::ProgramPlan),
    ("listProgramVersions", Kind::Program),
    ("listTierDecisions", Kind::Enrollment),
    ("listTrainingImportFaults", Kind::TrainingImport),
    ("proposeBusinessPlan", Kind::BusinessPlan),
    ("readNotice", Kind::Notice),
    ("revokeApiClient", Kind::ApiClient),
    ("rotateApiClientSecret", Kind::ApiClient),
    ("showCredential", Kind::Credential),
    ("startTraining", Kind::Training),
    ("submitDealRegistration", Kind::Deal),
    ("withdrawTraining", Kind::Training),
];

use At::{Body, Nothing, Path};

/// With a body that the operation takes.
const WITH: &[(&str, At, Make)] = &[
    ("acceptAgreement", Path(Kind::Agreement), |world, side| accepting(world, side)),
    ("acceptAgreement", Body(Kind::Partner, "/partner_id"), |world, side| accepting(world, side)),
    ("advanceSandboxClock", Nothing, |_, _| json!({"advance": "PT1S"})),
    ("approveApplication", Path(Kind::Application), |_, _| json!({"text": "Welcome"})),
    ("approveApplication", Body(Kind::Partner, "/partner_id"), |_, _| json!({"text": "Welcome"})),
    ("approveDealRegistration", Path(Kind::Deal), |_, _| json!({"text": "Yes"})),
    ("assignTerritory", Path(Kind::Territory), |_, side| json!({"enrollment_id": side.partner.enrollment})),
    ("assignTerritory", Body(Kind::Enrollment, "/enrollment_id"), |_, _| json!({})),
    ("attemptExam", Path(Kind::Training), |_, _| json!({"score": "80"})),
    (
        "checkDealRegistration",
        Body(Kind::Partner, "/partner_id"),
        |_, _| json!({"program": "reseller", "account": account(), "products": ["core"]}),
    ),
    ("chooseApplicantPassword", Nothing, |_, _| json!({"password": "a password for tests"})),
    ("closeBusinessPlan", Path(Kind::BusinessPlan), |_, _| json!({"text": "Done"})),
    ("completeTraining", Path(Kind::Training), |_, _| json!({})),
    ("createAccount", Nothing, |_, _| account()),
    ("createAgreement", Nothing, |_, _| json!({"slug": format!("agreement-{}", fresh()), "title": "Rules"})),
    ("createApiClient", Nothing, |_, _| json!({"name": "Sync", "scopes": ["deals:read"]})),
    ("createApiClient", Body(Kind::Partner, "/partner_id"), |_, _| json!({"name": "Sync", "scopes": ["deals:read"]})),
    ("createApplication", Nothing, |_, side| super::world::application("entry", &side.domain)),
    (
        "createBusinessPlan",
        Body(Kind::Enrollment, "/enrollment_id"),
        |_, _| json!({"title": "Plan", "starts_on": "2028-01-01", "ends_on": "2028-12-31"}),
    ),
    ("createBusinessPlanReview", Path(Kind::BusinessPlan), |_, _| json!({"held_on": "2026-06-30", "notes": "Well."})),
    (
        "createContact",
        Body(Kind::Partner, "/partner_id"),
        |_, _| json!({"name": "Grace", "email": format!("grace{}@somewhere.example", fresh())}),
    ),
    ("createDealRegistration", Body(Kind::Partner, "/partner_id"), |_, _| deal(&format!("new{}.example", fresh()))),
    ("createEnrollment", Body(Kind::Partner, "/partner_id"), |_, _| json!({"program": "reseller", "tier": "Silver"})),
    (
        "createManualFact",
        Body(Kind::Partner, "/partner_id"),
        |_, _| json!({"name": format!("fact{}", fresh()), "reason": "Known"}),
    ),
    ("createPartner", Nothing, |_, _| {
        let name = format!("Company{}", fresh());
        json!({"name": name, "domain": format!("{}.example", name.to_lowercase()), "country": "DE"})
    }),
    (
        "createPerson",
        Body(Kind::Partner, "/partner_id"),
        |_, _| json!({"name": "Grace", "email": format!("person{}@somewhere.example", fresh())}),
    ),
    ("createProgram", Nothing, |_, _| program(&format!("program-{}", fresh()))),
    ("createProgramPlan", At::Planned(Kind::Program), |_, _| program("reseller")),
    ("createTerritory", Nothing, |_, _| json!({"program": "reseller", "name": format!("Land {}", fresh())})),
    ("createToken", Nothing, |_, _| Value::Null),
    ("createTrainingEnrollment", Body(Kind::Person, "/person_id"), |_, _| json!({"item": "advanced"})),
    (
        "createUser",
        Body(Kind::Partner, "/partner_id"),
        |_, _| json!({"email": format!("somebody{}@somewhere.example", fresh()), "role": "partner_member"}),
    ),
    ("createVendorOpportunity", Nothing, |_, _| json!({"title": "Renewal", "account": account()})),
    (
        "createViolation",
        Body(Kind::Partner, "/partner_id"),
        |_, _| json!({"category": "other", "text": "A warning", "found_by": "Audit"}),
    ),
    (
        "createViolation",
        Body(Kind::Enrollment, "/enrollment_id"),
        |_, side| json!({"partner_id": side.partner.id, "category": "other", "text": "A warning", "found_by": "Audit"}),
    ),
    ("diffTrainingCatalogue", Nothing, |_, _| catalogue()),
    ("dismissTrainingReview", Path(Kind::TrainingReview), |_, _| json!({"reason": "A test"})),
    ("disputeDealRegistration", Path(Kind::Deal), |_, _| json!({"text": "It is ours."})),
    ("evaluateProgram", Nothing, |_, _| json!({"program": "reseller", "facts": {}})),
    ("extendDealRegistration", Path(Kind::Deal), |_, _| json!({"progress": "An offer is out."})),
    ("liftTierOverride", Path(Kind::Enrollment), |_, _| json!({"reason": "Over"})),
    ("loseDealRegistration", Path(Kind::Deal), |_, _| json!({"reason": "price"})),
    ("mergePerson", Path(Kind::Person), |_, side| json!({"into": side.id(Kind::Person), "reason": "The same"})),
    ("mergePerson", Body(Kind::Person, "/into"), |_, _| json!({"reason": "The same"})),
    ("movePerson", Path(Kind::Person), |_, side| json!({"partner_id": side.partner.id, "reason": "Left"})),
    ("movePerson", Body(Kind::Partner, "/partner_id"), |_, _| json!({"reason": "Left", "on": "2999-01-01"})),
    (
        "overrideTier",
        Path(Kind::Enrollment),
        |_, _| json!({"tier": "Gold", "reason": "A good year", "until": "2099-01-01T00:00:00Z"}),
    ),
    ("postXapiStatements", Nothing, |_, side| json!([statement(&side.domain)])),
    ("progressTraining", Path(Kind::Training), |_, _| json!({"progress": 50})),
    ("publishAgreement", Path(Kind::Agreement), |_, _| json!({"text": "Be fair.", "requires_reacceptance": false})),
    ("publishProgramVersion", Path(Kind::Program), |_, _| program("reseller")),
    ("publishTrainingCatalogue", Nothing, |_, _| catalogue()),
    (
        "putObservations",
        Body(Kind::Partner, "/observations/0/partner_id"),
        |_, _| json!({"observations": [{"metric": "revenue", "day": "2026-02-28", "value": "2", "unit": "EUR", "source": "erp"}]}),
    ),
    ("reinstateEnrollment", Path(Kind::Enrollment), |_, _| json!({"reason": "All is well"})),
    ("reinstatePartner", Path(Kind::Partner), |_, _| json!({"reason": "All is well"})),
    ("rejectApplication", Path(Kind::Application), |_, _| json!({"reason": "other", "text": "Sorry"})),
    ("rejectDealRegistration", Path(Kind::Deal), |_, _| json!({"reason": "other", "text": "Sorry"})),
    ("releaseDealRegistration", Path(Kind::Deal), |_, _| json!({"text": "Done"})),
    (
        "requestApplicationInformation",
        Path(Kind::Application),
        |_, _| json!({"requests": [{"field": "/message", "text": "Who?"}]}),
    ),
    (
        "requestDealRegistrationInformation",
        Path(Kind::Deal),
        |_, _| json!({"requests": [{"field": "/contact", "text": "Who?"}]}),
    ),
    ("putXapiStatement", Nothing, |_, side| statement(&side.domain)),
    ("resolveDealRegistrationDispute", Path(Kind::Deal), |_, _| json!({"resolution": "uphold", "text": "As it was"})),
    ("revokeCredential", Path(Kind::Credential), |_, _| json!({"reason": "A mistake"})),
    ("resolveTrainingReview", Path(Kind::TrainingReview), |_, _| json!({"score": "80"})),
    ("resolveTrainingReview", Body(Kind::Person, "/person_id"), |_, _| json!({"score": "80"})),
    ("startTierRun", Nothing, |_, _| json!({"program": "reseller"})),
    ("startTierRun", Body(Kind::Enrollment, "/enrollment_id"), |_, _| json!({"program": "reseller"})),
    ("startTrainingImport", Nothing, |_, _| json!("email,name\nno address,Nobody\n")),
    ("supplyApplicationInformation", Path(Kind::Application), |_, _| json!({"message": "It is us."})),
    ("supplyOwnApplicationInformation", Nothing, |_, _| json!({"message": "It is us."})),
    ("suspendEnrollment", Path(Kind::Enrollment), |_, _| json!({"reason": "A breach"})),
    ("suspendPartner", Path(Kind::Partner), |_, _| json!({"reason": "A breach"})),
    ("terminateEnrollment", Path(Kind::Enrollment), |_, _| json!({"reason": "The end"})),
    ("terminatePartner", Path(Kind::Partner), |_, _| json!({"reason": "The end"})),
    ("unassignTerritory", Path(Kind::Territory), |_, side| json!({"enrollment_id": side.partner.enrollment})),
    ("unassignTerritory", Body(Kind::Enrollment, "/enrollment_id"), |_, _| json!({})),
    ("updateAccount", Path(Kind::Account), |_, _| json!({"name": "Other"})),
    ("updateAgreement", Path(Kind::Agreement), |_, _| json!({"title": "Other"})),
    ("updateApiClient", Path(Kind::ApiClient), |_, _| json!({"name": "Other"})),
    ("updateBusinessPlan", Path(Kind::BusinessPlan), |_, _| json!({"title": "Other"})),
    ("updateBusinessPlanReview", Path(Kind::Review), |_, _| json!({"notes": "Other"})),
    ("updateContact", Path(Kind::Contact), |_, _| json!({"name": "Other"})),
    ("updateDealRegistration", Path(Kind::Deal), |_, _| json!({"notes": "Other"})),
    ("updateEnrollment", Path(Kind::Enrollment), |_, _| json!({"tier": "Silver"})),
    ("updatePartner", Path(Kind::Partner), |_, _| json!({"name": "Other"})),
    ("updatePerson", Path(Kind::Person), |_, _| json!({"name": "Other"})),
    ("updateTerritory", Path(Kind::Territory), |_, _| json!({"name": "Other"})),
    ("updateUser", Path(Kind::User), |_, _| json!({"name": "Other"})),
    ("updateVendorOpportunity", Path(Kind::Opportunity), |_, _| json!({"title": "Other"})),
    ("validateProgram", Nothing, |_, _| program("reseller")),
    ("validateTrainingCatalogue", Nothing, |_, _| catalogue()),
    ("waiveTraining", Path(Kind::Training), |_, _| json!({"reason": "Taught it"})),
    (
        "winDealRegistration",
        Path(Kind::Deal),
        |_, _| json!({"amount": {"amount": "1.00", "currency": "EUR"}, "closed_on": "2026-01-31"}),
    ),
    ("withdrawApplication", Path(Kind::Application), |_, _| json!({"text": "Never mind"})),
    ("withdrawDealRegistration", Path(Kind::Deal), |_, _| json!({"text": "Never mind"})),
    ("withdrawManualFact", Path(Kind::ManualFact), |_, _| json!({"reason": "Wrong"})),
    ("withdrawObservation", Path(Kind::Observation), |_, _| json!({"reason": "Wrong"})),
    ("withdrawOwnApplication", Nothing, |_, _| json!({"text": "Never mind"})),
    ("withdrawViolation", Path(Kind::Violation), |_, _| json!({"reason": "Wrong"})),
];

fn account() -> Value {
    let name = format!("Customer{}", fresh());
    json!({"name": name, "domain": format!("{}.example", name.to_lowercase()), "country": "DE"})
}

fn accepting(world: &World, side: &Side) -> Value {
    let agreement = side.id(Kind::Agreement).map_or_else(|| shared_agreement(world), str::to_owned);
    reading(&world.scene.admin, &agreement)
}

fn shared_agreement(world: &World) -> String {
    world.id(Kind::Agreement, super::world::Whose::Ours).expect("an agreement")
}
