//! Made, given versions, launched from, deleted.

use std::time::Duration;

use super::super::super::place::NewImage;
use super::super::super::testing::{Bench, fields};
use crate::sts::tests::field;

/// A template of this name for this image.
pub(super) fn template(bench: &mut Bench, name: &str, image: &str) -> String {
    let pairs = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", image)];
    field(&bench.ok("CreateLaunchTemplate", &pairs), "launchTemplateId")
}

/// Another version of a template, for this image.
pub(super) fn version(bench: &mut Bench, id: &str, image: &str) {
    let pairs = [("LaunchTemplateId", id), ("LaunchTemplateData.ImageId", image)];
    bench.ok("CreateLaunchTemplateVersion", &pairs);
}

fn code(bench: &mut Bench, action: &str, pairs: &[(&str, &str)]) -> String {
    bench.refused(action, pairs).0
}

#[test]
fn a_template_is_made_whatever_its_image_and_starts_with_version_one() {
    let mut bench = Bench::new();
    let pairs = [
        ("LaunchTemplateName", "web/blue_(1).a-b"),
        ("VersionDescription", "first"),
        ("LaunchTemplateData.ImageId", "ami-00000000000000000"),
        ("TagSpecification.1.ResourceType", "launch-template"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let made = bench.ok("CreateLaunchTemplate", &pairs);
    for (element, value) in [
        ("launchTemplateName", "web/blue_(1).a-b"),
        ("defaultVersionNumber", "1"),
        ("latestVersionNumber", "1"),
        ("createdBy", "arn:aws:iam::111122223333:root"),
        ("key", "team"),
    ] {
        assert_eq!(field(&made, element), value, "{element}");
    }
}

#[test]
fn a_name_is_well_formed_and_taken_once_in_an_account() {
    let mut bench = Bench::new();
    let long = "a".repeat(129);
    for name in ["ab", "with space", "ümlaut", &long] {
        let pairs = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", "ami-1")];
        assert_eq!(
            code(&mut bench, "CreateLaunchTemplate", &pairs),
            "InvalidLaunchTemplateName.MalformedException",
            "{name}"
        );
    }
    let pairs = [("LaunchTemplateName", "web"), ("LaunchTemplateData.ImageId", "ami-1")];
    bench.ok("CreateLaunchTemplate", &pairs);
    assert_eq!(
        code(&mut bench, "CreateLaunchTemplate", &pairs),
        "InvalidLaunchTemplateName.AlreadyExistsException"
    );
    bench.call_as(bench.member, "CreateLaunchTemplate", &pairs).unwrap();
}

#[test]
fn a_template_without_data_or_with_data_the_model_does_not_know_is_refused() {
    let mut bench = Bench::new();
    let name = ("LaunchTemplateName", "web");
    assert_eq!(code(&mut bench, "CreateLaunchTemplate", &[name]), "MissingParameter");
    let (code, message) = bench.refused(
        "CreateLaunchTemplate",
        &[name, ("LaunchTemplateData.KernelId", "aki-1")],
    );
    assert_eq!(code, "UnknownParameter");
    assert!(message.contains("LaunchTemplateData.KernelId"), "{message}");
}

#[test]
fn the_same_token_makes_a_template_and_a_version_once() {
    let mut bench = Bench::new();
    let mut pairs = [
        ("ClientToken", "t"),
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", "ami-1"),
    ];
    let id = |xml: &str| field(xml, "launchTemplateId");
    let first = bench.ok("CreateLaunchTemplate", &pairs);
    let again = bench.ok("CreateLaunchTemplate", &pairs);
    assert_eq!(id(&first), id(&again));
    pairs[2].1 = "ami-2";
    assert_eq!(
        code(&mut bench, "CreateLaunchTemplate", &pairs),
        "IdempotentParameterMismatch"
    );
    pairs[0].1 = "u";
    for _ in 0..2 {
        let made = bench.ok("CreateLaunchTemplateVersion", &pairs);
        assert_eq!(field(&made, "versionNumber"), "2");
    }
}

#[test]
fn a_version_based_on_another_inherits_what_it_leaves_open_but_no_snapshots() {
    let mut bench = Bench::new();
    let pairs = [
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", "ami-1"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.UserData", "c2V0IC1l"),
        ("LaunchTemplateData.BlockDeviceMapping.1.DeviceName", "/dev/sdf"),
        (
            "LaunchTemplateData.BlockDeviceMapping.1.Ebs.SnapshotId",
            "snap-00000001",
        ),
        ("LaunchTemplateData.BlockDeviceMapping.1.Ebs.VolumeSize", "9"),
    ];
    let first = bench.ok("CreateLaunchTemplate", &pairs);
    let id = field(&first, "launchTemplateId");
    let based = [
        ("LaunchTemplateId", &*id),
        ("SourceVersion", "1"),
        ("LaunchTemplateData.ImageId", "ami-2"),
    ];
    let made = bench.ok("CreateLaunchTemplateVersion", &based);
    for (element, value) in [
        ("imageId", "ami-2"),
        ("instanceType", "t3.small"),
        ("userData", "c2V0IC1l"),
        ("volumeSize", "9"),
        ("defaultVersion", "false"),
    ] {
        assert_eq!(field(&made, element), value, "{element}");
    }
    assert_eq!(fields(&made, "snapshotId"), Vec::<String>::new());
    let bare = bench.ok("CreateLaunchTemplateVersion", &[based[0], based[2]]);
    assert_eq!(fields(&bare, "instanceType"), Vec::<String>::new());
    let source = [("LaunchTemplateId", &*id), ("SourceVersion", "9")];
    assert_eq!(
        code(&mut bench, "CreateLaunchTemplateVersion", &source),
        "InvalidLaunchTemplateId.VersionNotFound"
    );
}

#[test]
fn a_deleted_number_is_not_given_again_and_the_default_version_stays() {
    let mut bench = Bench::new();
    let id = template(&mut bench, "web", "ami-1");
    version(&mut bench, &id, "ami-2");
    version(&mut bench, &id, "ami-3");
    let pairs = [
        ("LaunchTemplateId", &*id),
        ("LaunchTemplateVersion.1", "1"),
        ("LaunchTemplateVersion.2", "3"),
        ("LaunchTemplateVersion.3", "7"),
    ];
    let deleted = bench.ok("DeleteLaunchTemplateVersions", &pairs);
    let (gone, kept) = deleted
        .split_once("<unsuccessfullyDeletedLaunchTemplateVersionSet>")
        .unwrap();
    assert_eq!(fields(gone, "versionNumber"), ["3"]);
    assert_eq!(fields(kept, "versionNumber"), ["1", "7"]);
    assert_eq!(
        fields(kept, "code"),
        ["unexpectedError", "launchTemplateVersionDoesNotExist"]
    );
    let described = bench.ok("DescribeLaunchTemplates", &[]);
    assert_eq!(field(&described, "latestVersionNumber"), "2");
    let pairs = [("LaunchTemplateId", &*id), ("LaunchTemplateData.ImageId", "ami-4")];
    let made = bench.ok("CreateLaunchTemplateVersion", &pairs);
    assert_eq!(field(&made, "versionNumber"), "4");
}

#[test]
fn the_default_version_moves_to_one_that_exists() {
    let mut bench = Bench::new();
    let id = template(&mut bench, "web", "ami-1");
    version(&mut bench, &id, "ami-2");
    let pairs = |number| [("LaunchTemplateName", "web"), ("SetDefaultVersion", number)];
    let modified = bench.ok("ModifyLaunchTemplate", &pairs("2"));
    assert_eq!(field(&modified, "defaultVersionNumber"), "2");
    assert_eq!(
        code(&mut bench, "ModifyLaunchTemplate", &pairs("3")),
        "InvalidLaunchTemplateId.VersionNotFound"
    );
}

#[test]
fn a_deleted_template_is_gone_for_every_call_and_its_name_is_free() {
    let mut bench = Bench::new();
    let id = template(&mut bench, "web", "ami-1");
    let deleted = bench.ok("DeleteLaunchTemplate", &[("LaunchTemplateName", "web")]);
    assert_eq!(field(&deleted, "launchTemplateId"), id);
    for (action, more) in [
        ("DeleteLaunchTemplate", None),
        ("DescribeLaunchTemplateVersions", None),
        ("ModifyLaunchTemplate", Some(("SetDefaultVersion", "1"))),
        ("DeleteLaunchTemplateVersions", Some(("LaunchTemplateVersion.1", "1"))),
        (
            "CreateLaunchTemplateVersion",
            Some(("LaunchTemplateData.ImageId", "ami-1")),
        ),
    ] {
        for (key, value, expected) in [
            ("LaunchTemplateId", &*id, "InvalidLaunchTemplateId.NotFound"),
            (
                "LaunchTemplateName",
                "web",
                "InvalidLaunchTemplateName.NotFoundException",
            ),
            ("LaunchTemplateId", "lt-x", "InvalidLaunchTemplateId.Malformed"),
        ] {
            let pairs: Vec<_> = [(key, value)].into_iter().chain(more).collect();
            assert_eq!(code(&mut bench, action, &pairs), expected, "{action} {value}");
        }
    }
    template(&mut bench, "web", "ami-1");
}

#[test]
fn another_account_has_no_such_template() {
    let mut bench = Bench::new();
    let id = template(&mut bench, "web", "ami-1");
    let pairs = [("LaunchTemplateId", &*id)];
    let found = bench.call_as(bench.member, "DescribeLaunchTemplateVersions", &pairs);
    assert_eq!(found.unwrap_err().0, "InvalidLaunchTemplateId.NotFound");
    let all = bench.call_as(bench.member, "DescribeLaunchTemplates", &[]).unwrap();
    assert_eq!(fields(&all, "launchTemplateId"), Vec::<String>::new());
}

#[test]
fn a_stale_reader_does_not_find_a_template_just_made_and_still_finds_one_just_deleted() {
    let mut bench = Bench::new();
    bench.world.settings.read_lag = Duration::from_mins(1);
    let id = template(&mut bench, "web", "ami-1");
    let views = |bench: &mut Bench| -> Vec<bool> {
        let all = (0..20).map(|_| bench.ok("DescribeLaunchTemplates", &[]).contains(&id));
        all.collect()
    };
    bench.pass(Duration::from_secs(30));
    let early = views(&mut bench);
    assert!(early.contains(&true) && early.contains(&false), "{early:?}");
    bench.pass(Duration::from_mins(1));
    assert!(!views(&mut bench).contains(&false));
    bench.ok("DeleteLaunchTemplate", &[("LaunchTemplateName", "web")]);
    bench.pass(Duration::from_secs(30));
    let late = views(&mut bench);
    assert!(late.contains(&true) && late.contains(&false), "{late:?}");
    bench.pass(Duration::from_mins(1));
    assert!(!views(&mut bench).contains(&true));
}

#[test]
fn a_launch_from_a_template_takes_what_the_request_leaves_open_and_names_the_template_in_its_tags() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image(NewImage::named("old")), bench.image(NewImage::named("new")));
    let tagged = |n: usize, key| {
        let part = ["ResourceType", "Tag.1.Key", "Tag.1.Value"][n];
        (format!("LaunchTemplateData.TagSpecification.1.{part}"), key)
    };
    let tags = [tagged(0, "instance"), tagged(1, "team"), tagged(2, "web")];
    let mut pairs = vec![
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", &*old),
        ("LaunchTemplateData.InstanceType", "t3.small"),
    ];
    pairs.extend(tags.iter().map(|(name, value)| (name.as_str(), *value)));
    let id = field(&bench.ok("CreateLaunchTemplate", &pairs), "launchTemplateId");
    version(&mut bench, &id, &new);
    let launch = |bench: &mut Bench, more: &[(&str, &str)]| {
        let mut pairs = vec![
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("LaunchTemplate.LaunchTemplateName", "web"),
        ];
        pairs.extend_from_slice(more);
        bench.ok("RunInstances", &pairs)
    };
    let default = launch(&mut bench, &[]);
    assert_eq!(
        (field(&default, "imageId"), field(&default, "instanceType")),
        (old.clone(), "t3.small".to_owned())
    );
    assert_eq!(
        fields(&default, "key"),
        ["team", "aws:ec2launchtemplate:id", "aws:ec2launchtemplate:version"]
    );
    assert_eq!(fields(&default, "value"), ["web", &id, "1"]);
    let latest = launch(&mut bench, &[("LaunchTemplate.Version", "$Latest")]);
    assert_eq!(field(&latest, "imageId"), new);
    assert_eq!(fields(&latest, "value"), [&*id, "2"]);
    let own = [
        ("ImageId", &*new),
        ("InstanceType", "m5.large"),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "ours"),
    ];
    let own = launch(&mut bench, &own);
    assert_eq!(
        (field(&own, "imageId"), field(&own, "instanceType")),
        (new, "m5.large".to_owned())
    );
    assert_eq!(fields(&own, "value")[0], "ours");
}

#[test]
fn a_launch_needs_an_image_from_itself_or_its_template_and_a_version_that_exists() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let pairs = [
        ("LaunchTemplateName", "bare"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
    ];
    let id = field(&bench.ok("CreateLaunchTemplate", &pairs), "launchTemplateId");
    template(&mut bench, "gone", "ami-00000000000000000");
    let count = [("MinCount", "1"), ("MaxCount", "1")];
    let from = |more: &[(&'static str, &'static str)], id: &str| {
        let mut pairs: Vec<(&str, String)> = count.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        if more.is_empty() {
            pairs.push(("LaunchTemplate.LaunchTemplateId", id.to_owned()));
        }
        pairs.extend(more.iter().map(|(k, v)| (*k, (*v).to_owned())));
        pairs
    };
    for (more, expected) in [
        (vec![], "MissingParameter"),
        (vec![("LaunchTemplate.Version", "1")], "MissingParameter"),
        (
            vec![("LaunchTemplate.LaunchTemplateName", "gone")],
            "InvalidAMIID.NotFound",
        ),
        (
            vec![
                ("LaunchTemplate.LaunchTemplateName", "bare"),
                ("LaunchTemplate.Version", "2"),
            ],
            "InvalidLaunchTemplateId.VersionNotFound",
        ),
        (
            vec![
                ("LaunchTemplate.LaunchTemplateName", "bare"),
                ("LaunchTemplate.Version", "new"),
            ],
            "InvalidParameterValue",
        ),
        (
            vec![("LaunchTemplate.LaunchTemplateName", "none")],
            "InvalidLaunchTemplateName.NotFoundException",
        ),
    ] {
        let pairs = from(&more, &id);
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(code(&mut bench, "RunInstances", &pairs), expected, "{more:?}");
    }
    let own = [
        count[0],
        count[1],
        ("LaunchTemplate.LaunchTemplateId", &id),
        ("ImageId", &image),
    ];
    assert_eq!(field(&bench.ok("RunInstances", &own), "instanceType"), "t3.small");
}
