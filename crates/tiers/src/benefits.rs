//! What a partner gets: by its tier at a time, under the rules of that time.

use database::{Result, Tx};
use kernel::{Actor, Code, Error, Timestamp};
use partners::{EnrollmentId, enrollment, tier};
use programs::TierBenefits;
use serde::Serialize;
use utoipa::ToSchema;

/// What a partner gets in a program.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnrollmentBenefits {
    /// The enrollment.
    pub enrollment_id: EnrollmentId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The version of the rules that say so.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub program_version: i32,
    /// At which time, if one was asked for; null for now.
    #[schema(required = true)]
    pub at: Option<Timestamp>,
    /// The tier then.
    #[schema(max_length = 64, example = "Gold")]
    pub tier: String,
    /// What it gives.
    pub benefits: TierBenefits,
}

/// What the partner of an enrollment that the actor may see gets at a time, or now.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a time that has not come, or at which the partner was not enrolled.
pub fn benefits(tx: &mut Tx, actor: &Actor, id: EnrollmentId, at: Option<Timestamp>) -> Result<EnrollmentBenefits> {
    let mut enrollment = enrollment::find(tx, actor, id)?;
    let asked = at;
    let at = asked.unwrap_or_else(|| tx.now());
    if at > tx.now() || at < enrollment.created_at {
        let error = Error::new(Code::InvalidParameter, "Nothing was given at that time.");
        let detail = format!("must be between {} and now", enrollment.created_at);
        return Err(error.with_parameter("at", "out_of_range", detail).into());
    }
    tier::as_of_time(tx, std::slice::from_mut(&mut enrollment), at)?;
    let rules = programs::version::in_force(tx, &enrollment.program, at)?;
    // Nobody can be enrolled before there are rules.
    let rules = rules.ok_or_else(|| database::Error::Internal("an enrollment without its program".into()))?;
    Ok(EnrollmentBenefits {
        enrollment_id: enrollment.id,
        program: rules.program.clone(),
        program_version: rules.version,
        at: asked,
        benefits: tier::benefits(&rules, &enrollment),
        tier: enrollment.tier,
    })
}
