//! The same seed founds the same organization; settings say how large it is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::{Odds, Placement, Release, User, UserCounts};
use super::*;
use crate::world::properties::check;

#[test]
fn the_same_seed_founds_the_same_organization_and_another_seed_another() {
    let founded = |seed| Founded::new(&OrganizationSettings::of_seed(seed));
    let (first, again, other) = (founded(1), founded(1), founded(2));
    assert_eq!(first.it, again.it);
    assert_eq!(format!("{:?}", first.world), format!("{:?}", again.world));
    assert_ne!(first.it.placements, other.it.placements);
    assert_ne!(first.it.users, other.it.users);
}

#[test]
fn an_organization_does_not_depend_on_what_was_in_the_world_before() {
    let settings = OrganizationSettings::of_seed(1);
    let alone = Founded::new(&settings);
    let mut world = world();
    world.publish_vendor_images(settings.hub.region);
    assert_eq!(world.found_organization(&settings), alone.it);
}

#[test]
fn more_users_change_no_image_but_by_their_launches() {
    let few = OrganizationSettings::of_seed(3);
    let many = OrganizationSettings {
        users: UserCounts::in_proportion(200),
        ..few.clone()
    };
    let images = |settings: &OrganizationSettings| {
        let it = Founded::new(settings).it;
        let ours = it.placements.into_iter().filter(|image| image.release.is_some());
        let images = ours.map(|image| Placement {
            last_launched: None,
            ..image
        });
        images.collect::<Vec<_>>()
    };
    assert_eq!(images(&few), images(&many));
}

#[test]
fn founding_calls_no_operation_and_tells_nobody() {
    let mut founded = Founded::new(&odd(1));
    assert_eq!(founded.world.ledger().mutations().len(), 0);
    let now = founded.world.now();
    founded.world.settle(now);
    assert!(founded.world.take_deliveries().is_empty());
}

#[test]
fn an_organization_is_as_large_as_its_settings_say() {
    for (accounts, regions, families, releases, targets) in [(1, 1, 1, 1, 1), (3, 2, 2, 7, 3), (12, 17, 20, 9, 30)] {
        let settings = OrganizationSettings {
            accounts,
            regions,
            families,
            releases_per_family: releases,
            targets_per_release: targets,
            switched_off: 0,
            odds: Odds::all(0),
            ..OrganizationSettings::default()
        };
        let Organization {
            accounts: its_accounts,
            regions: its_regions,
            families: its_families,
            releases: its_releases,
            placements,
            strange,
            ..
        } = Founded::new(&settings).it;
        assert_eq!((its_accounts.len(), its_regions.len()), (accounts, regions));
        assert_eq!(
            (its_families.len(), its_releases.len()),
            (families, families * releases)
        );
        // The vendor's two beside them.
        assert_eq!(placements.len(), 2 + families * releases * targets);
        assert_eq!(strange, []);
        let ids: BTreeSet<_> = placements.iter().map(|placement| placement.ami).collect();
        assert_eq!(ids.len(), placements.len());
    }
}

#[test]
fn an_organization_is_in_order_and_stays_so_for_weeks() {
    for seed in 0..10 {
        let mut founded = Founded::new(&odd(seed));
        check(&founded.world);
        for _ in 0..6 {
            let later = founded.world.now() + Duration::from_hours(168);
            founded.world.settle(later);
            check(&founded.world);
        }
    }
}

#[test]
fn nothing_to_found_is_an_organization_too() {
    let nothing = OrganizationSettings {
        accounts: 0,
        regions: 0,
        families: 0,
        ..OrganizationSettings::default()
    };
    let it = Founded::new(&nothing).it;
    assert_eq!((it.accounts.len(), it.regions.len()), (1, 1));
    assert_eq!((it.releases.len(), it.users.len()), (0, 0));
}

#[test]
fn a_hundred_thousand_images_in_three_hundred_accounts_are_described_in_little_space() {
    let founded = Founded::new(&OrganizationSettings::huge(1));
    let it = &founded.it;
    assert_eq!((it.accounts.len(), it.regions.len()), (300, 17));
    let there = it.placements.iter().filter(|placement| placement.is_there()).count();
    assert!(there > 100_000, "{there}");
    assert!(it.users.len() > 20_000, "{}", it.users.len());
    // What a description of a million images would be made of.
    assert!(size_of::<Placement>() <= 192, "{}", size_of::<Placement>());
    assert!(size_of::<User>() <= 112, "{}", size_of::<User>());
    assert!(size_of::<Release>() <= 128, "{}", size_of::<Release>());
}
