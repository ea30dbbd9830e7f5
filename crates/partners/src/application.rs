//! Applications: companies that ask to join a program.
//!
//! | file | what it is about |
//! |---|---|
//! | [`model`], [`requests`] | the application as the vendor and as the applicant see it; what is sent in |
//! | [`rules`] | what may happen when: pure |
//! | [`screening`] | the program's criteria, and how well the company fits: pure |
//! | [`apply`], [`decide`], [`own`] | the use cases: of who applies, of the vendor, of whoever holds the application's token |
//! | [`store`], [`filter`] | finders, the one way in which an application changes, lists |

pub mod apply;
pub mod decide;
pub mod filter;
pub mod model;
pub mod own;
pub mod requests;
pub mod rules;
pub mod screening;
pub mod store;

pub use model::{Application, ApplicationId, ApplicationStatus, OwnApplication};
