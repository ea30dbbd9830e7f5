//! Training and certification: who learns what, what is certified for it, and until when it counts.
//!
//! | file | what it is about |
//! |---|---|
//! | [`catalogue`] | courses, exams, certifications and learning paths: one document in versions |
//! | [`person`], [`employment`], [`merge`] | who learns, and for whom they work |
//! | [`enrollment`], [`attempt`] | a person in a course or an exam: states, attempts, waivers |
//! | [`rules`] | states and attempts, as pure functions |
//! | [`award`] | when a certification is awarded and renewed, to the day, as a pure function |
//! | [`credential`] | what people were awarded, and what became of it |
//! | [`badge`] | the same as everybody may see and verify it: Open Badges |
//! | [`export`] | lists as CSV |
//! | [`import`] | files of people and of completions |
//! | [`cheapest`] | the cheapest set of people and what they learn that closes gaps, as a pure function |
//! | [`record`] | what was learned elsewhere: the way in for learning systems and files |
//! | [`reported`] | the same as facts that programs' rules read |
//! | [`mod@team`] | what a partner's people hold and have begun on a day |
//! | [`mod@review`] | what could not be recorded, and waits |
//! | [`xapi`] | what learning systems say, as xAPI statements |
//! | [`mod@sweep`] | what the clock brings: notices, and the last day |

pub mod attempt;
pub mod award;
pub mod badge;
pub mod catalogue;
pub mod cheapest;
pub mod credential;
pub mod employment;
pub mod enrollment;
pub mod export;
pub mod import;
pub mod merge;
pub mod person;
pub mod record;
mod reported;
pub mod review;
pub mod rules;
pub mod sweep;
pub mod team;
pub mod xapi;

pub use attempt::{ExamAttempt, ExamAttemptId, NewExamAttempt};
pub use catalogue::{Catalogue, CatalogueDocument, CatalogueVersion, Item, ItemKind};
pub use credential::{Credential, CredentialFilter, CredentialId, RevokeCredential};
pub use employment::{Employment, MovePerson, PersonHistory};
pub use enrollment::{
    CompleteTraining, NewTrainingEnrollment, TrainingEnrollment, TrainingEnrollmentFilter, TrainingEnrollmentId,
    TrainingProgress, WaiveTraining,
};
pub use import::{TrainingImport, TrainingImportFault, TrainingImportFilter, TrainingImportId};
pub use merge::MergePerson;
pub use person::{NewPerson, Person, PersonFilter, PersonId, PersonUpdate};
pub use review::{
    DismissTrainingReview, ResolveTrainingReview, TrainingReview, TrainingReviewFilter, TrainingReviewId,
};
