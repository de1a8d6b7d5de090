//! IAM roles: who may assume them, and what they may do.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::guests::Guest;
use super::policy::document::Document;
use super::policy::error::PolicyError;
use super::policy::principal::Trusting;
use super::sessions::{BASE32, Session, Sessions, draw};
use crate::ids::AccountId;
use crate::random::Random;
use crate::region::Region;

/// How long a session may last where its role says nothing else.
const DEFAULT_MAX_SESSION: Duration = Duration::from_hours(1);

/// A role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Role {
    pub(super) account: AccountId,
    pub(super) partition: String,
    /// Without its path.
    pub(super) name: String,
    /// `AROA…`: another for each role ever made, also under the same name.
    pub(super) id: String,
    pub(super) trust: Document,
    pub(super) policies: Vec<Document>,
    pub(super) max_session: Duration,
}

/// Roles and the sessions assumed from them.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    by_arn: BTreeMap<String, Role>,
    pub(super) sessions: Sessions,
    /// Callers that somebody outside knows and judges, by their access key.
    pub(super) guests: BTreeMap<String, Guest>,
}

/// Why a role was not created or changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoleError {
    /// There is no such partition.
    Partition(String),
    /// Not `name`, nor `/path/name`, in IAM's characters.
    Name(String),
    /// The account has a role of this name, whatever its path and case.
    Exists(String),
    /// There is no role with this ARN.
    Unknown(String),
    /// The trust policy is refused.
    Trust(PolicyError),
    /// The permission policy at this place is refused.
    Policy(usize, PolicyError),
    /// Sessions last at most between one and twelve hours.
    MaxSession(Duration),
}

impl fmt::Display for RoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(name) => write!(f, "there is no partition {name}"),
            Self::Name(name) => write!(f, "{name} is no name of a role"),
            Self::Exists(arn) => write!(f, "{arn} exists already"),
            Self::Unknown(arn) => write!(f, "there is no role {arn}"),
            Self::Trust(error) => write!(f, "the trust policy is refused: {error}"),
            Self::Policy(place, error) => write!(f, "permission policy {place} is refused: {error}"),
            Self::MaxSession(most) => write!(f, "sessions of at most {most:?} are not between 1 h and 12 h"),
        }
    }
}

impl std::error::Error for RoleError {}

impl Roles {
    pub(super) fn get(&self, arn: &str) -> Option<&Role> {
        self.by_arn.get(arn)
    }

    pub(super) fn get_mut(&mut self, arn: &str) -> Result<&mut Role, RoleError> {
        self.by_arn
            .get_mut(arn)
            .ok_or_else(|| RoleError::Unknown(arn.to_owned()))
    }

    /// The unique id of the role that has this ARN now.
    pub(super) fn id(&self, arn: &str) -> Option<String> {
        self.get(arn).map(|role| role.id.clone())
    }

    /// The role a session was made from, unless it is gone.
    pub(super) fn of_session(&self, session: &Session) -> Option<&Role> {
        self.get(&session.role_arn).filter(|role| role.id == session.role_id)
    }

    pub(super) fn create(
        &mut self,
        partition: &str,
        account: AccountId,
        name_or_path: &str,
        trust: &str,
        policies: &[&str],
        random: &mut Random,
    ) -> Result<String, RoleError> {
        if !Region::all().any(|region| region.partition() == partition) {
            return Err(RoleError::Partition(partition.to_owned()));
        }
        let full_name = name_or_path.strip_prefix('/').unwrap_or(name_or_path);
        let name = check_name(full_name).ok_or_else(|| RoleError::Name(name_or_path.to_owned()))?;
        let same = |role: &Role| role.account == account && role.name.eq_ignore_ascii_case(name);
        if let Some((arn, _)) = self.by_arn.iter().find(|(_, role)| same(role)) {
            return Err(RoleError::Exists(arn.clone()));
        }
        let arn = format!("arn:{partition}:iam::{account}:role/{full_name}");
        let trust = self.read_trust(partition, trust)?;
        let policies = read_policies(policies)?;
        let role = Role {
            account,
            partition: partition.to_owned(),
            name: name.to_owned(),
            id: format!("AROA{}", draw(random, BASE32, 17)),
            trust,
            policies,
            max_session: DEFAULT_MAX_SESSION,
        };
        self.by_arn.insert(arn.clone(), role);
        Ok(arn)
    }

    pub(super) fn delete(&mut self, arn: &str) -> Result<(), RoleError> {
        self.by_arn
            .remove(arn)
            .map(|_| ())
            .ok_or_else(|| RoleError::Unknown(arn.to_owned()))
    }

    /// Reads a trust policy.
    pub(super) fn read_trust(&self, partition: &str, text: &str) -> Result<Document, RoleError> {
        self.read_policy(partition, text, Document::trust)
            .map_err(RoleError::Trust)
    }

    /// Reads a policy that names principals. The roles among them are looked up now, and never again.
    pub(super) fn read_policy(
        &self,
        partition: &str,
        text: &str,
        read: fn(&str, Trusting<'_>) -> Result<Document, PolicyError>,
    ) -> Result<Document, PolicyError> {
        let role_id = |arn: &str| self.id(arn);
        let trusting = Trusting {
            partition,
            role_id: &role_id,
        };
        read(text, trusting)
    }
}

pub(super) fn read_policies(policies: &[&str]) -> Result<Vec<Document>, RoleError> {
    let read =
        |(place, text): (usize, &&str)| Document::permissions(text).map_err(|error| RoleError::Policy(place, error));
    policies.iter().enumerate().map(read).collect()
}

/// The last part of `path/name`, where all of it is in IAM's characters.
fn check_name(full_name: &str) -> Option<&str> {
    let (path, name) = full_name.rsplit_once('/').unwrap_or(("", full_name));
    let in_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let name_fits = (1..=64).contains(&name.len()) && name.chars().all(in_name);
    let path_fits = path.len() <= 510 && path.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '*' | '?'));
    (name_fits && path_fits).then_some(name)
}
