use super::super::place::NewImage;
use super::super::testing::{Bench, Pairs, fields};
use crate::sts::tests::field;

const INCLUDED: (&str, &str) = ("IncludeManagedResources", "true");

/// What finds each kind of resource, all of them or by its id, and the element its ids are in.
const LISTINGS: &[(&str, &str, Pairs<'_>, &str)] = &[
    ("DescribeInstances", "InstanceId.1", &[], "instanceId"),
    ("DescribeLaunchTemplates", "LaunchTemplateId.1", &[], "launchTemplateId"),
    (
        "DescribeLaunchTemplateVersions",
        "LaunchTemplateId",
        &[("LaunchTemplateVersion.1", "$Latest")],
        "launchTemplateId",
    ),
];

/// An instance or a launch template, as the listing of its kind finds it.
fn make(bench: &mut Bench, action: &str, name: &str) -> String {
    if action == "DescribeInstances" {
        let image = bench.image(NewImage::named(name));
        return bench.launch(&image, &[]);
    }
    let pairs = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", "ami-1")];
    field(&bench.ok("CreateLaunchTemplate", &pairs), "launchTemplateId")
}

/// The ids a listing has, in order.
fn listed(bench: &mut Bench, (action, element): (&str, &str), pairs: Pairs<'_>) -> Vec<String> {
    let mut found = fields(&bench.ok(action, pairs), element);
    found.sort_unstable();
    found
}

#[test]
fn what_a_service_manages_is_listed_until_the_account_hides_it_and_then_only_for_who_asks() {
    for (action, by_id, rest, element) in LISTINGS {
        let mut bench = Bench::new();
        let (own, managed) = (make(&mut bench, action, "own"), make(&mut bench, action, "managed"));
        assert!(bench.world.let_service_manage(bench.hub, &managed, "eks.amazonaws.com"));
        let mut both = vec![own.clone(), managed.clone()];
        both.sort_unstable();
        let list = (*action, *element);
        let asked = [*rest, &[INCLUDED]].concat();
        assert_eq!(listed(&mut bench, list, rest), both, "{action}");
        bench.world.account_mut(bench.hub.account).hides_managed_resources = true;
        assert_eq!(listed(&mut bench, list, rest), [own], "{action}");
        assert_eq!(listed(&mut bench, list, &asked), both, "{action}");
        let named = [&[(*by_id, managed.as_str())], *rest].concat();
        assert!(listed(&mut bench, list, &named).is_empty(), "{action}");
        let named = [&named[..], &[INCLUDED]].concat();
        assert_eq!(listed(&mut bench, list, &named), [managed], "{action}");
    }
}

#[test]
fn a_listing_says_who_manages_a_resource_and_whether_that_hides_it() {
    for (action, _, rest, _) in LISTINGS {
        let mut bench = Bench::new();
        let id = make(&mut bench, action, "managed");
        let asked = [*rest, &[INCLUDED]].concat();
        assert!(!bench.ok(action, &asked).contains("<operator>"), "{action}");
        assert!(bench.world.let_service_manage(bench.hub, &id, "eks.amazonaws.com"));
        for hides in [false, true] {
            bench.world.account_mut(bench.hub.account).hides_managed_resources = hides;
            let written = format!(
                "<operator><managed>true</managed><principal>eks.amazonaws.com</principal><hiddenByDefault>{hides}</hiddenByDefault></operator>"
            );
            assert!(bench.ok(action, &asked).contains(&written), "{action}");
        }
    }
}

#[test]
fn what_is_hidden_makes_pages_short_and_not_the_list() {
    let mut bench = Bench::new();
    bench.world.settings_mut().sparse_pages = true;
    bench.world.account_mut(bench.hub.account).hides_managed_resources = true;
    let mut own = Vec::new();
    for n in 0..12 {
        let id = make(&mut bench, "DescribeLaunchTemplates", &format!("web-{n}"));
        if n % 3 == 0 {
            own.push(id);
        } else {
            assert!(bench.world.let_service_manage(bench.hub, &id, "eks.amazonaws.com"));
        }
    }
    own.sort_unstable();
    let (mut found, mut pages, mut token) = (Vec::new(), 0, String::new());
    loop {
        let mut pairs = vec![("MaxResults", "2")];
        if !token.is_empty() {
            pairs.push(("NextToken", &token));
        }
        let answer = bench.ok("DescribeLaunchTemplates", &pairs);
        found.extend(fields(&answer, "launchTemplateId"));
        pages += 1;
        match fields(&answer, "nextToken").pop() {
            Some(next) => token = next,
            None => break,
        }
    }
    found.sort_unstable();
    assert_eq!((found, pages), (own, 6));
}

#[test]
fn hidden_resources_work_on_and_other_accounts_hide_their_own_alone() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let template = [("LaunchTemplateName", "web"), ("LaunchTemplateData.ImageId", &image)];
    let id = field(&bench.ok("CreateLaunchTemplate", &template), "launchTemplateId");
    assert!(bench.world.let_service_manage(bench.hub, &id, "eks.amazonaws.com"));
    bench.world.account_mut(bench.member.account).hides_managed_resources = true;
    assert_eq!(
        listed(&mut bench, ("DescribeLaunchTemplates", "launchTemplateId"), &[]),
        [id.as_str()]
    );
    bench.world.account_mut(bench.hub.account).hides_managed_resources = true;
    let launch = [
        ("LaunchTemplate.LaunchTemplateId", &*id),
        ("MinCount", "1"),
        ("MaxCount", "1"),
    ];
    assert_eq!(field(&bench.ok("RunInstances", &launch), "imageId"), image);
    for nothing in ["lt-00000000000000000", "i-00000000000000000", "web"] {
        assert!(
            !bench.world.let_service_manage(bench.hub, nothing, "eks.amazonaws.com"),
            "{nothing}"
        );
    }
    assert!(!bench.world.let_service_manage(bench.member, &id, "eks.amazonaws.com"));
}
