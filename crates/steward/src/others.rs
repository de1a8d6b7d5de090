//! Others at work on what is ours: Image Builder's own cleaner and its own distribution, and services that clean up what they made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::distribution::FAMILY;
use crate::{AmiId, FamilyName, Words};

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

/// A service of AWS that makes images and cleans up those that it made. It says so in a tag that nobody else can write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// Data Lifecycle Manager, by this policy.
    LifecycleManager(Words),
    /// AWS Backup.
    Backup,
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
    /// A service made some of them, and cleans them up.
    Made {
        /// Which.
        by: Maker,
        /// Which of them.
        images: BTreeSet<AmiId>,
    },
}

impl Maker {
    /// Who made an image with these tags; none where no such service did.
    fn of(tags: &BTreeMap<String, String>) -> Option<Self> {
        let policy = tags.get("aws:dlm:lifecycle-policy-id").map(String::as_str);
        let by_policy = policy.map(|policy| Self::LifecycleManager(Words::from(policy)));
        let by_backup = || tags.contains_key("aws:backup:source-resource").then_some(Self::Backup);
        by_policy.or_else(by_backup)
    }
}

/// The services that made some of these images, by their tags, and clean them up.
pub fn makers_at_work<'a>(images: impl IntoIterator<Item = (AmiId, &'a BTreeMap<String, String>)>) -> Vec<OtherAtWork> {
    let mut made: BTreeMap<Maker, BTreeSet<AmiId>> = BTreeMap::new();
    for (ami, tags) in images {
        if let Some(maker) = Maker::of(tags) {
            made.entry(maker).or_default().insert(ami);
        }
    }
    let at_work = made.into_iter().map(|(by, images)| OtherAtWork::Made { by, images });
    at_work.collect()
}

/// A name as Image Builder has it in ARNs: `My Recipe` is `my-recipe` there, and a policy keeps what somebody typed.
fn as_in_arns(name: &str) -> String {
    let letter = |c: char| match c.to_ascii_lowercase() {
        c @ ('a'..='z' | '0'..='9' | '-' | '_') => c,
        _ => '-',
    };
    name.chars().map(letter).collect()
}

/// Who else is at work on the images of a family that these recipes build.
pub fn others_at_work(
    family: &FamilyName,
    recipes: &BTreeSet<String>,
    policies: &[LifecyclePolicySeen],
    distributions: &[DistributionSeen],
) -> Vec<OtherAtWork> {
    let recipes: BTreeSet<String> = recipes.iter().map(|name| as_in_arns(name)).collect();
    let cleans = policies.iter().filter_map(|policy| {
        let LifecyclePolicySeen {
            name,
            recipes: selected,
            tags,
            does,
        } = policy;
        let is_ours = tags.get(FAMILY).is_some_and(|tag| tag == family.as_str());
        let selects_recipe = selected.iter().any(|name| recipes.contains(&as_in_arns(name)));
        if is_ours || selects_recipe {
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
            Self::Cleans { .. } | Self::Distributes { .. } | Self::Made { .. } => true,
            Self::MayClean { .. } => false,
        }
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LifecycleManager(policy) => write!(f, "the policy {policy} of Data Lifecycle Manager"),
            Self::Backup => write!(f, "AWS Backup"),
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
            Self::Made { by, images } => {
                let images: Vec<String> = images.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "{by} made {} and cleans up what it made, whoever uses it: take the tag {FAMILY} off, or let that service keep it",
                    images.join(", ")
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
        assert!(of_policy(policy(&["Web 2"], &[])).is_empty());
        assert!(of_policy(policy(&[], &[(FAMILY, "base")])).is_empty());
    }

    #[test]
    fn a_recipe_is_the_same_however_its_name_was_typed() {
        let recipes = [String::from("my_web-recipe")].into();
        for typed in ["My_Web Recipe", "my_web-recipe", "MY_WEB-RECIPE"] {
            let policy = policy(&[typed], &[]);
            let others = others_at_work(&"web".parse().unwrap(), &recipes, &[policy], &[]);
            assert_eq!(others.len(), 1, "{typed}");
        }
        let other = policy(&["my_web_recipe"], &[]);
        assert!(others_at_work(&"web".parse().unwrap(), &recipes, &[other], &[]).is_empty());
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

    #[test]
    fn a_service_is_at_work_on_what_its_own_tag_says_that_it_made() {
        let tags = |key: &str, value: &str| BTreeMap::from([(String::from(key), String::from(value))]);
        let ami = |n: u64| -> AmiId { format!("ami-{n:017x}").parse().unwrap() };
        let of_policy = |policy| tags("aws:dlm:lifecycle-policy-id", policy);
        let images = [
            (ami(1), of_policy("policy-1")),
            (ami(2), of_policy("policy-2")),
            (ami(3), of_policy("policy-1")),
            (ami(4), tags("aws:backup:source-resource", "i-1")),
            (ami(5), tags("dlm:lifecycle-policy-id", "anybody's")),
        ];
        let others = makers_at_work(images.iter().map(|(ami, tags)| (*ami, tags)));
        let said: Vec<String> = others.iter().map(ToString::to_string).collect();
        let ends = "and cleans up what it made, whoever uses it: take the tag image-steward:family off, or let that service keep it";
        assert_eq!(
            said,
            [
                format!(
                    "the policy policy-1 of Data Lifecycle Manager made {}, {} {ends}",
                    ami(1),
                    ami(3)
                ),
                format!("the policy policy-2 of Data Lifecycle Manager made {} {ends}", ami(2)),
                format!("AWS Backup made {} {ends}", ami(4)),
            ]
        );
        assert!(others.iter().all(OtherAtWork::is_sure));
    }
}
