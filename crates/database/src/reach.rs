//! Whose rows an actor reaches, as a filter. Every finder uses it, so that none can forget.

use diesel::{dsl, prelude::*};

use crate::schema::enrollments;

// Under a name of its own, so that enrollments themselves can be filtered by it.
diesel::alias!(enrollments as managed: Managed);

/// The partners whose enrollments a channel manager manages.
#[dsl::auto_type(no_type_alias)]
pub fn managed_by<'a>(user: &'a str) -> _ {
    let by_user = managed.field(enrollments::channel_manager_id).eq(user);
    managed.filter(by_user).select(managed.field(enrollments::partner_id))
}

/// Keeps of a boxed query what the actor reaches: `within_reach!(query, deals::partner_id, actor)`.
#[macro_export]
macro_rules! within_reach {
    ($query:expr, $partner:expr, $actor:expr) => {
        match $actor.reach() {
            ::kernel::Reach::Everything => $query,
            ::kernel::Reach::Partner(partner) => $query.filter($partner.eq(partner)),
            ::kernel::Reach::ManagedBy(user) => $query.filter($partner.eq_any($crate::managed_by(user))),
        }
    };
}
