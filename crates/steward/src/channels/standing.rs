//! How far a release is, by how it stood wherever it must be.

use std::collections::{BTreeMap, BTreeSet};

use super::ReleaseStanding;
use crate::distribution::{Reach, Stood, audience_in, distribution_targets};
use crate::lineage::Card;
use crate::manifest::Distribute;
use crate::{AccountId, BuildState, Target, Words};

/// Where a release must be before anything points to it: where it is built, and in each Region that its manifest requires,
/// with the members that own a copy there.
pub fn required_targets(distribute: &Distribute, home: Target, owners: &BTreeSet<AccountId>) -> BTreeSet<Target> {
    let is_required = |target: &Target| {
        *target == home
            || distribute
                .regions
                .get(&target.region())
                .is_some_and(|region| region.required)
    };
    let targets = distribution_targets(distribute, home, owners);
    targets.into_iter().filter(is_required).collect()
}

/// How far a release is that was looked at where it is to be, and built at home. What was true by another manifest, or for
/// another audience, is looked at again before it counts. A member that retires its own copy retires the release for nobody else:
/// while that is disabled, the hub's stands for it.
pub fn standing_of(
    required: &BTreeSet<Target>,
    stood: &BTreeMap<Target, &Stood>,
    home: Target,
    manifest: u32,
    audience: &str,
) -> ReleaseStanding {
    let (mut missing, mut disabled) = (Vec::new(), Vec::new());
    for target in required {
        let is_hubs = target.account() == home.account();
        let place = if is_hubs {
            target.region().to_string()
        } else {
            target.to_string()
        };
        let Some(there) = stood.get(target) else {
            missing.push(format!("{place} (not looked at yet)"));
            continue;
        };
        let holds = there.is_by(manifest, audience_in(*target, home, audience));
        match there.reach {
            Reach::Retired if is_hubs => return ReleaseStanding::Retired,
            Reach::Disabled if is_hubs => disabled.push(place),
            Reach::Disabled if is_own(there, *target, home, stood) => {}
            Reach::Usable if holds => {}
            Reach::Usable => missing.push(format!("{place} (to be looked at again)")),
            Reach::Coming | Reach::Disabled | Reach::Retired => missing.push(format!("{place} ({})", there.says)),
        }
    }
    match (disabled.is_empty(), missing.is_empty()) {
        (false, _) => ReleaseStanding::Disabled(Words::from(disabled.join(", "))),
        (true, true) => ReleaseStanding::Usable,
        (true, false) => ReleaseStanding::Coming(Words::from(missing.join(", "))),
    }
}

/// Whether what is disabled in a member's target is its own copy, and not the hub's image that one would be made from.
fn is_own(there: &Stood, target: Target, home: Target, stood: &BTreeMap<Target, &Stood>) -> bool {
    let of_hub = stood.get(&Target::new(home.account(), target.region()));
    of_hub.is_some_and(|of_hub| there.ami.is_some() && of_hub.ami != there.ami)
}

/// How far a release is that nobody has looked at yet where it is to be.
pub fn standing_of_build(card: Option<&Card>) -> ReleaseStanding {
    match card.and_then(|card| card.state) {
        Some(BuildState::Available) => ReleaseStanding::Coming(Words::from("nobody has looked where it is to be")),
        Some(state) if !state.ended() => ReleaseStanding::Building,
        Some(_) | None => ReleaseStanding::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ManifestFile;
    use crate::testing;

    const MANIFEST: &str = "family: web\nbuild:\n  parent: { ami: ami-01234567, owner: \"111122223333\" }\n  infrastructure: { \
                            instance_types: [t3.medium], instance_profile: P }\ndistribute: { regions: { us-east-1: {}, ap-south-1: { \
                            required: false } } }\n";

    fn target(region: &str) -> Target {
        format!("111122223333/{region}").parse().unwrap()
    }

    fn required() -> BTreeSet<Target> {
        required_with(&BTreeSet::new())
    }

    fn required_with(owners: &BTreeSet<AccountId>) -> BTreeSet<Target> {
        let read = ManifestFile::read("web.yaml", MANIFEST.as_bytes());
        let file = read.file.expect("a good manifest");
        required_targets(&file.manifest().distribute, target("eu-west-1"), owners)
    }

    fn stood(reach: Reach) -> Stood {
        Stood {
            says: Words::from("not there yet"),
            reach,
            ..testing::stood()
        }
    }

    fn standing(home: Option<&Stood>, virginia: Option<&Stood>) -> ReleaseStanding {
        let all = [("eu-west-1", home), ("us-east-1", virginia)];
        let all = all
            .into_iter()
            .filter_map(|(region, stood)| Some((target(region), stood?)));
        standing_of(&required(), &all.collect(), target("eu-west-1"), 3, "a")
    }

    #[test]
    fn a_release_must_be_where_it_is_built_and_in_each_required_region() {
        assert_eq!(required(), BTreeSet::from([target("eu-west-1"), target("us-east-1")]));
    }

    #[test]
    fn a_release_is_usable_once_it_is_so_everywhere_where_it_must_be() {
        let usable = stood(Reach::Usable);
        assert_eq!(standing(Some(&usable), Some(&usable)), ReleaseStanding::Usable);
        let coming = |why: &str| ReleaseStanding::Coming(Words::from(why));
        assert_eq!(standing(Some(&usable), None), coming("us-east-1 (not looked at yet)"));
        let late = stood(Reach::Coming);
        assert_eq!(
            standing(Some(&usable), Some(&late)),
            coming("us-east-1 (not there yet)")
        );
        assert_eq!(
            standing(None, Some(&late)),
            coming("eu-west-1 (not looked at yet), us-east-1 (not there yet)")
        );
        let retired = stood(Reach::Retired);
        assert_eq!(standing(Some(&usable), Some(&retired)), ReleaseStanding::Retired);
        let disabled = stood(Reach::Disabled);
        let in_virginia = ReleaseStanding::Disabled(Words::from("us-east-1"));
        assert_eq!(standing(Some(&usable), Some(&disabled)), in_virginia);
        // Whatever else is to come.
        assert_eq!(standing(Some(&late), Some(&disabled)), in_virginia);
        let everywhere = ReleaseStanding::Disabled(Words::from("eu-west-1, us-east-1"));
        assert_eq!(standing(Some(&disabled), Some(&disabled)), everywhere);
        assert_eq!(standing(Some(&disabled), Some(&retired)), ReleaseStanding::Retired);
    }

    #[test]
    fn what_was_true_by_another_manifest_or_for_another_audience_does_not_count() {
        let usable = stood(Reach::Usable);
        for other in [
            Stood {
                manifest: 2,
                ..usable.clone()
            },
            Stood {
                audience: String::from("b"),
                ..usable.clone()
            },
        ] {
            let again = ReleaseStanding::Coming(Words::from("us-east-1 (to be looked at again)"));
            assert_eq!(standing(Some(&usable), Some(&other)), again);
        }
    }

    #[test]
    fn a_member_that_owns_a_copy_must_have_it_where_that_is_required_and_is_said_by_its_account() {
        let member: AccountId = "222233334444".parse().unwrap();
        let required = required_with(&BTreeSet::from([member]));
        let theirs = Target::new(member, target("us-east-1").region());
        assert_eq!(required.len(), 3);
        assert!(required.contains(&theirs));
        let hubs = stood(Reach::Usable);
        let standing = |theirs: Option<&Stood>| {
            let member = Target::new(member, target("us-east-1").region());
            let hubs = [target("eu-west-1"), target("us-east-1")].map(|target| (target, &hubs));
            let all = hubs.into_iter().chain(theirs.map(|stood| (member, stood)));
            standing_of(&required, &all.collect(), target("eu-west-1"), 3, "a")
        };
        let coming = |why: &str| ReleaseStanding::Coming(Words::from(why));
        assert_eq!(standing(None), coming("222233334444/us-east-1 (not looked at yet)"));
        // It has no audience that could be another one.
        let of_member = |reach| Stood {
            audience: String::new(),
            ..stood(reach)
        };
        assert_eq!(standing(Some(&of_member(Reach::Usable))), ReleaseStanding::Usable);
        let retired = of_member(Reach::Retired);
        assert_eq!(
            standing(Some(&retired)),
            coming("222233334444/us-east-1 (not there yet)")
        );
        // While its own copy is disabled the hub's is what it reads. Where that one was, it waits for its own.
        let disabled = |ami: &str| Stood {
            ami: ami.parse().ok(),
            ..of_member(Reach::Disabled)
        };
        let of_hub = hubs.ami.map_or_else(|| String::from("none"), |ami| ami.to_string());
        assert_eq!(
            standing(Some(&disabled("ami-0000000000000abcd"))),
            ReleaseStanding::Usable
        );
        for source in ["none", of_hub.as_str()] {
            assert_eq!(
                standing(Some(&disabled(source))),
                coming("222233334444/us-east-1 (not there yet)")
            );
        }
        let again = standing(Some(&stood(Reach::Usable)));
        assert_eq!(again, coming("222233334444/us-east-1 (to be looked at again)"));
    }
}
