//! The event feed.

use actix_web::{
    get,
    web::{Data, Path},
};
use events::{
    Event,
    event::EventId,
    feed::{follow, give_places, has_unplaced},
};
use kernel::Paging;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Outcome, Problem, Query, list_of};

list_of!(EventList of Event, cursor = "after");

/// How often a reader makes way for another that gives places, before it says that it is busy.
const TURNS: usize = 50;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(get_one);
}

/// Which events to read.
#[derive(Debug, Deserialize, IntoParams)]
struct FeedQuery {
    /// Where to go on: the `next_cursor` of the page before, or the id of the last event that you have. Without it,
    /// from the beginning.
    #[param(min_length = 1, max_length = 100, nullable = false)]
    after: Option<String>,
    /// Only of these types, separated by commas.
    #[param(max_items = 50, nullable = false, example = json!(["deal_registration.approved"]))]
    types: Option<Vec<String>>,
    /// How many to answer at most.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<i64>, nullable = false)]
    limit: Option<u8>,
}

/// Follow the events
///
/// Oldest first, complete and always in the same order: who asks again and again with the last `next_cursor` misses
/// no event and gets none twice. On an empty page `next_cursor` is null: keep the one that you have.
#[utoipa::path(
    operation_id = "listEvents",
    tag = "events",
    security(("oauth2" = ["events:read"])),
    params(FeedQuery),
    responses((status = 200, description = "The next events.", body = EventList))
)]
#[get("/v1/events")]
async fn list(app: Data<App>, call: Call, query: Query<FeedQuery>) -> Outcome {
    place_all(&app).await?;
    let FeedQuery { after, types, limit } = query.0;
    let limit = limit.unwrap_or(Paging::DEFAULT_LIMIT).clamp(1, Paging::MAX_LIMIT);
    let types = types.unwrap_or_default();
    app.list::<EventList>(call, move |tx, actor| follow(tx, actor, after.as_deref(), &types, limit)).await
}

/// Get an event
///
/// One immutable fact.
#[utoipa::path(
    operation_id = "getEvent",
    tag = "events",
    security(("oauth2" = ["events:read"])),
    params(("id" = EventId, Path, description = "The event.")),
    responses((status = 200, description = "The event.", body = Event))
)]
#[get("/v1/events/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<EventId>) -> Outcome {
    app.get(call, move |tx, actor| events::feed::find(tx, actor, *id)).await
}

/// Gives a place to every event that was committed before this reader came. Most often there is nothing to do, and
/// a look tells so.
async fn place_all(app: &App) -> Result<(), Problem> {
    for _ in 0..TURNS {
        if !app.database.read(has_unplaced).await? || !app.database.write(give_places).await? {
            return Ok(());
        }
    }
    Ok(())
}
