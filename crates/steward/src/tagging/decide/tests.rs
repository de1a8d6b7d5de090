use super::*;
use crate::testing::release;

const HERE: &str = "111122223333/eu-west-1";

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn ami(n: u8) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

fn snap(n: u8) -> SnapshotId {
    format!("snap-{n:017x}").parse().unwrap()
}

fn family(name: &str) -> FamilyName {
    name.parse().unwrap()
}

/// An image of `web` with these snapshots behind it.
fn image(n: u8, snapshots: &[u8]) -> AmiFacts {
    AmiFacts {
        target: target(HERE),
        ami: ami(n),
        owner: "111122223333".parse().unwrap(),
        state: AmiState::Available,
        name: format!("web {n}"),
        created: None,
        architecture: None,
        family: Some(family("web")),
        claims_build: None,
        snapshots: snapshots.iter().map(|n| snap(*n)).collect(),
        size: 8,
        watermarks: BTreeSet::new(),
        source: None,
        from_instance: true,
    }
}

/// A target of which everything is as it should be, but that no snapshot carries the tag.
struct World {
    images: Vec<AmiFacts>,
    tagged: BTreeSet<SnapshotId>,
    snapshots: BTreeMap<SnapshotId, SnapshotSeen>,
    recorded: BTreeMap<AmiId, Recorded>,
}

impl World {
    fn with(images: Vec<AmiFacts>) -> Self {
        let seen = |snapshot: &SnapshotId| SnapshotSeen {
            snapshot: *snapshot,
            owner: "111122223333".parse().unwrap(),
            family: None,
        };
        let recorded = |image: &AmiFacts| Recorded {
            release: release(1),
            build: None,
            family: image.family.clone(),
            managed: true,
        };
        Self {
            tagged: BTreeSet::new(),
            snapshots: images
                .iter()
                .flat_map(|image| &image.snapshots)
                .map(|id| (*id, seen(id)))
                .collect(),
            recorded: images.iter().map(|image| (image.ami, recorded(image))).collect(),
            images,
        }
    }

    fn plan(&self) -> TaggingPlan {
        let bare = bare_snapshots(&self.images, &self.tagged);
        decide_tagging(TaggingFacts {
            target: target(HERE),
            images: &self.images,
            bare: &bare,
            snapshots: &self.snapshots,
            recorded: &self.recorded,
        })
    }

    fn causes(&self) -> Vec<String> {
        let plan = self.plan();
        assert_eq!(plan.tag, []);
        plan.left.iter().map(|left| left.cause.to_string()).collect()
    }

    fn seen(&mut self, n: u8) -> &mut SnapshotSeen {
        self.snapshots.get_mut(&snap(n)).unwrap()
    }
}

fn tagging(ami: AmiId, snapshots: &[u8]) -> Tagging {
    Tagging {
        ami,
        release: release(1),
        family: family("web"),
        snapshots: snapshots.iter().map(|n| snap(*n)).collect(),
    }
}

#[test]
fn all_bare_snapshots_of_an_image_get_its_tag_and_those_that_carry_it_are_left_alone() {
    let mut world = World::with(vec![image(1, &[1, 2, 3]), image(2, &[4])]);
    world.tagged = BTreeSet::from([snap(2), snap(4)]);
    assert_eq!(
        world.plan(),
        TaggingPlan {
            tag: vec![tagging(ami(1), &[1, 3])],
            left: vec![]
        }
    );
}

#[test]
fn what_carries_our_tag_is_unused_where_no_image_has_it_whosever_that_is() {
    let theirs = AmiFacts {
        family: None,
        ..image(2, &[3])
    };
    let images = [image(1, &[1, 2]), theirs];
    let tagged = [1, 3, 4].map(snap).into();
    assert_eq!(unused_snapshots(&images, &tagged), BTreeSet::from([snap(4)]));
}

#[test]
fn a_snapshot_that_only_a_late_list_shows_bare_wants_nothing() {
    let mut world = World::with(vec![image(1, &[1])]);
    world.seen(1).family = Some(Words::from("web"));
    assert_eq!(world.plan(), TaggingPlan::default());
}

#[test]
fn images_without_the_tag_and_those_that_are_not_whole_are_no_matter() {
    let mut strangers = vec![image(1, &[1])];
    strangers[0].family = None;
    assert_eq!(World::with(strangers).plan(), TaggingPlan::default());
    for state in [
        AmiState::Pending,
        AmiState::Transient,
        AmiState::Invalid,
        AmiState::Deregistered,
        AmiState::Failed,
        AmiState::Error,
    ] {
        let mut images = vec![image(1, &[1])];
        images[0].state = state;
        assert_eq!(World::with(images).plan(), TaggingPlan::default(), "{state}");
    }
    let mut images = vec![image(1, &[1])];
    images[0].state = AmiState::Disabled;
    assert_eq!(World::with(images).plan().tag.len(), 1);
}

#[test]
fn an_image_of_another_owner_or_target_is_never_acted_on() {
    for (owner, place) in [("222233334444", HERE), ("111122223333", "111122223333/us-east-1")] {
        let mut images = vec![image(1, &[1])];
        images[0].owner = owner.parse().unwrap();
        images[0].target = target(place);
        assert_eq!(World::with(images).plan(), TaggingPlan::default());
    }
}

#[test]
fn what_the_record_does_not_know_as_made_by_us_is_left() {
    let mut world = World::with(vec![image(1, &[1])]);
    world.recorded.get_mut(&ami(1)).unwrap().managed = false;
    let not_ours = ["the record does not say that a build of the hub, or a copy of ours, made it"];
    assert_eq!(world.causes(), not_ours);
    world.recorded.clear();
    assert_eq!(world.causes(), not_ours);
}

#[test]
fn an_image_whose_tag_is_not_its_records_family_is_left() {
    let mut world = World::with(vec![image(1, &[1])]);
    world.recorded.get_mut(&ami(1)).unwrap().family = Some(family("base"));
    assert_eq!(world.causes(), ["its tag says web, and the record base"]);
    world.recorded.get_mut(&ami(1)).unwrap().family = None;
    assert_eq!(
        world.causes(),
        ["its tag says web, and the record knows no family of it"]
    );
}

#[test]
fn one_snapshot_in_doubt_leaves_all_of_its_image() {
    let fresh = || World::with(vec![image(1, &[1, 2])]);
    let mut world = fresh();
    world.snapshots.remove(&snap(2));
    assert_eq!(
        world.causes(),
        [format!("{} is not this account's, or is gone", snap(2))]
    );
    let mut world = fresh();
    world.seen(2).owner = "222233334444".parse().unwrap();
    assert_eq!(
        world.causes(),
        [format!("{} is not this account's, or is gone", snap(2))]
    );
    let mut world = fresh();
    world.seen(2).family = Some(Words::from("base"));
    assert_eq!(world.causes(), [format!("{} is tagged as of base", snap(2))]);
}

#[test]
fn a_snapshot_behind_a_strangers_image_too_is_left_and_one_behind_two_of_the_family_is_tagged_once() {
    let mut images = vec![image(1, &[1]), image(2, &[1])];
    images[1].family = None;
    let shared = format!("{} is behind {} too, which is not this family's", snap(1), ami(2));
    assert_eq!(World::with(images.clone()).causes(), std::slice::from_ref(&shared));
    // However it stands: it may come back.
    images[1].state = AmiState::Disabled;
    assert_eq!(World::with(images.clone()).causes(), [shared]);
    images[1].family = Some(family("web"));
    let plan = World::with(images).plan();
    assert_eq!(
        plan,
        TaggingPlan {
            tag: vec![tagging(ami(1), &[1])],
            left: vec![]
        }
    );
}

#[test]
fn what_is_left_is_said_with_its_image() {
    let mut world = World::with(vec![image(1, &[1])]);
    world.recorded.clear();
    let said = world.plan().left[0].to_string();
    assert!(said.starts_with(&format!("{}: the record", ami(1))), "{said}");
}
