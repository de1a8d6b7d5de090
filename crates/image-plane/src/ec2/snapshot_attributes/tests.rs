use super::super::place::NewImage;
use super::super::testing::{Bench, Pairs};
use crate::sts::tests::field;

fn bench() -> (Bench, String) {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let snapshot = bench.snapshot_of(&image);
    (bench, snapshot)
}

fn modify<'a>(snapshot: &'a str, further: Pairs<'a>) -> Vec<(&'a str, &'a str)> {
    [&[("SnapshotId", snapshot)], further].concat()
}

#[test]
fn the_older_form_says_whether_it_adds_or_removes() {
    let (mut bench, snapshot) = bench();
    let flat = ("UserId.1", "222233334444");
    // Not even beside the newer form, where there would be something to do without it.
    let newer = ("CreateVolumePermission.Add.1.UserId", "333344445555");
    for further in [vec![flat], vec![flat, newer]] {
        let refused = bench.refused("ModifySnapshotAttribute", &modify(&snapshot, &further));
        assert_eq!(refused.0, "InvalidParameterValue", "{further:?}");
    }
    bench.ok(
        "ModifySnapshotAttribute",
        &modify(&snapshot, &[flat, ("OperationType", "add")]),
    );
}

#[test]
fn where_public_snapshots_are_blocked_a_snapshot_is_shared_with_accounts_alone() {
    let (mut bench, snapshot) = bench();
    let (hub, state) = (bench.hub, "GetSnapshotBlockPublicAccessState");
    assert_eq!(field(&bench.ok(state, &[]), "state"), "unblocked");
    let blocked = &mut bench.world.account_mut(hub.account).block_public_snapshots;
    blocked.insert(hub.region);
    assert_eq!(field(&bench.ok(state, &[]), "state"), "block-new-sharing");
    assert_eq!(bench.refused(state, &[("Region", "x")]).0, "UnknownParameter");
    let everybody = ("CreateVolumePermission.Add.1.Group", "all");
    let refused = bench.refused("ModifySnapshotAttribute", &modify(&snapshot, &[everybody]));
    assert_eq!(refused.0, "OperationNotPermitted");
    let account = ("CreateVolumePermission.Add.1.UserId", "222233334444");
    bench.ok("ModifySnapshotAttribute", &modify(&snapshot, &[account]));
}

#[test]
fn a_public_snapshot_is_public_without_an_account_and_until_it_is_taken_back() {
    let (mut bench, snapshot) = bench();
    let group = |bench: &mut Bench| {
        let asked = [("SnapshotId", &*snapshot), ("Attribute", "createVolumePermission")];
        field(&bench.ok("DescribeSnapshotAttribute", &asked), "group")
    };
    let add = ("CreateVolumePermission.Add.1.Group", "all");
    bench.ok("ModifySnapshotAttribute", &modify(&snapshot, &[add]));
    assert_eq!(group(&mut bench), "all");
    let remove = ("CreateVolumePermission.Remove.1.Group", "all");
    bench.ok("ModifySnapshotAttribute", &modify(&snapshot, &[remove]));
    assert_eq!(group(&mut bench), "");
}
