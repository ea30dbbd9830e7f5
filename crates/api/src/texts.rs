//! Bodies and answers that are no JSON.

/// Declares what the document says of texts, as schemas: `texts! { /// A page. CertificatePage(max_length = 100_000); }`.
/// Their media types stand with the operations, as one text can be sent as several.
macro_rules! texts {
    ($($(#[$doc:meta])* $vis:vis $name:ident($($schema:tt)+);)+) => {$(
        $(#[$doc])*
        #[derive(utoipa::ToSchema)]
        #[schema($($schema)+)]
        #[allow(dead_code, reason = "the schema of a text")]
        $vis struct $name(String);
    )+};
}
pub(crate) use texts;
