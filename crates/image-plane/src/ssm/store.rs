//! SSM parameters, as far as images are named by them: `ssm:` parents, `resolve:ssm:` launches, Amazon's public ones.

use std::collections::BTreeMap;

use super::Target;
use crate::region::Region;

/// A parameter's values, the newest last.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Parameter {
    values: Vec<String>,
}

/// Every parameter of the world. Public ones (`/aws/service/…`) belong to no account.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    private: BTreeMap<(Target, String), Parameter>,
    public: BTreeMap<(Region, String), Parameter>,
}

impl Parameters {
    /// Writes the next version and says which it is.
    pub(crate) fn put(&mut self, target: Target, name: &str, value: &str) -> usize {
        let parameter = self.private.entry((target, name.to_owned())).or_default();
        parameter.values.push(value.to_owned());
        parameter.values.len()
    }

    pub(crate) fn put_public(&mut self, region: Region, name: &str, value: &str) {
        self.public
            .entry((region, name.to_owned()))
            .or_default()
            .values
            .push(value.to_owned());
    }

    /// The newest value of `/name`, or the one of `/name:version`.
    pub(crate) fn value(&self, target: Target, reference: &str) -> Option<&str> {
        let (name, version) = match reference.split_once(':') {
            Some((name, version)) => (name, Some(version.parse::<usize>().ok()?)),
            None => (reference, None),
        };
        let parameter = if name.starts_with("/aws/service/") {
            self.public.get(&(target.region, name.to_owned()))
        } else {
            self.private.get(&(target, name.to_owned()))
        }?;
        match version {
            Some(version) => parameter.values.get(version.checked_sub(1)?),
            None => parameter.values.last(),
        }
        .map(String::as_str)
    }
}
