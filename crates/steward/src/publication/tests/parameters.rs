//! What is written into parameters, and what is left.

use super::super::*;
use super::stage::*;
use crate::Architecture::{Arm64, X86_64};
use crate::testing::release;

fn name() -> PublishedName {
    let mut names = published_parameters(&by_parameter().manifest).into_keys();
    names.next().unwrap()
}

fn put(over: Option<u64>) -> PublicationStep {
    PublicationStep::Put {
        name: name(),
        ami: ami(1),
        over,
        channel: "stable".parse().unwrap(),
        architecture: Arm64,
        release: release(7),
    }
}

fn plan(steps: Vec<PublicationStep>, findings: Vec<PublicationFinding>) -> PublicationPlan {
    PublicationPlan { steps, findings }
}

#[test]
fn a_parameter_that_names_the_image_is_not_written_again() {
    assert_eq!(by_parameter().reading(&naming(1)).plan(), plan(vec![], vec![]));
}

#[test]
fn a_parameter_that_is_missing_is_written_as_a_new_one() {
    assert_eq!(name().as_str(), "/golden/web/arm64/stable");
    let case = by_parameter().reading(&ParameterSeen::Missing);
    assert_eq!(case.plan(), plan(vec![put(None)], vec![]));
}

#[test]
fn a_parameter_that_names_another_image_or_none_is_written_over_its_version() {
    let case = by_parameter().reading(&naming(2));
    assert_eq!(case.plan(), plan(vec![put(Some(4))], vec![]));
    let case = by_parameter().reading(&ParameterSeen::Image { ami: None, version: 9 });
    assert_eq!(case.plan(), plan(vec![put(Some(9))], vec![]));
}

#[test]
fn what_was_written_and_is_not_there_when_it_is_read_back_is_said_and_written_again() {
    let mut case = by_parameter().reading(&naming(2));
    case.wrote.insert(name().to_string(), ami(1));
    let finding = PublicationFinding::NotKept {
        name: name(),
        ami: ami(1),
    };
    assert_eq!(case.plan(), plan(vec![put(Some(4))], vec![finding]));
    // What was written before the channel moved is no matter.
    case.wrote.insert(name().to_string(), ami(2));
    assert_eq!(case.plan(), plan(vec![put(Some(4))], vec![]));
    let mut case = by_parameter().reading(&naming(1));
    case.wrote.insert(name().to_string(), ami(1));
    assert_eq!(case.plan(), plan(vec![], vec![]));
}

#[test]
fn a_parameter_of_another_type_is_left_and_said() {
    let case = by_parameter().reading(&ParameterSeen::OtherType("a SecureString".into()));
    let finding = PublicationFinding::ParameterOfOtherType {
        name: name(),
        is: "a SecureString".into(),
    };
    assert_eq!(case.plan(), plan(vec![], vec![finding]));
}

#[test]
fn a_parameter_that_others_made_is_left_and_said() {
    for ami in [Some(ami(9)), None] {
        let case = by_parameter().reading(&ParameterSeen::OfOthers(ami));
        let finding = PublicationFinding::ParameterOfOthers { name: name(), ami };
        assert!(!finding.is_a_note());
        assert_eq!(case.plan(), plan(vec![], vec![finding]));
    }
}

#[test]
fn a_parameter_that_could_not_be_read_is_left_and_said() {
    let unreadable = |why: &str| PublicationFinding::ParameterUnreadable {
        name: name(),
        why: why.into(),
    };
    let case = by_parameter().reading(&ParameterSeen::Unreadable("denied".into()));
    assert_eq!(case.plan(), plan(vec![], vec![unreadable("denied")]));
    let case = by_parameter();
    assert_eq!(case.plan(), plan(vec![], vec![unreadable("nobody looked at it")]));
}

#[test]
fn what_its_readers_do_not_see_is_never_written_and_what_stands_there_stays() {
    let finding = PublicationFinding::NotSeen {
        place: Place::Parameter(name()),
        of: pointed("stable", Arm64),
        ami: ami(1),
        why: "not shared".into(),
    };
    for standing in [ParameterSeen::Missing, naming(2), naming(1)] {
        let case = by_parameter().at(not_seen(1)).reading(&standing);
        assert_eq!(case.plan(), plan(vec![], vec![finding.clone()]));
    }
}

#[test]
fn what_a_key_does_not_let_its_readers_launch_is_never_written_and_what_stands_there_stays() {
    for lock in [Lock::Disabled, Lock::Hidden("denied".into())] {
        let finding = PublicationFinding::Locked {
            place: Place::Parameter(name()),
            of: pointed("stable", Arm64),
            ami: ami(1),
            key: KEY.parse().unwrap(),
            lock: lock.clone(),
            target: hub(),
        };
        // What names it already is neither written again nor taken away, whoever looks.
        for standing in [ParameterSeen::Missing, naming(2), naming(1)] {
            let case = by_parameter().at(locked(1, lock.clone())).reading(&standing);
            assert_eq!(case.plan(), plan(vec![], vec![finding.clone()]));
        }
    }
}

#[test]
fn what_has_no_image_in_the_region_is_not_written_and_said() {
    let finding = PublicationFinding::NoneHere {
        place: Place::Parameter(name()),
        of: pointed("stable", Arm64),
        region: hub().region(),
    };
    let no_image = ParameterSeen::Image { ami: None, version: 4 };
    for standing in [ParameterSeen::Missing, naming(2), no_image] {
        let case = by_parameter().at(PointerImage::NoneHere).reading(&standing);
        assert_eq!(case.plan(), plan(vec![], vec![finding.clone()]));
    }
}

#[test]
fn an_image_that_is_not_seen_hides_nothing_that_is_wrong_with_its_parameter() {
    let case = by_parameter()
        .at(not_seen(1))
        .reading(&ParameterSeen::OtherType("x".into()));
    assert!(matches!(
        case.plan().findings[..],
        [
            PublicationFinding::NotSeen { .. },
            PublicationFinding::ParameterOfOtherType { .. }
        ]
    ));
}

#[test]
fn where_its_parameters_are_not_wanted_none_is_written_and_nothing_of_them_said() {
    for image in [seen(1), not_seen(1), PointerImage::NoneHere] {
        for standing in [ParameterSeen::Missing, ParameterSeen::OtherType("x".into())] {
            let mut case = by_parameter().at(image.clone()).reading(&standing);
            case.parameters_here = false;
            assert_eq!(case.plan(), plan(vec![], vec![]));
        }
    }
}

#[test]
fn a_parameter_that_two_would_have_is_left_even_where_only_one_points_or_both_to_the_same() {
    let mut case = by_parameter();
    case.manifest.channels = manifest("arm64", PARAMETER, "stable: { by: hand }, candidate: { by: hand }").channels;
    let publish = manifest("arm64", "parameter: /golden/web", STABLE).distribute;
    case.manifest.distribute = publish;
    let case = case.reading(&naming(2));
    let name = published_parameters(&case.manifest).into_keys().next().unwrap();
    let of = ["stable", "candidate"].map(|channel| (channel.parse().unwrap(), Arm64));
    let of = of.into();
    let finding = PublicationFinding::ParameterShared { name, of };
    assert_eq!(case.plan(), plan(vec![], vec![finding.clone()]));
    for candidate in [1, 3] {
        let case = case.clone().pointing("candidate", Arm64, seen(candidate));
        assert_eq!(case.plan(), plan(vec![], vec![finding.clone()]));
    }
}

#[test]
fn each_channel_and_architecture_has_a_parameter_of_its_own_and_they_come_by_name() {
    let mut case = by_parameter();
    case.manifest = manifest(
        "x86_64, arm64",
        PARAMETER,
        "stable: { by: hand }, candidate: { by: hand }",
    );
    let case = case
        .reading(&ParameterSeen::Missing)
        .pointing("stable", X86_64, seen(2))
        .pointing("candidate", Arm64, seen(3))
        .pointing("candidate", X86_64, seen(4));
    let steps = case.plan().steps;
    let written = steps.iter().map(|step| match step {
        PublicationStep::Put { name, ami, .. } => (name.to_string(), *ami),
        other => panic!("{other}"),
    });
    let expected = [
        ("arm64/candidate", 3),
        ("arm64/stable", 1),
        ("x86_64/candidate", 4),
        ("x86_64/stable", 2),
    ];
    assert_eq!(
        written.collect::<Vec<_>>(),
        expected.map(|(name, n)| (format!("/golden/web/{name}"), ami(n)))
    );
}

#[test]
fn a_channel_that_points_nowhere_has_nothing_to_write_and_one_that_left_the_manifest_neither() {
    let mut case = by_parameter().reading(&ParameterSeen::Missing);
    case.pointers.clear();
    let case = case
        .pointing("gone", Arm64, seen(1))
        .pointing("stable", X86_64, seen(1));
    assert_eq!(case.plan(), plan(vec![], vec![]));
}

#[test]
fn a_manifest_that_publishes_nothing_or_by_templates_alone_has_no_parameter() {
    let mut case = by_parameter();
    case.manifest.distribute.publish = None;
    assert_eq!(case.plan(), plan(vec![], vec![]));
    assert!(published_parameters(&by_template(true).manifest).is_empty());
}

#[test]
fn a_parameter_that_lies_where_nobody_may_write_is_told_before_it_is_asked_for_and_the_others_are_written() {
    let mut case = by_parameter().reading(&ParameterSeen::Missing);
    case.manifest.channels = manifest("arm64", PARAMETER, "stable: { by: hand }, edge: { by: hand }").channels;
    case.manifest.distribute = manifest("arm64", "parameter: \"/{channel}/{family}\"", STABLE).distribute;
    let names: Vec<PublishedName> = published_parameters(&case.manifest).into_keys().collect();
    let under = |text: &str| Some(text.parse::<PublishUnder>().unwrap());
    let outside = |name: usize, more| PublicationFinding::ParametersOutside {
        name: names[name].clone(),
        more,
        under: under(if more == 1 { "/golden/" } else { "/edge/" }).unwrap(),
    };
    let one = PublicationStep::Put {
        name: names[0].clone(),
        ami: ami(1),
        over: None,
        channel: "edge".parse().unwrap(),
        architecture: Arm64,
        release: release(7),
    };
    for (path, steps, findings) in [
        ("/golden/", vec![], vec![outside(0, 1)]),
        ("/edge/", vec![one], vec![outside(1, 0)]),
    ] {
        case.under = under(path);
        let wanted = writable_parameters(&case.manifest, case.under.as_ref());
        // Nobody asks for the others: one that may not be read hides the rest.
        case.parameters = wanted.into_iter().map(|name| (name, ParameterSeen::Missing)).collect();
        let case = case.clone().pointing("edge", Arm64, seen(1));
        assert_eq!(case.plan(), plan(steps, findings));
        let mut elsewhere = case.clone();
        elsewhere.parameters_here = false;
        assert_eq!(elsewhere.plan(), plan(vec![], vec![]));
    }
    assert_eq!(writable_parameters(&case.manifest, None).len(), 2);
    assert_eq!(parameters_outside(&case.manifest, None), None);
}

#[test]
fn a_path_begins_and_ends_with_a_slash() {
    for path in ["/golden/", "/a/b/"] {
        assert_eq!(path.parse::<PublishUnder>().unwrap().to_string(), path);
    }
    for none in ["", "/", "golden/", "/golden"] {
        let refused = none.parse::<PublishUnder>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("{none:?} must begin and end with a slash, as in /golden/")
        );
    }
}
