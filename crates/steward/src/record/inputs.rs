use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::facts::{BuildFacts, ParentImage};
use crate::text::hexadecimal;
use crate::{ComponentArn, VersionOrBuild};

/// A component that a build ran, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedComponent {
    /// Which, to its build once the build has made it concrete.
    pub component: ComponentArn,
    /// Values that the recipe gave for its parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Vec<String>>,
}

impl fmt::Display for UsedComponent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { component, parameters } = self;
        if parameters.is_empty() {
            write!(formatter, "{component}")
        } else {
            write!(formatter, "{component} with {}", given(parameters))
        }
    }
}

/// What tells whether another build would be the same: a hash of the parent, the components with their parameters in order,
/// and the recipe. None while the build has not made its parent and its components concrete: two that are called the same
/// need not be the same then.
pub fn fingerprint(facts: &BuildFacts) -> Option<String> {
    let parent = match facts.parent.as_ref()? {
        ParentImage::Build(build) => build.to_string(),
        ParentImage::Ami(ami) => ami.to_string(),
    };
    let is_concrete = |used: &UsedComponent| matches!(used.component.version(), VersionOrBuild::Build(_));
    if !facts.components.iter().all(is_concrete) {
        return None;
    }
    let recipe = facts.recipe.as_ref().map(ToString::to_string);
    let inputs = serde_json::to_string(&(parent, &facts.components, recipe)).ok()?;
    Some(hexadecimal(&Sha256::digest(inputs.as_bytes())))
}

/// In what two releases differ, as far as the record knows what went into them.
pub fn differences(before: &[UsedComponent], after: &[UsedComponent]) -> Vec<String> {
    // A recipe takes each component once, whatever its version.
    let by_name = |used: &[UsedComponent]| -> BTreeMap<(String, String), UsedComponent> {
        let name = |used: &UsedComponent| (used.component.name().to_string(), used.component.owner().to_string());
        used.iter().map(|used| (name(used), used.clone())).collect()
    };
    let (mut old, new) = (by_name(before), by_name(after));
    let mut told = Vec::new();
    for (name, after) in new {
        let Some(before) = old.remove(&name) else {
            told.push(format!("+ component {} {}", name.0, version(&after)));
            continue;
        };
        if before.component != after.component {
            told.push(format!(
                "~ component {}: {} → {}",
                name.0,
                version(&before),
                version(&after)
            ));
        }
        if before.parameters != after.parameters {
            told.push(format!(
                "~ parameters of {}: {} → {}",
                name.0,
                given(&before.parameters),
                given(&after.parameters)
            ));
        }
    }
    told.extend(
        old.into_iter()
            .map(|(name, gone)| format!("- component {} {}", name.0, version(&gone))),
    );
    told
}

/// `1.0.2/1`, of an ARN.
fn version(used: &UsedComponent) -> String {
    let arn = used.component.to_string();
    arn.splitn(3, '/').nth(2).unwrap_or_default().to_owned()
}

fn given(parameters: &BTreeMap<String, Vec<String>>) -> String {
    let each = parameters
        .iter()
        .map(|(name, values)| format!("{name}={}", values.join(",")));
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        String::from("none")
    } else {
        each.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(component: &str, level: Option<&str>) -> UsedComponent {
        UsedComponent {
            component: format!("arn:aws:imagebuilder:eu-west-1:{component}").parse().unwrap(),
            parameters: level
                .map(|level| (String::from("Level"), vec![level.to_owned()]))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn components_are_compared_by_name_and_owner_and_their_parameters_apart() {
        let before = [
            used("aws:component/update-linux/1.0.2/1", None),
            used("111122223333:component/stig/1.0.0/1", Some("Low")),
            used("111122223333:component/gone/1.0.0/1", None),
        ];
        let after = [
            used("aws:component/update-linux/1.0.3/1", None),
            used("111122223333:component/stig/1.0.0/1", Some("High")),
            used("111122223333:component/new/2.0.0/1", None),
        ];
        assert_eq!(
            differences(&before, &after),
            [
                "+ component new 2.0.0/1",
                "~ parameters of stig: Level=Low → Level=High",
                "~ component update-linux: 1.0.2/1 → 1.0.3/1",
                "- component gone 1.0.0/1",
            ]
        );
        assert_eq!(differences(&after, &after), [""; 0]);
        assert_eq!(
            after.map(|used| used.to_string()),
            [
                "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.3/1",
                "arn:aws:imagebuilder:eu-west-1:111122223333:component/stig/1.0.0/1 with Level=High",
                "arn:aws:imagebuilder:eu-west-1:111122223333:component/new/2.0.0/1",
            ]
        );
    }
}
