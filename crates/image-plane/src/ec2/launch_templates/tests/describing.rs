//! Listed by id, by name, by filter, page by page; versions of one template and of all.

use super::super::super::testing::{Bench, Pairs, assert_each_once, fields};
use super::super::{describe, describe_versions};
use super::life::{template, version};
use crate::sts::tests::field;

fn page(bench: &mut Bench, action: &str, element: &str, base: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut token = String::new();
    loop {
        let mut pairs = base.to_vec();
        if !token.is_empty() {
            pairs.push(("NextToken", &token));
        }
        let answer = bench.ok(action, &pairs);
        pages.push(fields(&answer, element));
        match fields(&answer, "nextToken").pop() {
            Some(next) => token = next,
            None => return pages,
        }
    }
}

#[test]
fn templates_are_found_by_id_and_name_and_one_that_is_missing_fails_the_call() {
    let mut bench = Bench::new();
    let web = template(&mut bench, "web", "ami-1");
    let app = template(&mut bench, "app", "ami-2");
    template(&mut bench, "other", "ami-3");
    let named = [("LaunchTemplateId.1", &*web), ("LaunchTemplateName.1", "app")];
    let mut found = fields(&bench.ok("DescribeLaunchTemplates", &named), "launchTemplateId");
    found.sort_unstable();
    let mut both = [web, app];
    both.sort_unstable();
    assert_eq!(found, both);
    let (code, _) = bench.refused("DescribeLaunchTemplates", &[("LaunchTemplateName.1", "none")]);
    assert_eq!(code, "InvalidLaunchTemplateName.NotFoundException");
    let (code, _) = bench.refused(
        "DescribeLaunchTemplates",
        &[("LaunchTemplateId.1", "lt-00000000000000000")],
    );
    assert_eq!(code, "InvalidLaunchTemplateId.NotFound");
}

#[test]
fn every_filter_of_templates_finds_those_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    template(&mut bench, "other", "ami-1");
    bench.pass(std::time::Duration::from_hours(24));
    let pairs = [
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", "ami-1"),
        ("TagSpecification.1.ResourceType", "launch-template"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "web"),
    ];
    let web = field(&bench.ok("CreateLaunchTemplate", &pairs), "launchTemplateId");
    let table = [
        ("create-time", "2026-01-19T*"),
        ("launch-template-name", "w*"),
        ("tag-key", "team"),
    ];
    assert_each_once(table.iter().map(|(name, _)| *name), describe::FILTERS);
    let action = "DescribeLaunchTemplates";
    for (name, value) in table.into_iter().chain([("tag:team", "web")]) {
        assert_eq!(
            bench.found(action, (name, value), "launchTemplateId"),
            [&*web],
            "{name}"
        );
        assert!(
            bench.found(action, (name, "none"), "launchTemplateId").is_empty(),
            "{name}"
        );
    }
}

#[test]
fn pages_of_templates_lead_from_one_to_the_next_and_hold_at_most_two_hundred() {
    let mut bench = Bench::new();
    let mut ids: Vec<String> = (0..5)
        .map(|n| template(&mut bench, &format!("web-{n}"), "ami-1"))
        .collect();
    ids.sort_unstable();
    let pages = page(
        &mut bench,
        "DescribeLaunchTemplates",
        "launchTemplateId",
        &[("MaxResults", "2")],
    );
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(pages.concat(), ids);
    for most in ["0", "201"] {
        for action in ["DescribeLaunchTemplates", "DescribeLaunchTemplateVersions"] {
            let pairs = [("MaxResults", most)];
            let version = ("LaunchTemplateVersion.1", "$Latest");
            let pairs: Vec<_> = if action.ends_with("Versions") {
                vec![pairs[0], version]
            } else {
                pairs.to_vec()
            };
            assert_eq!(
                bench.refused(action, &pairs).0,
                "InvalidParameterValue",
                "{action} {most}"
            );
        }
    }
}

#[test]
fn versions_of_a_template_come_newest_first_and_by_number_word_or_range() {
    let mut bench = Bench::new();
    let id = template(&mut bench, "web", "ami-1");
    for n in 2..6 {
        version(&mut bench, &id, &format!("ami-{n}"));
    }
    bench.ok(
        "ModifyLaunchTemplate",
        &[("LaunchTemplateId", &id), ("SetDefaultVersion", "2")],
    );
    let numbers = |bench: &mut Bench, more: &[(&str, &str)]| {
        let mut pairs = vec![("LaunchTemplateName", "web")];
        pairs.extend_from_slice(more);
        fields(&bench.ok("DescribeLaunchTemplateVersions", &pairs), "versionNumber")
    };
    let table: [(Pairs<'_>, &[&str]); 6] = [
        (&[], &["5", "4", "3", "2", "1"]),
        (&[("LaunchTemplateVersion.1", "$Latest")], &["5"]),
        (&[("LaunchTemplateVersion.1", "$Default")], &["2"]),
        (
            &[
                ("LaunchTemplateVersion.1", "1"),
                ("LaunchTemplateVersion.2", "$Latest"),
                ("LaunchTemplateVersion.3", "5"),
            ],
            &["5", "1"],
        ),
        (&[("MinVersion", "2"), ("MaxVersion", "4")], &["4", "3", "2"]),
        (&[("MinVersion", "6")], &[]),
    ];
    for (more, found) in table {
        assert_eq!(numbers(&mut bench, more), found, "{more:?}");
    }
    let pairs = [("LaunchTemplateName", "web"), ("LaunchTemplateVersion.1", "9")];
    let (code, message) = bench.refused("DescribeLaunchTemplateVersions", &pairs);
    assert_eq!(code, "InvalidLaunchTemplateId.VersionNotFound");
    assert!(message.contains(&id), "{message}");
    let pages = page(
        &mut bench,
        "DescribeLaunchTemplateVersions",
        "versionNumber",
        &[("LaunchTemplateId", &id), ("MaxResults", "2")],
    );
    assert_eq!(pages, [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
}

#[test]
fn without_a_template_only_the_latest_and_default_versions_of_all_are_described() {
    let mut bench = Bench::new();
    let web = template(&mut bench, "web", "ami-1");
    version(&mut bench, &web, "ami-2");
    version(&mut bench, &web, "ami-3");
    template(&mut bench, "app", "ami-9");
    let images = |bench: &mut Bench, versions: &[&str]| {
        let names = ["LaunchTemplateVersion.1", "LaunchTemplateVersion.2"];
        let pairs: Vec<_> = names.into_iter().zip(versions.iter().copied()).collect();
        let mut found = fields(&bench.ok("DescribeLaunchTemplateVersions", &pairs), "imageId");
        found.sort_unstable();
        found
    };
    assert_eq!(images(&mut bench, &["$Latest"]), ["ami-3", "ami-9"]);
    assert_eq!(images(&mut bench, &["$Default"]), ["ami-1", "ami-9"]);
    assert_eq!(
        images(&mut bench, &["$Latest", "$Default"]),
        ["ami-1", "ami-3", "ami-9"]
    );
    for (pairs, expected) in [
        (vec![], "MissingParameter"),
        (vec![("LaunchTemplateVersion.1", "1")], "InvalidParameterValue"),
        (
            vec![("LaunchTemplateVersion.1", "$Latest"), ("MinVersion", "1")],
            "InvalidParameterCombination",
        ),
    ] {
        assert_eq!(
            bench.refused("DescribeLaunchTemplateVersions", &pairs).0,
            expected,
            "{pairs:?}"
        );
    }
}

#[test]
fn every_filter_of_versions_finds_those_that_have_its_value_and_no_others() {
    let mut bench = Bench::new();
    let id = template(&mut bench, "web", "ami-1");
    bench.pass(std::time::Duration::from_hours(24));
    let data = [
        ("LaunchTemplateId", &*id),
        ("LaunchTemplateData.ImageId", "ami-2"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.EbsOptimized", "true"),
        ("LaunchTemplateData.IamInstanceProfile.Arn", "arn:p"),
        ("LaunchTemplateData.MetadataOptions.HttpTokens", "required"),
        ("LaunchTemplateData.MetadataOptions.HttpEndpoint", "enabled"),
    ];
    bench.ok("CreateLaunchTemplateVersion", &data);
    let table = [
        ("create-time", "2026-01-19T*", "2"),
        ("ebs-optimized", "true", "2"),
        ("http-endpoint", "enabled", "2"),
        ("http-tokens", "required", "2"),
        ("iam-instance-profile", "arn:p", "2"),
        ("image-id", "ami-2", "2"),
        ("instance-type", "t3.*", "2"),
        ("is-default-version", "true", "1"),
    ];
    assert_each_once(table.iter().map(|(name, ..)| *name), describe_versions::FILTERS);
    for (name, value, number) in table {
        let mut pairs = [
            ("LaunchTemplateId", &*id),
            ("Filter.1.Name", name),
            ("Filter.1.Value.1", value),
        ];
        let found = bench.ok("DescribeLaunchTemplateVersions", &pairs);
        assert_eq!(fields(&found, "versionNumber"), [number], "{name}");
        pairs[2].1 = "none";
        let found = bench.ok("DescribeLaunchTemplateVersions", &pairs);
        assert!(fields(&found, "versionNumber").is_empty(), "{name}");
    }
    let unknown = [
        ("LaunchTemplateId", &*id),
        ("Filter.1.Name", "kernel-id"),
        ("Filter.1.Value.1", "x"),
    ];
    let (_, message) = bench.refused("DescribeLaunchTemplateVersions", &unknown);
    assert!(message.contains("kernel-id"), "{message}");
}

#[test]
fn everything_a_template_is_sent_is_given_back() {
    let mut bench = Bench::new();
    let data = [
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", "ami-1"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.KeyName", "ops"),
        ("LaunchTemplateData.UserData", "c2V0IC1l"),
        ("LaunchTemplateData.EbsOptimized", "true"),
        ("LaunchTemplateData.IamInstanceProfile.Name", "web"),
        ("LaunchTemplateData.SecurityGroupId.1", "sg-1"),
        ("LaunchTemplateData.SecurityGroupId.2", "sg-2"),
        ("LaunchTemplateData.BlockDeviceMapping.1.DeviceName", "/dev/sdf"),
        ("LaunchTemplateData.BlockDeviceMapping.1.Ebs.VolumeType", "gp3"),
        ("LaunchTemplateData.BlockDeviceMapping.1.Ebs.KmsKeyId", "alias/k"),
        ("LaunchTemplateData.BlockDeviceMapping.2.DeviceName", "/dev/sdg"),
        ("LaunchTemplateData.BlockDeviceMapping.2.NoDevice", ""),
        ("LaunchTemplateData.TagSpecification.1.ResourceType", "volume"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "team"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "web"),
        ("LaunchTemplateData.MetadataOptions.HttpTokens", "required"),
        ("LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit", "2"),
    ];
    bench.ok("CreateLaunchTemplate", &data);
    let described = bench.ok("DescribeLaunchTemplateVersions", &[("LaunchTemplateName", "web")]);
    let shown = field(&described, "launchTemplateData");
    assert_eq!(
        shown,
        "<ebsOptimized>true</ebsOptimized><iamInstanceProfile><name>web</name></iamInstanceProfile>\
         <blockDeviceMappingSet><item><deviceName>/dev/sdf</deviceName><ebs><kmsKeyId>alias/k</kmsKeyId>\
         <volumeType>gp3</volumeType></ebs></item><item><deviceName>/dev/sdg</deviceName><noDevice></noDevice></item>\
         </blockDeviceMappingSet><imageId>ami-1</imageId><instanceType>t3.small</instanceType><keyName>ops</keyName>\
         <userData>c2V0IC1l</userData><tagSpecificationSet><item><resourceType>volume</resourceType><tagSet><item>\
         <key>team</key><value>web</value></item></tagSet></item></tagSpecificationSet><securityGroupIdSet>\
         <item>sg-1</item><item>sg-2</item></securityGroupIdSet><metadataOptions><httpTokens>required</httpTokens>\
         <httpPutResponseHopLimit>2</httpPutResponseHopLimit></metadataOptions>"
    );
}

#[test]
fn an_alias_is_shown_as_it_is_or_as_the_image_it_stands_for() {
    let mut bench = Bench::new();
    let image = "ami-00000000000000001";
    bench.world.put_parameter(bench.hub, "/golden/web", image);
    bench
        .world
        .put_parameter(bench.hub, "/golden/web", "ami-00000000000000002");
    assert!(bench.world.label_parameter(bench.hub, "/golden/web", 1, "stable"));
    let named = "resolve:ssm:/golden/web:stable";
    let id = template(&mut bench, "web", named);
    for (resolve, shown) in [("false", named), ("true", image)] {
        let pairs = [("LaunchTemplateId", &*id), ("ResolveAlias", resolve)];
        let described = bench.ok("DescribeLaunchTemplateVersions", &pairs);
        assert_eq!(field(&described, "imageId"), shown);
        let pairs = [pairs[0], pairs[1], ("SourceVersion", "1")];
        let made = bench.ok("CreateLaunchTemplateVersion", &pairs);
        assert_eq!(field(&made, "imageId"), shown);
    }
    let arn = "resolve:ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web:2";
    let arn = template(&mut bench, "arn", arn);
    let pairs = [("LaunchTemplateId", &*arn), ("ResolveAlias", "true")];
    let described = bench.ok("DescribeLaunchTemplateVersions", &pairs);
    assert_eq!(field(&described, "imageId"), "ami-00000000000000002");
    let lost = template(&mut bench, "lost", "resolve:ssm:/golden/none");
    let pairs = [("LaunchTemplateId", &*lost), ("ResolveAlias", "true")];
    assert_eq!(
        bench.refused("DescribeLaunchTemplateVersions", &pairs).0,
        "InvalidParameterValue"
    );
}

#[test]
fn the_tags_of_a_template_are_set_listed_and_deleted() {
    let mut bench = Bench::new();
    let id = template(&mut bench, "web", "ami-1");
    let tag = [("ResourceId.1", &*id), ("Tag.1.Key", "team"), ("Tag.1.Value", "web")];
    bench.ok("CreateTags", &tag);
    assert_eq!(
        bench.found("DescribeTags", ("resource-type", "launch-template"), "resourceId"),
        [&*id]
    );
    bench.ok("DeleteTags", &tag);
    assert!(
        bench
            .found("DescribeTags", ("resource-id", &id), "resourceId")
            .is_empty()
    );
}
