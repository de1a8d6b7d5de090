//! Where releases came from: to the vendor's root, whatever was heard of first.

use std::collections::{BTreeMap, BTreeSet};

use image_plane::Settings;
use serde_json::Value;
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, minutes, share, target};
use stage::shop::{amis, distribution};
use steward::lineage::EdgeKind;
use steward::{CanonicalName, ReleaseId};
use steward_aws::Span;

use crate::crash::Crash;
use crate::hub::Hub;

const STRANGER: image_plane::AccountId = image_plane::AccountId::new(999_988_887_777);

/// A hub with three families that stand on each other: `base` on an image that nobody of ours built, `site` on what the
/// parameter /golden/base points to, `shop` on the newest build of `site`.
pub(crate) struct Families {
    pub(crate) hub: Hub,
    pub(crate) vendor: String,
    pub(crate) base: String,
    pub(crate) site: String,
    pub(crate) shop: String,
}

impl Families {
    pub(crate) async fn new() -> Self {
        let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
        let vendor = hub.shop.aws.image(STRANGER, IRELAND, "vendor");
        share(&hub.shop.aws.ec2(STRANGER, IRELAND), &vendor, HUB).await;
        let base = hub.shop.family("base", &vendor).await;
        let base = hub.shop.built_by(&base).await;
        let ami = amis(&hub.shop.image(&base).await)[0].1.clone();
        let ireland = target(HUB, IRELAND);
        hub.shop
            .aws
            .plane
            .with(|world| world.put_parameter(ireland, "/golden/base", &ami));
        let site = hub.shop.family("site", "ssm:/golden/base").await;
        let site = hub.shop.built_by(&site).await;
        let newest = "arn:aws:imagebuilder:eu-west-1:111122223333:image/site/x.x.x";
        let shop = hub.shop.family("shop", newest).await;
        let shop = hub.shop.built_by(&shop).await;
        Self {
            hub,
            vendor,
            base,
            site,
            shop,
        }
    }

    /// The events that say how each build ended.
    fn endings(&self) -> BTreeMap<String, Value> {
        let events = self.hub.events().into_iter();
        let ended = events.filter(|event| event["detail"]["state"]["status"] == "AVAILABLE");
        ended
            .map(|event| (event["resources"][0].as_str().unwrap().to_owned(), event))
            .collect()
    }

    async fn above(&self, name: &str) -> Vec<(u16, ReleaseId)> {
        let reach = self.hub.record().ancestors(id(name)).await.unwrap();
        reach.into_iter().map(|reach| (reach.depth, reach.release)).collect()
    }

    async fn below(&self, name: &str) -> Vec<(u16, ReleaseId)> {
        let reach = self.hub.record().descendants(id(name)).await.unwrap();
        reach.into_iter().map(|reach| (reach.depth, reach.release)).collect()
    }

    fn vendor(&self) -> String {
        format!("ami:aws:eu-west-1:{}", self.vendor)
    }
}

pub(crate) fn id(name: &str) -> ReleaseId {
    name.parse::<CanonicalName>().unwrap().id()
}

#[tokio::test(start_paused = true)]
async fn one_sweep_finds_the_whole_chain_to_the_vendors_root_and_a_second_writes_nothing() {
    let families = Families::new().await;
    families.hub.forget_events();
    families.hub.sweep().await;
    let Families { base, site, shop, .. } = &families;
    let vendor = families.vendor();
    assert_eq!(
        families.above(shop).await,
        [(1, id(site)), (2, id(base)), (3, id(&vendor))]
    );
    assert_eq!(
        families.below(&vendor).await,
        [(1, id(base)), (2, id(site)), (3, id(shop))]
    );
    let parents = families.hub.record().parents(id(site)).await.unwrap();
    let [parent] = parents.as_slice() else {
        panic!("{parents:?}")
    };
    assert_eq!(
        (parent.release, parent.kind, parent.closed),
        (id(base), EdgeKind::Build, true)
    );
    let root = families.hub.items()[&(format!("R#{}", id(&vendor)), String::from("META"))].clone();
    assert_eq!(
        (&root["kind"]["S"], &root["above"]["S"]),
        (&"foreign".into(), &"nothing".into())
    );
    let writes = families.hub.writes();
    let again = families.hub.sweep().await;
    assert_eq!((again.looked_at, families.hub.writes() - writes), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn whichever_build_is_heard_of_first_the_record_ends_the_same() {
    let swept = Families::new().await;
    swept.hub.forget_events();
    swept.hub.sweep().await;
    let expected = swept.hub.essence();
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let families = Families::new().await;
        let endings = families.endings();
        let builds = [&families.base, &families.site, &families.shop];
        for at in order {
            families.hub.wake(&endings[builds[at]]).await.unwrap();
        }
        assert_eq!(families.hub.essence(), expected, "{order:?}");
        // A duplicate of each, in the other order.
        let writes = families.hub.writes();
        for at in order.into_iter().rev() {
            families.hub.wake(&endings[builds[at]]).await.unwrap();
        }
        assert_eq!(families.hub.writes(), writes, "{order:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn people_see_the_lineage_as_a_tree_with_what_they_asked_for() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let asked = BTreeSet::from([id(&families.site)]);
    let graph = |up, down| {
        let record = families.hub.record();
        let asked = asked.clone();
        let now = families.hub.moment().now;
        async move { record.lineage(&asked, Span { up, down }, now).await.unwrap().tree() }
    };
    let vendor = &families.vendor;
    assert_eq!(
        graph(9, 9).await,
        format!(
            "{vendor} in eu-west-1  from elsewhere\n\
             └─ base/1.0.0/1  x86_64 AVAILABLE\n\
             \u{20}  └─ site/1.0.0/1  x86_64 AVAILABLE  <- asked for\n\
             \u{20}     └─ shop/1.0.0/1  x86_64 AVAILABLE"
        )
    );
    assert_eq!(
        graph(1, 0).await,
        "base/1.0.0/1  x86_64 AVAILABLE\n└─ site/1.0.0/1  x86_64 AVAILABLE  <- asked for"
    );
    let placements = families.hub.record().placements(id(&families.site)).await.unwrap();
    let [placement] = placements.as_slice() else {
        panic!("{placements:?}")
    };
    assert_eq!(
        (placement.managed, placement.state),
        (true, steward::AmiState::Available)
    );
    assert_eq!(placement.snapshots.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_known_before_its_parent_has_a_stub_for_it_which_is_filled_in_place() {
    let families = Families::new().await;
    let endings = families.endings();
    families.hub.wake(&endings[&families.shop]).await.unwrap();
    let meta = |name: &str| families.hub.items()[&(format!("R#{}", id(name)), String::from("META"))].clone();
    assert_eq!(meta(&families.site)["kind"]["S"], "stub");
    families.hub.wake(&endings[&families.site]).await.unwrap();
    let filled = meta(&families.site);
    assert_eq!(
        (&filled["kind"]["S"], &filled["state"]["S"]),
        (&"built".into(), &"AVAILABLE".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_anywhere_on_the_way_is_healed_by_the_next_sweep() {
    let whole = Families::new().await;
    whole.hub.forget_events();
    whole.hub.sweep().await;
    let expected = whole.hub.essence();
    let mut crashes = 0;
    for kind in Crash::KINDS {
        for skip in (0..).step_by(3) {
            let families = Families::new().await;
            let endings = families.endings();
            // The last of the line, and then its parent, which the crash hits.
            families.hub.wake(&endings[&families.shop]).await.unwrap();
            let plane = &families.hub.shop.aws.plane;
            let crash = kind.at(skip);
            crash.strike(plane);
            let Err(_crashed) = families.hub.wake_or_crash(&endings[&families.site]).await else {
                break;
            };
            crashes += 1;
            families.hub.shop.aws.pass(minutes(5)).await;
            families.hub.sweep().await;
            assert_eq!(families.hub.essence(), expected, "{crash}");
        }
    }
    assert!(crashes > 12, "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_is_gone_before_anybody_asked_is_in_the_lineage_all_the_same() {
    let families = Families::new().await;
    families.hub.forget_events();
    let gone = amis(&families.hub.shop.image(&families.base).await)[0].1.clone();
    let ec2 = families.hub.shop.aws.hub();
    ec2.deregister_image().image_id(&gone).send().await.unwrap();
    // The build is gone too: nothing says any more that the image was a release of ours.
    let delete = families.hub.shop.ib.delete_image();
    delete.image_build_version_arn(&families.base).send().await.unwrap();
    families.hub.sweep().await;
    let parent = format!("ami:aws:eu-west-1:{gone}");
    assert_eq!(
        families.above(&families.site).await,
        [(1, id(&parent)), (2, id(&families.vendor()))]
    );
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_another_hand_made_in_an_account_of_ours_is_an_unmanaged_placement() {
    let families = Families::new().await;
    families.hub.admit(MEMBER);
    families.hub.sweep().await;
    families.hub.forget_events();
    let base = amis(&families.hub.shop.image(&families.base).await)[0].1.clone();
    share(&families.hub.shop.aws.hub(), &base, MEMBER).await;
    let theirs = families.hub.shop.aws.ec2(MEMBER, VIRGINIA);
    let copy = theirs.copy_image().source_image_id(&base).source_region(IRELAND);
    let copy = copy.name("by hand").send().await.unwrap().image_id.unwrap();
    families.hub.shop.aws.pass(minutes(240)).await;
    for event in families.hub.events() {
        families.hub.wake(&event).await.unwrap();
    }
    let key = (
        format!("R#{}", id(&families.base)),
        format!("P#222233334444#us-east-1#{copy}"),
    );
    let placement = families.hub.items()[&key].clone();
    assert_eq!(
        (&placement["managed"]["BOOL"], &placement["name"]["S"]),
        (&false.into(), &"by hand".into())
    );
    // What becomes of it is recorded as of any other.
    theirs.disable_image().image_id(&copy).send().await.unwrap();
    families.hub.shop.aws.pass(minutes(1)).await;
    for event in families.hub.events() {
        families.hub.wake(&event).await.unwrap();
    }
    families.hub.shop.aws.pass(minutes(5)).await;
    families.hub.sweep().await;
    let placement = families.hub.items()[&key].clone();
    assert_eq!(
        (&placement["managed"]["BOOL"], &placement["state"]["S"]),
        (&false.into(), &"disabled".into())
    );
}

#[tokio::test(start_paused = true)]
async fn copies_of_copies_in_accounts_we_do_not_know_join_the_release_they_came_from() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let world = &families.hub.shop.aws;
    let mut image = amis(&families.hub.shop.image(&families.base).await)[0].1.clone();
    let mut copies = Vec::new();
    share(&world.hub(), &image, STRANGER).await;
    for (from, region, name) in [(IRELAND, VIRGINIA, "theirs"), (VIRGINIA, IRELAND, "theirs again")] {
        let theirs = world.ec2(STRANGER, region);
        let copy = theirs.copy_image().source_image_id(&image).source_region(from);
        image = copy.name(name).send().await.unwrap().image_id.unwrap();
        world.pass(minutes(240)).await;
        copies.push(format!("ami:aws:{region}:{image}"));
    }
    share(&world.ec2(STRANGER, IRELAND), &image, HUB).await;
    let late = families.hub.shop.family("late", &image).await;
    let late = families.hub.shop.built_by(&late).await;
    families.hub.sweep().await;
    let [first, second] = copies.as_slice() else {
        panic!("{copies:?}")
    };
    assert_eq!(
        families.above(&late).await,
        [
            (1, id(second)),
            (2, id(first)),
            (3, id(&families.base)),
            (4, id(&families.vendor()))
        ]
    );
    let parents = families.hub.record().parents(id(second)).await.unwrap();
    assert_eq!(parents[0].kind, EdgeKind::Copy);
}

#[tokio::test(start_paused = true)]
async fn a_chain_that_ec2_cuts_off_ends_in_no_root() {
    let families = Families::new().await;
    let world = &families.hub.shop.aws;
    let mut image = families.vendor.clone();
    for n in 0..52 {
        let copy = world.hub().copy_image().source_image_id(&image).source_region(IRELAND);
        image = copy.name(format!("copy {n}")).send().await.unwrap().image_id.unwrap();
        world.pass(minutes(240)).await;
    }
    let late = families.hub.shop.family("late", &image).await;
    let late = families.hub.shop.built_by(&late).await;
    families.hub.sweep().await;
    let above = families.above(&late).await;
    // Of fifty that EC2 tells one is the build's own image.
    assert_eq!(above.len(), 49);
    let (_, last) = above.last().unwrap();
    let last = families.hub.items()[&(format!("R#{last}"), String::from("META"))].clone();
    assert_eq!(last["above"]["S"], "untold");
}

#[tokio::test(start_paused = true)]
async fn a_build_that_only_tests_takes_no_placement_from_the_build_that_made_it() {
    let families = Families::new().await;
    let tests = families.hub.shop.family("tests", "ssm:/golden/base").await;
    families
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.test_only_builds(&tests, true));
    let tested = families.hub.shop.built_by(&tests).await;
    let ami = amis(&families.hub.shop.image(&families.base).await)[0].1.clone();
    assert_eq!(amis(&families.hub.shop.image(&tested).await)[0].1, ami);
    families.hub.sweep().await;
    let items = families.hub.items();
    let placed = |release: &str| {
        let key = (format!("R#{}", id(release)), format!("P#111122223333#eu-west-1#{ami}"));
        items.contains_key(&key)
    };
    assert_eq!((placed(&families.base), placed(&tested)), (true, false));
    let look_up = &items[&(format!("AMI#{ami}"), String::from(IRELAND))];
    assert_eq!(look_up["release"]["S"], id(&families.base).to_string().as_str());
    assert_eq!(families.above(&tested).await[0], (1, id(&families.base)));
}

/// An image that somebody made of an instance of `site`, and a family that is built on it.
async fn built_on_an_image_by_hand(families: &Families) -> (String, String) {
    let ec2 = families.hub.shop.aws.hub();
    let site = amis(&families.hub.shop.image(&families.site).await)[0].1.clone();
    let run = ec2.run_instances().image_id(&site).min_count(1).max_count(1).send();
    let instance = run.await.unwrap().instances()[0].instance_id().unwrap().to_owned();
    families.hub.shop.aws.pass(minutes(10)).await;
    let image = ec2.create_image().instance_id(instance).name("by hand").send();
    let image = image.await.unwrap().image_id.unwrap();
    families.hub.shop.aws.pass(minutes(60)).await;
    let late = families.hub.shop.family("late", &image).await;
    let late = families.hub.shop.built_by(&late).await;
    (late, format!("ami:aws:eu-west-1:{image}"))
}

#[tokio::test(start_paused = true)]
async fn an_image_of_an_instance_leads_to_its_release_whichever_of_them_is_heard_of_first() {
    for late_first in [true, false] {
        let families = Families::new().await;
        let (late, by_hand) = built_on_an_image_by_hand(&families).await;
        let endings = families.endings();
        let mut order = [&late, &families.site, &families.base];
        if !late_first {
            order.reverse();
        }
        for build in order {
            families.hub.wake(&endings[build]).await.unwrap();
        }
        assert_eq!(
            families.above(&late).await,
            [
                (1, id(&by_hand)),
                (2, id(&families.site)),
                (3, id(&families.base)),
                (4, id(&families.vendor()))
            ],
            "late first: {late_first}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_build_on_a_copy_by_hand_comes_from_what_was_copied_whichever_is_heard_of_first() {
    for copy_first in [true, false] {
        let families = Families::new().await;
        let world = &families.hub.shop.aws;
        let base = amis(&families.hub.shop.image(&families.base).await)[0].1.clone();
        let copy = world.hub().copy_image().source_image_id(base).source_region(IRELAND);
        let copy = copy.name("by hand").send().await.unwrap().image_id.unwrap();
        world.pass(minutes(240)).await;
        let late = families.hub.shop.family("late", &copy).await;
        let late = families.hub.shop.built_by(&late).await;
        let events = families.hub.events();
        let of = |build: &String| {
            let mut of = events.iter().filter(|event| event["resources"][0] == build.as_str());
            of.next_back().unwrap()
        };
        let of_copy = events.iter().find(|event| event["detail"]["ImageId"] == copy.as_str());
        let mut order = [of(&families.base), of_copy.unwrap(), of(&late)];
        if !copy_first {
            order.swap(1, 2);
        }
        for event in order {
            families.hub.wake(event).await.unwrap();
        }
        assert_eq!(
            families.above(&late).await,
            [(1, id(&families.base)), (2, id(&families.vendor()))],
            "copy first: {copy_first}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_says_what_it_was_made_from_and_two_of_the_same_inputs_have_one_fingerprint() {
    let families = Families::new().await;
    let pipeline = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/shop";
    let again = families.hub.shop.built_by(pipeline).await;
    let web = families.hub.shop.built().await;
    families.hub.sweep().await;
    let record = families.hub.record();
    let card = async |name: &str| record.card(id(name)).await.unwrap().unwrap();
    let (shop, again, site, web) = (
        card(&families.shop).await,
        card(&again).await,
        card(&families.site).await,
        card(&web).await,
    );
    assert_eq!(shop.fingerprint.as_ref().unwrap().len(), 64);
    assert_eq!(shop.fingerprint, again.fingerprint);
    assert_ne!(shop.fingerprint, site.fingerprint);
    let ran: Vec<String> = web.components.iter().map(|used| used.component.to_string()).collect();
    assert_eq!(
        ran,
        [
            "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.2/1",
            "arn:aws:imagebuilder:eu-west-1:111122223333:component/nginx/1.0.0/1"
        ]
    );
    assert!(web.recipe.unwrap().to_string().ends_with(":image-recipe/web/1.4.2"));
}
