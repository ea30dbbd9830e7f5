//! What kind of companies a program is for.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;

/// What kind of companies a program is for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Display,
    EnumString,
    Serialize,
    Deserialize,
    ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PartnerType {
    /// Buys and sells on.
    #[default]
    Reseller,
    /// Runs the product as a service.
    Msp,
    /// Recommends, and leaves the sale to the vendor.
    Referral,
    /// Sends visitors.
    Affiliate,
    /// Builds it into larger projects.
    SystemIntegrator,
    /// Makes a product that works with it.
    TechnologyAlliance,
    /// Sells to resellers.
    Distributor,
}
database::text_enum!(PartnerType);
