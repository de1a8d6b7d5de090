use std::collections::{BTreeMap, BTreeSet};

use super::reach::Reaching;
use crate::organization::Gone;
use crate::{AccountId, Target};

/// Why a target is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It owns images of ours, or is to own them: that it cannot be read is a fault.
    Owns,
    /// It may use images of ours. Whoever shares an image need not be able to look where it is used.
    MayUse,
    /// It might until lately, and may see them no more.
    Left,
}

/// Every target in which an image of ours may be used: those that own one, and all that families reach.
///
/// Nobody uses anything in an account that is closed. One that owns images and is not in the organization any more is like one
/// that left: it may use them, and need not let anybody look.
pub fn evidence_targets(
    placed: &BTreeSet<Target>,
    families: &[Reaching<'_>],
    hub: Target,
    gone: &Gone,
) -> BTreeMap<Target, Reached> {
    let mut targets = BTreeMap::new();
    let Gone {
        owners,
        closed,
        closed_since: _,
    } = gone;
    let mut add = |target: Target, reached: Reached| {
        let account = target.account();
        // Whoever asks is there.
        let is_in = |accounts: &BTreeSet<AccountId>| account != hub.account() && accounts.contains(&account);
        if is_in(closed) {
            return;
        }
        let reached = if is_in(owners) { Reached::Left } else { reached };
        let known = targets.entry(target).or_insert(reached);
        *known = reached.min(*known);
    };
    for target in placed {
        add(*target, Reached::Owns);
    }
    for Reaching {
        manifest,
        reach,
        known: _,
    } in families
    {
        let distribute = manifest.map(|manifest| &manifest.distribute);
        // Also where images are that the manifest of today would not bring there: they are the first to be retired.
        let regions = distribute.into_iter().flat_map(|distribute| distribute.regions.keys());
        let regions = regions.copied().chain([hub.region()]);
        let regions: BTreeSet<_> = regions.chain(placed.iter().map(|target| target.region())).collect();
        let mut bring = |account: AccountId, reached: Reached| {
            for region in &regions {
                add(Target::new(account, *region), reached);
            }
        };
        bring(hub.account(), Reached::Owns);
        for account in distribute.into_iter().flat_map(|distribute| &distribute.copy_to) {
            bring(*account, Reached::Owns);
        }
        for account in &reach.accounts {
            bring(*account, Reached::MayUse);
        }
        for account in reach.left.keys() {
            bring(*account, Reached::Left);
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{FamilyReach, decide_reach};
    use crate::manifest::{Manifest, ManifestFile};

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    fn manifest(distribute: &str) -> Manifest {
        let text = format!(
            "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {distribute}\n"
        );
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        read.file.expect("a good manifest").manifest().clone()
    }

    /// The targets of one family, which this manifest alone says whom it reaches.
    fn reached(placed: &BTreeSet<Target>, distribute: &str, hub: Target) -> BTreeMap<Target, Reached> {
        let manifest = manifest(distribute);
        let now = "2026-01-18T00:00:00Z".parse().unwrap();
        let nobody = BTreeSet::new();
        let reach = decide_reach(&FamilyReach::default(), &manifest, None, (&nobody, &nobody), now);
        let reaching = Reaching {
            manifest: Some(&manifest),
            reach: &reach,
            known: true,
        };
        evidence_targets(placed, &[reaching], hub, &Gone::default())
    }

    #[test]
    fn a_target_is_looked_at_where_images_are_and_where_manifests_bring_them() {
        let hub = target("111122223333/eu-west-1");
        let placed = BTreeSet::from([target("999900001111/us-east-1")]);
        let web =
            "{ regions: { us-east-1: {} }, copy_to: [\"222233334444\"], share_with: { accounts: [\"333344445555\"] } }";
        let reached = reached(&placed, web, hub);
        let said: Vec<(String, Reached)> = reached
            .into_iter()
            .map(|(target, reached)| (target.to_string(), reached))
            .collect();
        let expected = [
            ("111122223333/eu-west-1", Reached::Owns),
            ("111122223333/us-east-1", Reached::Owns),
            ("222233334444/eu-west-1", Reached::Owns),
            ("222233334444/us-east-1", Reached::Owns),
            ("333344445555/eu-west-1", Reached::MayUse),
            ("333344445555/us-east-1", Reached::MayUse),
            ("999900001111/us-east-1", Reached::Owns),
        ];
        assert_eq!(said, expected.map(|(target, reached)| (target.to_owned(), reached)));
    }

    #[test]
    fn an_account_that_owns_an_image_and_may_use_another_owns() {
        let hub = target("111122223333/eu-west-1");
        let placed = BTreeSet::from([target("333344445555/eu-west-1")]);
        let reached = reached(&placed, "{ share_with: { accounts: [\"333344445555\"] } }", hub);
        assert_eq!(reached[&target("333344445555/eu-west-1")], Reached::Owns);
    }

    #[test]
    fn who_left_a_family_is_looked_at_and_so_is_everybody_of_one_whose_manifest_cannot_be_read() {
        let hub = target("111122223333/eu-west-1");
        let placed = BTreeSet::from([target("111122223333/us-east-1")]);
        let (stays, left) = ("333344445555".parse().unwrap(), "222233334444".parse().unwrap());
        let reach = FamilyReach {
            accounts: BTreeSet::from([stays]),
            left: BTreeMap::from([(left, "2026-01-18T00:00:00Z".parse().unwrap())]),
        };
        let reaching = Reaching {
            manifest: None,
            reach: &reach,
            known: false,
        };
        let reached = evidence_targets(&placed, &[reaching], hub, &Gone::default());
        for (account, why) in [(stays, Reached::MayUse), (left, Reached::Left)] {
            for region in [hub.region(), target("111122223333/us-east-1").region()] {
                assert_eq!(reached[&Target::new(account, region)], why);
            }
        }
        assert_eq!(reached.len(), 6);
    }

    #[test]
    fn a_closed_account_drops_out_and_an_owner_outside_of_the_organization_need_not_let_anybody_look() {
        let hub = target("111122223333/eu-west-1");
        let ids = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect();
        let placed = ["222233334444/us-east-1", "333344445555/us-east-1"].map(target).into();
        let web = manifest("{ share_with: { accounts: [\"444455556666\", \"555566667777\"] } }");
        let reach = FamilyReach {
            accounts: ids(&["444455556666", "555566667777"]),
            left: BTreeMap::from([("666677778888".parse().unwrap(), "2026-01-18T00:00:00Z".parse().unwrap())]),
        };
        let reaching = Reaching {
            manifest: Some(&web),
            reach: &reach,
            known: true,
        };
        let gone = Gone {
            // What is said of the hub is not true of whoever reads it.
            owners: ids(&["111122223333", "222233334444", "333344445555"]),
            closed: ids(&["111122223333", "222233334444", "444455556666", "666677778888"]),
            closed_since: BTreeMap::new(),
        };
        let accounts: BTreeMap<String, Reached> = evidence_targets(&placed, &[reaching], hub, &gone)
            .into_iter()
            .map(|(target, reached)| (target.account().to_string(), reached))
            .collect();
        let expected = [
            ("111122223333", Reached::Owns),
            ("333344445555", Reached::Left),
            ("555566667777", Reached::MayUse),
        ];
        assert_eq!(
            accounts,
            expected.map(|(account, reached)| (account.to_owned(), reached)).into()
        );
    }
}
