use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::facts::{BuildFacts, ParentImage};
use crate::text::hexadecimal;
use crate::{ComponentArn, RecipeArn, VersionOrBuild};

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
    fingerprint_of(facts.parent.as_ref()?, &facts.components, facts.recipe.as_ref())
}

/// The same of what is about to be built.
pub(crate) fn fingerprint_of(
    parent: &ParentImage,
    components: &[UsedComponent],
    recipe: Option<&RecipeArn>,
) -> Option<String> {
    let parent = match parent {
        ParentImage::Build(build) => build.to_string(),
        ParentImage::Ami(ami) => ami.to_string(),
    };
    let is_concrete = |used: &UsedComponent| matches!(used.component.version(), VersionOrBuild::Build(_));
    if !components.iter().all(is_concrete) {
        return None;
    }
    let recipe = recipe.map(ToString::to_string);
    let inputs = serde_json::to_string(&(parent, components, recipe)).ok()?;
    Some(hexadecimal(&Sha256::digest(inputs.as_bytes())))
}

/// A component that two releases did not run alike. At least one of them ran it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComponentDifference {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// What the one ran; none: not this one.
    pub before: Option<UsedComponent>,
    /// What the other ran.
    pub after: Option<UsedComponent>,
}

impl ComponentDifference {
    /// It for people, a line each.
    pub fn lines(&self) -> Vec<String> {
        let Self {
            name,
            owner: _,
            before,
            after,
        } = self;
        match (before, after) {
            (None, None) => Vec::new(),
            (None, Some(new)) => vec![format!("+ component {name} {}", version(new))],
            (Some(gone), None) => vec![format!("- component {name} {}", version(gone))],
            (Some(before), Some(after)) => {
                let mut lines = Vec::new();
                if before.component != after.component {
                    lines.push(format!("~ component {name}: {} → {}", version(before), version(after)));
                }
                if before.parameters != after.parameters {
                    let (old, new) = (given(&before.parameters), given(&after.parameters));
                    lines.push(format!("~ parameters of {name}: {old} → {new}"));
                }
                lines
            }
        }
    }
}

/// In which components two releases differ, as far as the record knows what went into them, by name and owner.
pub fn component_differences(before: &[UsedComponent], after: &[UsedComponent]) -> Vec<ComponentDifference> {
    // A recipe takes each component once, whatever its version.
    let mut of: BTreeMap<(String, String), [Option<UsedComponent>; 2]> = BTreeMap::new();
    for (side, used) in [before, after].into_iter().enumerate() {
        for used in used {
            let key = (used.component.name().to_string(), used.component.owner().to_string());
            of.entry(key).or_default()[side] = Some(used.clone());
        }
    }
    of.into_iter()
        .filter(|(_, [before, after])| before != after)
        .map(|((name, owner), [before, after])| ComponentDifference {
            name,
            owner,
            before,
            after,
        })
        .collect()
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
        let told = component_differences(&before, &after);
        assert_eq!(
            told.iter().flat_map(ComponentDifference::lines).collect::<Vec<_>>(),
            [
                "- component gone 1.0.0/1",
                "+ component new 2.0.0/1",
                "~ parameters of stig: Level=Low → Level=High",
                "~ component update-linux: 1.0.2/1 → 1.0.3/1",
            ]
        );
        assert_eq!(
            (told[0].owner.as_str(), told[3].owner.as_str()),
            ("111122223333", "aws")
        );
        assert!(component_differences(&after, &after).is_empty());
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
