use std::collections::BTreeSet;

use super::*;
use crate::AmiState;
use crate::testing::release;

const HUB: &str = "111122223333/eu-west-1";
const BUILD: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1";

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn build(text: &str) -> ImageBuildArn {
    text.parse().unwrap()
}

fn family(name: &str) -> FamilyName {
    name.parse().unwrap()
}

/// An image of `web` that a person's build made, as everybody knows it.
struct World {
    image: AmiFacts,
    recorded: Recorded,
    build: ImageBuildArn,
    seen: Option<OutputSeen>,
}

impl World {
    fn new() -> Self {
        let image = AmiFacts {
            target: target(HUB),
            ami: "ami-00000000000000001".parse().unwrap(),
            owner: "111122223333".parse().unwrap(),
            state: AmiState::Available,
            name: String::from("web 1"),
            created: None,
            architecture: None,
            family: Some(family("web")),
            claims_build: Some(build(BUILD)),
            snapshots: BTreeSet::new(),
            size: 8,
            watermarks: BTreeSet::new(),
            source: None,
            from_instance: true,
        };
        Self {
            image,
            recorded: Recorded {
                release: release(1),
                build: Some(build(BUILD)),
                family: Some(family("web")),
                managed: true,
            },
            build: build(BUILD),
            seen: Some(OutputSeen {
                makes: Some(family("web")),
                family: None,
            }),
        }
    }

    /// The same with this changed.
    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut world = Self::new();
        change(&mut world);
        world
    }

    fn seen(&mut self) -> &mut OutputSeen {
        self.seen.as_mut().unwrap()
    }

    fn fate(&self) -> OutputFate {
        decide_output(OutputFacts {
            hub: target(HUB),
            image: &self.image,
            recorded: &self.recorded,
            build: &self.build,
            seen: self.seen.as_ref(),
        })
    }

    fn left(&self) -> String {
        match self.fate() {
            OutputFate::Left(cause) => cause.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn is_looked_at(&self) -> bool {
        output_of(&self.image, target(HUB), &self.recorded) == Some(&build(BUILD))
    }
}

#[test]
fn what_a_person_built_gets_the_tag_of_its_image() {
    let world = World::new();
    assert!(world.is_looked_at());
    let tagging = OutputTagging {
        build: build(BUILD),
        release: release(1),
        family: family("web"),
    };
    assert_eq!(world.fate(), OutputFate::Tag(tagging));
}

#[test]
fn what_has_the_tag_wants_nothing_and_what_image_builder_does_not_know_may_be_gone() {
    let tagged = World::with(|world| world.seen().family = Some(Words::from("web")));
    assert_eq!(tagged.fate(), OutputFate::Settled);
    assert_eq!(World::with(|world| world.seen = None).fate(), OutputFate::Missed);
}

#[test]
fn another_familys_tag_is_never_moved() {
    let world = World::with(|world| world.seen().family = Some(Words::from("base")));
    assert_eq!(world.left(), format!("{BUILD} is tagged as of base"));
}

#[test]
fn what_makes_images_of_another_family_or_of_none_is_left() {
    for makes in [Some(family("base")), None] {
        let world = World::with(|world| world.seen().makes = makes);
        assert_eq!(world.left(), format!("{BUILD} makes no images of this family"));
    }
}

#[test]
fn what_the_record_says_otherwise_of_is_left() {
    let other = World::with(|world| world.recorded.family = Some(family("base")));
    assert_eq!(other.left(), "its tag says web, and the record base");
    let strangers = World::with(|world| world.recorded.managed = false);
    let not_ours = "the record does not say that a build of the hub, or a copy of ours, made it";
    assert_eq!(strangers.left(), not_ours);
}

#[test]
fn what_was_built_elsewhere_is_left() {
    for elsewhere in [
        BUILD.replace("111122223333", "222233334444"),
        BUILD.replace("eu-west-1", "us-east-1"),
        BUILD.replace("111122223333", "aws"),
    ] {
        let world = World::with(|world| world.build = build(&elsewhere));
        assert_eq!(world.left(), format!("{elsewhere} is not the hub's"));
    }
}

#[test]
fn only_whole_images_of_ours_that_say_the_build_that_the_record_says_are_looked_at() {
    let changes: [fn(&mut World); 8] = [
        |world| world.image.family = None,
        |world| world.image.state = AmiState::Pending,
        |world| world.image.owner = "222233334444".parse().unwrap(),
        |world| world.image.target = target("111122223333/us-east-1"),
        |world| world.image.claims_build = None,
        |world| world.image.claims_build = Some(build(&BUILD.replace("/web/", "/base/"))),
        |world| world.recorded.build = None,
        |world| world.recorded.managed = false,
    ];
    for (n, change) in changes.into_iter().enumerate() {
        assert!(!World::with(change).is_looked_at(), "{n}");
    }
    assert!(World::with(|world| world.image.state = AmiState::Disabled).is_looked_at());
}
