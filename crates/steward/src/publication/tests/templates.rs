//! What launch templates follow, and how.

use super::super::*;
use super::stage::*;
use crate::Architecture::{Arm64, X86_64};
use crate::evidence::ImageName;
use crate::testing::release;

fn make(from: u64, after: u64) -> PublicationStep {
    PublicationStep::MakeVersion {
        template: template(),
        from,
        after,
        ami: ami(1),
        release: release(7),
        description: String::from("web stable 1.4.2/7 by Image Steward"),
    }
}

fn default(version: u64, instead_of: u64) -> PublicationStep {
    PublicationStep::SetDefault {
        template: template(),
        version,
        instead_of,
        release: release(7),
    }
}

fn plan(steps: Vec<PublicationStep>, findings: Vec<PublicationFinding>) -> PublicationPlan {
    PublicationPlan { steps, findings }
}

fn left(finding: PublicationFinding) -> PublicationPlan {
    plan(vec![], vec![finding])
}

fn nothing() -> PublicationPlan {
    plan(vec![], vec![])
}

fn unreadable(why: &str) -> PublicationFinding {
    PublicationFinding::TemplateUnreadable {
        template: template(),
        why: why.into(),
    }
}

#[test]
fn a_template_that_is_missing_or_was_not_read_or_whose_owner_did_not_agree_is_left_and_said() {
    let (template, target) = (template(), hub());
    let missing = PublicationFinding::TemplateMissing {
        template: template.clone(),
        target,
    };
    let family = "web".parse().unwrap();
    let not_ours = PublicationFinding::TemplateNotOurs { template, family };
    let cases = [
        (TemplateSeen::Missing, missing),
        (TemplateSeen::NotOurs, not_ours),
        (TemplateSeen::Unreadable("denied".into()), unreadable("denied")),
    ];
    for (seen, finding) in cases {
        assert_eq!(by_template(true).holding(seen).plan(), left(finding));
    }
    assert_eq!(by_template(true).plan(), left(unreadable("nobody looked at it")));
}

#[test]
fn a_template_whose_default_version_was_not_listed_is_left_and_said() {
    let case = by_template(true).holding(versions(3, [theirs(2), ours(1)]));
    let why = "its default version 3 was not among its versions";
    assert_eq!(case.plan(), left(unreadable(why)));
}

#[test]
fn a_template_whose_default_version_reads_a_parameter_needs_no_versions_of_ours() {
    let image = ImageName::read("resolve:ssm:/golden/web:3");
    for set_default in [true, false] {
        let reading = TemplateVersionSeen {
            image: image.clone(),
            made_by_us: false,
        };
        // Even with a version of ours that could become the default.
        let case = by_template(set_default).holding(versions(1, [reading, ours(1)]));
        let finding = PublicationFinding::TemplateReadsParameter {
            template: template(),
            parameter: "/golden/web:3".into(),
        };
        assert_eq!(case.plan(), left(finding));
    }
}

#[test]
fn a_template_whose_default_version_names_the_image_needs_nothing_whoever_made_it() {
    for set_default in [true, false] {
        for default in [theirs(1), ours(1)] {
            let case = by_template(set_default).holding(versions(1, [default]));
            assert_eq!(case.plan(), nothing());
        }
    }
    // Nor any other version as the default.
    let case = by_template(true).holding(versions(1, [ours(1), ours(1), ours(2)]));
    assert_eq!(case.plan(), nothing());
}

#[test]
fn another_image_makes_a_version_of_the_default_one() {
    for set_default in [true, false] {
        let case = by_template(set_default).holding(versions(2, [ours(2), theirs(2), theirs(3)]));
        assert_eq!(case.plan(), plan(vec![make(2, 3)], vec![]));
    }
}

#[test]
fn a_default_version_without_an_image_gets_one() {
    let without = TemplateVersionSeen {
        image: None,
        made_by_us: false,
    };
    let mut case = by_template(true).holding(versions(1, [without]));
    case.there().architecture = None;
    assert_eq!(case.plan(), plan(vec![make(1, 1)], vec![]));
}

#[test]
fn a_version_of_ours_that_was_read_back_becomes_the_default_where_that_follows() {
    let case = by_template(true).holding(versions(1, [theirs(2), ours(1), ours(1), ours(3)]));
    assert_eq!(case.plan(), plan(vec![default(3, 1)], vec![]));
}

#[test]
fn a_version_of_ours_is_enough_where_the_default_is_its_owners() {
    let case = by_template(false).holding(versions(1, [theirs(2), ours(1), theirs(3)]));
    assert_eq!(case.plan(), nothing());
}

#[test]
fn what_somebody_else_made_with_the_image_becomes_no_default_and_is_no_version_of_ours() {
    for set_default in [true, false] {
        let case = by_template(set_default).holding(versions(1, [theirs(2), theirs(1)]));
        assert_eq!(case.plan(), plan(vec![make(1, 2)], vec![]));
    }
}

#[test]
fn a_version_of_ours_that_is_older_than_the_default_is_none_to_go_back_to() {
    // Settings may have changed since; publishing changes the image alone.
    for set_default in [true, false] {
        let case = by_template(set_default).holding(versions(3, [theirs(2), ours(1), ours(2)]));
        assert_eq!(case.plan(), plan(vec![make(3, 3)], vec![]));
    }
}

#[test]
fn a_rollback_reaches_those_who_take_the_latest_where_the_default_is_its_owners() {
    let case = by_template(false).holding(versions(1, [theirs(2), ours(1), ours(3)]));
    assert_eq!(case.plan(), plan(vec![make(1, 3)], vec![]));
    // Though the default should name it already.
    let case = by_template(false).holding(versions(1, [theirs(1), ours(3)]));
    assert_eq!(case.plan(), plan(vec![make(1, 2)], vec![]));
}

#[test]
fn a_default_that_somebody_moved_past_ours_is_made_to_follow_again_and_said() {
    let moved = |version| PublicationFinding::DefaultMoved {
        template: template(),
        version,
        ours: 3,
        of: pointed("stable", Arm64),
    };
    let (old, first, second, person) = (theirs(2), ours(1), ours(1), theirs(4));
    let case = by_template(true).holding(versions(4, [old, first, second, person]));
    assert_eq!(case.plan(), plan(vec![make(4, 4)], vec![moved(4)]));
    let mut after = case.clone();
    after.there().versions.insert(5, ours(1));
    after.there().latest = 5;
    assert_eq!(after.plan(), plan(vec![default(5, 4)], vec![moved(4)]));
    // Where the default is its owner's to move, that is no news.
    let mut case = case;
    case.manifest = by_template(false).manifest;
    assert_eq!(case.plan(), plan(vec![make(4, 4)], vec![]));
}

#[test]
fn a_default_that_somebody_moved_back_from_ours_is_made_to_follow_again_and_said() {
    let stood = |default, since| TemplateKnown {
        named: None,
        stood: Some(TemplateStood {
            default,
            latest: 3,
            since: at(since),
        }),
    };
    let moved = PublicationFinding::DefaultMoved {
        template: template(),
        version: 1,
        ours: 3,
        of: pointed("stable", Arm64),
    };
    for back_to in [theirs(2), ours(2)] {
        let mut case = by_template(true).holding(versions(1, [back_to, theirs(4), ours(1)]));
        let mut plans = |known| {
            case.known.insert(template(), known);
            case.plan()
        };
        let silent = || plan(vec![default(3, 1)], vec![]);
        assert_eq!(plans(stood(3, -15)), plan(vec![default(3, 1)], vec![moved.clone()]));
        // A list that lags shows what was the default before ours.
        assert_eq!(plans(stood(3, -14)), silent());
        // Ours never was, or another one that somebody made.
        assert_eq!(plans(stood(1, -15)), silent());
        assert_eq!(plans(stood(2, -15)), silent());
        assert_eq!(plans(TemplateKnown::default()), silent());
        // Where the default is its owner's to move, that is no news.
        case.manifest = by_template(false).manifest;
        case.known.insert(template(), stood(3, -15));
        assert_eq!(case.plan(), nothing());
    }
}

#[test]
fn a_default_that_followed_to_another_release_was_moved_by_nobody() {
    for standing in [
        // A rollback: ours is the default.
        versions(3, [theirs(2), ours(1), ours(2)]),
        // A person's is, and no version of ours has the image yet.
        versions(3, [theirs(2), ours(3), theirs(4)]),
        // Nor was the one that has it.
        versions(3, [ours(2), theirs(1), theirs(4)]),
    ] {
        let case = by_template(true).holding(standing);
        assert_eq!(case.plan(), plan(vec![make(3, 3)], vec![]));
    }
    // What they chose is what the channel means.
    let case = by_template(true).holding(versions(3, [theirs(2), ours(1), theirs(1)]));
    assert_eq!(case.plan(), nothing());
}

#[test]
fn no_template_names_what_its_readers_do_not_see_or_what_is_not_there() {
    for set_default in [true, false] {
        for standing in [
            versions(1, [theirs(2)]),
            versions(1, [theirs(2), ours(1)]),
            versions(1, [theirs(1)]),
        ] {
            let case = by_template(set_default).holding(standing);
            let place = Place::Template(template());
            let of = pointed("stable", Arm64);
            let not_there = PublicationFinding::NoneHere {
                place: place.clone(),
                of: of.clone(),
                region: hub().region(),
            };
            let (ami, why) = (ami(1), "not shared".into());
            let shut = PublicationFinding::Locked {
                place: place.clone(),
                of: of.clone(),
                ami,
                key: KEY.parse().unwrap(),
                lock: Lock::PendingDeletion,
                target: hub(),
            };
            let unseen = PublicationFinding::NotSeen { place, of, ami, why };
            assert_eq!(case.clone().at(not_seen(1)).plan(), left(unseen));
            assert_eq!(case.clone().at(locked(1, Lock::PendingDeletion)).plan(), left(shut));
            assert_eq!(case.at(PointerImage::NoneHere).plan(), left(not_there));
        }
    }
}

#[test]
fn a_template_is_published_to_where_parameters_are_not_wanted() {
    let mut case = by_template(true).holding(versions(1, [theirs(2)]));
    case.parameters_here = false;
    assert_eq!(case.plan(), plan(vec![make(1, 1)], vec![]));
}

#[test]
fn a_template_follows_the_channel_stable_or_the_only_one_there_is() {
    let publish = format!("launch_templates: [{}]", following(TEMPLATE, true));
    let case = by_template(true).holding(versions(1, [theirs(2)]));
    let by = |channels: &str| {
        let mut case = case.clone();
        case.manifest = manifest("arm64", &publish, channels);
        case.pointers.clear();
        case.pointing("edge", Arm64, seen(3))
    };
    let names = |case: Case| match &case.plan().steps[..] {
        [PublicationStep::MakeVersion { ami, description, .. }] => (*ami, description.clone()),
        other => panic!("{other:?}"),
    };
    let of_both = by("edge: { from: release }, stable: { by: hand }");
    let edge = || (ami(3), String::from("web edge 1.4.2/7 by Image Steward"));
    assert_eq!(names(of_both.clone().at(seen(1))).0, ami(1));
    // Nothing else is on its way to those who read stable.
    assert_eq!(of_both.plan(), nothing());
    assert_eq!(names(by("edge: { from: release }")), edge());
    // One that left the manifest is no other channel.
    assert_eq!(names(by("edge: { from: release }").at(seen(1))), edge());
    let others = by("edge: { from: release }, night: { by: hand }");
    assert_eq!(others.plan(), left(PublicationFinding::NothingToFollow(template())));
}

#[test]
fn a_template_goes_on_with_the_architecture_that_it_launches() {
    let publish = format!("launch_templates: [{}]", following(TEMPLATE, true));
    let mut case = by_template(true)
        .holding(versions(1, [theirs(2)]))
        .pointing("stable", X86_64, seen(3));
    case.manifest = manifest("arm64, x86_64", &publish, STABLE);
    for (architecture, n) in [(Arm64, 1), (X86_64, 3)] {
        case.there().architecture = Some(architecture);
        let steps = case.plan().steps;
        let [PublicationStep::MakeVersion { ami: image, .. }] = steps[..] else {
            panic!("{steps:?}");
        };
        assert_eq!(image, ami(n));
    }
    case.there().architecture = None;
    let unknown = PublicationFinding::ArchitectureUnknown {
        template: template(),
        version: 1,
    };
    assert_eq!(case.plan(), left(unknown));
    // Only one of them points to a release.
    case.there().architecture = Some(X86_64);
    case.pointers.remove(&("stable".parse().unwrap(), X86_64));
    assert_eq!(case.plan(), nothing());
}

#[test]
fn a_template_that_launches_what_the_family_is_not_built_for_is_left_and_said() {
    let mut case = by_template(true).holding(versions(1, [theirs(2)]));
    case.there().architecture = Some(X86_64);
    let finding = PublicationFinding::ArchitectureNotBuilt {
        template: template(),
        architecture: X86_64,
        family: "web".parse().unwrap(),
    };
    assert_eq!(case.pointing("stable", X86_64, seen(3)).plan(), left(finding));
}

#[test]
fn only_templates_of_the_target_are_touched_and_they_come_by_id() {
    let entries = [
        following("lt-0000000000000000c", true),
        following(TEMPLATE, true),
        in_target("lt-0000000000000000d", "222233334444", "eu-west-1", true),
        in_target("lt-0000000000000000e", "111122223333", "us-east-1", true),
    ];
    let mut case = by_template(true);
    let publish = format!("launch_templates: [{}]", entries.join(", "));
    case.manifest = manifest("arm64", &publish, STABLE);
    for id in ["c", "a", "d", "e", "f"] {
        let id = format!("lt-0000000000000000{id}").parse().unwrap();
        case.templates.insert(id, versions(1, [theirs(2)]));
    }
    let steps = case.plan().steps;
    let made = steps.iter().map(|step| match step {
        PublicationStep::MakeVersion { template, .. } => template.as_str(),
        other => panic!("{other}"),
    });
    assert_eq!(made.collect::<Vec<_>>(), [TEMPLATE, "lt-0000000000000000c"]);
    assert_eq!(case.plan().findings, []);
}

#[test]
fn of_a_template_that_is_listed_twice_the_default_follows_only_where_both_say_so() {
    for (first, second) in [(true, false), (false, true)] {
        let entries = [following(TEMPLATE, first), following(TEMPLATE, second)].join(", ");
        let mut case = by_template(true).holding(versions(1, [theirs(2), ours(1)]));
        case.manifest = manifest("arm64", &format!("launch_templates: [{entries}]"), STABLE);
        assert_eq!(case.plan(), nothing());
    }
}

#[test]
fn a_version_is_read_by_the_image_that_it_names_and_by_who_described_it() {
    let family = "web".parse().unwrap();
    let read = |image, description| TemplateVersionSeen::read(&family, image, description);
    let id = ami(1).to_string();
    assert_eq!(read(Some(&id), Some("web stable 1.4.2/7 by Image Steward")), ours(1));
    assert_eq!(read(Some(&id), Some("with more memory")), theirs(1));
    assert_eq!(read(Some(&id), None), theirs(1));
    let parameter = "resolve:ssm:/golden/web";
    assert_eq!(read(Some(parameter), None).image.unwrap().to_string(), parameter);
    assert_eq!(read(Some("golden"), None).image, None);
    assert_eq!(read(None, None).image, None);
}
