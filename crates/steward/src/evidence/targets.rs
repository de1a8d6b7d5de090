use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::Manifest;
use crate::{AccountId, Target};

/// Why a target is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It owns images of ours, or is to own them: that it cannot be read is a fault.
    Owns,
    /// It may use images of ours. Whoever shares an image need not be able to look where it is used.
    MayUse,
}

/// Every target in which an image of ours may be used: those that own one, and all that manifests reach.
pub fn evidence_targets(placed: &BTreeSet<Target>, manifests: &[Manifest], hub: Target) -> BTreeMap<Target, Reached> {
    let mut targets = BTreeMap::new();
    let mut add = |target: Target, reached: Reached| {
        let known = targets.entry(target).or_insert(reached);
        *known = reached.min(*known);
    };
    for target in placed {
        add(*target, Reached::Owns);
    }
    for manifest in manifests {
        let distribute = &manifest.distribute;
        // Also where images are that the manifest of today would not bring there: they are the first to be retired.
        let regions = distribute.regions.keys().copied().chain([hub.region()]);
        let regions: BTreeSet<_> = regions.chain(placed.iter().map(|target| target.region())).collect();
        let mut reach = |account: AccountId, reached: Reached| {
            for region in &regions {
                add(Target::new(account, *region), reached);
            }
        };
        reach(hub.account(), Reached::Owns);
        for account in &distribute.copy_to {
            reach(*account, Reached::Owns);
        }
        for account in &distribute.share_with.accounts {
            reach(*account, Reached::MayUse);
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ManifestFile;

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

    #[test]
    fn a_target_is_looked_at_where_images_are_and_where_manifests_bring_them() {
        let hub = target("111122223333/eu-west-1");
        let placed = BTreeSet::from([target("999900001111/us-east-1")]);
        let web = manifest(
            "{ regions: { us-east-1: {} }, copy_to: [\"222233334444\"], share_with: { accounts: [\"333344445555\"] } }",
        );
        let reached = evidence_targets(&placed, &[web], hub);
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
        let web = manifest("{ share_with: { accounts: [\"333344445555\"] } }");
        let reached = evidence_targets(&placed, &[web], hub);
        assert_eq!(reached[&target("333344445555/eu-west-1")], Reached::Owns);
    }
}
