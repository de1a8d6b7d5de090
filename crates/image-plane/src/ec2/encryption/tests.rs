use std::time::Duration;

use serde_json::{Value, json};

use super::super::image::Image;
use super::super::place::NewImage;
use super::super::snapshot::SnapshotState;
use super::super::testing::{Bench, Pairs};
use super::*;
use crate::kms::KeyState;
use crate::sts::tests::{Key, field, region, root};

/// What EC2 says, late, of a key that somebody may not use.
const LATE: &str = "Given key ID is not accessible";

/// All that using EBS encryption takes, for services alone where that can be asked.
const USES: &str = r#"{"Effect":"Allow","Action":["kms:Decrypt","kms:DescribeKey","kms:ReEncrypt*",
    "kms:GenerateDataKey*"],"Resource":"*"},{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*",
    "Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}}"#;
const MAY_EC2: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;

/// An image of the hub's under a key, shared with the member together with its snapshot.
fn shared(bench: &mut Bench, key: &KeyArn) -> String {
    let name = format!("web-{}", bench.world.random.bits());
    let image = NewImage::named(&name).volumes([(8, Some(key.clone()))]);
    let image = bench.image(image.shared_with([bench.member.account]));
    let snapshot = bench.snapshot_of(&image);
    let member = bench.member.account;
    bench.edit_snapshot(&snapshot, |snapshot| {
        snapshot.permissions.get_or_insert_default().accounts.insert(member);
    });
    image
}

/// Somebody of an account: its root, or a session.
struct Who {
    key: Key,
    at: Target,
}

fn root_of(at: Target) -> Who {
    let key = root(&at.account.to_string());
    Who { key, at }
}

/// A session of a role of the member's with these statements besides all of EC2.
fn session(bench: &mut Bench, statements: &str) -> Who {
    let all = [MAY_EC2, statements].into_iter().filter(|one| !one.is_empty());
    let key = bench.role(&all.collect::<Vec<_>>().join(","));
    Who { key, at: bench.member }
}

/// Copies an image, and gives the copy as it is ten minutes later. The call itself is always accepted.
fn copied(bench: &mut Bench, who: &Who, image: &str, further: Pairs<'_>) -> Image {
    let name = format!("copy-{}", bench.world.random.bits());
    let mut pairs = vec![("SourceImageId", image), ("SourceRegion", "eu-west-1"), ("Name", &name)];
    pairs.extend_from_slice(further);
    let id = field(
        &bench.call_with(&who.key, who.at, "CopyImage", &pairs).unwrap(),
        "imageId",
    );
    bench.pass(Duration::from_mins(10));
    let plane = bench.world.ec2.get(who.at.region).unwrap();
    plane.image(id.parse().unwrap()).unwrap().clone()
}

/// The key of an image's first volume.
fn key_of(image: &Image) -> Option<KeyArn> {
    match &image.devices[0].volume {
        Volume::Ebs { key, .. } => key.clone(),
        Volume::Instance(_) => None,
    }
}

fn failed() -> ImageState {
    ImageState::Failed(LATE.into())
}

/// Launches an image, and gives its state a minute later, and EC2's reason for it.
fn launched(bench: &mut Bench, who: &Who, image: &str, further: Pairs<'_>) -> (String, String) {
    let mut pairs = vec![("ImageId", image), ("MinCount", "1"), ("MaxCount", "1")];
    pairs.extend_from_slice(further);
    let answer = bench.call_with(&who.key, who.at, "RunInstances", &pairs).unwrap();
    let id = field(&answer, "instanceId");
    bench.pass(Duration::from_mins(1));
    let described = bench
        .call_as(who.at, "DescribeInstances", &[("InstanceId.1", &id)])
        .unwrap();
    let reason = described.split_once("<stateReason>").map_or("", |(_, rest)| rest);
    (field(&described, "name"), field(reason, "message"))
}

fn with_key(key: &str) -> [(&str, &str); 2] {
    [("Encrypted", "true"), ("KmsKeyId", key)]
}

fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[test]
fn a_strangers_encrypted_image_is_copied_under_a_key_of_ones_own() {
    let mut bench = Bench::new();
    let theirs = bench.world.create_key(bench.hub, None, [bench.member.account]);
    let own = bench.world.create_key(bench.member, Some("alias/golden"), []);
    let image = shared(&mut bench, &theirs);
    let member = root_of(bench.member);
    let copy = copied(&mut bench, &member, &image, &with_key("alias/golden"));
    assert_eq!((copy.state.clone(), key_of(&copy)), (ImageState::Available, Some(own)));
    let plain = copied(&mut bench, &member, &image, &[]);
    let default = bench.world.default_key(bench.member);
    assert_eq!(
        key_of(&plain),
        Some(default),
        "where nobody says, the copier's own default key"
    );
}

#[test]
fn a_copy_fails_late_where_the_source_key_is_not_shared_and_is_accepted_all_the_same() {
    let mut bench = Bench::new();
    let theirs = bench.world.create_key(bench.hub, None, []);
    bench.world.create_key(bench.member, Some("alias/golden"), []);
    let image = shared(&mut bench, &theirs);
    let member = root_of(bench.member);
    for further in [&with_key("alias/golden")[..], &[]] {
        assert_eq!(copied(&mut bench, &member, &image, further).state, failed());
    }
    bench.world.let_use_key(&theirs, bench.member.account);
    let copy = copied(&mut bench, &member, &image, &with_key("alias/golden"));
    assert_eq!(copy.state, ImageState::Available);
}

#[test]
fn a_copy_under_a_key_that_its_caller_cannot_use_fails_late_whatever_is_wrong_with_it() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("plain"));
    let hub = root_of(bench.hub);
    let east = Target {
        region: region("us-east-1"),
        ..bench.hub
    };
    let elsewhere = bench.world.create_key(east, None, []);
    let theirs = bench.world.create_key(bench.member, None, []);
    let disabled = bench.world.create_key(bench.hub, None, []);
    bench.world.set_key_state(&disabled, KeyState::Disabled);
    let pending = bench.world.create_key(bench.hub, None, []);
    bench.world.set_key_state(&pending, KeyState::PendingDeletion);
    let closed = bench.world.create_key(bench.hub, None, []);
    let nobody = policy(&[json!({
        "Effect": "Allow", "Principal": { "AWS": "222233334444" }, "Action": "kms:*", "Resource": "*",
    })]);
    bench.world.set_key_policy(&closed, &nobody).unwrap();
    let bad = [
        &*elsewhere,
        &*theirs,
        &*disabled,
        &*pending,
        &*closed,
        "alias/none",
        "golden",
    ];
    for key in bad {
        let copy = copied(&mut bench, &hub, &image, &with_key(key));
        assert_eq!(copy.state, failed(), "{key}");
    }
    let own = bench.world.create_key(bench.hub, None, []);
    assert_eq!(
        copied(&mut bench, &hub, &image, &with_key(&own)).state,
        ImageState::Available
    );
}

#[test]
fn a_copied_snapshot_fails_late_in_the_same_words() {
    let mut bench = Bench::new();
    let theirs = bench.world.create_key(bench.hub, None, []);
    let image = shared(&mut bench, &theirs);
    let source = bench.snapshot_of(&image);
    let pairs = [("SourceSnapshotId", source.as_str()), ("SourceRegion", "eu-west-1")];
    let copy = |bench: &mut Bench| {
        let answer = bench.call_as(bench.member, "CopySnapshot", &pairs).unwrap();
        let id = field(&answer, "snapshotId").parse().unwrap();
        bench.pass(Duration::from_hours(1));
        let plane = bench.world.ec2.get(bench.member.region).unwrap();
        plane.snapshot(id).unwrap().state.clone()
    };
    assert_eq!(copy(&mut bench), SnapshotState::Error(LATE.into()));
    bench.world.let_use_key(&theirs, bench.member.account);
    assert_eq!(copy(&mut bench), SnapshotState::Completed);
}

#[test]
fn a_session_copies_under_a_key_only_with_each_permission_that_encryption_takes() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, None, [bench.member.account]);
    let own = bench.world.create_key(bench.member, None, []);
    let image = shared(&mut bench, &key);
    let whole = session(&mut bench, USES);
    assert_eq!(
        copied(&mut bench, &whole, &image, &with_key(&own)).state,
        ImageState::Available
    );
    let bare = session(&mut bench, "");
    assert_eq!(copied(&mut bench, &bare, &image, &with_key(&own)).state, failed());
    for lacking in [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ] {
        let deny = format!(r#"{USES},{{"Effect":"Deny","Action":"{lacking}","Resource":"*"}}"#);
        let lame = session(&mut bench, &deny);
        assert_eq!(
            copied(&mut bench, &lame, &image, &with_key(&own)).state,
            failed(),
            "{lacking}"
        );
    }
    let deny = r#"{"Effect":"Deny","Action":"kms:GenerateDataKeyWithoutPlaintext","Resource":"*"}"#;
    let lame = session(&mut bench, &format!("{USES},{deny}"));
    assert_eq!(copied(&mut bench, &lame, &image, &with_key(&own)).state, failed());
    let only_source = USES.replace(r#""Resource":"*""#, &format!(r#""Resource":"{key}""#));
    let lame = session(&mut bench, &only_source);
    assert_eq!(
        copied(&mut bench, &lame, &image, &with_key(&own)).state,
        failed(),
        "the key of the copy is asked for too"
    );
}

#[test]
fn a_key_can_be_for_use_through_ec2_of_its_region_alone() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, None, []);
    let image = bench.image(NewImage::named("web").volumes([(8, Some(key.clone()))]));
    let hub = root_of(bench.hub);
    let for_service = |service: &str| {
        policy(&[json!({
            "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:*", "Resource": "*",
            "Condition": { "StringEquals": { "kms:ViaService": service, "kms:CallerAccount": "111122223333" } },
        })])
    };
    for (service, state) in [
        ("ec2.eu-west-1.amazonaws.com", ImageState::Available),
        ("ec2.us-east-1.amazonaws.com", failed()),
        ("ssm.eu-west-1.amazonaws.com", failed()),
    ] {
        bench.world.set_key_policy(&key, &for_service(service)).unwrap();
        assert_eq!(copied(&mut bench, &hub, &image, &[]).state, state, "{service}");
    }
}

#[test]
fn the_default_key_serves_everybody_in_its_account_without_iam_and_nobody_else() {
    let mut bench = Bench::new();
    let bare = session(&mut bench, "");
    let image = bench.image(NewImage::named("plain").public());
    let snapshot = bench.snapshot_of(&image);
    let member = bench.member.account;
    bench.edit_snapshot(&snapshot, |snapshot| {
        snapshot.permissions.get_or_insert_default().accounts.insert(member);
    });
    let copy = copied(&mut bench, &bare, &image, &[("Encrypted", "true")]);
    let default = bench.world.default_key(bench.member);
    assert_eq!(
        (copy.state.clone(), key_of(&copy)),
        (ImageState::Available, Some(default))
    );
    let named = copied(&mut bench, &bare, &image, &with_key("alias/aws/ebs"));
    assert_eq!(named.state, ImageState::Available);

    let theirs = bench.world.default_key(bench.hub);
    let theirs = shared(&mut bench, &theirs);
    let member = root_of(bench.member);
    assert_eq!(
        copied(&mut bench, &member, &theirs, &[]).state,
        failed(),
        "however it came to be shared"
    );
}

#[test]
fn what_a_default_key_encrypts_is_shared_with_nobody() {
    let mut bench = Bench::new();
    let key = bench.world.default_key(bench.hub);
    let image = bench.image(NewImage::named("web").volumes([(8, Some(key))]));
    let snapshot = bench.snapshot_of(&image);
    let launch = [
        ("ImageId", image.as_str()),
        ("LaunchPermission.Add.1.UserId", "222233334444"),
    ];
    let create = [
        ("SnapshotId", snapshot.as_str()),
        ("Attribute", "createVolumePermission"),
        ("OperationType", "add"),
        ("UserId.1", "222233334444"),
    ];
    for (action, pairs) in [
        ("ModifyImageAttribute", &launch[..]),
        ("ModifySnapshotAttribute", &create),
    ] {
        let (code, message) = bench.refused(action, pairs);
        assert_eq!(code, "OperationNotPermitted");
        assert!(message.contains("AWS Managed CMK can't be shared"), "{message}");
    }
}

#[test]
fn a_strangers_encrypted_image_starts_under_the_launchers_own_default_key() {
    let mut bench = Bench::new();
    let theirs = bench.world.create_key(bench.hub, None, [bench.member.account]);
    let image = shared(&mut bench, &theirs);
    let member = root_of(bench.member);
    assert_eq!(launched(&mut bench, &member, &image, &[]).0, "running");
    let default = bench.world.default_key(bench.member);
    let plane = bench.world.ec2.get(bench.member.region).unwrap();
    let keys: Vec<_> = plane.volumes.values().map(|volume| volume.key.clone()).collect();
    assert_eq!(keys, [Some(default)]);
}

#[test]
fn an_instance_whose_keys_its_launcher_may_not_use_ends_as_it_starts() {
    let mut bench = Bench::new();
    let theirs = bench.world.create_key(bench.hub, None, []);
    let own = bench.world.create_key(bench.member, None, []);
    let image = shared(&mut bench, &theirs);
    let ended = (
        "terminated".to_owned(),
        "Client.InternalError: Client error on launch".to_owned(),
    );
    let member = root_of(bench.member);
    let under_own = [
        ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
        ("BlockDeviceMapping.1.Ebs.Encrypted", "true"),
        ("BlockDeviceMapping.1.Ebs.KmsKeyId", &*own),
    ];
    for further in [&[][..], &under_own] {
        assert_eq!(launched(&mut bench, &member, &image, further), ended);
    }
    bench.world.let_use_key(&theirs, bench.member.account);
    let bare = session(&mut bench, "");
    assert_eq!(
        launched(&mut bench, &bare, &image, &[]),
        ended,
        "its account may, it may not"
    );
    let able = session(&mut bench, USES);
    assert_eq!(launched(&mut bench, &able, &image, &under_own).0, "running");
    bench.world.set_key_state(&theirs, KeyState::Disabled);
    assert_eq!(launched(&mut bench, &able, &image, &[]), ended);
}

#[test]
fn a_grant_serves_ec2_as_well_as_a_policy_does() {
    let mut bench = Bench::new();
    let theirs = bench.world.create_key(bench.hub, None, []);
    let image = shared(&mut bench, &theirs);
    let member = root_of(bench.member);
    assert_eq!(copied(&mut bench, &member, &image, &[]).state, failed());
    let operations = [
        "Decrypt",
        "DescribeKey",
        "CreateGrant",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    ];
    let body = json!({
        "KeyId": &*theirs, "GranteePrincipal": "arn:aws:iam::222233334444:root", "Operations": operations,
    });
    let mut request = crate::sts::tests::request(&root("111122223333"), "eu-west-1", "kms", &body.to_string());
    let target = "TrentService.CreateGrant".parse().unwrap();
    request.headers_mut().insert("x-amz-target", target);
    let now = bench.world.now();
    assert_eq!(bench.world.call(now, request).status(), 200);
    assert_eq!(copied(&mut bench, &member, &image, &[]).state, ImageState::Available);
}

#[test]
fn a_deleted_key_takes_along_what_it_encrypted() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, None, []);
    let image = bench.image(NewImage::named("web").volumes([(8, Some(key.clone()))]));
    bench.world.set_key_state(&key, KeyState::PendingDeletion);
    bench.pass(Duration::from_hours(24 * 31));
    let id: ImageId = image.parse().unwrap();
    let can = bench.world.can_launch(bench.hub.account, bench.hub.region, id);
    assert_eq!(can, Err(Unlaunchable::Key(key)));
    let hub = root_of(bench.hub);
    assert_eq!(copied(&mut bench, &hub, &image, &[]).state, failed());
}

#[test]
fn an_account_can_launch_what_it_sees_is_available_and_has_the_keys_of() {
    let mut bench = Bench::new();
    let theirs = bench.world.create_key(bench.hub, None, []);
    let image = shared(&mut bench, &theirs);
    let id: ImageId = image.parse().unwrap();
    let (hub, member, here) = (bench.hub.account, bench.member.account, bench.hub.region);
    assert_eq!(bench.world.can_launch(hub, here, id), Ok(()));
    let key = Unlaunchable::Key(theirs.clone());
    assert_eq!(bench.world.can_launch(member, here, id), Err(key));
    bench.world.let_use_key(&theirs, member);
    assert_eq!(bench.world.can_launch(member, here, id), Ok(()));
    let stranger = "333344445555".parse().unwrap();
    assert_eq!(bench.world.can_launch(stranger, here, id), Err(Unlaunchable::NoImage));
    assert_eq!(
        bench.world.can_launch(hub, region("us-east-1"), id),
        Err(Unlaunchable::NoImage)
    );
    bench.edit_image(&image, |image| image.state = ImageState::Pending);
    let pending = Unlaunchable::State("pending".to_owned());
    assert_eq!(bench.world.can_launch(hub, here, id), Err(pending));
}

#[test]
fn a_copy_into_another_region_uses_the_source_key_there_and_the_copys_here() {
    let mut bench = Bench::new();
    let key = bench.world.default_key(bench.hub);
    let image = bench.image(NewImage::named("web").volumes([(8, Some(key))]));
    let east = Target {
        region: region("us-east-1"),
        ..bench.hub
    };
    let golden = bench.world.create_key(east, Some("alias/golden"), []);
    let hub = root_of(east);
    let copy = copied(&mut bench, &hub, &image, &with_key("alias/golden"));
    assert_eq!(
        (copy.state.clone(), key_of(&copy)),
        (ImageState::Available, Some(golden))
    );
    let plain = copied(&mut bench, &hub, &image, &[]);
    let default = bench.world.default_key(east);
    assert_eq!(
        (plain.state.clone(), key_of(&plain)),
        (ImageState::Available, Some(default))
    );
}
