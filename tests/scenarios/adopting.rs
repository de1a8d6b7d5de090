//! Adopting: what Image Builder did not build becomes a family's because a person says so, and never else.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use image_plane::{Effect, Fault, ImageId, NewImage, Settings, Time};
use record_lineage::tag_snapshots;
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, describe, hours, minutes, snapshots};
use stage::shop::distribution;
use steward::{CanonicalName, Duration, Timestamp};
use steward_aws::{Adopter, AdoptionDone, Caller, FirstValue, Hold};
use steward_cli::Spoken;

use crate::crash::Crash;
use crate::evidence::gather;
use crate::hub::Hub;
use crate::pruning::{LADDER, RETAIN, Yard};

const FAMILY: &str = "image-steward:family";
const ADOPT: &str =
    "adopt: { owner: self, name: \"legacy-*\", tags: { app: web }, group_by: [tag:stack, architecture] }";
pub(crate) const APPLY: [&str; 6] = [
    "adopt",
    "web",
    "--apply",
    "--because",
    "of before the pipeline",
    "--yes",
];

/// An image of before the pipeline, made so many days ago.
fn legacy(hub: &Hub, name: &str, stack: Option<&str>, days: i64) -> NewImage {
    let created = Time::from_millis(hub.shop.aws.plane.now().millis() - days * 86_400_000);
    let image = NewImage::named(&format!("legacy-{name}"))
        .tag("app", "web")
        .created(created);
    match stack {
        Some(stack) => image.tag("stack", stack),
        None => image,
    }
}

fn place(hub: &Hub, region: &'static str, image: NewImage) -> String {
    hub.shop.aws.image_with(HUB, region, image)
}

/// A hub whose family adopts, and five images of two groups, the oldest of each first; and one without the group key.
pub(crate) async fn with_legacy() -> (Hub, [String; 5], String) {
    let hub = Box::pin(Hub::new(Settings::calm(), vec![distribution(IRELAND)])).await;
    hub.want(&format!("{{ regions: {{ eu-west-1: {{}} }} }}\n{LADDER}\n{ADOPT}"))
        .await;
    let images = [
        ("1", "blue", 50),
        ("2", "blue", 40),
        ("3", "blue", 30),
        ("4", "green", 20),
        ("5", "green", 10),
    ];
    let images = images.map(|(name, stack, days)| place(&hub, IRELAND, legacy(&hub, name, Some(stack), days)));
    let lacking = place(&hub, IRELAND, legacy(&hub, "6", None, 60));
    (hub, images, lacking)
}

/// What changed something in AWS so far.
fn changes(hub: &Hub) -> Vec<&'static str> {
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.ledger().changes().map(|change| change.action).collect())
}

/// What our tag says of an image and of each snapshot behind it.
async fn tags(hub: &Hub, region: &'static str, ami: &str) -> Vec<Option<String>> {
    let ec2 = hub.shop.aws.ec2(HUB, region);
    let image = describe(&ec2, ami).await;
    let said = |tags: &[aws_sdk_ec2::types::Tag]| {
        let ours = tags.iter().find(|tag| tag.key() == Some(FAMILY));
        ours.map(|tag| tag.value().unwrap().to_owned())
    };
    let behind = ec2.describe_snapshots().set_snapshot_ids(Some(snapshots(&image)));
    let behind = behind.send().await.unwrap();
    let of_snapshots = behind.snapshots().iter().map(|snapshot| said(snapshot.tags()));
    std::iter::once(said(image.tags())).chain(of_snapshots).collect()
}

/// The items that name an image as one of a release, and that are no journal's.
fn recorded(hub: &Hub, ami: &str) -> usize {
    let items = hub.items().into_keys();
    // Who uses it is asked of every image, and what was begun is no fact.
    let is_fact = |pk: &str, sk: &str| !sk.starts_with("U#") && !pk.starts_with("OPEN#");
    items
        .filter(|(pk, sk)| (sk.contains(ami) || pk.ends_with(ami)) && is_fact(pk, sk))
        .count()
}

#[tokio::test(start_paused = true)]
async fn what_would_be_adopted_is_shown_by_groups_and_nothing_is_changed() {
    let (hub, images, lacking) = with_legacy().await;
    let (before, calls) = (hub.all_items(), changes(&hub).len());
    let told = hub.says(&["adopt", "web"]).await;
    assert_eq!((hub.all_items(), changes(&hub).len()), (before, calls));
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        lines[1].starts_with("stack=blue   x86_64        3         3       0        24 "),
        "{told}"
    );
    assert!(lines[1].ends_with(&format!("{} in eu-west-1", images[2])), "{told}");
    assert!(lines[2].ends_with(&format!("{} in eu-west-1", images[4])), "{told}");
    assert!(
        told.contains(&format!(
            "\n  {lacking}: it has no tag:stack, which its family groups by\n"
        )),
        "{told}"
    );
    assert!(told.ends_with("Nothing was changed: --apply adopts them.\n"), "{told}");
    let answer: Value = serde_json::from_str(&hub.says(&["adopt", "web", "--format", "json"]).await).unwrap();
    assert_eq!(answer["images"].as_array().unwrap().len(), 5);
    assert_eq!(answer["left"][0]["rule"], "ungrouped");
}

#[tokio::test(start_paused = true)]
async fn what_is_adopted_is_tagged_recorded_and_journaled_once_and_what_lacks_the_group_key_is_not_touched() {
    let (hub, images, lacking) = with_legacy().await;
    let before = changes(&hub).len();
    let told = hub.says(&APPLY).await;
    assert!(told.starts_with("Adopted 5 of 5 images into web."), "{told}");
    for image in &images {
        assert_eq!(tags(&hub, IRELAND, image).await, vec![Some(String::from("web")); 2]);
    }
    assert_eq!(tags(&hub, IRELAND, &lacking).await, [None, None]);
    assert_eq!(recorded(&hub, &lacking), 0);
    assert_eq!(changes(&hub)[before..], ["CreateTags"], "one call for all of them");
    let journal: Vec<String> = hub.journal().into_iter().map(|(_, says)| says).collect();
    let mine = journal
        .iter()
        .filter(|says| says.contains(&format!("adopted {} in", images[0])));
    let mine: Vec<&String> = mine.collect();
    assert_eq!(mine.len(), 1, "{journal:?}");
    assert!(mine[0].ends_with("into web: of before the pipeline"), "{journal:?}");
    assert!(hub.items().keys().all(|(pk, _)| !pk.starts_with("OPEN#")));
    // They are releases that people can ask about, the newest last.
    let releases = hub.says(&["releases", "web"]).await;
    let named = releases.lines().skip(1).map(|line| line.split(' ').next().unwrap());
    assert_eq!(named.collect::<Vec<_>>(), images);
    assert!(hub.says(&["explain", &images[0]]).await.contains(&images[0]));
    // A second time there is nothing to do.
    let (before, calls) = (hub.all_items(), changes(&hub).len());
    let told = hub.says(&APPLY).await;
    assert!(
        told.contains("0 images to adopt into web, with 0 snapshots; 5 adopted before, 1 left alone"),
        "{told}"
    );
    assert_eq!((hub.all_items(), changes(&hub).len()), (before, calls));
}

#[tokio::test(start_paused = true)]
async fn adopted_images_go_down_the_ladder_and_the_newest_of_each_group_stays() {
    let (hub, images, lacking) = with_legacy().await;
    let mut yard = Yard::around(hub, images.to_vec());
    yard.images.push(lacking);
    yard.hub.says(&APPLY).await;
    let behind = snapshots(&describe(&yard.hub.shop.aws.hub(), &yard.images[0]).await);
    // Evidence of before an image was adopted says nothing of it.
    yard.hub.shop.aws.pass(minutes(20)).await;
    gather(&yard.hub).await.unwrap();
    let planned = yard.plan().await.unwrap();
    assert_eq!(
        (planned.expendable, planned.kept, planned.blocked),
        (3, 2, 0),
        "{planned:?}"
    );
    yard.until_expendable().await;
    yard.apply().await;
    let stays = "available";
    let stand = |rung| [rung, rung, stays, rung, stays, stays];
    assert_eq!(yard.rungs().await, stand("deprecated"));
    yard.next_day().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, stand("disabled"));
    // It is announced as soon as it is near.
    yard.plan_later().await;
    yard.apply().await;
    yard.next_day().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, stand("gone"));
    // Its snapshots went with it.
    let ec2 = yard.hub.shop.aws.hub();
    let left = ec2
        .describe_snapshots()
        .owner_ids(HUB.to_string())
        .send()
        .await
        .unwrap();
    let left = left.snapshots().iter().map(|snapshot| snapshot.snapshot_id().unwrap());
    assert!(
        left.into_iter()
            .all(|snapshot| !behind.iter().any(|gone| gone == snapshot))
    );
    yard.hub.shop.aws.pass(hours(24 * 30)).await;
    yard.plan_later().await;
    assert_eq!(yard.rungs().await, stand("gone"));
}

#[tokio::test(start_paused = true)]
async fn what_was_adopted_is_old_by_the_newest_of_its_group_that_still_has_an_image() {
    let (hub, images, _) = with_legacy().await;
    hub.says(&APPLY).await;
    gather(&hub).await.unwrap();
    let old = ["old", "--family", "web", "--than", "15d"];
    let told = hub.says(&old).await;
    let one = "is revoked, or older than the newest by more than 15d: 1 release.\n";
    assert!(told.contains(one), "{told}");
    let yard = Yard::around(hub, images.to_vec());
    yard.deregistered(&images[2]).await;
    let told = yard.hub.says(&old).await;
    let none = "Of 1 family no release is revoked, or older than the newest by more than 15d.";
    assert!(told.starts_with(none), "{told}");
}

#[tokio::test(start_paused = true)]
async fn what_was_adopted_anew_is_old_by_its_own_group_whatever_group_a_copy_of_it_was_in() {
    let (hub, images, _) = with_legacy().await;
    let of: ImageId = images[1].parse().unwrap();
    let copy = legacy(&hub, "2", Some("blue"), 5).copied_from(of, IRELAND.parse().unwrap());
    place(&hub, VIRGINIA, copy);
    let apply = [&APPLY[..], &["--region", IRELAND, "--region", VIRGINIA]].concat();
    hub.says(&apply).await;
    let ring = aws_sdk_ec2::types::Tag::builder().key("ring").value("green").build();
    let tagged = hub.shop.aws.ec2(HUB, IRELAND).create_tags();
    tagged.resources(&images[1]).tags(ring).send().await.unwrap();
    let by_ring = ADOPT.replace("tag:stack", "tag:ring");
    hub.want(&format!("{{ regions: {{ eu-west-1: {{}} }} }}\n{LADDER}\n{by_ring}"))
        .await;
    let told = hub.says(&apply).await;
    assert!(told.starts_with("Adopted 1 of 1 images"), "{told}");
    gather(&hub).await.unwrap();
    let told = hub.says(&["old", "--family", "web", "--than", "15d"]).await;
    // The first by the third of the blue ones, the second by the last of the green ones.
    assert!(told.contains("by more than 15d: 2 releases."), "{told}");
}

#[tokio::test(start_paused = true)]
async fn no_sweep_adopts_what_merely_matches_nor_what_somebody_gave_our_tag() {
    let (hub, images, _) = with_legacy().await;
    let by_hand = aws_sdk_ec2::types::Tag::builder().key(FAMILY).value("web").build();
    let ec2 = hub.shop.aws.hub();
    ec2.create_tags()
        .resources(&images[0])
        .tags(by_hand)
        .send()
        .await
        .unwrap();
    let builds = hub.shop.built().await;
    assert!(!builds.is_empty());
    let before: Vec<usize> = images.iter().map(|image| recorded(&hub, image)).collect();
    assert_eq!(before, [0; 5]);
    let yard = Yard::around(hub, images.to_vec());
    for _ in 0..3 {
        yard.plan_later().await;
        let (room, _) = yard.hub.tagging_room(FirstValue::Running);
        tag_snapshots(&room, &json!({ "wake": "sweep" }), yard.hub.moment())
            .await
            .unwrap();
        yard.apply().await;
    }
    for image in &images {
        assert_eq!(recorded(&yard.hub, image), 0, "{image}");
    }
    assert_eq!(yard.rungs().await, ["available"; 5]);
    // The tag that was put by hand stays where it is, and goes no further.
    assert_eq!(
        tags(&yard.hub, IRELAND, &images[0]).await,
        [Some(String::from("web")), None]
    );
    assert_eq!(tags(&yard.hub, IRELAND, &images[1]).await, [None, None]);
    // A person who adopts takes it in with the others.
    let told = yard.hub.says(&APPLY).await;
    assert!(told.starts_with("Adopted 5 of 5 images into web."), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_copy_in_another_region_goes_and_stays_with_what_it_was_copied_from() {
    let (hub, images, _) = with_legacy().await;
    let of: ImageId = images[2].parse().unwrap();
    let copy = legacy(&hub, "3", Some("blue"), 5).copied_from(of, IRELAND.parse().unwrap());
    let copy = place(&hub, VIRGINIA, copy);
    let regions = ["--region", IRELAND, "--region", VIRGINIA];
    let told = hub.says(&[&APPLY[..], &regions].concat()).await;
    assert!(told.starts_with("Adopted 6 of 6 images into web."), "{told}");
    let places = hub.says(&["where", &images[2]]).await;
    assert!(
        places.contains(&copy) && places.contains("  adopted  legacy-3"),
        "{places}"
    );
    hub.shop.aws.pass(minutes(20)).await;
    gather(&hub).await.unwrap();
    let told = hub.says(&["plan", "prune", "web"]).await;
    let yard = Yard::around(hub, images.to_vec());
    let planned = yard.plan().await.unwrap();
    // Six images of five releases, of which the newest of each group stays with its copy.
    assert_eq!((planned.expendable, planned.kept, planned.blocked), (3, 3, 0), "{told}");
}

#[tokio::test(start_paused = true)]
async fn what_was_adopted_stays_where_it_is_once_its_manifest_adopts_otherwise_until_a_person_adopts_anew() {
    for otherwise in [
        ADOPT.replace("tag:stack, ", ""),
        ADOPT.replace("legacy-*", "legacy-?"),
        String::new(),
    ] {
        let (hub, images, _) = with_legacy().await;
        hub.says(&APPLY).await;
        let regions = "{ regions: { eu-west-1: {} } }";
        hub.want(&format!("{regions}\n{LADDER}\n{otherwise}")).await;
        let yard = Yard::around(hub, images.to_vec());
        let planned = async || {
            yard.hub.shop.aws.pass(minutes(61)).await;
            gather(&yard.hub).await.unwrap();
            let planned = yard.plan().await.unwrap();
            (planned.expendable, planned.kept, planned.blocked)
        };
        assert_eq!(planned().await, (0, 5, 0), "{otherwise}");
        let explained = yard.hub.says(&["explain", &images[0]]).await;
        assert!(
            explained.contains("does not adopt as it did when this was adopted"),
            "{explained}"
        );
        if otherwise.is_empty() {
            yard.hub.want(&format!("{regions}\n{LADDER}\n{ADOPT}")).await;
        } else {
            let told = yard.hub.says(&APPLY).await;
            // By fewer keys the image without one of them is meant, too.
            let all = if otherwise.contains("tag:stack") { 5 } else { 6 };
            assert!(told.starts_with(&format!("Adopted {all} of {all} images")), "{told}");
        }
        let (expendable, _, blocked) = planned().await;
        assert!(expendable >= 3 && blocked == 0, "{otherwise}: {expendable}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hold_on_a_copy_holds_the_release_that_it_becomes_an_image_of() {
    let (hub, images, _) = with_legacy().await;
    let of: ImageId = images[0].parse().unwrap();
    let copy = legacy(&hub, "1", Some("blue"), 5).copied_from(of, IRELAND.parse().unwrap());
    let copy = place(&hub, VIRGINIA, copy);
    let release = |region: &str, ami: &str| {
        let region = region.parse().unwrap();
        CanonicalName::Ami {
            region,
            id: ami.parse().unwrap(),
        }
        .id()
    };
    let now = hub.moment().now;
    let hold = Hold {
        ami: copy.parse().unwrap(),
        who: String::from("ann"),
        why: String::from("an audit"),
        at: now,
        until: now.saturating_add(hours(48)),
        ended: None,
    };
    hub.record().hold(release(VIRGINIA, &copy), &hold).await.unwrap();
    let regions = ["--region", IRELAND, "--region", VIRGINIA];
    hub.says(&[&APPLY[..], &regions].concat()).await;
    let holds = hub.record().holds(release(IRELAND, &images[0])).await.unwrap();
    assert_eq!(holds.len(), 1);
    assert_eq!(holds[0].who, "ann");
}

#[tokio::test(start_paused = true)]
async fn whose_clock_is_behind_the_latest_evidence_adopts_nothing() {
    let (hub, images, _) = with_legacy().await;
    hub.shop.aws.pass(minutes(61)).await;
    gather(&hub).await.unwrap();
    for (behind, adopted) in [(10, 0), (0, 5)] {
        let now = hub.moment().now.checked_sub(Duration::minutes(behind)).unwrap();
        let done = adopt_all(&hub.shop.aws.config(HUB, IRELAND), now).await;
        assert_eq!(done.images, adopted);
        assert_eq!(
            done.paused.is_some_and(|why| why.ends_with("set the clock right")),
            behind > 0
        );
    }
    assert!(images.iter().all(|image| recorded(&hub, image) > 0));
}

#[tokio::test(start_paused = true)]
async fn what_another_may_use_is_left_alone_until_the_manifest_names_them() {
    let (hub, images, _) = with_legacy().await;
    let shared = place(&hub, IRELAND, legacy(&hub, "7", Some("blue"), 5).shared_with([MEMBER]));
    let told = hub.says(&["adopt", "web"]).await;
    assert!(
        told.contains(&format!(
            "\n  {shared}: it is shared with {MEMBER}, which the manifest does not name"
        )),
        "{told}"
    );
    assert!(told.contains("\n5 images to adopt"), "{told}");
    let named =
        format!("{{ regions: {{ eu-west-1: {{}} }}, share_with: {{ accounts: [\"{MEMBER}\"] }} }}\n{RETAIN}\n{ADOPT}");
    hub.want(&named).await;
    let told = hub.says(&["adopt", "web"]).await;
    assert!(told.contains("\n6 images to adopt"), "{told}");
    assert!(!images.contains(&shared));
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_tag_has_adopted_nothing_and_a_later_run_does() {
    let (hub, images, _) = with_legacy().await;
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.inject(Fault::new(Effect::Deny).on("CreateTags")));
    let Spoken { err, code, .. } = hub.steward(&APPLY).await;
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("as of web"), "{err}");
    assert!(images.iter().all(|image| recorded(&hub, image) == 0));
    hub.says(&["pause", "--because", "a test"]).await;
    let paused = hub.steward(&APPLY).await;
    assert_eq!(paused.code, 2, "{paused:?}");
    assert!(paused.out.contains("Adopted 0 of 5 images"), "{paused:?}");
    hub.says(&["resume", "--because", "a test"]).await;
    assert!(hub.says(&APPLY).await.starts_with("Adopted 5 of 5 images"));
}

#[tokio::test(start_paused = true)]
async fn a_family_that_adopts_nothing_or_another_accounts_images_says_so() {
    let (hub, _, _) = with_legacy().await;
    hub.want("{ regions: { eu-west-1: {} } }").await;
    let said = hub.steward(&["adopt", "web"]).await;
    assert_eq!(said.code, 2);
    assert!(said.err.contains("the manifest of web has no `adopt`"), "{said:?}");
    hub.want(&format!(
        "{{ regions: {{ eu-west-1: {{}} }} }}\n{}",
        ADOPT.replace("self", &format!("\"{MEMBER}\""))
    ))
    .await;
    let said = hub.steward(&["adopt", "web"]).await;
    assert_eq!(said.code, 2);
    assert!(
        said.err
            .contains("only those of the hub, 111122223333, can be adopted by now"),
        "{said:?}"
    );
    let without_a_reason = hub.steward(&["adopt", "web", "--apply"]).await;
    assert_eq!(without_a_reason.code, 2, "{without_a_reason:?}");
}

/// Adopts all there is to adopt in the hub's own Region, by this clock.
async fn adopt_all(config: &SdkConfig, now: Timestamp) -> AdoptionDone {
    let record = Hub::record_of(config);
    let families = record.all_holding().await.unwrap();
    let families: Vec<_> = families.into_iter().map(|of| of.manifest.unwrap()).collect();
    let caller = Caller::of(config.clone()).await.unwrap();
    let adopter = Adopter {
        at: vec![caller.at_hub()],
        record: &record,
        who: &caller.arn,
        manifest: &families[0],
        families: &families,
        unseen: BTreeSet::new(),
    };
    let adoption = adopter.plan(&mut |_| {}).await.unwrap();
    let silent = &mut |_| {};
    let done = adopter.adopt(&adoption.taken, "a test", || now, silent).await;
    done.unwrap()
}

/// The same by a process that may end at any call.
async fn adopt_or_crash(hub: &Hub) -> Result<(), image_plane::Crashed> {
    let other = hub.shop.aws.another_process();
    let config = other.config(HUB, IRELAND);
    let run = async {
        let done = adopt_all(&config, hub.moment().now).await;
        assert!(done.lost.is_empty());
    };
    other.process.run(Box::pin(run)).await
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_is_healed_by_the_next_run() {
    let essence = |hub: &Hub, images: &[String]| {
        let plain = |text: String| {
            let named = images.iter().enumerate();
            named.fold(text, |text, (n, image)| {
                text.replace(image.as_str(), &format!("image {n}"))
            })
        };
        let keys = hub.items().into_keys();
        let mut keys: Vec<String> = keys
            .filter(|(_, sk)| sk != "COMPARED")
            .map(|(_, sk)| plain(sk))
            .collect();
        keys.sort();
        keys
    };
    let (whole, images, _) = with_legacy().await;
    adopt_or_crash(&whole).await.unwrap();
    let expected = essence(&whole, &images);
    let mut crashes = 0;
    for kind in Crash::KINDS {
        for skip in 0.. {
            let (hub, images, _) = with_legacy().await;
            let crash = kind.at(skip);
            crash.strike(&hub.shop.aws.plane);
            let Err(_crashed) = adopt_or_crash(&hub).await else {
                break;
            };
            crashes += 1;
            adopt_or_crash(&hub).await.unwrap();
            assert_eq!(essence(&hub, &images), expected, "{crash}");
            for image in &images {
                assert_eq!(
                    tags(&hub, IRELAND, image).await,
                    vec![Some(String::from("web")); 2],
                    "{crash}"
                );
            }
        }
    }
    // Lists of images and snapshots, who may use each image, one call that tags, and some sixty calls of the table.
    assert!(crashes > 2 * (8 + 50), "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn two_thousand_images_cost_a_call_each_to_ask_who_may_use_them_and_a_call_a_hundred_to_adopt() {
    let hub = Box::pin(Hub::new(Settings::calm(), vec![distribution(IRELAND)])).await;
    hub.want(&format!("{{ regions: {{ eu-west-1: {{}} }} }}\n{LADDER}\n{ADOPT}"))
        .await;
    for n in 0..2_000 {
        let stack = ["blue", "green", "red", "grey"][n % 4];
        let days = i64::try_from(n).unwrap();
        place(&hub, IRELAND, legacy(&hub, &format!("{n:04}"), Some(stack), days));
    }
    let before = changes(&hub).len();
    let calls = |hub: &Hub| {
        [
            "DescribeImages",
            "DescribeSnapshots",
            "DescribeImageAttribute",
            "CreateTags",
        ]
        .map(|action| hub.calls_of(action))
    };
    let told = hub.says(&["adopt", "web"]).await;
    assert!(
        told.contains("\n2000 images to adopt into web, with 2000 snapshots;"),
        "{told}"
    );
    assert_eq!(calls(&hub), [2, 10, 2_000, 0]);
    hub.shop.aws.pass(minutes(10)).await;
    let told = hub.says(&APPLY).await;
    assert!(told.starts_with("Adopted 2000 of 2000 images into web."), "{told}");
    assert_eq!(calls(&hub), [4, 20, 4_000, 20]);
    // Of those that are adopted nobody is asked anything.
    hub.shop.aws.pass(minutes(10)).await;
    let told = hub.says(&["adopt", "web"]).await;
    assert!(
        told.contains("\n0 images to adopt into web, with 0 snapshots; 2000 adopted before"),
        "{told}"
    );
    assert_eq!(calls(&hub), [6, 20, 4_000, 20]);
    assert_eq!(changes(&hub)[before..], ["CreateTags"; 20]);
}
