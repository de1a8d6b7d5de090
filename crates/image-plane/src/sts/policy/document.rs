//! A policy document, read strictly.

use super::condition::{self, Condition};
use super::error::PolicyError;
use super::json::{Json, Object};
use super::pattern;
use super::principal::{self, Principal, Trusting};

/// A policy: its statements, all of which are looked at for every request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::sts) struct Document {
    pub(super) statements: Vec<Statement>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Statement {
    pub(super) allows: bool,
    /// Whom it speaks of: in policies of roles, keys and organizations, not in those of callers.
    pub(super) principals: Vec<Principal>,
    /// In lower case: actions are compared without regard to it.
    pub(super) actions: Patterns,
    /// What it speaks of: not in trust policies, whose resource is their role.
    pub(super) resources: Option<Patterns>,
    pub(super) conditions: Vec<Condition>,
}

/// Whose policy it is, which says what may stand in it.
#[derive(Clone, Copy)]
enum Kind<'a> {
    /// A role's or a session's: what its holder may do.
    Permissions,
    /// A role's: who may assume it.
    Trust(Trusting<'a>),
    /// A key's: who may do what with it.
    Key(Trusting<'a>),
    /// An organization's: what other accounts than the management account may do with it.
    Delegation(Trusting<'a>),
}

/// What an organization can delegate. <https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate.html>
const DELEGABLE: [&str; 33] = [
    "organizations:attachpolicy",
    "organizations:createpolicy",
    "organizations:deletepolicy",
    "organizations:describeaccount",
    "organizations:describecreateaccountstatus",
    "organizations:describeeffectivepolicy",
    "organizations:describehandshake",
    "organizations:describeorganization",
    "organizations:describeorganizationalunit",
    "organizations:describepolicy",
    "organizations:describeresourcepolicy",
    "organizations:detachpolicy",
    "organizations:disablepolicytype",
    "organizations:enablepolicytype",
    "organizations:listaccounts",
    "organizations:listaccountsforparent",
    "organizations:listawsserviceaccessfororganization",
    "organizations:listchildren",
    "organizations:listcreateaccountstatus",
    "organizations:listdelegatedadministrators",
    "organizations:listdelegatedservicesforaccount",
    "organizations:listhandshakesforaccount",
    "organizations:listhandshakesfororganization",
    "organizations:listorganizationalunitsforparent",
    "organizations:listparents",
    "organizations:listpolicies",
    "organizations:listpoliciesfortarget",
    "organizations:listroots",
    "organizations:listtagsforresource",
    "organizations:listtargetsforpolicy",
    "organizations:tagresource",
    "organizations:untagresource",
    "organizations:updatepolicy",
];

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Patterns {
    pub(super) any_of: Vec<String>,
    pub(super) negated: bool,
}

impl Document {
    /// Reads a role's permission policy, or the policy of a session.
    pub(in crate::sts) fn permissions(text: &str) -> Result<Self, PolicyError> {
        Self::read(text, Kind::Permissions)
    }

    /// Reads a role's trust policy.
    pub(in crate::sts) fn trust(text: &str, trusting: Trusting<'_>) -> Result<Self, PolicyError> {
        Self::read(text, Kind::Trust(trusting))
    }

    /// A document without a statement.
    pub(in crate::sts) const fn silent() -> Self {
        Self { statements: Vec::new() }
    }

    /// Reads a key's policy.
    pub(in crate::sts) fn of_key(text: &str, trusting: Trusting<'_>) -> Result<Self, PolicyError> {
        Self::read(text, Kind::Key(trusting))
    }

    /// Reads an organization's policy, by which it delegates.
    pub(in crate::sts) fn of_organization(text: &str, trusting: Trusting<'_>) -> Result<Self, PolicyError> {
        Self::read(text, Kind::Delegation(trusting))
    }

    fn read(text: &str, kind: Kind<'_>) -> Result<Self, PolicyError> {
        let mut document = Object::new("", Json::parse(text)?)?;
        let variables = match document.text("Version")?.as_deref() {
            Some("2012-10-17") => true,
            Some("2008-10-17") | None => false,
            Some(other) => {
                return Err(PolicyError::malformed(
                    "Version",
                    format!("there is no version {other}"),
                ));
            }
        };
        document.text("Id")?;
        let statements = match document.take("Statement") {
            None => return Err(PolicyError::malformed("Statement", "is missing")),
            Some(Json::List(list)) if list.is_empty() => {
                return Err(PolicyError::malformed("Statement", "must not be empty"));
            }
            Some(Json::List(list)) => list
                .into_iter()
                .enumerate()
                .map(|(place, json)| (format!("Statement[{place}]"), json))
                .collect(),
            Some(one) => vec![(String::from("Statement"), one)],
        };
        document.finish()?;
        let statements = statements
            .into_iter()
            .map(|(path, json)| Statement::read(Object::new(&path, json)?, kind, variables))
            .collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }
}

impl Statement {
    fn read(mut object: Object, kind: Kind<'_>, variables: bool) -> Result<Self, PolicyError> {
        object.text("Sid")?;
        let allows = match object.text("Effect")?.as_deref() {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => {
                return Err(PolicyError::malformed(
                    &object.path_of("Effect"),
                    "must be Allow or Deny",
                ));
            }
        };
        let (path, json) = (object.path_of("Principal"), object.take("Principal"));
        let principals = match (kind, json) {
            (Kind::Trust(trusting) | Kind::Key(trusting) | Kind::Delegation(trusting), Some(json)) => {
                principal::read(&path, json, trusting)?
            }
            (Kind::Trust(_), None) => {
                return Err(PolicyError::malformed(
                    &path,
                    "is missing: a trust policy says whom it trusts",
                ));
            }
            (Kind::Key(_), None) => {
                return Err(PolicyError::malformed(
                    &path,
                    "is missing: a key policy says whom it speaks of",
                ));
            }
            (Kind::Delegation(_), None) => {
                return Err(PolicyError::malformed(&path, "is missing: a delegation says to whom"));
            }
            (Kind::Permissions, Some(_)) => {
                return Err(PolicyError::malformed(
                    &path,
                    "is prohibited: the role is the principal",
                ));
            }
            (Kind::Permissions, None) => Vec::new(),
        };
        let mut actions = Patterns::read(&mut object, "Action", "NotAction")?;
        let mut resources = Patterns::read(&mut object, "Resource", "NotResource")?;
        if matches!(kind, Kind::Key(_)) {
            // KMS takes a statement without one of them, which then speaks of nothing.
            actions.get_or_insert(Patterns::NOTHING);
            resources.get_or_insert(Patterns::NOTHING);
        }
        let actions = actions.ok_or_else(|| PolicyError::malformed(&object.path_of("Action"), "is missing"))?;
        check_actions(&object, &actions, kind)?;
        check_resources(&object, resources.as_ref(), kind, variables)?;
        let conditions = match object.take("Condition") {
            Some(json) => condition::read(&object.path_of("Condition"), json, variables)?,
            None => Vec::new(),
        };
        object.finish()?;
        let actions = Patterns {
            any_of: actions.any_of.iter().map(|one| one.to_ascii_lowercase()).collect(),
            ..actions
        };
        Ok(Self {
            allows,
            principals,
            actions,
            resources,
            conditions,
        })
    }
}

impl Patterns {
    const NOTHING: Self = Self {
        any_of: Vec::new(),
        negated: false,
    };

    fn read(object: &mut Object, name: &str, negated_name: &str) -> Result<Option<Self>, PolicyError> {
        match (object.texts(name)?, object.texts(negated_name)?) {
            (Some(_), Some(_)) => {
                let problem = format!("stands beside {name}: only one of them may");
                Err(PolicyError::malformed(&object.path_of(negated_name), problem))
            }
            (Some(any_of), None) => Ok(Some(Self { any_of, negated: false })),
            (None, Some(any_of)) => Ok(Some(Self { any_of, negated: true })),
            (None, None) => Ok(None),
        }
    }
}

fn check_actions(object: &Object, actions: &Patterns, kind: Kind<'_>) -> Result<(), PolicyError> {
    let path = object.path_of(if actions.negated { "NotAction" } else { "Action" });
    match kind {
        Kind::Trust(_) if actions.negated => {
            return Err(PolicyError::malformed(
                &path,
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ));
        }
        Kind::Delegation(_) if actions.negated => return Err(no_longer(&path)),
        Kind::Permissions | Kind::Trust(_) | Kind::Key(_) | Kind::Delegation(_) => {}
    }
    for action in &actions.any_of {
        let whole = action == "*" && matches!(kind, Kind::Permissions | Kind::Key(_));
        let written = action
            .split_once(':')
            .is_some_and(|(service, name)| plain(service) && plain(name));
        if !whole && !written {
            return Err(PolicyError::malformed(
                &path,
                format!("{action} is not of the form service:Action"),
            ));
        }
        let lower = action.to_ascii_lowercase();
        match kind {
            Kind::Permissions | Kind::Key(_) => {}
            Kind::Trust(_) if lower.starts_with("sts:") => {}
            Kind::Trust(_) => {
                return Err(PolicyError::malformed(
                    &path,
                    "AssumeRole policy may only specify STS AssumeRole actions.",
                ));
            }
            Kind::Delegation(_) if DELEGABLE.iter().any(|one| pattern::matches(&lower, one)) => {}
            Kind::Delegation(_) => {
                let problem = format!("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY: {action}");
                return Err(PolicyError::malformed(&path, problem));
            }
        }
    }
    Ok(())
}

/// Of an organization's policy, since June 30, 2026: a list of what is not meant could grant what nobody meant either.
fn no_longer(path: &str) -> PolicyError {
    PolicyError::malformed(path, "is no longer permitted in a delegation policy")
}

fn plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?' | b'-'))
}

fn check_resources(
    object: &Object,
    resources: Option<&Patterns>,
    kind: Kind<'_>,
    variables: bool,
) -> Result<(), PolicyError> {
    let Some(resources) = resources else {
        return match kind {
            Kind::Trust(_) => Ok(()),
            Kind::Permissions | Kind::Key(_) | Kind::Delegation(_) => {
                Err(PolicyError::malformed(&object.path_of("Resource"), "is missing"))
            }
        };
    };
    let path = object.path_of(if resources.negated { "NotResource" } else { "Resource" });
    match kind {
        Kind::Trust(_) => {
            return Err(PolicyError::malformed(
                &path,
                "is prohibited: the role itself is the resource",
            ));
        }
        Kind::Delegation(_) if resources.negated => return Err(no_longer(&path)),
        Kind::Permissions | Kind::Key(_) | Kind::Delegation(_) => {}
    }
    for resource in &resources.any_of {
        if resource != "*" && !resource.starts_with("arn:") {
            return Err(PolicyError::malformed(
                &path,
                format!("Resource {resource} must be in ARN format or \"*\"."),
            ));
        }
        if variables {
            condition::refuse_variables(&path, resource)?;
        }
    }
    Ok(())
}
