//! Who is acting, and how far they reach.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumMessage, EnumString, IntoEnumIterator};
use utoipa::ToSchema;

use crate::{Code, Error};

crate::ids! {
    /// A partner company.
    Partner = "partner" => PartnerId;
}

/// What a token may do. Every operation of the API names the scopes that it asks for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumString,
    EnumIter,
    EnumMessage,
    Serialize,
    Deserialize,
    ToSchema,
)]
pub enum Scope {
    /// Read programs.
    #[strum(serialize = "programs:read")]
    #[serde(rename = "programs:read")]
    ProgramsRead,
    /// Add programs, agreements and territories.
    #[strum(serialize = "programs:write")]
    #[serde(rename = "programs:write")]
    ProgramsWrite,
    /// Read partners and what belongs to them: contacts, enrollments, agreements, violations, territories, plans.
    #[strum(serialize = "partners:read")]
    #[serde(rename = "partners:read")]
    PartnersRead,
    /// Add and change partners and enrollments; record violations; assign territories.
    #[strum(serialize = "partners:write")]
    #[serde(rename = "partners:write")]
    PartnersWrite,
    /// Add and change contacts.
    #[strum(serialize = "contacts:write")]
    #[serde(rename = "contacts:write")]
    ContactsWrite,
    /// Accept agreements for a partner.
    #[strum(serialize = "agreements:accept")]
    #[serde(rename = "agreements:accept")]
    AgreementsAccept,
    /// Write, propose and agree business plans.
    #[strum(serialize = "plans:write")]
    #[serde(rename = "plans:write")]
    PlansWrite,
    /// Read what is known of partners: observations and manual facts.
    #[strum(serialize = "facts:read")]
    #[serde(rename = "facts:read")]
    FactsRead,
    /// Enter and withdraw manual facts.
    #[strum(serialize = "facts:write")]
    #[serde(rename = "facts:write")]
    FactsWrite,
    /// Report and withdraw observations.
    #[strum(serialize = "observations:write")]
    #[serde(rename = "observations:write")]
    ObservationsWrite,
    /// Read applications to programs.
    #[strum(serialize = "applications:read")]
    #[serde(rename = "applications:read")]
    ApplicationsRead,
    /// Hand in applications, supply what is asked for, withdraw them.
    #[strum(serialize = "applications:write")]
    #[serde(rename = "applications:write")]
    ApplicationsWrite,
    /// Decide on applications: who approves one makes the partner, its enrollment and its first user.
    #[strum(serialize = "applications:decide")]
    #[serde(rename = "applications:decide")]
    ApplicationsDecide,
    /// Read accounts and the vendor's own opportunities.
    #[strum(serialize = "accounts:read")]
    #[serde(rename = "accounts:read")]
    AccountsRead,
    /// Add and change accounts and the vendor's own opportunities.
    #[strum(serialize = "accounts:write")]
    #[serde(rename = "accounts:write")]
    AccountsWrite,
    /// Read deal registrations.
    #[strum(serialize = "deals:read")]
    #[serde(rename = "deals:read")]
    DealsRead,
    /// Register deals and follow them up.
    #[strum(serialize = "deals:write")]
    #[serde(rename = "deals:write")]
    DealsWrite,
    /// Decide on deal registrations and disputes.
    #[strum(serialize = "deals:decide")]
    #[serde(rename = "deals:decide")]
    DealsDecide,
    /// Read the training catalogue, people, their training and their credentials.
    #[strum(serialize = "training:read")]
    #[serde(rename = "training:read")]
    TrainingRead,
    /// Add and change people; enroll, start and follow up; assign.
    #[strum(serialize = "training:write")]
    #[serde(rename = "training:write")]
    TrainingWrite,
    /// Report what was learned elsewhere: completions, attempts, xAPI statements, imports.
    #[strum(serialize = "training:report")]
    #[serde(rename = "training:report")]
    TrainingReport,
    /// Waive, revoke, move and merge people, and settle what an import left open.
    #[strum(serialize = "training:manage")]
    #[serde(rename = "training:manage")]
    TrainingManage,
    /// Follow the event feed.
    #[strum(serialize = "events:read")]
    #[serde(rename = "events:read")]
    EventsRead,
    /// Read the audit trail.
    #[strum(serialize = "audit:read")]
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Read users.
    #[strum(serialize = "users:read")]
    #[serde(rename = "users:read")]
    UsersRead,
    /// Add and change users.
    #[strum(serialize = "users:write")]
    #[serde(rename = "users:write")]
    UsersWrite,
    /// Read API clients.
    #[strum(serialize = "api_clients:read")]
    #[serde(rename = "api_clients:read")]
    ApiClientsRead,
    /// Add, change and revoke API clients.
    #[strum(serialize = "api_clients:write")]
    #[serde(rename = "api_clients:write")]
    ApiClientsWrite,
    /// Move the sandbox's clock.
    #[strum(serialize = "sandbox:write")]
    #[serde(rename = "sandbox:write")]
    SandboxWrite,
}

/// A set of scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Scope::iter().collect()
    }

    /// Whether the scope is in the set.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Those in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.iter().filter(|scope| other.contains(*scope)).collect()
    }

    /// Each scope, sorted.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

/// As OAuth 2 writes it: separated by spaces.
impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.iter().map(|scope| scope.to_string()).collect::<Vec<_>>().join(" "))
    }
}

/// What a user is to the program: a bundle of scopes and a reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Display, EnumString, EnumIter, Serialize, Deserialize, ToSchema)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Text))]
pub enum Role {
    /// Everything.
    ProgramAdmin,
    /// A channel account manager (CAM): decides, for the partners that they manage.
    ChannelManager,
    /// Reads what money follows from.
    Finance,
    /// Reads programs and partners.
    Marketing,
    /// Reads all business data.
    Analyst,
    /// Runs their own company's side.
    PartnerAdmin,
    /// Works on their own company's side.
    PartnerMember,
    /// A machine with chosen scopes: an API client, never a person.
    Integration,
}

impl Role {
    /// Whether the role belongs to a partner company's people.
    pub fn is_partner(self) -> bool {
        matches!(self, Self::PartnerAdmin | Self::PartnerMember)
    }

    /// The scopes that the role bundles. An integration's are chosen when it is made.
    pub fn scopes(self) -> Scopes {
        use Scope::{
            AccountsRead, AccountsWrite, AgreementsAccept, ApplicationsDecide, ApplicationsRead, ApplicationsWrite,
            ContactsWrite, DealsDecide, DealsRead, DealsWrite, EventsRead, FactsRead, FactsWrite, PartnersRead,
            PartnersWrite, PlansWrite, ProgramsRead, TrainingManage, TrainingRead, TrainingReport, TrainingWrite,
            UsersRead, UsersWrite,
        };
        let list: &[Scope] = match self {
            Self::ProgramAdmin => return Scopes::all(),
            Self::ChannelManager => &[
                ProgramsRead,
                PartnersRead,
                PartnersWrite,
                ContactsWrite,
                AgreementsAccept,
                PlansWrite,
                FactsRead,
                FactsWrite,
                ApplicationsRead,
                ApplicationsWrite,
                ApplicationsDecide,
                AccountsRead,
                AccountsWrite,
                DealsRead,
                DealsWrite,
                DealsDecide,
                TrainingRead,
                TrainingWrite,
                TrainingReport,
                TrainingManage,
                EventsRead,
            ],
            Self::Finance => &[ProgramsRead, PartnersRead, FactsRead, AccountsRead, DealsRead, EventsRead],
            Self::Analyst => &[
                ProgramsRead,
                PartnersRead,
                ApplicationsRead,
                FactsRead,
                AccountsRead,
                DealsRead,
                TrainingRead,
                EventsRead,
            ],
            Self::Marketing => &[ProgramsRead, PartnersRead],
            Self::PartnerAdmin => &[
                ProgramsRead,
                PartnersRead,
                ContactsWrite,
                AgreementsAccept,
                PlansWrite,
                FactsRead,
                ApplicationsRead,
                ApplicationsWrite,
                DealsRead,
                DealsWrite,
                TrainingRead,
                TrainingWrite,
                EventsRead,
                UsersRead,
                UsersWrite,
            ],
            Self::PartnerMember => {
                &[ProgramsRead, PartnersRead, FactsRead, DealsRead, DealsWrite, TrainingRead, TrainingWrite, EventsRead]
            }
            Self::Integration => &[],
        };
        list.iter().copied().collect()
    }
}

/// Whose data an actor reaches. Every finder takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// All of the vendor's.
    Everything,
    /// The partners whose enrollments this user manages.
    ManagedBy(&'a str),
    /// One partner's own.
    Partner(PartnerId),
}

/// Who is acting: a person, an integration, or the engine itself.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user's or API client's id; `system` for the engine.
    pub subject: String,
    /// The role.
    pub role: Role,
    /// The partner company that the actor belongs to; `None` on the vendor's side.
    pub partner: Option<PartnerId>,
    /// What the token allows.
    pub scopes: Scopes,
    /// Where the request came from, for the audit trail.
    pub origin: Origin,
}

/// Of the partner that there is not: real ids begin with a time after 1970.
const NOBODY: [u8; 16] = [0; 16];

/// Where a request came from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The address of the peer, or of the client that a trusted proxy names.
    pub address: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

impl Actor {
    /// The engine itself: policies and clocks.
    pub fn system() -> Self {
        Self {
            subject: "system".into(),
            role: Role::ProgramAdmin,
            partner: None,
            scopes: Scopes::all(),
            origin: Origin::default(),
        }
    }

    /// Somebody without an account who applies to a program: `applicant`, or the application that their token is of.
    /// They hold no scope, and belong to a partner that there is not: whatever takes the actor shows them nothing.
    pub fn applicant(subject: impl Into<String>, origin: Origin) -> Self {
        let (role, partner) = (Role::PartnerMember, Some(PartnerId::from_bytes(NOBODY)));
        Self { subject: subject.into(), role, partner, scopes: Scopes::default(), origin }
    }

    /// Whether the actor is somebody without an account.
    pub fn is_applicant(&self) -> bool {
        self.partner == Some(PartnerId::from_bytes(NOBODY))
    }

    /// Whether the actor is on the vendor's side.
    pub fn is_vendor(&self) -> bool {
        self.partner.is_none()
    }

    /// Whose data the actor reaches.
    pub fn reach(&self) -> Reach<'_> {
        match (self.partner, self.role) {
            (Some(partner), _) => Reach::Partner(partner),
            (None, Role::ChannelManager) => Reach::ManagedBy(&self.subject),
            (None, _) => Reach::Everything,
        }
    }

    /// Refuses what the token does not allow.
    ///
    /// # Errors
    /// `insufficient_scope`, naming the missing scopes.
    pub fn require(&self, scopes: &[Scope]) -> Result<(), Error> {
        let missing: Scopes = scopes.iter().copied().filter(|scope| !self.scopes.contains(*scope)).collect();
        if missing == Scopes::default() {
            return Ok(());
        }
        Err(Error::new(Code::InsufficientScope, format!("This needs the scope {missing}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partner_roles_hold_no_vendor_scope() {
        for role in Role::iter().filter(|role| role.is_partner()) {
            for scope in [
                Scope::DealsDecide,
                Scope::ApplicationsDecide,
                Scope::AccountsRead,
                Scope::PartnersWrite,
                Scope::ObservationsWrite,
                Scope::TrainingReport,
                Scope::TrainingManage,
                Scope::AuditRead,
            ] {
                assert!(!role.scopes().contains(scope), "{role} holds {scope}");
            }
        }
    }

    #[test]
    fn an_applicant_is_no_vendor_and_reaches_nothing() {
        let applicant = Actor::applicant("applicant", Origin::default());
        assert!(applicant.is_applicant() && !applicant.is_vendor() && applicant.scopes == Scopes::default());
        assert!(matches!(applicant.reach(), Reach::Partner(_)) && !Actor::system().is_applicant());
    }

    #[test]
    fn scopes_read_as_they_are_written() {
        for scope in Scope::iter() {
            assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.to_string());
        }
    }
}
