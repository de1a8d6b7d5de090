use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::graph::Card;
use crate::{Architecture, BuildState, Duration, ReleaseId, Timestamp};

/// Why a release should not run any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outdated {
    /// It, or what it came from, is revoked, for this reason.
    Revoked(String),
    /// The newest of its family and architecture is so many whole days younger.
    DaysOlder(u64),
}

/// What tells, besides their cards, which releases should not run any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgeFacts {
    /// Those that are revoked, and why.
    pub revoked: BTreeMap<ReleaseId, String>,
    /// Those that had images, none of which is left.
    pub tombstones: BTreeSet<ReleaseId>,
    /// Those that were adopted, with the values of their group keys.
    pub groups: BTreeMap<ReleaseId, Vec<String>>,
}

/// Which releases of a family, given in their order, should not run any more: those that are revoked, and those that the
/// newest of their architecture and group is younger than by more than this.
pub fn outdated(releases: &[(ReleaseId, Card)], facts: &AgeFacts, than: Duration) -> BTreeMap<ReleaseId, Outdated> {
    let AgeFacts {
        revoked,
        tombstones,
        groups,
    } = facts;
    let line =
        |release: &ReleaseId, card: &Card| (card.architecture, groups.get(release).map_or(&[][..], Vec::as_slice));
    let mut newest: BTreeMap<(Option<Architecture>, &[String]), Timestamp> = BTreeMap::new();
    for (release, card) in releases {
        // What did not become available, is not there any more, or should not be used, is nobody's newer image. No build of
        // ours made what was adopted, and nobody names a state of it.
        let became = card.state.is_none_or(|state| state == BuildState::Available);
        let usable = became && !tombstones.contains(release) && !revoked.contains_key(release);
        // The last in order is the newest: what is built again of an older version is younger, and not newer.
        if let Some(created) = card.created.filter(|_| usable) {
            newest.insert(line(release, card), created);
        }
    }
    let why = |(release, card): &(ReleaseId, Card)| {
        if let Some(why) = revoked.get(release) {
            return Some((*release, Outdated::Revoked(why.clone())));
        }
        let by = newest.get(&line(release, card))?.checked_since(card.created?)?;
        let days = Outdated::DaysOlder(by.as_secs() / (24 * 60 * 60));
        (by > than.length()).then_some((*release, days))
    };
    releases.iter().filter_map(why).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::release;

    fn card(n: usize, day: u8, architecture: Architecture, state: BuildState) -> (ReleaseId, Card) {
        let card = serde_json::json!({
            "name": format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.{n}/1"),
            "kind": "built", "state": state, "architecture": architecture,
            "created": format!("2026-01-{day:02}T00:00:00Z"),
        });
        (release(n), serde_json::from_value(card).unwrap())
    }

    const X86: Architecture = Architecture::X86_64;
    const ARM: Architecture = Architecture::Arm64;

    fn found(releases: &[(ReleaseId, Card)], revoked: &[(usize, &str)]) -> BTreeMap<ReleaseId, Outdated> {
        let revoked = revoked.iter().map(|(n, why)| (release(*n), (*why).to_owned()));
        let facts = AgeFacts {
            revoked: revoked.collect(),
            ..AgeFacts::default()
        };
        outdated(releases, &facts, Duration::days(10))
    }

    #[test]
    fn a_release_is_old_by_the_newest_of_its_own_architecture() {
        let releases = [
            card(1, 1, X86, BuildState::Available),
            card(2, 15, X86, BuildState::Available),
            card(3, 1, ARM, BuildState::Available),
        ];
        assert_eq!(
            found(&releases, &[]),
            BTreeMap::from([(release(1), Outdated::DaysOlder(14))])
        );
    }

    #[test]
    fn an_older_version_that_is_built_again_later_is_not_the_newest() {
        let releases = [
            card(1, 25, X86, BuildState::Available),
            card(2, 1, X86, BuildState::Available),
            card(3, 2, X86, BuildState::Available),
        ];
        assert!(found(&releases, &[]).is_empty());
    }

    #[test]
    fn exactly_as_old_is_not_older() {
        let releases = [
            card(1, 1, X86, BuildState::Available),
            card(2, 11, X86, BuildState::Available),
        ];
        assert!(found(&releases, &[]).is_empty());
    }

    #[test]
    fn what_failed_or_is_revoked_makes_nothing_else_old() {
        let releases = [
            card(1, 1, X86, BuildState::Available),
            card(2, 20, X86, BuildState::Failed),
            card(3, 25, X86, BuildState::Available),
        ];
        let expected = BTreeMap::from([(release(3), Outdated::Revoked(String::from("CVE")))]);
        assert_eq!(found(&releases, &[(3, "CVE")]), expected);
    }

    #[test]
    fn what_has_no_image_left_makes_nothing_else_old() {
        let releases = [
            card(1, 1, X86, BuildState::Available),
            card(2, 20, X86, BuildState::Available),
        ];
        let facts = AgeFacts {
            tombstones: BTreeSet::from([release(2)]),
            ..AgeFacts::default()
        };
        assert!(outdated(&releases, &facts, Duration::days(10)).is_empty());
    }

    #[test]
    fn what_was_adopted_is_old_by_the_newest_of_its_own_group_although_no_build_says_that_it_is_available() {
        let groups = [(1, 1, "blue"), (2, 15, "blue"), (3, 1, "green")];
        let releases = groups.map(|(n, day, _)| {
            let (release, mut card) = card(n, day, X86, BuildState::Available);
            card.state = None;
            (release, card)
        });
        let facts = AgeFacts {
            groups: groups.map(|(n, _, group)| (release(n), vec![group.to_owned()])).into(),
            ..AgeFacts::default()
        };
        let expected = BTreeMap::from([(release(1), Outdated::DaysOlder(14))]);
        assert_eq!(outdated(&releases, &facts, Duration::days(10)), expected);
    }
}
