//! Territories: where, and to whom, a partner may sell; an exclusive one is one partner's alone.

use database::{
    Json, Result, Sought, Tx,
    schema::{partners, territories, territory_assignments as assignments},
    within_reach,
};
use diesel::prelude::*;
use events::{NewEvent, audit};
use kernel::{Actor, Code, Country, Error, Page, Paging, PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    area::{Area, Region},
    enrollment::{self, Enrollment, EnrollmentId},
};

ids! {
    /// A territory.
    TerritoryKind = "territory" => TerritoryId;
}

/// Where, and to whom, the partners to whom it is assigned may sell in a program.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Territory {
    /// Unique.
    pub id: TerritoryId,
    /// The program, by slug.
    #[schema(max_length = 64, example = "reseller")]
    pub program: String,
    /// How people call it; unique in the program.
    #[schema(max_length = 200, example = "DACH, public sector")]
    pub name: String,
    /// Whether it is one partner's alone.
    pub exclusive: bool,
    /// Its countries, besides those of its regions; without either it is everywhere.
    #[schema(max_items = 250)]
    pub countries: Vec<Country>,
    /// Its regions, by name.
    #[schema(max_items = 50)]
    pub regions: Vec<Region>,
    /// The segments of customers; empty means all.
    #[schema(max_items = 50, example = json!(["enterprise"]))]
    pub segments: Vec<String>,
    /// The industries of customers; empty means all.
    #[schema(max_items = 50, example = json!(["public_sector"]))]
    pub industries: Vec<String>,
    /// The enrollments to which it is assigned; a partner sees its own alone.
    #[schema(max_items = 10_000)]
    pub enrollment_ids: Vec<EnrollmentId>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed or assigned.
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = territories)]
struct Row {
    id: TerritoryId,
    program: String,
    name: String,
    exclusive: bool,
    countries: Json<Vec<Country>>,
    regions: Json<Vec<Region>>,
    segments: Json<Vec<String>>,
    industries: Json<Vec<String>>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn area(&self) -> Area<'_> {
        Area::new(&self.countries.0, &self.regions.0, &self.segments.0, &self.industries.0)
    }
}

/// A territory to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "program": "reseller", "name": "DACH, public sector", "exclusive": true,
    "regions": [{"name": "DACH", "countries": ["AT", "CH", "DE"]}], "industries": ["public_sector"]
}))]
pub struct NewTerritory {
    /// The program, by slug.
    #[schema(min_length = 1, max_length = 64, example = "reseller")]
    pub program: String,
    /// How people call it; unique in the program.
    #[schema(min_length = 1, max_length = 200, example = "DACH, public sector")]
    pub name: String,
    /// Whether it is one partner's alone.
    #[serde(default)]
    pub exclusive: bool,
    /// Its countries, besides those of its regions; without either it is everywhere.
    #[serde(default)]
    #[schema(max_items = 250)]
    pub countries: Vec<Country>,
    /// Its regions, by name.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub regions: Vec<Region>,
    /// The segments of customers; empty means all.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub segments: Vec<String>,
    /// The industries of customers; empty means all.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub industries: Vec<String>,
}

/// Changes to a territory; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"countries": ["DE", "LI"]}))]
pub struct TerritoryUpdate {
    /// How people call it; unique in the program.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Whether it is one partner's alone.
    #[schema(nullable = false)]
    pub exclusive: Option<bool>,
    /// Its countries, besides those of its regions; without either it is everywhere.
    #[schema(nullable = false, max_items = 250)]
    pub countries: Option<Vec<Country>>,
    /// Its regions, by name.
    #[schema(nullable = false, max_items = 50)]
    pub regions: Option<Vec<Region>>,
    /// The segments of customers; empty means all.
    #[schema(nullable = false, max_items = 50)]
    pub segments: Option<Vec<String>>,
    /// The industries of customers; empty means all.
    #[schema(nullable = false, max_items = 50)]
    pub industries: Option<Vec<String>>,
}

/// Names the enrollment to which a territory is assigned, or no longer.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct AssignTerritory {
    /// The enrollment, in the territory's program.
    pub enrollment_id: EnrollmentId,
}

/// Which territories to list.
#[derive(Debug, Default)]
pub struct TerritoryFilter {
    /// Only of this program.
    pub program: Option<String>,
    /// Only those assigned to this enrollment.
    pub enrollment_id: Option<EnrollmentId>,
    /// Only those assigned to this partner.
    pub partner_id: Option<PartnerId>,
    /// Only those that are one partner's alone, or are not.
    pub exclusive: Option<bool>,
    /// Only those changed or assigned at or after this time.
    pub updated_after: Option<Timestamp>,
}

/// Adds a territory; it is nobody's yet.
///
/// # Errors
/// `invalid_body` for an unknown program; `already_exists`.
pub fn create(tx: &mut Tx, actor: &Actor, new: NewTerritory) -> Result<Territory> {
    if programs::current(tx, &new.program)?.is_none() {
        return Err(Error::invalid("/program", "unknown_reference", "is not a known program").into());
    }
    let row = Row {
        id: tx.id(),
        program: new.program,
        name: new.name,
        exclusive: new.exclusive,
        countries: Json(new.countries),
        regions: Json(new.regions),
        segments: Json(new.segments),
        industries: Json(new.industries),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    refuse_taken(tx, &row)?;
    diesel::insert_into(territories::table).values(&row).execute(tx.sql())?;
    let territory = show(tx, actor, row)?;
    events::record(tx, actor, NewEvent::new("territory.created", territory.id, None))?;
    audit::record(tx, actor, "createTerritory", territory.id, None, (None::<&Territory>, Some(&territory)))?;
    Ok(territory)
}

/// Changes a territory. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; `already_exists`; `territory_conflict` when it would overlap another partner's; those of `check`.
pub fn update(
    tx: &mut Tx,
    actor: &Actor,
    id: TerritoryId,
    new: TerritoryUpdate,
    check: impl FnOnce(&Territory) -> Result<()>,
) -> Result<Territory> {
    change(tx, actor, id, ("territory.updated", "updateTerritory"), check, |tx, row| {
        row.name = new.name.unwrap_or_else(|| row.name.clone());
        row.exclusive = new.exclusive.unwrap_or(row.exclusive);
        row.countries = new.countries.map_or_else(|| row.countries.clone(), Json);
        row.regions = new.regions.map_or_else(|| row.regions.clone(), Json);
        row.segments = new.segments.map_or_else(|| row.segments.clone(), Json);
        row.industries = new.industries.map_or_else(|| row.industries.clone(), Json);
        refuse_taken(tx, row)?;
        refuse_overlap(tx, row)?;
        Ok(None)
    })
}

/// Assigns a territory to an enrollment. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_body`; `already_exists`; `territory_conflict` when it would overlap another partner's; those of
/// `check`.
pub fn assign(
    tx: &mut Tx,
    actor: &Actor,
    id: TerritoryId,
    request: &AssignTerritory,
    check: impl FnOnce(&Territory) -> Result<()>,
) -> Result<Territory> {
    change(tx, actor, id, ("territory.assigned", "assignTerritory"), check, |tx, row| {
        let enrollment = enrollment_in(tx, actor, row, request)?;
        let there = assignments::table.find((id, enrollment.id)).select(assignments::partner_id);
        if there.first::<PartnerId>(tx.sql()).optional()?.is_some() {
            let detail = "The territory is assigned to this enrollment already.";
            return Err(Error::new(Code::AlreadyExists, detail).into());
        }
        let assignment = (
            assignments::territory_id.eq(id),
            assignments::enrollment_id.eq(enrollment.id),
            assignments::partner_id.eq(enrollment.partner_id),
            assignments::created_at.eq(tx.now()),
        );
        diesel::insert_into(assignments::table).values(assignment).execute(tx.sql())?;
        refuse_overlap(tx, row)?;
        Ok(Some(enrollment.partner_id))
    })
}

/// Takes a territory from an enrollment. `check` sees it as it is, before anything changes.
///
/// # Errors
/// `not_found`; `invalid_body`; those of `check`.
pub fn unassign(
    tx: &mut Tx,
    actor: &Actor,
    id: TerritoryId,
    request: &AssignTerritory,
    check: impl FnOnce(&Territory) -> Result<()>,
) -> Result<Territory> {
    change(tx, actor, id, ("territory.unassigned", "unassignTerritory"), check, |tx, row| {
        let enrollment = enrollment_in(tx, actor, row, request)?;
        let there = assignments::table.find((id, enrollment.id));
        if diesel::delete(there).execute(tx.sql())? == 0 {
            return Err(Error::invalid("/enrollment_id", "not_assigned", "does not have the territory").into());
        }
        Ok(Some(enrollment.partner_id))
    })
}

/// A territory that the actor may see: a partner those assigned to it, the vendor's people all.
///
/// # Errors
/// `not_found`.
pub fn find(tx: &mut Tx, actor: &Actor, id: TerritoryId) -> Result<Territory> {
    let row = row(tx, actor, id)?;
    show(tx, actor, row)
}

/// The territories that the actor may see, newest first.
///
/// # Errors
/// `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, filter: &TerritoryFilter, paging: &Paging) -> Result<Page<Territory>> {
    let mut query = territories::table.into_boxed();
    if let Some(partner) = actor.partner {
        let own = assignments::table.filter(assignments::partner_id.eq(partner)).select(assignments::territory_id);
        query = query.filter(territories::id.eq_any(own));
    }
    // What is not within reach is nobody's: an open territory must not tell who else has it.
    if let Some(partner) = filter.partner_id {
        let reached = within_reach!(partners::table.into_boxed(), partners::id, actor).filter(partners::id.eq(partner));
        let seen: Option<PartnerId> = reached.select(partners::id).first(tx.sql()).optional()?;
        let own = assignments::table.filter(assignments::partner_id.nullable().eq(seen));
        query = query.filter(territories::id.eq_any(own.select(assignments::territory_id)));
    }
    if let Some(enrollment) = filter.enrollment_id {
        let seen = enrollment::find(tx, actor, enrollment).if_there()?.map(|one| one.id);
        let own = assignments::table.filter(assignments::enrollment_id.nullable().eq(seen));
        query = query.filter(territories::id.eq_any(own.select(assignments::territory_id)));
    }
    if let Some(program) = &filter.program {
        query = query.filter(territories::program.eq(program));
    }
    if let Some(exclusive) = filter.exclusive {
        query = query.filter(territories::exclusive.eq(exclusive));
    }
    if let Some(after) = filter.updated_after {
        query = query.filter(territories::updated_at.ge(after));
    }
    database::page!(tx, query, paging, "territories", desc(territories::id) as Row).try_map(|row| show(tx, actor, row))
}

/// The countries in which the partner may sell; empty means everywhere. Without a territory those of the enrollment.
///
/// # Errors
/// When the database cannot be read.
pub fn countries_of(tx: &mut Tx, enrollment: &Enrollment) -> Result<Vec<Country>> {
    let own = assignments::table.filter(assignments::enrollment_id.eq(enrollment.id)).select(assignments::territory_id);
    let rows: Vec<Row> =
        territories::table.filter(territories::id.eq_any(own)).select(Row::as_select()).load(tx.sql())?;
    if rows.is_empty() {
        return Ok(enrollment.countries.0.clone());
    }
    let mut countries = Vec::new();
    for row in &rows {
        let area = row.area();
        if area.countries.is_empty() {
            return Ok(Vec::new());
        }
        countries.extend(area.countries);
    }
    countries.sort_unstable();
    countries.dedup();
    Ok(countries)
}

/// Loads a territory, has it changed, and tells of it; the change says whom it concerns.
fn change(
    tx: &mut Tx,
    actor: &Actor,
    id: TerritoryId,
    (event, operation): (&'static str, &str),
    check: impl FnOnce(&Territory) -> Result<()>,
    work: impl FnOnce(&mut Tx, &mut Row) -> Result<Option<PartnerId>>,
) -> Result<Territory> {
    let mut row = row(tx, actor, id)?;
    let before = show(tx, actor, row.clone())?;
    check(&before)?;
    let partner = work(tx, &mut row)?;
    row.updated_at = tx.now();
    diesel::update(territories::table.find(id)).set(&row).execute(tx.sql())?;
    let after = show(tx, actor, row)?;
    events::record(tx, actor, NewEvent::new(event, id, partner))?;
    audit::record(tx, actor, operation, id, partner, (Some(&before), Some(&after)))?;
    Ok(after)
}

fn enrollment_in(tx: &mut Tx, actor: &Actor, row: &Row, request: &AssignTerritory) -> Result<Enrollment> {
    let found = enrollment::find(tx, actor, request.enrollment_id).if_there()?.filter(|one| one.program == row.program);
    let detail = format!("is not an enrollment in {} that you can see", row.program);
    found.ok_or_else(|| Error::invalid("/enrollment_id", "unknown_reference", detail).into())
}

fn row(tx: &mut Tx, actor: &Actor, id: TerritoryId) -> Result<Row> {
    let mut query = territories::table.filter(territories::id.eq(id)).into_boxed();
    if let Some(partner) = actor.partner {
        let own = assignments::table.filter(assignments::partner_id.eq(partner)).select(assignments::territory_id);
        query = query.filter(territories::id.eq_any(own));
    }
    let found = query.select(Row::as_select()).first(tx.sql()).optional()?;
    found.ok_or_else(|| Error::not_found("territory").into())
}

fn show(tx: &mut Tx, actor: &Actor, row: Row) -> Result<Territory> {
    let enrollment_ids = within_reach!(assignments::table.into_boxed(), assignments::partner_id, actor)
        .filter(assignments::territory_id.eq(row.id))
        .order(assignments::enrollment_id)
        .select(assignments::enrollment_id)
        .load(tx.sql())?;
    Ok(Territory {
        id: row.id,
        program: row.program,
        name: row.name,
        exclusive: row.exclusive,
        countries: row.countries.0,
        regions: row.regions.0,
        segments: row.segments.0,
        industries: row.industries.0,
        enrollment_ids,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn refuse_taken(tx: &mut Tx, row: &Row) -> Result<()> {
    let same = territories::program.eq(&row.program).and(territories::name.eq(&row.name));
    let other = territories::table.filter(same.and(territories::id.ne(row.id))).select(territories::id);
    match other.first::<TerritoryId>(tx.sql()).optional()? {
        Some(_) => Err(Error::new(Code::AlreadyExists, "The program has a territory of this name already.")
            .with_fault("/name", "taken", "belongs to another territory")
            .into()),
        None => Ok(()),
    }
}

/// Refuses what would give two partners the same. Everything that is looked at is read in the serializable transaction
/// that writes, so that two who come at once cannot both find it free.
fn refuse_overlap(tx: &mut Tx, row: &Row) -> Result<()> {
    if !row.exclusive {
        return Ok(());
    }
    let own = partners_of(tx, row.id)?;
    let mut refusal = Error::new(Code::TerritoryConflict, "");
    if own.len() > 1 {
        let detail = format!("{} ({}) is exclusive, and would be that of several partners.", row.name, row.id);
        refusal = refusal.with_fault("", "several_partners", detail);
    }
    let others: Vec<Row> = territories::table
        .filter(territories::program.eq(&row.program).and(territories::exclusive.eq(true)))
        .filter(territories::id.ne(row.id))
        .order(territories::id)
        .select(Row::as_select())
        .load(tx.sql())?;
    for other in others {
        let Some(place) = row.area().overlap(&other.area()) else { continue };
        let theirs = partners_of(tx, other.id)?;
        if own.iter().any(|partner| theirs.iter().any(|their| their != partner)) {
            let detail =
                format!("It overlaps another partner's exclusive territory {} ({}) {place}.", other.name, other.id);
            refusal = refusal.with_fault("", "overlap", detail);
        }
    }
    match refusal.faults.first() {
        Some(first) => Err(Error { detail: first.detail.clone(), ..refusal.clone() }.into()),
        None => Ok(()),
    }
}

fn partners_of(tx: &mut Tx, id: TerritoryId) -> Result<Vec<PartnerId>> {
    let of = assignments::table.filter(assignments::territory_id.eq(id));
    let mut partners: Vec<PartnerId> = of.select(assignments::partner_id).load(tx.sql())?;
    partners.sort_unstable();
    partners.dedup();
    Ok(partners)
}
