//! Partner companies, their people, and their enrollment in programs.

pub mod contact;
pub mod enrollment;
pub mod partner;

pub use contact::{Contact, ContactFilter, ContactId, ContactUpdate, NewContact};
pub use enrollment::{Enrollment, EnrollmentFilter, EnrollmentId, EnrollmentUpdate, NewEnrollment};
pub use partner::{NewPartner, Partner, PartnerFilter, PartnerUpdate};
