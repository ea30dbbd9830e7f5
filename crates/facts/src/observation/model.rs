//! An observation, as it is sent and as it is shown.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use database::Result;
use kernel::{PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use validator::Validate;

use super::{NOT_DIMENSIONS, broken};
use crate::{Data, FactValue, Reported, store::Row};

/// What other systems may report of what the engine knows too.
pub(super) const TRANSACTIONS: &str = "transactions";
/// As above; these hold over days instead of being of one.
pub(super) const CERTIFICATES: &str = "certificates";

ids! {
    /// An observation. It follows from what is observed, so that corrections keep it.
    ObservationKind = "observation" => ObservationId;
}

/// Days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "2026-01-01", "to": "2026-03-31"}))]
pub struct ObservationPeriod {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// Something that another system has observed of a partner.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Observation {
    /// Unique; a correction keeps it.
    pub id: ObservationId,
    /// Of whom.
    pub partner_id: PartnerId,
    /// What: the name that program documents say after `observation`.
    #[schema(max_length = 64, example = "azure_revenue")]
    pub metric: String,
    /// The day that it is of; null if it is of a period.
    #[schema(required = true)]
    pub day: Option<NaiveDate>,
    /// The period that it is of, or, of certificates, on which they are valid; null if it is of a day.
    #[schema(required = true)]
    pub period: Option<ObservationPeriod>,
    /// What tells it from others of the same day: a region, a product, a person.
    pub dimensions: BTreeMap<String, String>,
    /// What was observed; null for certificates.
    #[schema(required = true)]
    pub value: Option<FactValue>,
    /// What the value counts: a currency, or a word.
    #[schema(required = true, max_length = 40, example = "EUR")]
    pub unit: Option<String>,
    /// The program for which alone it counts, by slug; null for all.
    #[schema(required = true, max_length = 64, example = "reseller")]
    pub program: Option<String>,
    /// The system that reported it.
    #[schema(max_length = 64, example = "sap")]
    pub source: String,
    /// What that system calls it.
    #[schema(required = true, max_length = 200, example = "INV-2026-00417")]
    pub external_id: Option<String>,
    /// Who sent it.
    #[schema(max_length = 120, example = "client_01h455vb4pex5vsknk084sn02q")]
    pub recorded_by: String,
    /// Since when it is known.
    pub recorded_at: Timestamp,
    /// Until when it was known: when it was corrected or withdrawn; null if it holds.
    #[schema(required = true)]
    pub superseded_at: Option<Timestamp>,
}

/// An observation to take.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "partner_id": "partner_01h455vb4pex5vsknk084sn02q", "metric": "azure_revenue",
    "period": {"from": "2026-01-01", "to": "2026-03-31"}, "dimensions": {"region": "emea"},
    "value": "123456.78", "unit": "EUR", "source": "sap"
}))]
pub struct NewObservation {
    /// Of whom.
    pub partner_id: PartnerId,
    /// What: the name that program documents say after `observation`; also `transactions` and `certificates`.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$", max_length = 64, example = "azure_revenue")]
    pub metric: String,
    /// The day that it is of. Either this or `period`.
    #[schema(nullable = false)]
    pub day: Option<NaiveDate>,
    /// The period that it is of; it counts on its last day. Of certificates: from when until when they are valid.
    #[schema(nullable = false)]
    pub period: Option<ObservationPeriod>,
    /// What tells it from others of the same day, by name (`^[a-z][a-z0-9_]{0,63}$`): a region, a product. Certificates
    /// have `person` and `certificate`. At most 10, each of 1 to 200 characters.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// What was observed. Required but of certificates.
    #[schema(nullable = false)]
    pub value: Option<FactValue>,
    /// What the value counts. Where a program counts something else, the value is left out there. Required, as a
    /// currency, of transactions.
    #[schema(nullable = false, min_length = 1, max_length = 40, example = "EUR")]
    pub unit: Option<String>,
    /// The program for which alone it counts, by slug; for all if left out.
    #[schema(nullable = false, min_length = 1, max_length = 64, example = "reseller")]
    pub program: Option<String>,
    /// The system that reports it.
    #[schema(pattern = "^[a-z0-9][a-z0-9._-]{0,63}$", max_length = 64, example = "sap")]
    pub source: String,
    /// What that system calls it. With it, source and external id say what is observed, and all else can be corrected;
    /// without it, day or period and dimensions do.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "INV-2026-00417")]
    pub external_id: Option<String>,
}

/// Observations to take, all or none.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PutObservations {
    /// Each of something else.
    #[schema(min_items = 1, max_items = 1000)]
    pub observations: Vec<NewObservation>,
}

/// What became of the observations, in their order.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ObservationResults {
    /// How many are new.
    #[schema(minimum = 0, maximum = 1000, example = 1)]
    pub created: usize,
    /// How many correct what was known.
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    pub corrected: usize,
    /// How many were known.
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    pub unchanged: usize,
    /// Each, in the order in which they were sent.
    #[schema(max_items = 1000)]
    pub data: Vec<ObservationResult>,
}

impl ObservationResults {
    pub(super) fn count(&mut self, result: ResultKind) {
        match result {
            ResultKind::Created => self.created += 1,
            ResultKind::Corrected => self.corrected += 1,
            ResultKind::Unchanged => self.unchanged += 1,
        }
    }
}

/// What became of an observation.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ObservationResult {
    /// The observation.
    pub id: ObservationId,
    /// What became of it.
    pub result: ResultKind,
}

/// What became of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ObservationResultKind)]
pub enum ResultKind {
    /// Nothing was known of it.
    Created,
    /// Something else was known, which stays in the history.
    Corrected,
    /// The same was known.
    Unchanged,
}

/// Withdraws an observation.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Booked for the wrong partner."}))]
pub struct WithdrawObservation {
    /// Why.
    #[schema(min_length = 1, max_length = 4000, example = "Booked for the wrong partner.")]
    pub reason: String,
}

/// Which observations to list.
#[derive(Debug, Default)]
pub struct ObservationFilter {
    /// Only of this partner.
    pub partner_id: Option<PartnerId>,
    /// Only of this metric.
    pub metric: Option<String>,
    /// Only of this source.
    pub source: Option<String>,
    /// Only of this day or later.
    pub from: Option<NaiveDate>,
    /// Only of this day or earlier.
    pub to: Option<NaiveDate>,
    /// As they were known at this time.
    pub known_at: Option<Timestamp>,
    /// With what was corrected or withdrawn.
    pub history: bool,
    /// Only those recorded, or superseded, at or after this time.
    pub updated_after: Option<Timestamp>,
}

impl NewObservation {
    /// What is observed, as an id: the same for a correction.
    pub(super) fn id(&self) -> ObservationId {
        let first = self.period.map(|period| period.from);
        let subject = match &self.external_id {
            Some(external) => json!(["external", self.source, external]),
            // A certificate that is prolonged is the same; of what else there is, each period is another.
            None if self.metric == CERTIFICATES => {
                json!(["valid", first.or(self.day), self.dimensions.get("person"), self.dimensions.get("certificate")])
            }
            None => json!(["days", first, self.last(), self.dimensions.iter().collect::<Vec<_>>()]),
        };
        let key = json!([self.partner_id, self.metric, subject]).to_string();
        let digest: [u8; 32] = Sha256::digest(key).into();
        let (half, _) = digest.split_at(16);
        ObservationId::from_bytes(half.try_into().unwrap_or_default())
    }

    fn last(&self) -> Option<NaiveDate> {
        self.period.map(|period| period.to).or(self.day)
    }

    /// The observation as a fact.
    pub(super) fn reported(&self, id: ObservationId) -> Reported {
        let text = |text: &String| Value::String(text.clone());
        let mut data: Data = self.dimensions.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let is_transaction = self.metric == TRANSACTIONS;
        let (value, unit) = if is_transaction { ("amount", "currency") } else { ("value", "unit") };
        let given = self.value.as_ref().map(|value| match value {
            FactValue::Boolean(it) => Value::Bool(*it),
            FactValue::Text(it) => text(it),
        });
        data.extend(given.map(|given| (value.to_owned(), given)));
        data.extend(self.unit.as_ref().map(|given| (unit.to_owned(), text(given))));
        data.extend(self.external_id.as_ref().map(|id| ("external_id".to_owned(), text(id))));
        let (day, until) = match self.period {
            Some(period) if self.metric == CERTIFICATES => (Some(period.from), Some(period.to)),
            Some(period) => {
                data.insert("from".to_owned(), json!(period.from));
                (Some(period.to), None)
            }
            None => (self.day, None),
        };
        Reported {
            partner_id: self.partner_id,
            name: self.metric.clone(),
            subject: id.to_string(),
            program: self.program.clone(),
            day,
            until,
            data,
            source: self.source.clone(),
            known_new: false,
        }
    }
}

impl Observation {
    pub(super) fn of(row: Row) -> Result<Self> {
        let mut data: Data = serde_json::from_str(&row.data).map_err(|_| broken("columns"))?;
        let is_transaction = row.name == TRANSACTIONS;
        let (value, unit) = if is_transaction { ("amount", "currency") } else { ("value", "unit") };
        let text = |value: Value| value.as_str().map(str::to_owned);
        let value = match data.remove(value) {
            Some(Value::Bool(it)) => Some(FactValue::Boolean(it)),
            other => other.and_then(text).map(FactValue::Text),
        };
        let from = data.remove("from").and_then(text).and_then(|from| from.parse().ok());
        let (unit, external_id) = (data.remove(unit).and_then(text), data.remove("external_id").and_then(text));
        let period = match (from, row.day, row.until) {
            (Some(from), Some(to), _) | (None, Some(from), Some(to)) => Some(ObservationPeriod { from, to }),
            _ => None,
        };
        data.retain(|name, _| !NOT_DIMENSIONS.contains(&name.as_str()));
        Ok(Self {
            id: row.subject.parse().map_err(|_| broken("an id"))?,
            partner_id: row.partner_id,
            metric: row.name,
            day: row.day.filter(|_| period.is_none()),
            period,
            dimensions: data.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect(),
            value,
            unit,
            program: row.program,
            source: row.source,
            external_id,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
            superseded_at: row.superseded_at,
        })
    }
}
