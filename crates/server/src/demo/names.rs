//! The names of the story.

/// The partners: name, domain, country, program, tier. Every tier of both programs has somebody.
pub(super) const PARTNERS: [(&str, &str, &str, &str, &str); 12] = [
    ("Northwind Traders", "northwind.example", "DE", "reseller", "Platinum"),
    ("Fabrikam Systems", "fabrikam.example", "FR", "reseller", "Gold"),
    ("Contoso Consulting", "contoso.example", "GB", "reseller", "Gold"),
    ("Tailspin Technology", "tailspin.example", "US", "reseller", "Silver"),
    ("Litware Solutions", "litware.example", "NL", "reseller", "Silver"),
    ("Proseware", "proseware.example", "ES", "reseller", "Silver"),
    ("Adatum", "adatum.example", "IT", "reseller", "Registered"),
    ("Wingtip Networks", "wingtip.example", "SE", "reseller", "Registered"),
    ("Lucerne Partners", "lucerne.example", "CH", "reseller", "Registered"),
    ("Margie Advisory", "margie.example", "AT", "referral", "Advocate"),
    ("Trey Research", "trey.example", "PL", "referral", "Advocate"),
    ("Relecloud", "relecloud.example", "IE", "referral", "Associate"),
];

/// First words of customers' names.
pub(super) const FIRST: [&str; 8] = ["Alpine", "Baltic", "Cobalt", "Danube", "Falcon", "Granite", "Meridian", "Sierra"];

/// Second words of customers' names.
pub(super) const SECOND: [&str; 10] =
    ["Foods", "Logistics", "Motors", "Pharma", "Energy", "Textiles", "Insurance", "Robotics", "Shipping", "Media"];

/// Where customers are, and what companies are called there.
pub(super) const COUNTRIES: [(&str, &str); 8] = [
    ("DE", "GmbH"),
    ("FR", "SAS"),
    ("GB", "Ltd"),
    ("US", "Inc."),
    ("NL", "B.V."),
    ("ES", "S.L."),
    ("IT", "S.p.A."),
    ("SE", "AB"),
];

/// What is sold.
pub(super) const PRODUCTS: [&str; 4] = ["core", "analytics", "security", "support"];
