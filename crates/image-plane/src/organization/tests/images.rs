//! Every image the description names is in the world, just as it says.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Claim, Made, Protection, State};
use super::*;
use crate::ec2::testing::fields;

/// What an account owns in a Region, each image as DescribeImages writes it.
fn listed(founded: &mut Founded, home: Target) -> BTreeMap<String, String> {
    let all = [
        ("Owner.1", "self"),
        ("IncludeDeprecated", "true"),
        ("IncludeDisabled", "true"),
    ];
    let xml = founded.ec2(home, "DescribeImages", &all).unwrap();
    let images = xml.split("<imageId>").skip(1);
    images
        .map(|image| (image.split('<').next().unwrap().to_owned(), image.to_owned()))
        .collect()
}

#[test]
fn every_image_is_listed_in_its_account_and_region_or_gone() {
    for seed in 0..6 {
        let mut founded = Founded::new(&odd(seed));
        let homes: BTreeSet<Target> = founded.it.placements.iter().map(|placement| placement.home).collect();
        for home in homes {
            if !founded.answers(home) {
                let refused = founded.ec2(home, "DescribeImages", &[("Owner.1", "self")]);
                assert_eq!(refused.unwrap_err(), "AuthFailure");
                continue;
            }
            let listed = listed(&mut founded, home);
            let described: BTreeSet<String> = founded
                .it
                .placements
                .iter()
                .filter(|placement| placement.home == home && placement.is_there())
                .map(|placement| placement.ami.to_string())
                .collect();
            assert_eq!(listed.keys().cloned().collect::<BTreeSet<_>>(), described, "{home}");
        }
    }
}

#[test]
fn every_image_is_described_as_it_is() {
    let mut founded = Founded::new(&odd(7));
    let now = founded.world.now();
    let mut seen = BTreeMap::new();
    for placement in founded.it.placements.clone() {
        let home = placement.home;
        if !founded.answers(home) || !placement.is_there() {
            continue;
        }
        let images = seen.entry(home).or_insert_with(|| listed(&mut founded, home));
        let xml = &images[&placement.ami.to_string()];
        assert_eq!(field(xml, "name"), *placement.name);
        assert_eq!(field(xml, "creationDate"), placement.created.to_string());
        assert_eq!(
            fields(xml, "snapshotId"),
            placement.snapshots.iter().map(ToString::to_string).collect::<Vec<_>>()
        );
        let state = match placement.state {
            State::Pending => "pending",
            State::Failed => "failed",
            State::Disabled => "disabled",
            _ => "available",
        };
        assert_eq!(field(xml, "imageState"), state);
        let deprecated = fields(xml, "deprecationTime");
        if let State::Deprecated { since } = placement.state {
            assert_eq!(deprecated, [since.to_string()]);
            assert!(since <= now);
        } else {
            assert_eq!(deprecated, [""; 0]);
        }
        let launched: Vec<String> = placement.last_launched.iter().map(ToString::to_string).collect();
        assert_eq!(fields(xml, "lastLaunchedTime"), launched);
        let family = match (&placement.claim, placement.release) {
            (Claim::Own, Some(release)) => Some(&*founded.it.families[founded.it.releases[release].family].name),
            (Claim::Other(family), _) => Some(&**family),
            _ => None,
        };
        let tag = family.map(|family| format!("<key>image-steward:family</key><value>{family}</value>"));
        assert_eq!(xml.contains("image-steward:family"), family.is_some());
        assert!(tag.is_none_or(|tag| xml.contains(&tag)), "{xml}");
        assert_eq!(xml.contains("<key>keep</key><value>true</value>"), placement.kept);
        let protected = field(xml, "deregistrationProtection");
        match placement.protection {
            Protection::Off => assert_eq!(protected, "disabled"),
            Protection::On | Protection::Until(_) => assert_ne!(protected, "disabled"),
        }
        if let (Some(release), Made::Built | Made::Copied) = (placement.release, placement.made) {
            let release = &founded.it.releases[release];
            assert_eq!(field(xml, "architecture"), release.architecture.to_string());
            assert!(xml.contains(&release.arn), "{xml}");
        }
    }
}

#[test]
fn what_is_in_the_recycle_bin_is_listed_there_and_leaves_it_in_time() {
    let mut founded = Founded::new(&odd(2));
    let mut binned = 0;
    for placement in founded.it.placements.clone() {
        let State::InBin { until } = placement.state else {
            continue;
        };
        let id = placement.ami.to_string();
        let xml = founded.ec2(placement.home, "ListImagesInRecycleBin", &[]).unwrap();
        assert!(fields(&xml, "imageId").contains(&id));
        assert!(fields(&xml, "recycleBinExitTime").contains(&until.to_string()));
        founded
            .ec2(placement.home, "RestoreImageFromRecycleBin", &[("ImageId", &id)])
            .unwrap();
        binned += 1;
    }
    assert!(binned > 0);
}

#[test]
fn the_snapshots_of_images_are_there_and_those_of_deregistered_ones_gone_but_orphans() {
    let mut founded = Founded::new(&odd(3));
    let orphans: BTreeSet<_> = founded.it.orphans.iter().map(|orphan| orphan.snapshot).collect();
    assert!(!orphans.is_empty());
    for placement in founded.it.placements.clone() {
        if !founded.answers(placement.home) {
            continue;
        }
        let gone = placement.state == State::Deregistered;
        for snapshot in &placement.snapshots {
            let id = snapshot.to_string();
            let found = founded.ec2(placement.home, "DescribeSnapshots", &[("SnapshotId.1", &id)]);
            assert_eq!(found.is_ok(), !gone || orphans.contains(snapshot), "{placement:?}");
        }
    }
}

#[test]
fn the_audience_of_a_family_sees_what_the_hub_has_available() {
    let mut founded = Founded::new(&OrganizationSettings::of_seed(4));
    let mut looked_at = 0;
    for placement in founded.it.placements.clone() {
        let Some(release) = placement.release else { continue };
        let open = matches!(placement.state, State::Available | State::Deprecated { .. });
        if placement.made != Made::Built || !open {
            continue;
        }
        let family = founded.it.releases[release].family;
        for account in founded.it.families[family].audience.clone() {
            let here = Target {
                account,
                ..placement.home
            };
            if founded.answers(here) {
                let id = placement.ami.to_string();
                founded.ec2(here, "DescribeImages", &[("ImageId.1", &id)]).unwrap();
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 0);
}

#[test]
fn a_copy_remembers_what_it_was_copied_from_although_that_is_gone() {
    let mut founded = Founded::new(&OrganizationSettings::of_seed(5));
    let it = founded.it.clone();
    let mut found = 0;
    for placement in it.placements.iter().filter(|placement| placement.made == Made::Copied) {
        let original = it.placements.iter().find(|other| {
            other.made == Made::Built && other.release == placement.release && other.state == State::Deregistered
        });
        let Some(original) = original.filter(|_| placement.is_there() && founded.answers(placement.home)) else {
            continue;
        };
        let id = placement.ami.to_string();
        let xml = founded
            .ec2(placement.home, "GetImageAncestry", &[("ImageId", &id)])
            .unwrap();
        assert_eq!(fields(&xml, "imageId"), [id, original.ami.to_string()]);
        found += 1;
    }
    assert!(found > 0);
}
