//! What a caller may do: its role's policies, limited by its session's.

use std::collections::BTreeMap;

use super::errors::denied_by_policy;
use super::policy::document::Document;
use super::policy::evaluate::{KeyUse, Request, Subject, Verdict, verdict};
use super::roles::Role;
use super::sessions::Session;
use crate::ids::AccountId;
use crate::organizations::Organization;
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// What an action is about, as far as policies can ask.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Access {
    /// Every one of them must be allowed. None: the resource is `*`, as AWS has it for actions on nothing in
    /// particular; only the pattern `*` covers it, and the keys of a resource's tags and owner are absent.
    pub(crate) resources: Vec<Resource>,
    /// Tags the request would set (`aws:RequestTag`, `aws:TagKeys`); a key without a value where it would delete one.
    pub(crate) request_tags: BTreeMap<String, Option<String>>,
    /// Whom a role is passed to (`iam:PassedToService`).
    pub(crate) passed_to: Option<&'static str>,
    pub(crate) key_use: KeyUse,
    /// The service that makes the call with its caller's permissions (`aws:CalledVia`).
    pub(crate) called_via: Option<&'static str>,
    /// The call that makes what is tagged (`ec2:CreateAction`): `CopyImage`.
    pub(crate) create_action: Option<String>,
}

impl Access {
    /// No resource known.
    pub(crate) fn unknown() -> Self {
        Self::default()
    }
}

/// A resource as policies see it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Resource {
    pub(crate) arn: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// `ec2:Owner`: an account, or `amazon`.
    pub(crate) owner: Option<String>,
}

/// Whether the caller is an account's root, whom no policy limits.
pub(crate) fn is_root(caller: &Caller) -> bool {
    caller.access_key.parse::<AccountId>().is_ok()
}

/// Refuses what the caller's policies do not allow on any one of these resources.
pub(crate) fn authorize_on(
    world: &World,
    caller: &Caller,
    service: Service,
    action: &str,
    access: &Access,
) -> Result<(), ApiError> {
    authorize_named(world, caller, service, &action_name(service, action), access)
}

/// As [`authorize_on`], of any service's action: `ssm:GetParameter`. The service called refuses in its own words.
pub(crate) fn authorize_named(
    world: &World,
    caller: &Caller,
    service: Service,
    action: &str,
    access: &Access,
) -> Result<(), ApiError> {
    let holder = Holder::of(world, caller);
    if matches!(holder.grants, Grants::Everything) {
        return Ok(());
    }
    let compared = action.to_ascii_lowercase();
    let check = |resource: Option<&Resource>| {
        let request = Request {
            action: &compared,
            region: caller.target.region,
            principal: &holder.subject,
            resource,
            tags: &access.request_tags,
            external_id: None,
            passed_to: access.passed_to,
            key_use: &access.key_use,
            called_via: access.called_via,
            create_action: access.create_action.as_deref(),
        };
        holder.permits(&request).map_err(|refusal| {
            denied_by_policy(
                service,
                caller,
                action,
                resource.map(|resource| resource.arn.as_str()),
                refusal,
            )
        })
    };
    if access.resources.is_empty() {
        return check(None);
    }
    access.resources.iter().map(Some).try_for_each(check)
}

/// `ec2:DescribeImages`.
fn action_name(service: Service, action: &str) -> String {
    format!("{service}:{action}")
}

/// Why something is not permitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    DeniedByRole,
    DeniedBySession,
    DeniedByResource,
    NotAllowedByRole,
    NotAllowedBySession,
    NotAllowedByResource,
    /// The role is gone, and with it what its sessions were permitted.
    NoRole,
}

/// A caller with what it holds.
#[derive(Debug)]
pub(super) struct Holder<'a> {
    pub(super) subject: Subject<'a>,
    grants: Grants<'a>,
}

#[derive(Debug)]
enum Grants<'a> {
    /// An account's root.
    Everything,
    Role {
        policies: &'a [Document],
        session: Option<&'a Document>,
    },
    Nothing,
}

impl<'a> Holder<'a> {
    pub(super) fn of(world: &'a World, caller: &Caller) -> Self {
        let account = caller.target.account;
        let membership = world
            .accounts
            .get(account)
            .and_then(|account| account.membership.as_ref());
        let subject = |arn: String, role_id| Subject {
            account,
            arn,
            role_id,
            membership,
            root: world
                .organization
                .as_ref()
                .filter(|organization| membership.is_some_and(|place| organization.has(place)))
                .map(Organization::root),
        };
        if is_root(caller) || world.roles.guests.contains_key(&caller.access_key) {
            return Self {
                subject: subject(caller.arn.clone(), None),
                grants: Grants::Everything,
            };
        }
        // A service of AWS acts by its service-linked role, without a session that anybody could hold the key of.
        if let Some(Role { id, policies, .. }) = world.roles.get(&caller.access_key) {
            return Self {
                subject: subject(caller.arn.clone(), Some(id)),
                grants: Grants::Role {
                    policies,
                    session: None,
                },
            };
        }
        let session = world.roles.sessions.get(&caller.access_key);
        match session.and_then(|session| Some((session, world.roles.of_session(session)?))) {
            Some((Session { role_arn, policy, .. }, Role { id, policies, .. })) => Self {
                subject: subject(role_arn.clone(), Some(id)),
                grants: Grants::Role {
                    policies,
                    session: policy.as_ref(),
                },
            },
            None => Self {
                subject: subject(caller.arn.clone(), None),
                grants: Grants::Nothing,
            },
        }
    }

    /// Whether the holder's own policies permit it.
    pub(super) fn permits(&self, request: &Request<'_>) -> Result<(), Refusal> {
        let (policies, session) = match self.grants {
            Grants::Everything => return Ok(()),
            Grants::Nothing => return Err(Refusal::NoRole),
            Grants::Role { policies, session } => (policies, session),
        };
        let role = verdict(policies, request);
        let session = session.map_or(Verdict::Allowed, |session| verdict([session], request));
        match (role, session) {
            (Verdict::Denied, _) => Err(Refusal::DeniedByRole),
            (_, Verdict::Denied) => Err(Refusal::DeniedBySession),
            (_, Verdict::Silent) => Err(Refusal::NotAllowedBySession),
            (Verdict::Silent, Verdict::Allowed) => Err(Refusal::NotAllowedByRole),
            (Verdict::Allowed, Verdict::Allowed) => Ok(()),
        }
    }
}
