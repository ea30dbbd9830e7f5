//! What kind of companies a program is for.

database::text_enum! {
    /// What kind of companies a program is for.
    #[derive(Default)]
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
}
