//! The organization as its test reaches it, past every API: found it, and let happen what happens to accounts.
//!
//! What is founded is there at once and nothing tells of it. What happens afterwards has its events, and readers see it as
//! late as they see everything here.

use std::fmt;
use std::time::Duration;

use super::events::{self, Departed};
use super::ids::{self, is_organization, is_root, is_unit};
use super::life::{self, Creation};
use super::organization::{Details, Invitation, Joined, Organization, Unit, home};
use crate::ids::AccountId;
use crate::sts::{PolicyError, ResourcePolicy};
use crate::world::World;
use crate::world::accounts::{AccountState, Membership};

/// Levels of units below a root.
const DEEPEST: usize = 5;
const INVITATION: Duration = Duration::from_hours(15 * 24);

/// Why something did not happen to an organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganizationError {
    /// There is no such partition.
    Partition(String),
    /// The text has not the form of the id that stands there.
    Malformed(String),
    /// There is one already: an organization, a unit of this id, one of this name beside it, an invitation.
    Exists(String),
    /// The world has no organization.
    None,
    /// There is no root or unit of this id.
    Unknown(String),
    /// A unit may lie five levels below the root, and no deeper.
    TooDeep(String),
    /// The account is not in the organization.
    NotMember(AccountId),
    /// The account is in an organization already.
    Member(AccountId),
    /// The management account can be neither closed nor removed, and delegates to others only.
    Management(AccountId),
    /// The account is in that unit already.
    There(AccountId),
    /// This cannot happen to an account in this state.
    State(AccountId, AccountState),
    /// Nobody invited the account, or too long ago.
    NotInvited(AccountId),
    /// The policy is refused.
    Policy(PolicyError),
}

impl fmt::Display for OrganizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(name) => write!(f, "there is no partition {name}"),
            Self::Malformed(id) => write!(f, "{id} is no such id"),
            Self::Exists(what) => write!(f, "{what} exists already"),
            Self::None => f.write_str("the world has no organization"),
            Self::Unknown(id) => write!(f, "there is no root or unit {id}"),
            Self::TooDeep(id) => write!(f, "below {id} there are no more than {DEEPEST} levels of units"),
            Self::NotMember(account) => write!(f, "{account} is not in the organization"),
            Self::Member(account) => write!(f, "{account} is in an organization already"),
            Self::Management(account) => write!(f, "{account} is the management account"),
            Self::There(account) => write!(f, "{account} is there already"),
            Self::State(account, state) => write!(f, "{account} is {state:?}"),
            Self::NotInvited(account) => write!(f, "nobody invited {account}"),
            Self::Policy(error) => write!(f, "the policy is refused: {error}"),
        }
    }
}

impl std::error::Error for OrganizationError {}

impl World {
    /// Founds the world's organization, with its management account below its root: `o-exampleorgid`, `r-ab12`.
    pub fn create_organization(
        &mut self,
        management: AccountId,
        id: &str,
        root: &str,
    ) -> Result<(), OrganizationError> {
        self.create_organization_in("aws", management, id, root)
    }

    /// Founds it in another partition, such as `aws-cn`.
    pub fn create_organization_in(
        &mut self,
        partition: &str,
        management: AccountId,
        id: &str,
        root: &str,
    ) -> Result<(), OrganizationError> {
        if home(partition).is_none() {
            return Err(OrganizationError::Partition(partition.to_owned()));
        }
        for (id, fits) in [(id, is_organization(id)), (root, is_root(root))] {
            if !fits {
                return Err(OrganizationError::Malformed(id.to_owned()));
            }
        }
        if let Some(organization) = &self.organization {
            return Err(OrganizationError::Exists(organization.id.clone()));
        }
        let organization = Organization::new(partition, management, id, root, self.now);
        self.accounts.entry(management).membership = Some(organization.place(root));
        self.organization = Some(organization);
        Ok(())
    }

    /// Creates a unit below the root or another unit, and says its ARN.
    pub fn create_unit(&mut self, id: &str, parent: &str, name: &str) -> Result<String, OrganizationError> {
        let organization = self.organization.as_mut().ok_or(OrganizationError::None)?;
        let of_this_root = ids::root_of(id).as_deref() == Some(organization.root());
        if !is_unit(id) || !of_this_root {
            return Err(OrganizationError::Malformed(id.to_owned()));
        }
        let parent = parent_in(organization, parent)?;
        let beside = |unit: &Unit| unit.parent == parent && unit.name == name;
        if organization.units.contains_key(id) || organization.units.values().any(beside) {
            return Err(OrganizationError::Exists(format!("{id} or {name}")));
        }
        if organization.units_down_to(parent).len() >= DEEPEST {
            return Err(OrganizationError::TooDeep(parent.to_owned()));
        }
        Ok(organization.add_unit(id, parent, name))
    }

    /// Puts an account below the root or into a unit, as if it had been there since the organization was founded.
    pub fn enrol_account(&mut self, account: AccountId, parent: &str, name: &str) -> Result<(), OrganizationError> {
        self.outsider(account)?;
        let organization = self.organization.as_mut().ok_or(OrganizationError::None)?;
        let place = organization.place(parent_in(organization, parent)?);
        let details = Details {
            name: name.to_owned(),
            joined: Joined::Created,
            since: organization.founded,
            closed: None,
        };
        organization.details.insert(account, details);
        self.accounts.entry(account).membership = Some(place);
        Ok(())
    }

    /// Sets the organization's resource-based policy, by which it lets other accounts read it. There is one.
    pub fn delegate_organization(&mut self, policy: &str) -> Result<(), OrganizationError> {
        let organization = self.organization.as_ref().ok_or(OrganizationError::None)?;
        let read = ResourcePolicy::of_organization(&self.roles, &organization.partition, policy)
            .map_err(OrganizationError::Policy)?;
        if let Some(organization) = &mut self.organization {
            organization.delegation = Some(read);
        }
        Ok(())
    }

    /// Makes an account the administrator for some service of AWS, which may read the organization by that alone.
    pub fn register_delegated_administrator(&mut self, account: AccountId) -> Result<(), OrganizationError> {
        self.member(account)?;
        let organization = self.manageable(account)?;
        organization.administrators.insert(account);
        Ok(())
    }

    /// Whether a trail logs the organization's calls, without which EventBridge hears of results only. From the start, one does.
    pub fn log_organization_calls(&mut self, logged: bool) -> Result<(), OrganizationError> {
        let organization = self.organization.as_mut().ok_or(OrganizationError::None)?;
        organization.trail = logged;
        Ok(())
    }

    /// Creates an account, as CreateAccount would: a minute later it is there, below the root.
    pub fn create_account(&mut self, account: AccountId, name: &str) -> Result<(), OrganizationError> {
        self.outsider(account)?;
        self.begin_account(Ok((account, name.to_owned())))
    }

    /// Fails to create an account, for a reason of AWS's: `EMAIL_ALREADY_EXISTS`.
    pub fn fail_to_create_account(&mut self, reason: &str) -> Result<(), OrganizationError> {
        self.begin_account(Err(reason.to_owned()))
    }

    /// Moves an account below the root or into a unit, as MoveAccount would.
    pub fn move_account(&mut self, account: AccountId, destination: &str) -> Result<(), OrganizationError> {
        let place = self.member(account)?;
        let organization = self.organization.as_ref().ok_or(OrganizationError::None)?;
        let source = organization.parent(&place).to_owned();
        let destination = parent_in(organization, destination)?;
        if source == destination {
            return Err(OrganizationError::There(account));
        }
        let place = organization.place(destination);
        life::put(self, account, Some(place));
        events::move_called(self, account, &source, destination);
        Ok(())
    }

    /// Invites an account, which may accept within 15 days.
    pub fn invite_account(&mut self, account: AccountId) -> Result<(), OrganizationError> {
        self.outsider(account)?;
        let handshake = format!("h-{:010x}", self.random.below(1 << 40));
        let until = self.now + INVITATION;
        let now = self.now;
        let organization = self.organization.as_mut().ok_or(OrganizationError::None)?;
        if organization
            .invitations
            .get(&account)
            .is_some_and(|open| open.until > now)
        {
            return Err(OrganizationError::Exists(format!("an invitation of {account}")));
        }
        let told = events::handshake(organization, account, &handshake, "OPEN", until);
        organization
            .invitations
            .insert(account, Invitation { handshake, until });
        events::invite_called(self, account, &told);
        Ok(())
    }

    /// Lets an invited account accept: it is in at once, below the root.
    pub fn accept_invitation(&mut self, account: AccountId, name: &str) -> Result<(), OrganizationError> {
        self.outsider(account)?;
        let now = self.now;
        let organization = self.organization.as_mut().ok_or(OrganizationError::None)?;
        let invitation = organization.invitations.remove(&account);
        let Some(Invitation { handshake, until }) = invitation.filter(|open| open.until > now) else {
            return Err(OrganizationError::NotInvited(account));
        };
        let told = events::handshake(organization, account, &handshake, "ACCEPTED", until);
        events::accept_called(self, account, &told);
        life::join(self, account, name.to_owned(), Joined::Invited);
        Ok(())
    }

    /// Takes an account out of the organization, as RemoveAccountFromOrganization would.
    pub fn remove_account(&mut self, account: AccountId) -> Result<(), OrganizationError> {
        self.member(account)?;
        self.manageable(account)?;
        events::remove_called(self, account);
        life::leave(self, account, Departed::Removed);
        Ok(())
    }

    /// Asks to close an account, as CloseAccount would: it works for five more minutes, is closed for 90 days, and then gone.
    pub fn close_account(&mut self, account: AccountId) -> Result<(), OrganizationError> {
        self.member(account)?;
        self.manageable(account)?;
        match self.state_of(account) {
            state @ (AccountState::PendingClosure | AccountState::Closed) => {
                return Err(OrganizationError::State(account, state));
            }
            AccountState::PendingActivation | AccountState::Active | AccountState::Suspended => {}
        }
        events::close_called(self, account);
        life::set_state(self, account, AccountState::PendingClosure);
        life::begin_closure(self, account);
        Ok(())
    }

    /// Lets AWS suspend an account. Nothing tells of it.
    pub fn suspend_account(&mut self, account: AccountId) -> Result<(), OrganizationError> {
        self.member(account)?;
        match self.state_of(account) {
            AccountState::Active => life::set_state(self, account, AccountState::Suspended),
            state => return Err(OrganizationError::State(account, state)),
        }
        Ok(())
    }

    /// Lets AWS take back a suspension, or a closure that is done. Nothing tells of it.
    pub fn reinstate_account(&mut self, account: AccountId) -> Result<(), OrganizationError> {
        self.member(account)?;
        match self.state_of(account) {
            AccountState::Suspended | AccountState::Closed => {}
            state @ (AccountState::Active | AccountState::PendingActivation | AccountState::PendingClosure) => {
                return Err(OrganizationError::State(account, state));
            }
        }
        if let Some(organization) = &mut self.organization {
            organization.details_mut(account).closed = None;
        }
        life::set_state(self, account, AccountState::Active);
        Ok(())
    }

    fn begin_account(&mut self, outcome: Result<(AccountId, String), String>) -> Result<(), OrganizationError> {
        if self.organization.is_none() {
            return Err(OrganizationError::None);
        }
        let request = format!("car-{}", self.random.uuid().replace('-', ""));
        events::create_called(self, &request);
        let requested = self.now;
        let creation = Creation {
            request,
            requested,
            outcome,
        };
        life::begin_creation(self, creation);
        Ok(())
    }

    fn state_of(&self, account: AccountId) -> AccountState {
        self.accounts
            .get(account)
            .map(|account| account.state)
            .unwrap_or_default()
    }

    /// The place of an account in the organization.
    fn member(&self, account: AccountId) -> Result<Membership, OrganizationError> {
        let organization = self.organization.as_ref().ok_or(OrganizationError::None)?;
        let known = self.accounts.get(account);
        let place = known.and_then(|account| account.membership.as_ref());
        place
            .filter(|place| organization.has(place))
            .cloned()
            .ok_or(OrganizationError::NotMember(account))
    }

    /// Refuses an account that is in some organization.
    fn outsider(&self, account: AccountId) -> Result<(), OrganizationError> {
        let known = self.accounts.get(account);
        if known.is_some_and(|account| account.membership.is_some()) {
            return Err(OrganizationError::Member(account));
        }
        Ok(())
    }

    /// The organization, unless this is the account that manages it.
    fn manageable(&mut self, account: AccountId) -> Result<&mut Organization, OrganizationError> {
        let organization = self.organization.as_mut().ok_or(OrganizationError::None)?;
        if organization.management == account {
            return Err(OrganizationError::Management(account));
        }
        Ok(organization)
    }
}

fn parent_in<'a>(organization: &Organization, parent: &'a str) -> Result<&'a str, OrganizationError> {
    if organization.is_parent(parent) {
        Ok(parent)
    } else {
        Err(OrganizationError::Unknown(parent.to_owned()))
    }
}
