//! Statements are found again: one by its id, or those that fit.

use database::{
    Result, Tx,
    schema::{xapi_statement_keys as keys, xapi_statements as statements},
    within_reach,
};
use diesel::prelude::*;
use kernel::{Actor, Error, Page, Paging, Timestamp};
use serde_json::Value;

use super::{
    attached,
    names::{self, Part},
    show::{self, Format},
    store::Place,
};

diesel::alias!(keys as other: Other);

/// How many bytes of statements a page has, about, with what is attached to them if that is asked for.
const BYTES: usize = 4 * 1024 * 1024;

/// Which statements to list, and how.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only of this agent or identified group.
    pub agent: Option<Value>,
    /// Only with this verb.
    pub verb: Option<String>,
    /// Only about this activity.
    pub activity: Option<String>,
    /// Only of this registration.
    pub registration: Option<String>,
    /// Whether an activity that is named anywhere will do.
    pub related_activities: bool,
    /// Whether an agent who is named anywhere will do.
    pub related_agents: bool,
    /// Only those stored after this time.
    pub since: Option<Timestamp>,
    /// Only those stored at this time or before.
    pub until: Option<Timestamp>,
    /// Whether the oldest come first.
    pub ascending: bool,
    /// How much of each.
    pub format: Format,
    /// Whether what is attached is answered too.
    pub attachments: bool,
    /// Which languages the reader wants (`Accept-Language`).
    pub languages: Option<String>,
}

/// One statement.
#[derive(Debug)]
pub struct Found {
    /// What it says.
    pub statement: Value,
    /// When it was stored.
    pub stored_at: Timestamp,
}

impl Filter {
    /// Whether it asks for what few statements have; many have a verb.
    fn is_narrow(&self) -> bool {
        self.agent.is_some() || self.activity.is_some() || self.registration.is_some()
    }

    /// What a statement must be found by; the rarest first.
    fn keys(&self) -> Vec<String> {
        let part = |broad: bool, strict: Part, related: Part| if broad { related } else { strict };
        let agent = self.agent.as_ref().and_then(names::identifier);
        let agent = agent.map(|name| (part(self.related_agents, Part::Agent, Part::Related), name));
        let of_activity = part(self.related_activities, Part::Activity, Part::RelatedActivity);
        let registration = self.registration.as_ref().map(|id| (Part::Registration, id.to_ascii_lowercase()));
        let activity = self.activity.clone().map(|id| (of_activity, id));
        let verb = self.verb.clone().map(|id| (Part::Verb, id));
        [registration, agent, activity, verb].into_iter().flatten().map(|name| names::key(&name)).collect()
    }
}

/// One that the actor may see, and that was not taken back.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: &str, filter: &Filter) -> Result<Found> {
    one(tx, actor, (id, false), filter)
}

/// One that the actor may see, and that was taken back.
///
/// # Errors
/// `not_found`.
pub fn find_voided(tx: &mut Tx, actor: &Actor, id: &str, filter: &Filter) -> Result<Found> {
    one(tx, actor, (id, true), filter)
}

fn one(tx: &mut Tx, actor: &Actor, (id, voided): (&str, bool), filter: &Filter) -> Result<Found> {
    let own = within_reach!(statements::table.into_boxed(), statements::partner_id.assume_not_null(), actor);
    let found: Option<(String, Timestamp)> = own
        .filter(statements::id.eq(id.to_ascii_lowercase()).and(statements::voided.eq(voided)))
        .select((statements::statement, statements::stored_at))
        .first(tx.sql())
        .optional()?;
    let (text, stored_at) = found.ok_or_else(|| Error::not_found("statement"))?;
    Ok(Found { statement: shown(&text, filter)?, stored_at })
}

fn shown(text: &str, filter: &Filter) -> Result<Value> {
    let statement = serde_json::from_str(text).map_err(|error| database::Error::Internal(error.to_string()))?;
    Ok(filter.format.show(statement, &show::languages(filter.languages.as_deref())))
}

/// Those that fit and that the actor may see, newest first unless asked otherwise. A page ends early where its
/// statements, or what is attached to them, are large.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &Filter, paging: &Paging) -> Result<Page<Value>> {
    let order = if filter.ascending { "xapi_statements_ascending" } else { "xapi_statements" };
    let after: Option<(Timestamp, Place)> = paging.after(order)?;
    let mut found = places(tx, actor, filter, after, paging.fetch())?;
    let all: Vec<Place> = found.iter().map(|(_, place, _)| *place).collect();
    let attached = if filter.attachments { attached::sizes(tx, &all)? } else { Default::default() };
    let fits = |limit: usize| {
        let sizes = found.iter().scan(0_usize, |sum, (_, place, size)| {
            let own = usize::try_from(*size).unwrap_or_default();
            *sum = sum.saturating_add(own).saturating_add(attached.get(place).copied().unwrap_or_default());
            Some(*sum)
        });
        sizes.take_while(|sum| *sum <= limit).count().max(1)
    };
    let (most, asked) = (fits(BYTES), usize::from(paging.limit));
    let shortened = Paging { limit: u8::try_from(most.min(asked)).unwrap_or(paging.limit), ..paging.clone() };
    found.truncate(usize::from(shortened.limit).saturating_add(1));
    let wanted: Vec<Place> = found.iter().take(usize::from(shortened.limit)).map(|(_, place, _)| *place).collect();
    let page = shortened.page(found, order, |(at, place, _)| (*at, *place));
    let texts: Vec<(Place, String)> = statements::table
        .filter(statements::place.eq_any(&wanted))
        .select((statements::place, statements::statement))
        .load(tx.sql())?;
    let mut texts: std::collections::BTreeMap<Place, String> = texts.into_iter().collect();
    let data = wanted.iter().filter_map(|place| texts.remove(place)).map(|text| shown(&text, filter));
    Ok(Page { data: data.collect::<Result<_>>()?, next_cursor: page.next_cursor, total: None })
}

/// The places of those that fit, with how large they are.
fn places(
    tx: &mut Tx,
    actor: &Actor,
    filter: &Filter,
    after: Option<(Timestamp, Place)>,
    limit: i64,
) -> Result<Vec<(Timestamp, Place, i32)>> {
    let mut query = within_reach!(statements::table.into_boxed(), statements::partner_id.assume_not_null(), actor);
    query = query.filter(statements::voided.eq(false));
    let mut wanted = filter.keys();
    if filter.is_narrow() && !wanted.is_empty() {
        // Few have it: the search begins with those.
        let few = keys::table.filter(keys::key.eq(wanted.remove(0))).select(keys::place);
        query = query.filter(statements::place.eq_any(few));
    }
    for key in wanted {
        let named = other.filter(other.field(keys::place).eq(statements::place).and(other.field(keys::key).eq(key)));
        query = query.filter(diesel::dsl::exists(named));
    }
    if let Some(since) = filter.since {
        query = query.filter(statements::stored_at.gt(since));
    }
    if let Some(until) = filter.until {
        query = query.filter(statements::stored_at.le(until));
    }
    if let Some((at, place)) = after {
        let (is_later, is_earlier) = (statements::stored_at.gt(at), statements::stored_at.lt(at));
        query = if filter.ascending {
            query.filter(statements::stored_at.ge(at).and(is_later.or(statements::place.gt(place))))
        } else {
            query.filter(statements::stored_at.le(at).and(is_earlier.or(statements::place.lt(place))))
        };
    }
    // In the order of time; those of one moment in the order in which they were sent.
    query = if filter.ascending {
        query.order((statements::stored_at.asc(), statements::place.asc()))
    } else {
        query.order((statements::stored_at.desc(), statements::place.desc()))
    };
    Ok(query.limit(limit).select((statements::stored_at, statements::place, statements::size)).load(tx.sql())?)
}
