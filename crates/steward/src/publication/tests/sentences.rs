//! What people read, and what programs do.

use super::super::*;
use super::stage::*;
use crate::AmiId;
use crate::Architecture::{Arm64, X86_64};
use crate::evidence::VersionNamed;
use crate::testing::{assert_blessed, release};

fn name() -> PublishedName {
    let mut names = published_parameters(&by_parameter().manifest).into_keys();
    names.next().unwrap()
}

fn of_others(ami: Option<AmiId>) -> PublicationFinding {
    PublicationFinding::ParameterOfOthers { name: name(), ami }
}

#[test]
fn each_finding_is_a_sentence_that_says_what_would_put_it_right() {
    let web = || "web".parse().unwrap();
    let (parameter, follower) = (|| Place::Parameter(name()), || Place::Template(template()));
    let of = || pointed("stable", Arm64);
    let locked = |lock| PublicationFinding::Locked {
        place: parameter(),
        of: of(),
        ami: ami(1),
        key: KEY.parse().unwrap(),
        lock,
        target: "222233334444/eu-west-1".parse().unwrap(),
    };
    let outside = |more| PublicationFinding::ParametersOutside {
        name: name(),
        more,
        under: "/base/".parse().unwrap(),
    };
    let findings = [
        PublicationFinding::NotSeen {
            place: parameter(),
            of: of(),
            ami: ami(1),
            why: "unverified: no role there".into(),
        },
        locked(Lock::Disabled),
        locked(Lock::PendingDeletion),
        locked(Lock::State("PendingImport".into())),
        locked(Lock::Gone),
        locked(Lock::Hidden("AccessDeniedException: denied".into())),
        locked(Lock::Unseen("no answer: timed out".into())),
        PublicationFinding::NoneHere {
            place: follower(),
            of: of(),
            region: hub().region(),
        },
        PublicationFinding::ParameterShared {
            name: name(),
            of: [("stable", Arm64), ("stable", X86_64), ("edge", Arm64)]
                .map(|(channel, on)| (channel.parse().unwrap(), on))
                .into(),
        },
        outside(0),
        outside(3),
        of_others(Some(ami(9))),
        of_others(None),
        PublicationFinding::ParameterOfOtherType {
            name: name(),
            is: "a SecureString".into(),
        },
        PublicationFinding::ParameterUnreadable {
            name: name(),
            why: "denied".into(),
        },
        PublicationFinding::NotKept {
            name: name(),
            ami: ami(1),
        },
        PublicationFinding::ParameterLeft {
            name: name(),
            ami: Some(ami(1)),
        },
        PublicationFinding::ParameterLeft {
            name: name(),
            ami: None,
        },
        PublicationFinding::TemplateLeft(template()),
        PublicationFinding::TemplateMissing {
            template: template(),
            target: hub(),
        },
        PublicationFinding::TemplateNotOurs {
            template: template(),
            family: web(),
        },
        PublicationFinding::TemplateUnreadable {
            template: template(),
            why: "denied".into(),
        },
        PublicationFinding::TemplateReadsParameter {
            template: template(),
            parameter: "/golden/web:3".into(),
        },
        PublicationFinding::NothingToFollow(template()),
        PublicationFinding::ArchitectureNotBuilt {
            template: template(),
            architecture: X86_64,
            family: web(),
        },
        PublicationFinding::ArchitectureUnknown {
            template: template(),
            version: 3,
        },
        PublicationFinding::DefaultMoved {
            template: template(),
            version: 5,
            ours: 4,
            of: of(),
        },
    ];
    let findings = findings.into_iter().chain(of_old_versions());
    assert_blessed(findings, "src/publication/tests/findings.txt");
}

/// What is said of old versions of a template that stay.
fn of_old_versions() -> Vec<PublicationFinding> {
    let stay = |count, doubt| PublicationFinding::VersionsStay {
        template: template(),
        count,
        doubt,
    };
    let named = |count: u64| PublicationFinding::VersionsNamed {
        template: template(),
        versions: (2..2 + count)
            .map(|version| VersionNamed {
                version,
                by: "group shop → override 2".into(),
                more: usize::try_from(version - 2).unwrap(),
            })
            .collect(),
    };
    vec![
        stay(1, Doubt::NotGathered),
        stay(3, Doubt::NotAll("instances could not be read: throttled".into())),
        stay(3, Doubt::Stale(at(-120))),
        stay(3, Doubt::Early),
        stay(3, Doubt::Changed),
        named(1),
        named(3),
        named(5),
    ]
}

fn steps() -> Vec<PublicationStep> {
    let trim = |versions: &[u64]| PublicationStep::Trim {
        template: template(),
        versions: versions.iter().copied().collect(),
        default: 7,
        latest: 8,
        release: release(7),
    };
    let put = |over| PublicationStep::Put {
        name: name(),
        ami: ami(1),
        over,
        channel: "stable".parse().unwrap(),
        architecture: Arm64,
        release: release(7),
    };
    let make = PublicationStep::MakeVersion {
        template: template(),
        from: 3,
        after: 4,
        ami: ami(1),
        release: release(7),
        description: String::from("web stable 1.4.2/7 by Image Steward"),
    };
    let default = PublicationStep::SetDefault {
        template: template(),
        version: 5,
        instead_of: 3,
        release: release(7),
    };
    vec![put(None), put(Some(4)), make, default, trim(&[2]), trim(&[2, 4, 5])]
}

#[test]
fn each_step_says_what_it_does_in_a_line() {
    let said: Vec<String> = steps().iter().map(|step| step.says().to_string()).collect();
    let (image, template) = (ami(1), template());
    assert_eq!(
        said,
        [
            format!("write {image} into /golden/web/arm64/stable: stable for arm64"),
            format!("write {image} into /golden/web/arm64/stable: stable for arm64, over its version 4"),
            format!(
                "make a version of {template} from its version 3, with {image}: web stable 1.4.2/7 by Image Steward"
            ),
            format!("make version 5 of {template} its default, instead of 3"),
            format!("delete 1 old version of {template}, 2"),
            format!("delete 3 old versions of {template}, from 2 to 5"),
        ]
    );
}

#[test]
fn the_same_step_has_the_same_key_and_another_ones_is_another() {
    let keys: Vec<String> = steps().iter().map(PublicationStep::key).collect();
    assert_eq!(keys, steps().iter().map(PublicationStep::key).collect::<Vec<_>>());
    let starts = [
        "put ami-",
        "put ami-",
        "make-version lt-",
        "set-default lt-",
        "trim lt-",
    ];
    for (at, start) in starts.into_iter().enumerate() {
        assert!(keys[at].starts_with(start), "{}", keys[at]);
        assert!(!keys[at + 1..].contains(&keys[at]));
    }
}

#[test]
fn a_plan_is_told_to_programs_by_names_and_ids() {
    let told = serde_json::to_value(by_parameter().reading(&naming(2)).plan()).unwrap();
    assert_eq!(
        told,
        serde_json::json!({
            "steps": [{
                "put": {
                    "name": "/golden/web/arm64/stable",
                    "ami": ami(1).to_string(),
                    "over": 4,
                    "channel": "stable",
                    "architecture": "arm64",
                    "release": release(7).to_string(),
                }
            }],
            "findings": [],
        })
    );
    let told = serde_json::to_value(
        by_template(true)
            .at(PointerImage::NoneHere)
            .holding(versions(1, [theirs(2)]))
            .plan(),
    );
    assert_eq!(
        told.unwrap(),
        serde_json::json!({
            "steps": [],
            "findings": [{
                "none_here": {
                    "place": { "template": TEMPLATE },
                    "of": { "channel": "stable", "architecture": "arm64", "version": "1.4.2/7" },
                    "region": "eu-west-1",
                }
            }],
        })
    );
}
