//! The resources, one file each. A new one is a file and a line here.

mod accounts;
mod agreements;
mod api_clients;
mod application_decisions;
mod applications;
mod audit;
mod badges;
mod business_plans;
mod contacts;
mod credentials;
mod deal_decisions;
mod deal_registrations;
mod enrollments;
mod events;
mod manual_facts;
mod me;
mod notices;
mod oauth;
mod observations;
mod ops;
mod own_application;
mod partners;
mod people;
mod problems;
mod program_checks;
mod program_plans;
mod program_versions;
mod programs;
mod sandbox;
mod schemas;
mod standing;
mod territories;
mod tier_runs;
mod tiers;
mod training_catalogue;
mod training_enrollments;
mod training_imports;
mod training_reviews;
mod users;
mod vendor_opportunities;
mod violations;
mod well_known;
mod xapi;

use utoipa_actix_web::service_config::ServiceConfig;

/// All the routes; those that only a sandbox has, with `sandbox`.
pub(crate) fn routes(config: &mut ServiceConfig, sandbox: bool) {
    config
        .configure(oauth::routes)
        .configure(me::routes)
        // What stands beside slugs is looked for before they are.
        .configure(program_checks::routes)
        .configure(programs::routes)
        .configure(program_versions::routes)
        .configure(program_plans::routes)
        .configure(schemas::routes)
        .configure(partners::routes)
        .configure(contacts::routes)
        .configure(enrollments::routes)
        .configure(standing::routes)
        .configure(applications::routes)
        .configure(application_decisions::routes)
        .configure(own_application::routes)
        .configure(tiers::routes)
        .configure(tier_runs::routes)
        .configure(notices::routes)
        .configure(agreements::routes)
        .configure(violations::routes)
        .configure(territories::routes)
        .configure(business_plans::routes)
        .configure(observations::routes)
        .configure(manual_facts::routes)
        .configure(deal_registrations::routes)
        .configure(deal_decisions::routes)
        .configure(accounts::routes)
        .configure(vendor_opportunities::routes)
        .configure(training_catalogue::routes)
        .configure(people::routes)
        .configure(training_enrollments::routes)
        .configure(training_imports::routes)
        .configure(credentials::routes)
        .configure(badges::routes)
        .configure(training_reviews::routes)
        .configure(xapi::routes)
        .configure(events::routes)
        .configure(audit::routes)
        .configure(users::routes)
        .configure(api_clients::routes)
        .configure(problems::routes)
        .configure(well_known::routes)
        .configure(ops::routes);
    if sandbox {
        config.configure(sandbox::routes);
    }
}

/// Runs work that takes CPU off the server's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> database::Result<T> + Send + 'static,
) -> database::Result<T> {
    let gone = |_| database::Error::Internal("the work did not come back".into());
    tokio::task::spawn_blocking(work).await.map_err(gone)?
}
