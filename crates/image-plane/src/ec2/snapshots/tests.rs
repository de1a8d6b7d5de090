use super::super::place::NewImage;
use super::super::snapshot::VolumePermissions;
use super::super::testing::{Bench, assert_each_once, fields};
use super::*;

/// A snapshot of the hub's behind an image of this name.
fn snapshot(bench: &mut Bench, name: &str) -> String {
    let image = bench.image(NewImage::named(name));
    bench.snapshot_of(&image)
}

#[test]
fn every_filter_finds_the_snapshots_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let left = snapshot(&mut bench, "left");
    let right = snapshot(&mut bench, "right");
    let theirs = bench
        .world
        .place_image(bench.member, NewImage::named("theirs").public());
    let theirs = bench.snapshot_of(&theirs.to_string());
    let key = bench.world.create_key(bench.hub, None, []);
    bench.edit_snapshot(&theirs, |snapshot| {
        snapshot.permissions = Some(Box::new(VolumePermissions {
            public: true,
            ..VolumePermissions::default()
        }));
    });
    bench.edit_snapshot(&right, |snapshot| {
        snapshot.description = "the right one".into();
        snapshot.state = SnapshotState::Pending;
        snapshot.started = Time::parse("2026-01-18T17:00:56Z").unwrap();
        snapshot.completes = Time::parse("2026-01-19T17:00:56Z").unwrap();
        snapshot.key = Some(key);
        snapshot.size_gib = 20;
        snapshot.volume = "vol-0123456789abcdef0".parse().unwrap();
        snapshot.tags.set("team", "web");
    });
    let mut all = [left.as_str(), &right, &theirs];
    all.sort_unstable();
    let right = [right.as_str()];
    let table: [(&str, &str, &[&str]); 11] = [
        ("description", "the right one", &right),
        ("encrypted", "true", &right),
        ("owner-id", "222233334444", &[&theirs]),
        ("progress", "3%", &right),
        ("snapshot-id", right[0], &right),
        ("start-time", "2026-01-18T17:00:56*", &right),
        ("status", "pending", &right),
        ("storage-tier", "standard", &all),
        ("tag-key", "team", &right),
        ("volume-id", "vol-0123456789abcdef0", &right),
        ("volume-size", "20", &right),
    ];
    assert_each_once(table.iter().map(|(name, ..)| *name), FILTERS);
    for (name, value, found) in table {
        let action = "DescribeSnapshots";
        assert_eq!(bench.found(action, (name, value), "snapshotId"), found, "{name}");
        assert!(bench.found(action, (name, "none"), "snapshotId").is_empty(), "{name}");
    }
    assert_eq!(
        bench.found("DescribeSnapshots", ("tag:team", "web"), "snapshotId"),
        right
    );
}

#[test]
fn what_another_account_can_restore_is_what_is_shared_with_it() {
    let mut bench = Bench::new();
    let kept = snapshot(&mut bench, "kept");
    let shared = snapshot(&mut bench, "shared");
    let grant = [
        ("SnapshotId", &*shared),
        ("CreateVolumePermission.Add.1.UserId", "222233334444"),
    ];
    bench.ok("ModifySnapshotAttribute", &grant);
    let restorable = |bench: &mut Bench, by: &str| {
        let mut found = fields(&bench.ok("DescribeSnapshots", &[("RestorableBy.1", by)]), "snapshotId");
        found.sort_unstable();
        found
    };
    let mut both = [kept, shared.clone()];
    both.sort_unstable();
    assert_eq!(restorable(&mut bench, "self"), both);
    assert_eq!(restorable(&mut bench, "222233334444"), [shared]);
    assert!(restorable(&mut bench, "999999999999").is_empty());
    assert!(restorable(&mut bench, "all").is_empty());
}
