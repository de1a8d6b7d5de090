//! Names of parameters, and the ways to refer to one: a name, an ARN, either with a version or a label behind a colon.

use super::errors::{denied_name, invalid, validation};
use super::store::{Home, Parameter};
use crate::wire::error::ApiError;
use crate::world::Target;

/// Below this are the parameters everybody may read.
pub(super) const PUBLIC: &str = "/aws/service";

/// The ARN may have so many characters.
const LONGEST_ARN: usize = 1011;
const MOST_LEVELS: usize = 15;

/// The name without the slash in front. `/web` and `web` are one name, as they have one ARN.
pub(super) fn tail(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

/// `arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web`. A public one names no account.
pub(super) fn arn(home: Home, name: &str) -> String {
    let Home { account, region } = home;
    let account = account.map(|account| account.to_string()).unwrap_or_default();
    let partition = region.partition();
    format!("arn:{partition}:ssm:{region}:{account}:parameter/{}", tail(name))
}

/// Whether a path or name lies among the public parameters.
pub(super) fn is_public(path: &str) -> bool {
    path.strip_prefix(PUBLIC)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Which version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Selector<'a> {
    Version(u64),
    Label(&'a str),
}

/// What a caller calls a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reference<'a> {
    pub(super) home: Home,
    pub(super) tail: &'a str,
    /// As it must be spelled; an ARN does not say.
    exact: Option<&'a str>,
    pub(super) selector: Option<Selector<'a>>,
    /// What stood behind the name, with its colon.
    pub(super) selected: Option<&'a str>,
}

/// Why a reference means nothing here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Elsewhere {
    /// Another account's; none is shared in this model.
    Account,
    /// Another Region's, or not a parameter's ARN at all.
    Malformed,
}

impl<'a> Reference<'a> {
    /// Spaces around it do not count. Digits behind the colon are a version, for no label begins with one.
    pub(crate) fn read(target: Target, text: &'a str) -> Result<Self, Elsewhere> {
        let text = text.trim();
        let (home, name, exact) = if text.starts_with("arn:") {
            let (home, name) = of_arn(target, text)?;
            (home, name, false)
        } else if is_public(text) {
            (Home::public(target.region), text, true)
        } else {
            (Home::of(target), text, true)
        };
        let colon = name.find(':');
        let (name, selected) = colon.map_or((name, None), |at| (&name[..at], Some(&name[at..])));
        let selector = selected.map(|text| {
            let text = &text[1..];
            text.parse().map_or(Selector::Label(text), Selector::Version)
        });
        Ok(Self {
            home,
            tail: tail(name),
            exact: exact.then_some(name),
            selector,
            selected,
        })
    }

    /// A name alone, where nothing else may stand.
    pub(super) fn name(target: Target, text: &'a str) -> Self {
        let name = text.trim();
        Self {
            home: Home::of(target),
            tail: tail(name),
            exact: Some(name),
            selector: None,
            selected: None,
        }
    }

    /// Whether it means this parameter. AWS says `/web` and `web` cannot both be, not whether either finds the other:
    /// here it does not.
    pub(super) fn means(&self, parameter: &Parameter) -> bool {
        !parameter.versions.is_empty() && self.exact.is_none_or(|name| name == parameter.name)
    }
}

fn of_arn(target: Target, text: &str) -> Result<(Home, &str), Elsewhere> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, partition, "ssm", region, account, resource] = parts.as_slice() else {
        return Err(Elsewhere::Malformed);
    };
    let name = resource.strip_prefix("parameter/").ok_or(Elsewhere::Malformed)?;
    if *partition != target.region.partition() || *region != target.region.name() {
        return Err(Elsewhere::Malformed);
    }
    // Nobody's own parameter is called so, and policies and recipes often write an account into a public one's ARN.
    let public = name.starts_with("aws/service/");
    if account.is_empty() || (public && *account == target.account.to_string()) {
        Ok((Home::public(target.region), name))
    } else if *account == target.account.to_string() {
        Ok((Home::of(target), name))
    } else {
        Err(Elsewhere::Account)
    }
}

/// Refuses a name a new parameter cannot have.
pub(super) fn check(target: Target, name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(invalid(
            "name",
            name,
            "Member must have length greater than or equal to 1",
        ));
    }
    let lower = name.to_ascii_lowercase();
    let path = name.matches('/').count() > 1;
    if lower.starts_with("/aws") && path {
        return Err(denied_name(name));
    }
    let prefixed = ["aws", "ssm"].iter().any(|prefix| tail(&lower).starts_with(prefix));
    if prefixed && !path {
        return Err(validation(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
        ));
    }
    let levels: Vec<&str> = tail(name).split('/').collect();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if prefixed
        || levels
            .iter()
            .any(|level| level.is_empty() || !level.bytes().all(allowed))
    {
        return Err(validation(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
             sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 \
             symbols .-_",
        ));
    }
    if levels.len() > 1 && !name.starts_with('/') {
        return Err(validation("Parameter name must be a fully qualified name."));
    }
    if levels.len() > MOST_LEVELS {
        return Err(ApiError::client(
            "HierarchyLevelLimitExceededException",
            format!("A hierarchy can have a maximum of {MOST_LEVELS} levels."),
        ));
    }
    let arn = arn(Home::of(target), name);
    if arn.len() > LONGEST_ARN {
        return Err(validation(format!(
            "The parameter's ARN has {} characters; it can have {LONGEST_ARN}.",
            arn.len()
        )));
    }
    Ok(())
}
