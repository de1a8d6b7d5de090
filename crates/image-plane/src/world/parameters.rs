//! SSM parameters, as far as images are named by them: `ssm:` parents, `resolve:ssm:` launches, Amazon's public ones.

use std::collections::BTreeMap;

use super::Target;
use crate::region::Region;

/// Where the names of public parameters begin.
const PUBLIC: &str = "/aws/service/";

/// A parameter's values, the newest last.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Parameter {
    values: Vec<String>,
    /// Which version a label stands on; on one version only.
    labels: BTreeMap<String, usize>,
}

impl Parameter {
    /// The newest value, or the one of a version's number or label. A label has no leading digit, so it is never a number.
    fn value(&self, selector: Option<&str>) -> Option<&str> {
        let version = match selector {
            None => self.values.len(),
            Some(selector) => selector.parse().ok().or_else(|| self.labels.get(selector).copied())?,
        };
        self.values.get(version.checked_sub(1)?).map(String::as_str)
    }
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

    /// Puts a label on a version, away from the one that has it; false where there is no such version.
    pub(crate) fn label(&mut self, target: Target, name: &str, version: usize, label: &str) -> bool {
        match self.private.get_mut(&(target, name.to_owned())) {
            Some(parameter) if (1..=parameter.values.len()).contains(&version) => {
                parameter.labels.insert(label.to_owned(), version);
                true
            }
            _ => false,
        }
    }

    /// The newest value of a name or an ARN, or with `:3` or `:label` behind it, the one of that version.
    pub(crate) fn value(&self, target: Target, reference: &str) -> Option<&str> {
        if let Some(arn) = reference.strip_prefix("arn:") {
            return self.value_of_arn(target, arn);
        }
        let (name, selector) = split(reference);
        self.find(target, name)?.value(selector)
    }

    /// By ARN only of the target's own, or a public one: the model shares no parameters between accounts.
    fn value_of_arn(&self, target: Target, arn: &str) -> Option<&str> {
        let parts: Vec<&str> = arn.splitn(5, ':').collect();
        let [partition, "ssm", region, account, resource] = parts.as_slice() else {
            return None;
        };
        let (name, selector) = split(resource.strip_prefix("parameter/")?);
        let hierarchy = format!("/{name}");
        let public = account.is_empty() && hierarchy.starts_with(PUBLIC);
        if *partition != target.region.partition()
            || *region != target.region.name()
            || !(public || *account == target.account.to_string())
        {
            return None;
        }
        // An ARN does not show whether the name begins with a slash.
        self.find(target, &hierarchy)
            .or_else(|| self.find(target, name))?
            .value(selector)
    }

    fn find(&self, target: Target, name: &str) -> Option<&Parameter> {
        if name.starts_with(PUBLIC) {
            self.public.get(&(target.region, name.to_owned()))
        } else {
            self.private.get(&(target, name.to_owned()))
        }
    }
}

/// A name, and what is behind its colon. Names have none.
fn split(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once(':') {
        Some((name, selector)) => (name, Some(selector)),
        None => (reference, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sts::tests::{HUB, MEMBER, account, region};

    #[test]
    fn a_parameter_is_found_by_name_or_arn_and_read_at_its_newest_a_numbered_or_a_labelled_version() {
        let mut parameters = Parameters::default();
        let target = Target {
            account: account(HUB),
            region: region("eu-west-1"),
        };
        for value in ["one", "two", "three"] {
            parameters.put(target, "/golden/web", value);
        }
        parameters.put(target, "plain", "flat");
        assert!(parameters.label(target, "/golden/web", 1, "stable"));
        assert!(parameters.label(target, "/golden/web", 2, "stable"));
        assert!(!parameters.label(target, "/golden/web", 4, "stable"));
        let arn = format!("arn:aws:ssm:eu-west-1:{HUB}:parameter/golden/web");
        let elsewhere = format!("arn:aws:ssm:eu-west-1:{MEMBER}:parameter/golden/web");
        for (reference, value) in [
            ("/golden/web", Some("three")),
            ("/golden/web:1", Some("one")),
            ("/golden/web:stable", Some("two")),
            ("/golden/web:0", None),
            ("/golden/web:4", None),
            ("/golden/web:other", None),
            ("plain", Some("flat")),
            (arn.as_str(), Some("three")),
            (&format!("{arn}:2"), Some("two")),
            (&format!("{arn}:stable"), Some("two")),
            (&format!("arn:aws:ssm:eu-west-1:{HUB}:parameter/plain"), Some("flat")),
            (&arn.replace("eu-west-1", "us-east-1"), None),
            (&elsewhere, None),
        ] {
            assert_eq!(parameters.value(target, reference), value, "{reference}");
        }
    }
}
