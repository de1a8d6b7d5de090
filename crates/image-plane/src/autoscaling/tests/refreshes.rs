//! Instance refreshes.

use super::*;

fn statuses(bench: &mut Bench) -> Vec<String> {
    fields(&bench.ok("DescribeInstanceRefreshes", &[ITS_NAME]), "Status")
}

#[test]
fn a_refresh_replaces_every_instance() {
    let mut bench = Bench::with_group("2");
    bench.ok("PutWarmPool", &[ITS_NAME, ("MaxGroupPreparedCapacity", "3")]);
    bench.pass(120);
    let before = bench.instances();
    bench.ok("StartInstanceRefresh", &[ITS_NAME]);
    assert_eq!(statuses(&mut bench), ["Pending"]);
    assert_eq!(
        bench.refused("StartInstanceRefresh", &[ITS_NAME]).0,
        "InstanceRefreshInProgress"
    );
    assert_eq!(bench.refused("PutWarmPool", &[ITS_NAME]).0, "InstanceRefreshInProgress");
    bench.pass(60);
    assert_eq!(statuses(&mut bench), ["InProgress"]);
    bench.pass(400);
    assert_eq!(statuses(&mut bench), ["Successful"]);
    assert_eq!(bench.states(), ["InService", "InService"]);
    assert_eq!(bench.pooled(), ["Warmed:Stopped"]);
    assert!(bench.instances().iter().all(|instance| !before.contains(instance)));
}

#[test]
fn skip_matching_leaves_alone_what_is_already_right() {
    let mut bench = Bench::with_group("1");
    bench.pass(60);
    let before = bench.instances();
    bench.ok(
        "StartInstanceRefresh",
        &[ITS_NAME, ("Preferences.SkipMatching", "true")],
    );
    bench.pass(400);
    assert_eq!(bench.instances(), before);
    bench.configuration("lc-2");
    bench.ok(
        "UpdateAutoScalingGroup",
        &[ITS_NAME, ("LaunchConfigurationName", "lc-2")],
    );
    bench.ok(
        "StartInstanceRefresh",
        &[ITS_NAME, ("Preferences.SkipMatching", "true")],
    );
    bench.pass(400);
    assert_ne!(bench.instances(), before);
    assert_eq!(statuses(&mut bench), ["Successful", "Successful"]);
}

#[test]
fn a_group_is_as_desired_only_after_the_refresh() {
    let mut bench = Bench::with_group("0");
    bench.pass(60);
    let image = bench.image.clone();
    let id = bench.template("web", &image);
    bench.version("web", &image);
    let desired = [
        ITS_NAME,
        ("DesiredConfiguration.LaunchTemplate.LaunchTemplateId", id.as_str()),
        ("DesiredConfiguration.LaunchTemplate.Version", "2"),
    ];
    bench.ok("StartInstanceRefresh", &desired);
    bench.pass(60);
    assert_eq!(field(&bench.described(), "LaunchConfigurationName"), "lc");
    let refused = bench.refused("UpdateAutoScalingGroup", &[ITS_NAME, ("LaunchConfigurationName", "lc")]);
    assert!(refused.1.starts_with("An active instance refresh"), "{}", refused.1);
    bench.pass(400);
    assert_eq!(field(&bench.described(), "LaunchTemplateId"), id);
    assert!(!bench.described().contains("LaunchConfigurationName"));
    let xml = bench.ok("DescribeInstanceRefreshes", &[ITS_NAME]);
    assert!(field(&xml, "DesiredConfiguration").contains("<Version>2</Version>"));
    assert_eq!(field(&xml, "PercentageComplete"), "100");
}

#[test]
fn a_refresh_whose_launches_fail_fails() {
    let mut bench = Bench::with_group("1");
    bench.pass(60);
    let image = bench.image.clone();
    bench.ec2.ok("DeregisterImage", &[("ImageId", &image)]);
    bench.ok("StartInstanceRefresh", &[ITS_NAME]);
    bench.pass(400);
    assert_eq!(statuses(&mut bench), ["Failed"]);
    assert!(bench.instances().is_empty());
}

#[test]
fn a_desired_configuration_is_a_template_or_a_policy() {
    let mut bench = Bench::with_group("0");
    for pair in [
        ("DesiredConfiguration.LaunchConfigurationName", "lc"),
        ("DesiredConfiguration", ""),
        ("Preferences.AutoRollback", "true"),
        ("Strategy", "ReplaceRootVolume"),
    ] {
        bench.refused("StartInstanceRefresh", &[ITS_NAME, pair]);
    }
    assert!(statuses(&mut bench).is_empty());
}
