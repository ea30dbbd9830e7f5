//! Notices: what the engine tells a partner's people, in words that they can read.

use database::{Json, Result, Tx, schema::notices, within_reach};
use diesel::prelude::*;
use events::{EventData, NewEvent, audit};
use kernel::{Actor, Code, Error, Page, Paging, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    enrollment::EnrollmentId,
    tier::{Kind as TierKind, TierDecision},
};

ids! {
    /// A notice.
    NoticeMark = "notice" => NoticeId;
}

database::text_enum! {
    /// What a notice is about.
    pub enum Kind as NoticeKind {
        /// The tier is another one now.
        TierChanged,
        /// The tier is not met any more, and kept until a day.
        GraceBegun,
        /// The tier is met again.
        GraceEnded,
        /// The vendor has set the tier until a time.
        TierOverrideSet,
        /// What the vendor had set is over.
        TierOverrideEnded,
    }
}

/// What a notice is about, for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeData {
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// The tier before.
    #[schema(required = true, max_length = 64, example = "Silver")]
    pub from: Option<String>,
    /// The tier from then on.
    #[schema(max_length = 64, example = "Gold")]
    pub to: String,
    /// The last day on which the tier is kept.
    #[schema(required = true)]
    pub grace_until: Option<chrono::NaiveDate>,
}

/// A notice to a partner.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notices, treat_none_as_null = true)]
pub struct Notice {
    /// Unique.
    pub id: NoticeId,
    /// To whom.
    pub partner_id: PartnerId,
    /// About which enrollment, if about one.
    #[schema(required = true)]
    pub enrollment_id: Option<EnrollmentId>,
    /// What it is about.
    pub kind: Kind,
    /// In a line.
    #[schema(max_length = 200, example = "You are Gold now")]
    pub subject: String,
    /// In full.
    #[schema(max_length = 5000)]
    pub text: String,
    /// For machines.
    #[schema(value_type = NoticeData)]
    pub data: Json<NoticeData>,
    /// When somebody of the partner first read it.
    #[schema(required = true)]
    pub read_at: Option<Timestamp>,
    /// Who.
    #[schema(required = true, max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub read_by: Option<String>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Which notices to list.
#[derive(Debug, Default)]
pub struct NoticeFilter {
    /// Only to this partner.
    pub partner_id: Option<PartnerId>,
    /// Only about this enrollment.
    pub enrollment_id: Option<EnrollmentId>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only those that were read, or were not.
    pub read: Option<bool>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// A notice to send.
#[derive(Debug, Clone)]
pub(crate) struct NewNotice {
    partner_id: PartnerId,
    enrollment_id: Option<EnrollmentId>,
    kind: Kind,
    subject: String,
    text: String,
    data: NoticeData,
}

impl NewNotice {
    /// What a partner is told of a decision on its tier.
    pub(crate) fn of_tier(decision: &TierDecision) -> Self {
        let (program, to) = (&decision.program, &decision.to_tier);
        let day = decision.grace_until.map(|day| day.to_string()).unwrap_or_default();
        let (kind, subject) = match decision.kind {
            TierKind::GraceBegun => (Kind::GraceBegun, format!("{to} is at risk: you keep it until {day}")),
            TierKind::GraceEnded => (Kind::GraceEnded, format!("You meet {to} again")),
            TierKind::OverrideSet => (Kind::TierOverrideSet, format!("You are {to} by an exception")),
            TierKind::OverrideLifted | TierKind::OverrideExpired => {
                (Kind::TierOverrideEnded, format!("The exception is over: you are {to}"))
            }
            TierKind::Enrolled | TierKind::Promoted | TierKind::Demoted | TierKind::Placed => {
                (Kind::TierChanged, format!("You are {to} now"))
            }
        };
        let data = NoticeData {
            program: program.clone(),
            from: decision.from_tier.clone(),
            to: to.clone(),
            grace_until: decision.grace_until,
        };
        Self {
            partner_id: decision.partner_id,
            enrollment_id: Some(decision.enrollment_id),
            kind,
            subject,
            text: format!("In the program {program}: {}", decision.reason),
            data,
        }
    }
}

/// Sends a notice, in the transaction of what it tells.
pub(crate) fn send(tx: &mut Tx, actor: &Actor, new: NewNotice) -> Result<()> {
    let notice = Notice {
        id: tx.id(),
        partner_id: new.partner_id,
        enrollment_id: new.enrollment_id,
        kind: new.kind,
        subject: new.subject,
        text: new.text,
        data: Json(new.data),
        read_at: None,
        read_by: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(notices::table).values(&notice).execute(tx.sql())?;
    let data = EventData::default().because(notice.kind);
    events::record(tx, actor, NewEvent::new("notice.sent", notice.id, Some(notice.partner_id)).with(data))
}

/// Remembers that the partner has read a notice. Once more changes nothing. `check` sees it as it is.
///
/// # Errors
/// `not_found`; `policy_refuses` for the vendor's people, who read for themselves; those of `check`.
pub fn read(tx: &mut Tx, actor: &Actor, id: NoticeId, check: impl FnOnce(&Notice) -> Result<()>) -> Result<Notice> {
    let before = find(tx, actor, id)?;
    check(&before)?;
    if actor.is_vendor() {
        let detail = "A notice counts as read when somebody of the partner has read it.";
        return Err(Error::new(Code::PolicyRefuses, detail).into());
    }
    if before.read_at.is_some() {
        return Ok(before);
    }
    let (now, reader) = (tx.now(), actor.subject.clone());
    let notice = Notice { read_at: Some(now), read_by: Some(reader), updated_at: now, ..before.clone() };
    diesel::update(notices::table.find(id)).set(&notice).execute(tx.sql())?;
    events::record(tx, actor, NewEvent::new("notice.read", id, Some(notice.partner_id)))?;
    audit::record(tx, actor, "readNotice", id, Some(notice.partner_id), (Some(&before), Some(&notice)))?;
    Ok(notice)
}

/// A notice that the actor may see.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: NoticeId) -> Result<Notice> {
    within_reach!(notices::table.into_boxed(), notices::partner_id, actor)
        .filter(notices::id.eq(id))
        .select(Notice::as_select())
        .first(tx.sql())
        .optional()?
        .ok_or_else(|| Error::not_found("notice").into())
}

/// The notices that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &NoticeFilter, paging: &Paging) -> Result<Page<Notice>> {
    let mut query = within_reach!(notices::table.into_boxed(), notices::partner_id, actor);
    if let Some(partner) = filter.partner_id {
        query = query.filter(notices::partner_id.eq(partner));
    }
    if let Some(enrollment) = filter.enrollment_id {
        query = query.filter(notices::enrollment_id.eq(enrollment));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(notices::kind.eq(kind));
    }
    match filter.read {
        Some(true) => query = query.filter(notices::read_at.is_not_null()),
        Some(false) => query = query.filter(notices::read_at.is_null()),
        None => {}
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(notices::updated_at.ge(after));
    }
    Ok(database::page!(tx, query, paging, "notices", desc(notices::id) as Notice))
}
