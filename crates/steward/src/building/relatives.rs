//! The families that one's builds wait for.

use std::collections::BTreeSet;

use crate::FamilyName;
use crate::manifest::Manifest;

/// A family, those that it is built on, all the way up, and whatever is built on one of those: by their lines it is decided what
/// becomes of its own. Its parent is built first, and a canary or builds that failed hold up what is beside it.
pub fn relatives(manifests: &[(Manifest, u32)], family: &FamilyName) -> BTreeSet<FamilyName> {
    let parent_of = |family: &FamilyName| {
        let found = manifests.iter().find(|(manifest, _)| manifest.family == *family);
        found?.0.parent_family().map(|parent| parent.family.clone())
    };
    let mut above = BTreeSet::new();
    let mut next = parent_of(family);
    while let Some(parent) = next {
        next = parent_of(&parent).filter(|_| !above.contains(&parent));
        above.insert(parent);
    }
    let families = manifests.iter().map(|(manifest, _)| &manifest.family);
    let beside = families.filter(|one| parent_of(one).is_some_and(|parent| above.contains(&parent)));
    beside.chain(&above).chain([family]).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ManifestFile;

    fn manifest(family: &str, on: Option<&str>) -> (Manifest, u32) {
        let parent = on.map_or_else(
            || String::from("{ ami: ami-01234567, owner: \"111122223333\" }"),
            |on| format!("{{ family: {on} }}"),
        );
        let text = format!(
            "family: {family}\nbuild:\n  parent: {parent}\n  infrastructure: {{ instance_types: [t3.medium], \
             instance_profile: P }}\n"
        );
        let read = ManifestFile::read(&format!("{family}.yaml"), text.as_bytes());
        (read.file.expect("a good manifest").manifest().clone(), 1)
    }

    #[test]
    fn what_a_family_is_built_on_and_what_is_beside_it_on_the_way_up_are_its_relatives_and_nothing_else() {
        let manifests = [
            manifest("root", None),
            manifest("base", Some("root")),
            manifest("other", Some("root")),
            manifest("web", Some("base")),
            manifest("api", Some("base")),
            manifest("shop", Some("web")),
            manifest("cousin", Some("other")),
            manifest("stranger", None),
        ];
        let of = |family: &str| {
            let found = relatives(&manifests, &family.parse().unwrap());
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of("web"), ["api", "base", "other", "root", "web"]);
        assert_eq!(of("root"), ["root"]);
        assert_eq!(of("stranger"), ["stranger"]);
    }

    #[test]
    fn families_that_are_built_on_each_other_end_somewhere() {
        let manifests = [manifest("left", Some("right")), manifest("right", Some("left"))];
        assert_eq!(relatives(&manifests, &"left".parse().unwrap()).len(), 2);
    }
}
