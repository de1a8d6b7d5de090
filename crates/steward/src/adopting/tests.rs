use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::distribution::{FAMILY, Grantee};
use crate::manifest::{Manifest, ManifestFile};
use crate::tagging::{LeftCause, SnapshotSeen};
use crate::{AmiFacts, AmiId, AmiState, CanonicalName, Output, Region, ReleaseId, SnapshotId, Target};

const HUB: &str = "111122223333";
const IRELAND: &str = "eu-west-1";
const VIRGINIA: &str = "us-east-1";
const ADOPT: &str =
    "adopt: { owner: self, name: \"legacy-*\", tags: { app: web }, group_by: [tag:stack, architecture] }";

fn manifest(family: &str, rest: &str) -> Manifest {
    let text = format!("family: {family}\n{rest}\n");
    let read = ManifestFile::read(&format!("{family}.yaml"), text.as_bytes());
    let file = read.file.unwrap_or_else(|| panic!("{:?}", read.diagnostics));
    file.manifest().clone()
}

fn ami(n: u32) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

fn snapshot(n: u32) -> SnapshotId {
    format!("snap-{n:017x}").parse().unwrap()
}

fn target(region: &str) -> Target {
    format!("{HUB}/{region}").parse().unwrap()
}

fn release(region: &str, n: u32) -> ReleaseId {
    let region: Region = region.parse().unwrap();
    CanonicalName::Ami { region, id: ami(n) }.id()
}

/// An image of the blue stack, as the manifest says, made on this day of January with one snapshot of its number.
fn image(n: u32, day: u32) -> FoundImage {
    let name = format!("legacy-{n}");
    let tags = [("app", "web"), ("stack", "blue")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    FoundImage {
        facts: AmiFacts {
            target: target(IRELAND),
            ami: ami(n),
            owner: HUB.parse().unwrap(),
            state: AmiState::Available,
            name: name.clone(),
            created: Some(format!("2024-01-{day:02}T00:00:00Z").parse().unwrap()),
            architecture: Some("x86_64".parse().unwrap()),
            family: None,
            claims_build: None,
            snapshots: BTreeSet::from([snapshot(n)]),
            size: 8,
            watermarks: BTreeSet::new(),
            source: None,
            from_instance: false,
        },
        claims: Claims {
            owner: Some(HUB.parse().unwrap()),
            alias: None,
            name: Some(name),
            architecture: Some(String::from("x86_64")),
            tags: tags.into(),
        },
        public: false,
        protected: false,
    }
}

fn tagged(mut image: FoundImage, key: &str, value: &str) -> FoundImage {
    if key == FAMILY {
        image.facts.family = value.parse().ok();
    }
    image.claims.tags.insert(key.to_owned(), value.to_owned());
    image
}

/// What is known, where nobody may use anything and no snapshot has a tag, unless a test says otherwise.
struct World {
    manifest: Manifest,
    families: Vec<Manifest>,
    images: Vec<FoundImage>,
    adopted: Vec<Adopted>,
    recorded: BTreeMap<Output, ReleaseId>,
    unseen: BTreeSet<Region>,
    shared: BTreeMap<AmiId, Grantee>,
    said: BTreeMap<SnapshotId, &'static str>,
}

impl World {
    fn of(images: impl IntoIterator<Item = FoundImage>) -> Self {
        let manifest = manifest("web", ADOPT);
        Self {
            families: vec![manifest.clone()],
            manifest,
            images: images.into_iter().collect(),
            adopted: Vec::new(),
            recorded: BTreeMap::new(),
            unseen: BTreeSet::new(),
            shared: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    fn decide(&self) -> Adoption {
        let facts = AdoptionFacts {
            manifest: &self.manifest,
            families: &self.families,
            images: &self.images,
            adopted: &self.adopted,
            recorded: &self.recorded,
            unseen: &self.unseen,
        };
        let (mut grants, mut snapshots) = (BTreeMap::new(), BTreeMap::new());
        for image in candidates(facts) {
            let AmiFacts { ami, target, .. } = image.facts;
            grants.insert(image.output(), self.shared.get(&ami).cloned().into_iter().collect());
            let seen: &mut BTreeMap<SnapshotId, SnapshotSeen> = snapshots.entry(target).or_default();
            for snapshot in &image.facts.snapshots {
                let owner = HUB.parse().unwrap();
                let family = self.said.get(snapshot).map(|said| (*said).into());
                let snapshot = *snapshot;
                seen.insert(
                    snapshot,
                    SnapshotSeen {
                        snapshot,
                        owner,
                        family,
                    },
                );
            }
        }
        decide_adoption(facts, &grants, &snapshots)
    }
}

fn ids(adoption: &Adoption) -> Vec<AmiId> {
    adoption.taken.iter().map(|taken| taken.image.ami).collect()
}

fn alone(image: FoundImage) -> &'static str {
    let adoption = World::of([image]).decide();
    assert!(adoption.taken.is_empty());
    let [left] = adoption.left.as_slice() else {
        panic!("{adoption:?}")
    };
    left.why.as_str()
}

#[test]
fn what_matches_is_adopted_line_by_line_the_oldest_first_and_ids_settle_what_dates_do_not() {
    let mut arm = image(5, 1);
    arm.claims.architecture = Some(String::from("arm64"));
    let adoption = World::of([
        image(4, 2),
        tagged(image(3, 1), "stack", "green"),
        image(2, 3),
        image(1, 2),
        arm,
    ])
    .decide();
    assert_eq!(ids(&adoption), [5, 1, 4, 2, 3].map(ami));
    let first = &adoption.taken[1];
    assert_eq!((first.release, first.is_own), (release(IRELAND, 1), true));
    assert_eq!(first.line.group, ["blue"]);
    assert!(first.untagged);
    assert_eq!(first.snapshots, BTreeSet::from([snapshot(1)]));
    assert_eq!((adoption.left.len(), adoption.others, adoption.bare.len()), (0, 0, 0));
}

#[test]
fn what_is_not_as_the_manifest_says_is_counted_and_no_more() {
    let mut other = image(1, 1);
    other.claims.name = Some(String::from("modern-1"));
    let adoption = World::of([other, tagged(image(2, 1), "app", "shop")]).decide();
    assert_eq!((adoption.taken.len(), adoption.left.len(), adoption.others), (0, 0, 2));
}

#[test]
fn in_doubt_an_image_is_left_alone_and_that_is_said() {
    let mut lacking = image(1, 1);
    lacking.claims.tags.remove("stack");
    assert_eq!(alone(lacking), "ungrouped");
    let mut odd = image(1, 1);
    odd.claims.architecture = Some(String::from("i386"));
    assert_eq!(alone(odd), "ungrouped");
    assert_eq!(alone(tagged(image(1, 1), FAMILY, "shop")), "other-family");
    assert_eq!(alone(tagged(image(1, 1), FAMILY, "No Family")), "other-family");
    let build = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/1";
    assert_eq!(alone(tagged(image(1, 1), "Ec2ImageBuilderArn", build)), "built");
    assert_eq!(alone(tagged(image(1, 1), "image-steward:release", "x")), "copied");
    assert_eq!(alone(tagged(image(1, 1), "aws:backup:source-resource", "x")), "service");
    let mut sold = image(1, 1);
    sold.claims.alias = Some(String::from("aws-marketplace"));
    assert_eq!(alone(sold), "service");
    let public = FoundImage {
        public: true,
        ..image(1, 1)
    };
    assert_eq!(alone(public), "public");
    let protected = FoundImage {
        protected: true,
        ..image(1, 1)
    };
    assert_eq!(alone(protected), "protected");
    let mut undated = image(1, 1);
    undated.facts.created = None;
    assert_eq!(alone(undated), "undated");
    for state in AmiState::ALL {
        let mut there = image(1, 1);
        there.facts.state = state;
        match state {
            AmiState::Available | AmiState::Disabled => assert_eq!(ids(&World::of([there]).decide()), [ami(1)]),
            _ => assert_eq!(alone(there), "pending"),
        }
    }
}

#[test]
fn what_two_families_would_adopt_is_left_to_neither() {
    let mut world = World::of([image(1, 1)]);
    let shop = "adopt: { owner: self, name: \"legacy-1\" }";
    world.families.push(manifest("shop", shop));
    let adoption = world.decide();
    assert_eq!(adoption.left[0].why.to_string(), "shop would adopt it, too");
    // One that adopts others has no say.
    world.families[1] = manifest("shop", &shop.replace("legacy-1", "legacy-2"));
    assert_eq!(ids(&world.decide()), [ami(1)]);
}

#[test]
fn whom_the_manifest_does_not_name_is_asked_by_nobody_and_so_what_they_may_use_is_left_alone() {
    let mut world = World::of([image(1, 1)]);
    let grantee = "222233334444".parse().unwrap();
    world.shared.insert(ami(1), Grantee::Account(grantee));
    let adoption = world.decide();
    assert_eq!(
        adoption.left[0].why,
        WhyAlone::SharedWith(BTreeSet::from([Grantee::Account(grantee)]))
    );
    let named = format!("{ADOPT}\ndistribute: {{ share_with: {{ accounts: [\"{grantee}\"] }} }}");
    world.manifest = manifest("web", &named);
    assert_eq!(ids(&world.decide()), [ami(1)]);
    // Whoever owns it needs no leave.
    world.manifest = manifest("web", ADOPT);
    world.shared.insert(ami(1), Grantee::Account(HUB.parse().unwrap()));
    assert_eq!(ids(&world.decide()), [ami(1)]);
}

#[test]
fn a_copy_of_what_is_adopted_is_another_image_of_its_release_and_of_its_line_alone() {
    let copy = |n, day, of| {
        let mut copy = image(n, day);
        copy.facts.target = target(VIRGINIA);
        copy.facts.source = Some((IRELAND.parse().unwrap(), ami(of)));
        copy
    };
    let mut made_of_an_instance = copy(4, 5, 1);
    made_of_an_instance.facts.from_instance = true;
    let mut again = copy(6, 9, 2);
    again.facts.source = Some((VIRGINIA.parse().unwrap(), ami(2)));
    let world = World::of([
        copy(2, 5, 1),
        image(1, 1),
        tagged(copy(3, 5, 1), "stack", "green"),
        made_of_an_instance,
        copy(5, 5, 99),
        again,
    ]);
    let taken = world.decide().taken;
    let of: BTreeMap<AmiId, (ReleaseId, bool)> = taken
        .iter()
        .map(|taken| (taken.image.ami, (taken.release, taken.is_own)))
        .collect();
    assert_eq!(of[&ami(1)], (release(IRELAND, 1), true));
    assert_eq!(of[&ami(2)], (release(IRELAND, 1), false));
    assert_eq!(of[&ami(6)], (release(IRELAND, 1), false), "a copy of a copy");
    for n in [3, 4, 5] {
        assert_eq!(of[&ami(n)], (release(VIRGINIA, n), true), "{n}");
    }
}

#[test]
fn what_was_adopted_is_adopted_no_more_and_its_later_copies_join_it() {
    let mut world = World::of([tagged(image(1, 1), FAMILY, "web"), image(2, 2)]);
    let line = world.decide().taken[0].line.clone();
    let output = world.images[0].output();
    world.adopted.push(Adopted {
        release: release(IRELAND, 1),
        output,
        created: world.images[0].facts.created.unwrap(),
        line: line.clone(),
        rule: AdoptionRule::of(world.manifest.adopt.as_ref().unwrap()),
    });
    world.recorded.insert(output, release(IRELAND, 1));
    world.images[1].facts.source = Some((IRELAND.parse().unwrap(), ami(1)));
    // As a copy by hand the sweep has found it before.
    world.recorded.insert(world.images[1].output(), release(IRELAND, 1));
    let adoption = world.decide();
    assert_eq!(adoption.before, [(output, line)]);
    assert_eq!(ids(&adoption), [ami(2)]);
    assert_eq!(
        (adoption.taken[0].release, adoption.taken[0].is_own),
        (release(IRELAND, 1), false)
    );
    // Of another line it stays what the sweep found.
    world.images[1] = tagged(world.images[1].clone(), "stack", "green");
    let adoption = world.decide();
    assert_eq!((adoption.taken.len(), adoption.left.len()), (0, 1));
    assert_eq!(adoption.left[0].why, WhyAlone::OfRelease(release(IRELAND, 1)));
}

/// The first image was adopted by this `adopt`, as the first and only release.
fn adopted_by(world: &mut World, adopt: &str) {
    let line = world.decide().taken[0].line.clone();
    let image = &world.images[0];
    let rule = AdoptionRule::of(manifest("web", adopt).adopt.as_ref().unwrap());
    world.adopted.push(Adopted {
        release: release(IRELAND, 1),
        output: image.output(),
        created: image.facts.created.unwrap(),
        line,
        rule,
    });
    world.recorded.insert(image.output(), release(IRELAND, 1));
    world.images[0] = tagged(image.clone(), FAMILY, "web");
}

#[test]
fn what_was_adopted_by_another_adopt_is_judged_anew_by_what_the_manifest_says_now() {
    for other in [
        ADOPT.replace("legacy-*", "legacy-?"),
        ADOPT.replace("app: web", "stack: blue"),
        ADOPT.replace("tag:stack, ", ""),
        ADOPT.replace("[tag:stack, architecture]", "[architecture, tag:stack]"),
    ] {
        let mut world = World::of([image(1, 1)]);
        adopted_by(&mut world, &other);
        let adoption = world.decide();
        assert_eq!((adoption.before.len(), ids(&adoption)), (0, vec![ami(1)]), "{other}");
        let taken = &adoption.taken[0];
        assert_eq!(
            (taken.release, taken.is_own, taken.untagged),
            (release(IRELAND, 1), true, false)
        );
        assert_eq!(taken.line.group, ["blue"]);
    }
    let mut world = World::of([image(1, 1)]);
    adopted_by(&mut world, ADOPT);
    assert_eq!((world.decide().before.len(), world.decide().taken.len()), (1, 0));
    // What is not meant any more stays as it was adopted, which nobody retires by.
    world.manifest = manifest("web", &ADOPT.replace("legacy-*", "legacy-2*"));
    let adoption = world.decide();
    assert_eq!(
        (adoption.before.len(), adoption.taken.len(), adoption.others),
        (0, 0, 1)
    );
}

#[test]
fn a_copy_of_what_was_adopted_and_is_gone_is_a_release_by_itself() {
    let mut world = World::of([image(1, 1)]);
    adopted_by(&mut world, ADOPT);
    let mut copy = image(2, 5);
    copy.facts.source = Some((IRELAND.parse().unwrap(), ami(1)));
    world.images = vec![copy];
    let taken = world.decide().taken;
    assert_eq!((taken[0].release, taken[0].is_own), (release(IRELAND, 2), true));
}

#[test]
fn a_copy_whose_original_may_be_adopted_yet_is_left_alone_with_it() {
    let copy = |n, of| {
        let mut copy = image(n, 5 + n);
        copy.facts.target = target(VIRGINIA);
        copy.facts.source = Some((IRELAND.parse().unwrap(), ami(of)));
        copy
    };
    let mut pending = image(1, 1);
    pending.facts.state = AmiState::Pending;
    let mut again = copy(3, 2);
    again.facts.source = Some((VIRGINIA.parse().unwrap(), ami(2)));
    let mut world = World::of([pending, copy(2, 1), again]);
    let why = |world: &World| -> BTreeMap<AmiId, WhyAlone> {
        let left = world.decide().left.into_iter();
        left.map(|left| (left.ami, left.why)).collect()
    };
    let left = why(&world);
    assert_eq!(left[&ami(1)].as_str(), "pending");
    assert_eq!(left[&ami(2)], WhyAlone::OriginalLeft(ami(1)));
    assert_eq!(left[&ami(3)], WhyAlone::OriginalLeft(ami(2)));
    // Where its own Region is looked at alone, nobody knows of the original.
    world.images = vec![copy(2, 1)];
    world.unseen = BTreeSet::from([IRELAND.parse().unwrap()]);
    assert_eq!(
        why(&world)[&ami(2)],
        WhyAlone::OriginalUnseen(ami(1), IRELAND.parse().unwrap())
    );
    world.unseen = BTreeSet::from(["eu-central-1".parse().unwrap()]);
    assert_eq!(ids(&world.decide()), [ami(2)]);
    // What the manifest does not mean at all is nobody's original.
    let mut other = image(1, 1);
    other.claims.name = Some(String::from("modern-1"));
    world.images = vec![other, copy(2, 1)];
    assert_eq!(ids(&world.decide()), [ami(2)]);
}

#[test]
fn a_copy_of_a_release_that_was_built_is_left_alone() {
    let mut world = World::of([image(1, 1)]);
    let built = release(IRELAND, 99);
    world.recorded.insert(world.images[0].output(), built);
    assert_eq!(world.decide().left[0].why, WhyAlone::OfRelease(built));
}

#[test]
fn whoever_died_after_the_tag_finds_the_image_with_it_and_only_writes_it_down() {
    let mut world = World::of([tagged(image(1, 1), FAMILY, "web")]);
    world.said.insert(snapshot(1), "web");
    let adoption = world.decide();
    assert!(!adoption.taken[0].untagged && adoption.taken[0].snapshots.is_empty());
    assert!(adoption.bare.is_empty());
}

#[test]
fn a_snapshot_that_another_image_has_or_another_family_is_left_without_our_tag_and_said() {
    let mut stranger = image(9, 1);
    stranger.claims.tags.clear();
    stranger.facts.snapshots = BTreeSet::from([snapshot(1)]);
    let mut world = World::of([image(1, 1), image(2, 2), stranger, image(3, 3)]);
    world.said.insert(snapshot(2), "shop");
    // Two that are both adopted may share one.
    world.images[3].facts.snapshots = BTreeSet::from([snapshot(3)]);
    let mut twin = image(4, 4);
    twin.facts.snapshots = BTreeSet::from([snapshot(3)]);
    world.images.push(twin);
    let adoption = world.decide();
    assert_eq!(ids(&adoption), [1, 2, 3, 4].map(ami));
    let why = adoption.bare.iter().map(|(_, left)| (left.ami, left.cause.clone()));
    let why: BTreeMap<AmiId, LeftCause> = why.collect();
    assert_eq!(
        why,
        BTreeMap::from([
            (ami(1), LeftCause::Shared(snapshot(1), ami(9))),
            (ami(2), LeftCause::TaggedOtherwise(snapshot(2), "shop".into())),
        ])
    );
    let tagged: Vec<usize> = adoption.taken.iter().map(|taken| taken.snapshots.len()).collect();
    assert_eq!(tagged, [0, 0, 1, 0], "once is enough");
}

#[test]
fn it_is_shown_by_groups_and_by_reasons() {
    let mut lacking = image(7, 1);
    lacking.claims.tags.remove("stack");
    let mut more = lacking.clone();
    more.facts.ami = ami(8);
    let world = World::of([
        image(1, 1),
        image(2, 2),
        tagged(image(3, 1), "stack", "green"),
        lacking,
        more,
    ]);
    let text = adoption_text(&world.decide(), &world.manifest);
    assert_eq!(
        text,
        "GROUP        ARCHITECTURE  RELEASES  IMAGES  ADOPTED  GIB AT MOST  NEWEST\n\
         stack=blue   x86_64        2         2       0        16           2024-01-02T00:00:00.000Z ami-00000000000000002 in eu-west-1\n\
         stack=green  x86_64        1         1       0        8            2024-01-01T00:00:00.000Z ami-00000000000000003 in eu-west-1\n\n\
         Left alone:\n  \
         ami-00000000000000007, ami-00000000000000008: it has no tag:stack, which its family groups by\n\n\
         3 images to adopt into web, with 3 snapshots; 0 adopted before, 2 left alone, 0 not as its manifest says."
    );
}
