//! A policy document, read strictly.

use super::condition::{self, Condition};
use super::error::PolicyError;
use super::json::{Json, Object};
use super::principal::{self, Principal, Trusting};

/// What a document is attached to, which decides what it may say.
#[derive(Clone, Copy)]
enum Attached<'a> {
    /// A role or a session, which is the principal.
    Principal,
    /// A role that says who may assume it.
    Role(Trusting<'a>),
    /// A key, which says who may do what with it.
    Key(Trusting<'a>),
}

/// A policy: its statements, all of which are looked at for every request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::sts) struct Document {
    pub(super) statements: Vec<Statement>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Statement {
    pub(super) allows: bool,
    /// Whom it speaks of: not in permission policies.
    pub(super) principals: Vec<Principal>,
    /// In lower case: actions are compared without regard to it.
    pub(super) actions: Patterns,
    /// What it speaks of: not in trust policies, whose resource is their role.
    pub(super) resources: Option<Patterns>,
    pub(super) conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Patterns {
    pub(super) any_of: Vec<String>,
    pub(super) negated: bool,
}

impl Document {
    /// Reads a role's permission policy, or the policy of a session.
    pub(in crate::sts) fn permissions(text: &str) -> Result<Self, PolicyError> {
        Self::read(text, Attached::Principal)
    }

    /// Reads a role's trust policy.
    pub(in crate::sts) fn trust(text: &str, trusting: Trusting<'_>) -> Result<Self, PolicyError> {
        Self::read(text, Attached::Role(trusting))
    }

    /// A document without a statement.
    pub(in crate::sts) const fn silent() -> Self {
        Self { statements: Vec::new() }
    }

    /// Reads a key's policy.
    pub(in crate::sts) fn of_key(text: &str, trusting: Trusting<'_>) -> Result<Self, PolicyError> {
        Self::read(text, Attached::Key(trusting))
    }

    fn read(text: &str, attached: Attached<'_>) -> Result<Self, PolicyError> {
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
            .map(|(path, json)| Statement::read(Object::new(&path, json)?, attached, variables))
            .collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }
}

impl Statement {
    fn read(mut object: Object, attached: Attached<'_>, variables: bool) -> Result<Self, PolicyError> {
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
        let principals = match (attached, json) {
            (Attached::Role(trusting) | Attached::Key(trusting), Some(json)) => principal::read(&path, json, trusting)?,
            (Attached::Role(_), None) => {
                return Err(PolicyError::malformed(
                    &path,
                    "is missing: a trust policy says whom it trusts",
                ));
            }
            (Attached::Key(_), None) => {
                return Err(PolicyError::malformed(
                    &path,
                    "is missing: a key policy says whom it speaks of",
                ));
            }
            (Attached::Principal, Some(_)) => {
                return Err(PolicyError::malformed(
                    &path,
                    "is prohibited: the role is the principal",
                ));
            }
            (Attached::Principal, None) => Vec::new(),
        };
        let trust = matches!(attached, Attached::Role(_));
        let mut actions = Patterns::read(&mut object, "Action", "NotAction")?;
        let mut resources = Patterns::read(&mut object, "Resource", "NotResource")?;
        if matches!(attached, Attached::Key(_)) {
            // KMS takes a statement without one of them, which then speaks of nothing.
            actions.get_or_insert(Patterns::NOTHING);
            resources.get_or_insert(Patterns::NOTHING);
        }
        let actions = actions.ok_or_else(|| PolicyError::malformed(&object.path_of("Action"), "is missing"))?;
        check_actions(&object, &actions, trust)?;
        check_resources(&object, resources.as_ref(), trust, variables)?;
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

fn check_actions(object: &Object, actions: &Patterns, trust: bool) -> Result<(), PolicyError> {
    let path = object.path_of(if actions.negated { "NotAction" } else { "Action" });
    if trust && actions.negated {
        return Err(PolicyError::malformed(
            &path,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ));
    }
    for action in &actions.any_of {
        let whole = action == "*" && !trust;
        let written = action
            .split_once(':')
            .is_some_and(|(service, name)| plain(service) && plain(name));
        if !whole && !written {
            return Err(PolicyError::malformed(
                &path,
                format!("{action} is not of the form service:Action"),
            ));
        }
        if trust && !action.to_ascii_lowercase().starts_with("sts:") {
            return Err(PolicyError::malformed(
                &path,
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ));
        }
    }
    Ok(())
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
    trust: bool,
    variables: bool,
) -> Result<(), PolicyError> {
    let Some(resources) = resources else {
        return if trust {
            Ok(())
        } else {
            Err(PolicyError::malformed(&object.path_of("Resource"), "is missing"))
        };
    };
    let path = object.path_of(if resources.negated { "NotResource" } else { "Resource" });
    if trust {
        return Err(PolicyError::malformed(
            &path,
            "is prohibited: the role itself is the resource",
        ));
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
