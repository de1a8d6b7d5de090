//! Others at work on what is ours: Image Builder's own cleaner, and its own distribution, as somebody set them up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::distribution::FAMILY;
use crate::{FamilyName, Words};

/// A lifecycle policy of Image Builder that is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecyclePolicySeen {
    /// Its name.
    pub name: Words,
    /// The names of the recipes whose images it selects.
    pub recipes: BTreeSet<String>,
    /// The tags of which one is enough for it to select an image.
    pub tags: BTreeMap<String, String>,
    /// What it does with them.
    pub does: BTreeSet<Words>,
}

/// A distribution configuration of Image Builder, and what it does beyond its own account and Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributionSeen {
    /// Its name.
    pub name: Words,
    /// The families whose tag it puts on images.
    pub families: BTreeSet<String>,
    /// The other Regions it copies into.
    pub regions: BTreeSet<Words>,
    /// The accounts it gives copies to.
    pub gives_to: BTreeSet<Words>,
    /// Whom it lets launch.
    pub lets: BTreeSet<Words>,
}

/// Somebody else at work on a family's images, and what would end it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherAtWork {
    /// A lifecycle policy selects them.
    Cleans {
        /// Which.
        policy: Words,
        /// What it does with them.
        does: BTreeSet<Words>,
    },
    /// A lifecycle policy selects by tags that they may carry.
    MayClean {
        /// Which.
        policy: Words,
        /// By which tags.
        tags: BTreeMap<String, String>,
    },
    /// A distribution configuration copies or shares them too.
    Distributes {
        /// Which.
        configuration: Words,
        /// Into these Regions.
        regions: BTreeSet<Words>,
        /// Copies for these accounts.
        gives_to: BTreeSet<Words>,
        /// For these to launch.
        lets: BTreeSet<Words>,
    },
}

/// Who else is at work on the images of a family that these recipes build.
pub fn others_at_work(
    family: &FamilyName,
    recipes: &BTreeSet<String>,
    policies: &[LifecyclePolicySeen],
    distributions: &[DistributionSeen],
) -> Vec<OtherAtWork> {
    let cleans = policies.iter().filter_map(|policy| {
        let LifecyclePolicySeen {
            name,
            recipes: selected,
            tags,
            does,
        } = policy;
        let is_ours = tags.get(FAMILY).is_some_and(|tag| tag == family.as_str());
        if is_ours || !selected.is_disjoint(recipes) {
            return Some(OtherAtWork::Cleans {
                policy: name.clone(),
                does: does.clone(),
            });
        }
        // Another family's is none of this one's.
        let may_be: BTreeMap<String, String> = tags.clone().into_iter().filter(|(key, _)| key != FAMILY).collect();
        (!may_be.is_empty()).then(|| OtherAtWork::MayClean {
            policy: name.clone(),
            tags: may_be,
        })
    });
    let distributes = distributions.iter().filter_map(|distribution| {
        let DistributionSeen {
            name,
            families,
            regions,
            gives_to,
            lets,
        } = distribution;
        let does_nothing = regions.is_empty() && gives_to.is_empty() && lets.is_empty();
        if does_nothing || !families.contains(family.as_str()) {
            return None;
        }
        Some(OtherAtWork::Distributes {
            configuration: name.clone(),
            regions: regions.clone(),
            gives_to: gives_to.clone(),
            lets: lets.clone(),
        })
    });
    cleans.chain(distributes).collect()
}

impl OtherAtWork {
    /// Whether it surely is at work on them.
    pub const fn is_sure(&self) -> bool {
        match self {
            Self::Cleans { .. } | Self::Distributes { .. } => true,
            Self::MayClean { .. } => false,
        }
    }
}

impl fmt::Display for OtherAtWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |words: &BTreeSet<Words>| {
            let words: Vec<&str> = words.iter().map(Words::as_str).collect();
            words.join(", ")
        };
        match self {
            Self::Cleans { policy, does } => write!(
                f,
                "the lifecycle policy {policy} of Image Builder selects its images ({}), whoever uses them: disable it, or take them out of its selection",
                all(does)
            ),
            Self::MayClean { policy, tags } => {
                let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                write!(
                    f,
                    "the lifecycle policy {policy} of Image Builder selects what carries {}: see that its images in Image Builder do not",
                    tags.join(" or ")
                )
            }
            Self::Distributes {
                configuration,
                regions,
                gives_to,
                lets,
            } => {
                let parts = [
                    (regions, "copies its images into"),
                    (gives_to, "gives copies to"),
                    (lets, "lets launch"),
                ];
                let parts = parts.into_iter().filter(|(whom, _)| !whom.is_empty());
                let parts: Vec<String> = parts.map(|(whom, does)| format!("{does} {}", all(whom))).collect();
                write!(
                    f,
                    "the distribution configuration {configuration} of Image Builder {} too: leave it with the one Region of the build, and say the rest in `distribute`",
                    parts.join(", ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[&str]) -> BTreeSet<Words> {
        texts.iter().map(|text| Words::from(*text)).collect()
    }

    fn policy(recipes: &[&str], tags: &[(&str, &str)]) -> LifecyclePolicySeen {
        LifecyclePolicySeen {
            name: Words::from("tidy"),
            recipes: recipes.iter().map(|name| String::from(*name)).collect(),
            tags: tags
                .iter()
                .map(|(key, value)| (String::from(*key), String::from(*value)))
                .collect(),
            does: words(&["DELETE"]),
        }
    }

    fn of_policy(policy: LifecyclePolicySeen) -> Vec<String> {
        let recipes = [String::from("web")].into();
        let others = others_at_work(&"web".parse().unwrap(), &recipes, &[policy], &[]);
        others
            .iter()
            .map(|other| format!("{}: {other}", other.is_sure()))
            .collect()
    }

    #[test]
    fn a_lifecycle_policy_is_at_work_on_a_family_by_its_recipe_or_tag_and_by_another_tag_it_may_be() {
        let sure = "true: the lifecycle policy tidy of Image Builder selects its images (DELETE), whoever uses them: disable it, or take them out of its selection";
        assert_eq!(of_policy(policy(&["base", "web"], &[])), [sure]);
        assert_eq!(of_policy(policy(&[], &[("team", "x"), (FAMILY, "web")])), [sure]);
        assert_eq!(
            of_policy(policy(&[], &[("team", "x"), (FAMILY, "base")])),
            [
                "false: the lifecycle policy tidy of Image Builder selects what carries team=x: see that its images in Image Builder do not"
            ]
        );
        assert!(of_policy(policy(&["base"], &[])).is_empty());
        assert!(of_policy(policy(&[], &[(FAMILY, "base")])).is_empty());
    }

    #[test]
    fn a_distribution_configuration_is_at_work_where_it_goes_beyond_its_own_account_and_region() {
        let seen = |regions: &[&str], gives_to: &[&str], lets: &[&str]| DistributionSeen {
            name: Words::from("web"),
            families: [String::from("web")].into(),
            regions: words(regions),
            gives_to: words(gives_to),
            lets: words(lets),
        };
        let of = |distribution: DistributionSeen, family: &str| {
            let others = others_at_work(&family.parse().unwrap(), &BTreeSet::new(), &[], &[distribution]);
            others.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(of(seen(&[], &[], &[]), "web").is_empty());
        let all = seen(&["us-east-1"], &["222233334444"], &["all"]);
        assert!(of(all.clone(), "base").is_empty());
        assert_eq!(
            of(all, "web"),
            [
                "the distribution configuration web of Image Builder copies its images into us-east-1, gives copies to 222233334444, \
              lets launch all too: leave it with the one Region of the build, and say the rest in `distribute`"
            ]
        );
        for one in [seen(&["x"], &[], &[]), seen(&[], &["x"], &[]), seen(&[], &[], &["x"])] {
            assert_eq!(of(one, "web").len(), 1);
        }
    }
}
