//! The transactional record of what happened: the event feed, the audit trail, and the answers kept for
//! repeated requests. All are written in the transaction of the effect that they speak of.

pub mod audit;
pub mod catalogue;
pub mod event;
pub mod feed;
pub mod idempotency;

pub use audit::{AuditEntry, AuditFilter};
pub use catalogue::CATALOGUE;
pub use event::{Event, EventData, NewEvent, record};
pub use idempotency::{Answer, Attempt};
