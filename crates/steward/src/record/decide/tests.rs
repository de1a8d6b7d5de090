use super::*;
use crate::{AmiState, ParentImage, Scan, UsedComponent};

const BUILD: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/7";

fn now() -> Timestamp {
    "2026-01-18T18:00:00Z".parse().unwrap()
}

fn output(target: &str, ami: &str) -> Output {
    Output {
        target: target.parse().unwrap(),
        ami: ami.parse().unwrap(),
    }
}

fn hub() -> Output {
    output("111122223333/eu-west-1", "ami-0123456789abcdef0")
}

fn member() -> Output {
    output("222233334444/us-east-1", "ami-0fedcba9876543210")
}

fn build(state: BuildState, outputs: &[Output]) -> BuildFacts {
    BuildFacts {
        build: BUILD.parse().unwrap(),
        state,
        reason: None,
        failure: None,
        family: Some("web".parse().unwrap()),
        recipe: Some(
            "arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web/1.4.2"
                .parse()
                .unwrap(),
        ),
        parent: None,
        components: Vec::new(),
        pipeline: None,
        created: Some("2026-01-18T17:00:00Z".parse().unwrap()),
        outputs: outputs.to_vec(),
        containers: Vec::new(),
        distributed_to: BTreeSet::new(),
        build_type: None,
        scan: Scan::None,
    }
}

fn image(at: Output) -> AmiFacts {
    AmiFacts {
        target: at.target,
        ami: at.ami,
        owner: at.target.account(),
        state: AmiState::Available,
        name: String::from("web-1.4.2"),
        created: None,
        architecture: Some(Architecture::X86_64),
        family: Some("web".parse().unwrap()),
        claims_build: None,
        snapshots: BTreeSet::from(["snap-0123456789abcdef0".parse().unwrap()]),
        size: 8,
        watermarks: BTreeSet::new(),
        source: None,
        from_instance: true,
    }
}

fn seen(at: Output) -> (Output, Reading) {
    (at, Reading::Seen(Box::new(image(at))))
}

const fn known(state: BuildState, placed: bool) -> Known {
    Known {
        state,
        placed,
        linked: true,
        detailed: true,
    }
}

#[test]
fn an_available_build_becomes_a_release_with_a_placement_for_each_image() {
    let facts = build(BuildState::Available, &[hub(), member()]);
    let recording = decide_recording(
        None,
        &facts,
        &[seen(member()), seen(hub())],
        &[],
        &Containers::default(),
        now(),
    );
    let release = recording.release.unwrap();
    assert!(release.placed);
    assert_eq!(release.architecture, Some(Architecture::X86_64));
    assert_eq!(release.id(), CanonicalName::Build(BUILD.parse().unwrap()).id());
    let targets: Vec<Target> = recording.placements.iter().map(|placement| placement.target).collect();
    assert_eq!(targets, [hub().target, member().target]);
    assert_eq!(recording.unplaced, []);
}

#[test]
fn a_build_under_way_is_a_release_without_placements() {
    let recording = decide_recording(
        None,
        &build(BuildState::Building, &[]),
        &[],
        &[],
        &Containers::default(),
        now(),
    );
    assert!(!recording.release.unwrap().placed);
}

#[test]
fn a_lower_state_read_late_changes_nothing() {
    for state in [BuildState::Building, BuildState::Integrating] {
        let late = decide_recording(
            Some(known(BuildState::Available, true)),
            &build(state, &[]),
            &[],
            &[],
            &Containers::default(),
            now(),
        );
        assert_eq!((late.release, late.placements), (None, vec![]), "{state}");
    }
    let late = decide_recording(
        Some(known(BuildState::Testing, false)),
        &build(BuildState::Building, &[]),
        &[],
        &[],
        &Containers::default(),
        now(),
    );
    assert_eq!(late.release, None);
}

#[test]
fn the_same_state_read_again_changes_nothing() {
    let facts = build(BuildState::Building, &[]);
    assert_eq!(
        decide_recording(
            Some(known(BuildState::Building, false)),
            &facts,
            &[],
            &[],
            &Containers::default(),
            now()
        )
        .release,
        None
    );
    let facts = build(BuildState::Available, &[hub()]);
    let again = decide_recording(
        Some(known(BuildState::Available, true)),
        &facts,
        &[seen(hub())],
        &[],
        &Containers::default(),
        now(),
    );
    assert_eq!(again.release, None);
}

#[test]
fn a_higher_state_replaces_a_lower_one() {
    let facts = build(BuildState::Failed, &[]);
    let release = decide_recording(
        Some(known(BuildState::Building, false)),
        &facts,
        &[],
        &[],
        &Containers::default(),
        now(),
    )
    .release
    .unwrap();
    assert_eq!((release.state, release.placed), (BuildState::Failed, false));
}

#[test]
fn one_read_does_not_take_a_release_back_into_use_or_out_of_it() {
    for (before, after) in [
        (BuildState::Available, BuildState::Deprecated),
        (BuildState::Deleted, BuildState::Available),
    ] {
        let recording = decide_recording(
            Some(known(before, true)),
            &build(after, &[]),
            &[],
            &[],
            &Containers::default(),
            now(),
        );
        assert_eq!(recording.release, None, "{before} {after}");
    }
}

#[test]
fn an_image_that_was_not_seen_is_said_and_leaves_the_release_open() {
    let facts = build(BuildState::Available, &[hub(), member()]);
    for (reading, cause) in [
        (Reading::Missing, "EC2 does not know it"),
        (Reading::Unreadable(String::from("no role")), "no role"),
        (
            Reading::Seen(Box::new(AmiFacts {
                state: AmiState::Pending,
                ..image(member())
            })),
            "it is still pending",
        ),
    ] {
        let recording = decide_recording(
            None,
            &facts,
            &[seen(hub()), (member(), reading)],
            &[],
            &Containers::default(),
            now(),
        );
        assert!(!recording.release.unwrap().placed, "{cause}");
        assert_eq!(recording.placements.len(), 1);
        let [Unplaced { image, cause: said }] = recording.unplaced.as_slice() else {
            panic!("{cause}")
        };
        let Output { target, ami } = member();
        assert_eq!(
            (image.as_str(), said.as_str()),
            (format!("{ami} in {target}").as_str(), cause)
        );
    }
    let nobody_looked = decide_recording(None, &facts, &[seen(hub())], &[], &Containers::default(), now());
    assert_eq!(nobody_looked.unplaced.len(), 1);
}

#[test]
fn a_release_left_open_is_closed_by_the_look_that_sees_the_rest() {
    let facts = build(BuildState::Available, &[hub()]);
    let recording = decide_recording(
        Some(known(BuildState::Available, false)),
        &facts,
        &[seen(hub())],
        &[],
        &Containers::default(),
        now(),
    );
    assert!(recording.release.unwrap().placed);
}

#[test]
fn the_parents_image_of_another_account_never_becomes_our_placement() {
    let theirs = AmiFacts {
        owner: "137112412989".parse().unwrap(),
        ..image(hub())
    };
    let facts = build(BuildState::Available, &[hub()]);
    let recording = decide_recording(
        None,
        &facts,
        &[(hub(), Reading::Seen(Box::new(theirs)))],
        &[],
        &Containers::default(),
        now(),
    );
    assert_eq!((recording.placements, recording.unplaced), (vec![], vec![]));
    assert!(recording.release.unwrap().placed);
}

#[test]
fn what_was_looked_at_must_be_what_the_build_names() {
    let other = image(member());
    let facts = build(BuildState::Available, &[hub()]);
    let recording = decide_recording(
        None,
        &facts,
        &[(hub(), Reading::Seen(Box::new(other)))],
        &[],
        &Containers::default(),
        now(),
    );
    assert_eq!(recording.placements, []);
    assert_eq!(recording.unplaced.len(), 1);
}

#[test]
fn images_of_two_architectures_give_a_release_none() {
    let other = AmiFacts {
        architecture: Some(Architecture::Arm64),
        ..image(member())
    };
    let facts = build(BuildState::Available, &[hub(), member()]);
    let readings = [seen(hub()), (member(), Reading::Seen(Box::new(other)))];
    assert_eq!(
        decide_recording(None, &facts, &readings, &[], &Containers::default(), now())
            .release
            .unwrap()
            .architecture,
        None
    );
}

#[test]
fn a_build_whose_lineage_is_open_is_looked_at_again_and_nothing_of_it_is_written_twice() {
    let open = Known {
        linked: false,
        ..known(BuildState::Available, true)
    };
    assert!(!open.covers(BuildState::Available));
    let facts = build(BuildState::Available, &[hub()]);
    let again = decide_recording(Some(open), &facts, &[seen(hub())], &[], &Containers::default(), now());
    assert_eq!((again.release, again.placements), (None, vec![]));
}

#[test]
fn what_a_build_left_behind_and_is_found_late_is_written_whatever_was_found_before() {
    let open = Known {
        linked: false,
        ..known(BuildState::Failed, true)
    };
    let facts = build(BuildState::Failed, &[hub(), member()]);
    let readings = [seen(hub()), seen(member())];
    let late = decide_recording(Some(open), &facts, &readings, &[], &Containers::default(), now());
    assert_eq!(late.placements.len(), 2);
}

#[test]
fn what_another_build_made_or_was_there_before_is_no_placement_of_a_build_that_only_tests() {
    let facts = build(BuildState::Available, &[hub()]);
    let placements = |change: fn(&mut AmiFacts)| {
        let mut parent = image(hub());
        change(&mut parent);
        let recording = decide_recording(
            None,
            &facts,
            &[(hub(), Reading::Seen(Box::new(parent)))],
            &[],
            &Containers::default(),
            now(),
        );
        assert_eq!(recording.unplaced, []);
        recording.placements.len()
    };
    assert_eq!(placements(|_| {}), 1);
    assert_eq!(
        placements(|parent| parent.claims_build = Some(BUILD.parse().unwrap())),
        1
    );
    let other = |parent: &mut AmiFacts| parent.claims_build = Some(BUILD.replace("/web/", "/base/").parse().unwrap());
    assert_eq!(placements(other), 0);
    assert_eq!(
        placements(|parent| parent.created = "2026-01-18T16:59:59Z".parse().ok()),
        0
    );
    assert_eq!(
        placements(|parent| parent.created = "2026-01-18T17:00:00Z".parse().ok()),
        1
    );
}

#[test]
fn a_copy_that_another_hand_made_of_a_placement_is_an_unmanaged_one() {
    let release = CanonicalName::Build(BUILD.parse().unwrap()).id();
    let copy = |change: fn(&mut AmiFacts)| {
        let mut copy = image(member());
        copy.from_instance = false;
        change(&mut copy);
        decide_copy(release, &copy, now())
    };
    let placement = copy(|_| {}).unwrap();
    assert_eq!((placement.release, placement.managed), (release, false));
    // An image of an instance may hold anything.
    assert_eq!(copy(|copy| copy.from_instance = true), None);
    assert_eq!(copy(|copy| copy.owner = "999988887777".parse().unwrap()), None);
    assert_eq!(copy(|copy| copy.state = AmiState::Pending), None);
}

#[test]
fn a_fingerprint_changes_with_each_input_and_is_none_while_one_of_them_is_not_concrete() {
    let used = |component: &str, level: &str| UsedComponent {
        component: format!("arn:aws:imagebuilder:eu-west-1:aws:component/{component}")
            .parse()
            .unwrap(),
        parameters: [(String::from("Level"), vec![level.to_owned()])].into(),
    };
    let mut facts = build(BuildState::Available, &[]);
    assert_eq!(fingerprint(&facts), None, "nobody knows its parent");
    facts.parent = Some(ParentImage::Ami("ami-0000000000000000a".parse().unwrap()));
    facts.components = vec![used("stig/1.0.0/1", "Low"), used("update-linux/1.0.2/1", "")];
    let first = fingerprint(&facts);
    assert!(first.is_some());
    assert_eq!(fingerprint(&facts.clone()), first, "the same inputs are the same build");

    let changed = |change: &dyn Fn(&mut BuildFacts)| {
        let mut changed = facts.clone();
        change(&mut changed);
        fingerprint(&changed)
    };
    let others = [
        changed(&|facts| facts.parent = Some(ParentImage::Ami("ami-0000000000000000b".parse().unwrap()))),
        changed(&|facts| facts.recipe = None),
        changed(&|facts| facts.components[0] = used("stig/1.0.0/2", "Low")),
        changed(&|facts| facts.components[0] = used("stig/1.0.0/1", "High")),
        changed(&|facts| facts.components.reverse()),
        changed(&|facts| facts.components.truncate(1)),
    ];
    let different: BTreeSet<&Option<String>> = others.iter().chain([&first, &None]).collect();
    assert_eq!(different.len(), others.len() + 2);

    assert_eq!(changed(&|facts| facts.components[0] = used("stig/1.0.0", "Low")), None);
    assert_eq!(changed(&|facts| facts.components[0] = used("stig/1.x.x", "Low")), None);
}

#[test]
fn a_build_that_failed_is_final_once_two_looks_found_all_that_it_left_behind() {
    for state in [BuildState::Failed, BuildState::Cancelled] {
        let facts = build(state, &[hub()]);
        let placed = |known, missed: &[Target]| {
            let recording = decide_recording(known, &facts, &[seen(hub())], missed, &Containers::default(), now());
            assert_eq!(recording.placements.len(), 1);
            recording.release.map(|release| release.placed)
        };
        assert_eq!(placed(Some(known(BuildState::Building, false)), &[]), Some(false));
        assert_eq!(placed(Some(known(state, false)), &[hub().target]), None);
        assert_eq!(placed(Some(known(state, false)), &[]), Some(true));
    }
}
