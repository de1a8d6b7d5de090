//! What consumers see of shared images: the owner's tags beside their own, and keys that their Auto Scaling may use.

mod grants;

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Tag;
use image_plane::{AccountId, Effect, Fault, Settings};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, describe, hours, minutes, target};
use steward::distribution::Reach;

use super::Depot;
use crate::crash::Crash;

type Tags = BTreeMap<String, String>;

const CREATE: &str = "CreateTags";
const GRANT: &str = "CreateGrant";

/// A manifest's distribution to the member, with these tags.
fn shared(tags: &str) -> String {
    format!("{{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: [\"222233334444\"] }}, tags: {tags} }}")
}

/// The same where the copies in Virginia are encrypted.
fn encrypted() -> String {
    shared("{ team: web }").replace("us-east-1: {}", "us-east-1: { kms_key: alias/golden }")
}

fn of(tags: &[(&str, &str)]) -> Tags {
    let text = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    tags.iter().map(text).collect()
}

/// A depot whose member lets the hub show tags there, and where all stands as it should.
async fn shown(distribute: &str) -> Depot {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.admit_to_view(MEMBER);
    depot.hub.want(distribute).await;
    depot.settle().await;
    depot
}

impl Depot {
    /// The tags that an account sees on an image.
    async fn sees(&self, account: AccountId, region: &'static str, ami: &str) -> Tags {
        let image = describe(&self.hub.shop.aws.ec2(account, region), ami).await;
        let text = |text: Option<&str>| text.unwrap().to_owned();
        let tags = image.tags().iter().map(|tag| (text(tag.key()), text(tag.value())));
        tags.collect()
    }

    /// The tags that the member sees on the build's image.
    async fn member_sees(&self) -> Tags {
        self.sees(MEMBER, IRELAND, &self.built).await
    }

    /// Puts a tag on the build's image, in an account.
    async fn tag(&self, account: AccountId, key: &str, value: &str) {
        let ec2 = self.hub.shop.aws.ec2(account, IRELAND);
        let tag = Tag::builder().key(key).value(value).build();
        let request = ec2.create_tags().resources(&self.built).tags(tag);
        request.send().await.unwrap();
    }

    /// Takes a tag from the build's image, in an account.
    async fn untag(&self, account: AccountId, key: &str) {
        let ec2 = self.hub.shop.aws.ec2(account, IRELAND);
        let tag = Tag::builder().key(key).build();
        let request = ec2.delete_tags().resources(&self.built).tags(tag);
        request.send().await.unwrap();
    }

    /// A day, and what is due then.
    async fn a_day_later(&self) {
        self.hub.shop.aws.pass(hours(24)).await;
        self.hub.sweep().await;
        self.round().await;
        self.hub.shop.aws.pass(minutes(5)).await;
        self.round().await;
    }

    /// What is in the way of what the member sees in a Region.
    async fn unseen(&self, region: &str) -> Vec<String> {
        let viewed = self.hub.record().viewed(&"web".parse().unwrap()).await.unwrap();
        let there = viewed.get(&format!("{MEMBER}/{region}").parse().unwrap());
        let findings = there.into_iter().flat_map(|there| &there.findings);
        findings.map(ToString::to_string).collect()
    }

    /// How many grants for Auto Scaling of the member's there are on a key.
    fn grants(&self, key: &str) -> usize {
        let grants = self.hub.shop.aws.plane.with(|world| world.grants_on(key));
        let role =
            "arn:aws:iam::222233334444:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
        assert!(
            grants.iter().all(|grant| *grant == (role.to_owned(), MEMBER)),
            "{grants:?}"
        );
        grants.len()
    }
}

/// A key of the hub's in Virginia whose policy lets all of these accounts do these with it.
fn key(depot: &Depot, actions: &[&str]) -> String {
    let all = |account: AccountId, actions: &[&str]| {
        let root = format!("arn:aws:iam::{account}:root");
        json!({ "Effect": "Allow", "Principal": { "AWS": root }, "Action": actions, "Resource": "*" })
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [all(HUB, &["kms:*"]), all(MEMBER, actions)] });
    depot.hub.shop.aws.plane.with(|world| {
        let key = world.create_key(target(HUB, VIRGINIA), Some("alias/golden"), []);
        world.set_key_policy(&key, &policy.to_string()).unwrap();
        key.to_string()
    })
}

const USES: [&str; 5] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
];

fn may_grant() -> Vec<&'static str> {
    USES.iter().copied().chain(["kms:CreateGrant"]).collect()
}

/// Lets the member's people launch what a key encrypts, as EC2 makes its grants for them, and make none themselves.
fn for_ec2_alone(depot: &Depot, key: &str) {
    depot.hub.shop.aws.plane.with(|world| {
        let mut policy: Value = serde_json::from_str(world.key_policy(key).unwrap()).unwrap();
        policy["Statement"].as_array_mut().unwrap().push(json!({
            "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{MEMBER}:root") }, "Action": "kms:CreateGrant",
            "Resource": "*", "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } },
        }));
        world.set_key_policy(key, &policy.to_string()).unwrap();
    });
}

/// Lets the member have used Auto Scaling once.
fn uses_auto_scaling(depot: &Depot) {
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.link_auto_scaling(target(MEMBER, VIRGINIA)));
}

#[tokio::test(start_paused = true)]
async fn after_a_build_a_consumer_sees_the_owners_tags_in_each_region_and_nothing_that_says_it_is_ours() {
    let depot = shown(&shared("{ team: web }")).await;
    assert_eq!(depot.member_sees().await.get("team").map(String::as_str), Some("web"));
    let copy = depot.copies().await[VIRGINIA][0].clone();
    let (owners, seen) = (
        depot.sees(HUB, VIRGINIA, &copy).await,
        depot.sees(MEMBER, VIRGINIA, &copy).await,
    );
    assert_eq!(seen, of(&[("Name", "web/1.4.2/1"), ("team", "web")]));
    assert!(
        seen.iter().all(|(key, value)| owners.get(key) == Some(value)),
        "{owners:?}"
    );
    assert_eq!(depot.unseen(IRELAND).await, Vec::<String>::new());
    let said = depot.hub.says(&["distribution", "web"]).await;
    assert!(
        said.trim_end()
            .ends_with("Consumers see what they should in 2 of 2 targets."),
        "{said}"
    );
    let (changed, calls) = (depot.changes(), depot.calls(CREATE));
    depot.a_day_later().await;
    assert_eq!((depot.changes(), depot.calls(CREATE)), (changed, calls));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_is_not_asked_again_within_the_day() {
    let depot = shown(&shared("{ team: web }")).await;
    let asked = (depot.calls("AssumeRole"), depot.calls("DescribeImages"));
    depot.hub.shop.aws.pass(hours(23)).await;
    assert_eq!(depot.round().await.views, 0);
    assert_eq!((depot.calls("AssumeRole"), depot.calls("DescribeImages")), asked);
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_the_manifest_changes_or_drops_is_changed_or_dropped_where_consumers_see_it() {
    let depot = shown(&shared("{ team: web, app: nginx }")).await;
    depot.tag(MEMBER, "mine", "1").await;
    depot.hub.want(&shared("{ team: api }")).await;
    depot.settle().await;
    assert_eq!(depot.member_sees().await, of(&[("mine", "1"), ("team", "api")]));
}

#[tokio::test(start_paused = true)]
async fn a_tag_of_the_owners_image_that_somebody_changes_is_followed_within_a_day() {
    let depot = shown(&shared("{ team: web }")).await;
    depot.tag(HUB, "Name", "renamed").await;
    depot.a_day_later().await;
    assert_eq!(depot.member_sees().await, of(&[("Name", "renamed"), ("team", "web")]));
    depot.untag(HUB, "Name").await;
    depot.a_day_later().await;
    assert_eq!(depot.member_sees().await, of(&[("team", "web")]));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_edits_in_the_consumers_account_is_set_right_within_a_day_and_its_own_tags_stay() {
    let depot = shown(&shared("{ team: web, app: nginx }")).await;
    depot.tag(MEMBER, "team", "somebody").await;
    depot.untag(MEMBER, "app").await;
    depot.tag(MEMBER, "keep", "true").await;
    depot.a_day_later().await;
    assert_eq!(
        depot.member_sees().await,
        of(&[("app", "nginx"), ("keep", "true"), ("team", "web")])
    );
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_a_consumer_put_there_first_stays_its_own_and_is_said() {
    let depot = shown(&shared("{}")).await;
    depot.tag(MEMBER, "team", "theirs").await;
    depot.hub.want(&shared("{ team: web }")).await;
    depot.settle().await;
    assert_eq!(depot.member_sees().await, of(&[("team", "theirs")]));
    let found = depot.unseen(IRELAND).await;
    assert!(found[0].contains("(team)"), "{found:?}");
    depot.hub.want(&shared("{}")).await;
    depot.settle().await;
    assert_eq!(depot.member_sees().await, of(&[("team", "theirs")]));
}

#[tokio::test(start_paused = true)]
async fn where_the_owners_tags_cannot_be_read_or_are_gone_consumers_keep_what_they_see() {
    let depot = shown(&shared("{ team: web }")).await;
    let before = depot.member_sees().await;
    let fault = Fault::new(Effect::Deny).on("DescribeImages").times(10_000);
    depot.hub.shop.aws.plane.with(|world| world.inject(fault));
    depot.hub.shop.aws.pass(hours(24)).await;
    assert!(depot.round().await.views > 0);
    depot.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    assert_eq!(depot.member_sees().await, before);
    // All of them, ours too: nobody knows any more whose it is.
    let ec2 = depot.hub.shop.aws.hub();
    ec2.delete_tags().resources(&depot.built).send().await.unwrap();
    depot.a_day_later().await;
    assert_eq!(depot.sees(HUB, IRELAND, &depot.built).await, Tags::new());
    assert_eq!(depot.member_sees().await, before);
    // It was only missed: what is ours in the member's view is ours still.
    let tag = Tag::builder().key("image-steward:family").value("web").build();
    ec2.create_tags()
        .resources(&depot.built)
        .tags(tag)
        .send()
        .await
        .unwrap();
    depot.hub.want(&shared("{ team: ops }")).await;
    depot.a_day_later().await;
    depot.a_day_later().await;
    assert_eq!(depot.member_sees().await, of(&[("team", "ops")]));
}

#[tokio::test(start_paused = true)]
async fn where_nobody_lets_the_hub_in_nothing_fails_and_it_is_asked_once_a_day_until_somebody_does() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(&shared("{ team: web }")).await;
    depot.settle().await;
    assert_eq!(depot.member_sees().await, Tags::new());
    let found = depot.unseen(IRELAND).await;
    assert!(found[0].starts_with("unverified: "), "{found:?}");
    let said = depot.hub.says(&["distribution", "web"]).await;
    assert!(
        said.contains("in 0 of 2 targets.\n! 222233334444/eu-west-1: unverified: "),
        "{said}"
    );
    let asked = depot.calls("AssumeRole");
    depot.hub.shop.aws.pass(hours(23)).await;
    assert_eq!(depot.round().await.views, 0);
    depot.a_day_later().await;
    assert_eq!(depot.calls("AssumeRole"), asked + 2, "once a Region");
    depot.hub.admit_to_view(MEMBER);
    depot.a_day_later().await;
    assert_eq!(depot.member_sees().await, of(&[("team", "web")]));
    assert_eq!(depot.unseen(IRELAND).await, Vec::<String>::new());
}

/// A depot whose encrypted copy is usable, and whose workers are sent to what the member sees of it; and its key.
async fn about_to_show() -> (Depot, String) {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, &may_grant());
    uses_auto_scaling(&depot);
    depot.hub.admit_to_view(MEMBER);
    depot.hub.want(&encrypted()).await;
    loop {
        let stood = depot.hub.record().stood(&"web".parse().unwrap()).await.unwrap();
        let mut in_virginia = stood
            .iter()
            .filter(|((_, there), _)| there.region().to_string() == VIRGINIA);
        let usable = in_virginia.any(|(_, stood)| stood.reach == Reach::Usable);
        if depot.dispatch().await.unwrap().views > 0 && usable {
            return (depot, key);
        }
        while depot.work().await.is_some() {}
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.hub.sweep().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_leaves_the_consumer_with_the_owners_tags_and_one_grant() {
    let mut ends = 0;
    for kind in Crash::KINDS {
        for skip in 0..60 {
            let (depot, key) = about_to_show().await;
            let crash = kind.at(skip);
            crash.strike(&depot.hub.shop.aws.plane);
            if !depot.work_or_crash().await {
                break;
            }
            ends += 1;
            depot.hub.shop.aws.pass(hours(1)).await;
            depot.settle().await;
            let at = crash.to_string();
            let copy = depot.copies().await[VIRGINIA][0].clone();
            let seen = depot.sees(MEMBER, VIRGINIA, &copy).await;
            assert_eq!(seen, of(&[("Name", "web/1.4.2/1"), ("team", "web")]), "{at}");
            assert_eq!(depot.grants(&key), 1, "{at}");
            // What is known to be ours follows.
            depot.hub.want(&encrypted().replace("team: web", "app: web")).await;
            depot.settle().await;
            let seen = depot.sees(MEMBER, VIRGINIA, &copy).await;
            assert_eq!(seen, of(&[("Name", "web/1.4.2/1"), ("app", "web")]), "{at}");
            assert_eq!(depot.open_steps(), [], "{at}");
        }
    }
    assert!(ends > 40, "{ends}");
}

#[tokio::test(start_paused = true)]
async fn auto_scaling_is_granted_the_key_behind_what_it_may_launch_once_and_no_more_when_its_account_leaves() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, &may_grant());
    uses_auto_scaling(&depot);
    depot.hub.admit_to_view(MEMBER);
    depot.hub.want(&encrypted()).await;
    depot.settle().await;
    assert_eq!((depot.grants(&key), depot.calls(GRANT)), (1, 1));
    depot.a_day_later().await;
    assert_eq!(depot.calls(GRANT), 1);
    depot
        .hub
        .want(&encrypted().replace("222233334444", "333344445555"))
        .await;
    depot.settle().await;
    assert_eq!(depot.grants(&key), 0);
    let left = depot.hub.items().into_keys();
    let left =
        left.filter(|(_, sk)| sk.contains(&MEMBER.to_string()) && (sk.starts_with("VIEW#") || sk.starts_with("PUT#")));
    assert_eq!(left.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_grant_ends_once_no_image_is_encrypted_by_its_key() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, &may_grant());
    uses_auto_scaling(&depot);
    depot.hub.admit_to_view(MEMBER);
    depot.hub.want(&encrypted()).await;
    depot.settle().await;
    assert_eq!(depot.grants(&key), 1);
    let copy = depot.copies().await[VIRGINIA][0].clone();
    depot.hub.want(&shared("{ team: web }")).await;
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    ec2.deregister_image().image_id(&copy).send().await.unwrap();
    for _ in 0..3 {
        depot.a_day_later().await;
        depot.settle().await;
    }
    assert_ne!(depot.copies().await[VIRGINIA], [copy]);
    assert_eq!(depot.grants(&key), 0);
}

#[tokio::test(start_paused = true)]
async fn where_auto_scaling_was_never_used_or_the_key_refuses_tags_are_shown_all_the_same_and_it_is_said() {
    for (may, says) in [
        (may_grant(), "has no role of Auto Scaling's"),
        (USES.to_vec(), "allow kms:CreateGrant to arn:aws:iam::222233334444:root"),
    ] {
        let depot = Depot::new(Settings::calm()).await;
        let key = key(&depot, &may);
        if may.len() == USES.len() {
            uses_auto_scaling(&depot);
            for_ec2_alone(&depot, &key);
        }
        depot.hub.admit_to_view(MEMBER);
        depot.hub.want(&encrypted()).await;
        for _ in 0..12 {
            depot.hub.shop.aws.pass(minutes(5)).await;
            depot.hub.sweep().await;
            depot.round().await;
        }
        let copy = depot.copies().await[VIRGINIA][0].clone();
        let seen = depot.sees(MEMBER, VIRGINIA, &copy).await;
        assert_eq!(seen.get("team").map(String::as_str), Some("web"));
        let found = depot.unseen(VIRGINIA).await;
        assert!(found.iter().any(|finding| finding.contains(says)), "{found:?}");
        // It is put right, and the grant follows.
        uses_auto_scaling(&depot);
        let all = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*", "Resource": "*" },
            { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::222233334444:root" }, "Action": "kms:*", "Resource": "*" },
        ] });
        let plane = &depot.hub.shop.aws.plane;
        plane
            .with(|world| world.set_key_policy(&key, &all.to_string()))
            .unwrap();
        depot.a_day_later().await;
        assert_eq!(depot.grants(&key), 1);
        assert_eq!(depot.unseen(VIRGINIA).await, Vec::<String>::new());
    }
}
