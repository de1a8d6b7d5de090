//! What channels publish: parameters and launch templates that name only what their readers see, in the hub and in members.

use aws_sdk_ssm::types::ParameterType;
use image_plane::{AccountId, Effect, Fault, Settings};
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, hours, minutes};
use steward::distribution::Reach;

use super::{TWO_CHANNELS, web};
use crate::distribution::Depot;

pub(super) const NAME: &str = "/golden/web/x86_64/candidate";

/// A manifest's distribution that publishes to these.
fn published(to: &str) -> String {
    format!(
        "{{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: [\"222233334444\"] }}, publish: {{ parameter: \
         \"/golden/{{family}}/{{architecture}}/{{channel}}\", to: [{to}] }} }}{TWO_CHANNELS}"
    )
}

/// What a parameter says; none: there is none.
pub(super) async fn says(depot: &Depot, account: AccountId, region: &'static str) -> Option<(String, String)> {
    let ssm = depot.hub.shop.aws.ssm(account, region);
    let found = ssm.get_parameters().names(NAME).send().await.unwrap();
    let parameter = found.parameters().first()?;
    let text = |text: Option<&str>| text.unwrap().to_owned();
    Some((text(parameter.value()), text(parameter.data_type())))
}

pub(super) fn an_image(ami: &str) -> (String, String) {
    (ami.to_owned(), String::from("aws:ec2:image"))
}

/// What is in the way of publishing in a target.
pub(super) async fn findings(depot: &Depot, account: AccountId, region: &str) -> Vec<String> {
    let published = depot.hub.record().published(&web()).await.unwrap();
    let there = format!("{account}/{region}").parse().unwrap();
    let there = published.get(&there);
    let findings = there.into_iter().flat_map(|there| &there.findings);
    findings.map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn each_region_of_the_hub_says_its_own_image_and_nothing_is_written_again() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(&published("hub")).await;
    depot.rounds(10).await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
    assert_eq!(says(&depot, HUB, VIRGINIA).await, Some(an_image(&copy)));
    assert_eq!(says(&depot, MEMBER, IRELAND).await, None);
    assert_eq!(depot.calls("PutParameter"), 2);
    depot.hub.shop.aws.pass(hours(2)).await;
    depot.rounds(3).await;
    assert_eq!(depot.calls("PutParameter"), 2);
    let said = depot.hub.says(&["channels", "web"]).await;
    assert!(
        said.contains("Published as they should be in 2 of 2 targets."),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_member_has_its_parameter_once_it_sees_the_image_and_one_without_a_role_is_said_to_be_unverified() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(&published("hub, audience")).await;
    depot.rounds(10).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
    assert_eq!(says(&depot, MEMBER, IRELAND).await, None);
    let found = findings(&depot, MEMBER, IRELAND).await;
    assert!(found.iter().any(|finding| finding.contains("unverified")), "{found:?}");
    depot.hub.admit_to_publish(MEMBER);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.rounds(2).await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, Some(an_image(&depot.built)));
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(says(&depot, MEMBER, VIRGINIA).await, Some(an_image(&copy)));
    assert_eq!(findings(&depot, MEMBER, IRELAND).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_wrote_into_a_parameter_is_set_right_within_the_hour() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(&published("hub")).await;
    depot.rounds(10).await;
    let other = depot.hub.shop.aws.image(HUB, IRELAND, "other");
    let ssm = depot.hub.shop.aws.ssm(HUB, IRELAND);
    let put = ssm.put_parameter().name(NAME).value(&other).overwrite(true);
    put.send().await.unwrap();
    depot.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&other)));
    depot.hub.shop.aws.pass(hours(1)).await;
    depot.rounds(2).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
}

#[tokio::test(start_paused = true)]
async fn a_parameter_of_another_type_is_left_alone_and_said() {
    let depot = Depot::new(Settings::calm()).await;
    let ssm = depot.hub.shop.aws.ssm(HUB, IRELAND);
    let put = ssm
        .put_parameter()
        .name(NAME)
        .value("mine")
        .r#type(ParameterType::String);
    put.send().await.unwrap();
    depot.hub.want(&published("hub")).await;
    depot.rounds(10).await;
    assert_eq!(
        says(&depot, HUB, IRELAND).await,
        Some((String::from("mine"), String::from("text")))
    );
    let found = findings(&depot, HUB, IRELAND).await;
    assert!(found.iter().any(|finding| finding.contains(NAME)), "{found:?}");
    assert!(says(&depot, HUB, VIRGINIA).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_parameter_that_others_made_of_an_image_of_theirs_is_left_alone_and_said_until_it_names_one_of_the_family() {
    let depot = Depot::new(Settings::calm()).await;
    let theirs = depot.hub.shop.aws.image(HUB, IRELAND, "theirs");
    let ssm = depot.hub.shop.aws.ssm(HUB, IRELAND);
    let write = async |ami: &str| {
        let put = ssm.put_parameter().name(NAME).value(ami).data_type("aws:ec2:image");
        let put = put.r#type(ParameterType::String).overwrite(true);
        put.send().await.unwrap();
    };
    write(&theirs).await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.hub.want(&published("hub")).await;
    depot.rounds(10).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&theirs)));
    let found = findings(&depot, HUB, IRELAND).await;
    assert!(
        found
            .iter()
            .any(|finding| finding.contains(NAME) && finding.contains(&theirs)),
        "{found:?}"
    );
    // What is published elsewhere waits for nothing.
    assert!(says(&depot, HUB, VIRGINIA).await.is_some());
    // Whoever writes one of the family's images into it gives it away.
    write(&depot.built).await;
    depot.rounds(10).await;
    assert_eq!(findings(&depot, HUB, IRELAND).await, Vec::<String>::new());
    depot.next_release().await;
    depot.rounds(10).await;
    let next = depot.points_to("candidate").await;
    assert!(next.is_some());
    assert_ne!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_refused_after_the_write_was_answered_is_seen_when_it_is_read_back() {
    let depot = Depot::new(Settings {
        parameter_check: minutes(2),
        ..Settings::calm()
    })
    .await;
    depot.hub.want(&published("audience")).await;
    depot.hub.admit_to_publish(MEMBER);
    while depot.calls("PutParameter") == 0 {
        depot.rounds(1).await;
    }
    // Between the answer and the check somebody takes the image from the member.
    let unshare = |ami: String, region| {
        let ec2 = depot.hub.shop.aws.ec2(HUB, region);
        async move {
            let request = ec2.reset_image_attribute().image_id(ami);
            let request = request.attribute(aws_sdk_ec2::types::ResetImageAttributeName::LaunchPermission);
            request.send().await.unwrap();
        }
    };
    unshare(depot.built.clone(), IRELAND).await;
    depot.hub.shop.aws.pass(minutes(3)).await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, None);
    depot.hub.shop.aws.pass(minutes(2)).await;
    depot.round().await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, None);
    let found = findings(&depot, MEMBER, IRELAND).await;
    assert!(!found.is_empty(), "{found:?}");
    // Distribution shares it again, and then it is written again.
    depot.hub.shop.aws.pass(hours(1)).await;
    depot.rounds(6).await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, Some(an_image(&depot.built)));
    assert_eq!(findings(&depot, MEMBER, IRELAND).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_or_broken_write_lands_in_the_end_and_is_not_made_again_after() {
    for effect in [Effect::Throttle, Effect::ServerErrorAfterApply(500)] {
        let depot = Depot::new(Settings::calm()).await;
        depot.hub.want(&published("hub")).await;
        let fault = Fault::new(effect).on("PutParameter").times(2);
        depot.hub.shop.aws.plane.with(|world| world.inject(fault));
        depot.rounds(14).await;
        assert_eq!(
            says(&depot, HUB, IRELAND).await,
            Some(an_image(&depot.built)),
            "{effect:?}"
        );
        assert_eq!(findings(&depot, HUB, IRELAND).await, Vec::<String>::new());
        let calls = depot.calls("PutParameter");
        depot.hub.shop.aws.pass(hours(2)).await;
        depot.rounds(3).await;
        assert_eq!(depot.calls("PutParameter"), calls, "{effect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_comes_late_is_published_by_the_next_sweeps() {
    let depot = Depot::new(Settings {
        copy_per_gib: minutes(20),
        ..Settings::calm()
    })
    .await;
    let wanted = published("hub").replace("us-east-1: {}", "us-east-1: { required: false }");
    depot.hub.want(&wanted).await;
    depot.rounds(10).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
    assert_eq!(says(&depot, HUB, VIRGINIA).await, None);
    let usable = async || {
        let stood = depot.hub.record().stood(&web()).await.unwrap();
        let mut there = stood
            .iter()
            .filter(|((_, target), _)| target.region().to_string() == VIRGINIA);
        there.any(|(_, stood)| stood.reach == Reach::Usable)
    };
    while !usable().await {
        depot.rounds(1).await;
    }
    depot.rounds(2).await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(says(&depot, HUB, VIRGINIA).await, Some(an_image(&copy)));
}

#[tokio::test(start_paused = true)]
async fn a_revoked_release_that_a_channel_holds_on_is_written_nowhere_anew() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(&published("hub")).await;
    depot.rounds(10).await;
    depot
        .hub
        .says(&["revoke", "web/1.4.2", "--because", "a bad key", "--yes"])
        .await;
    let ssm = depot.hub.shop.aws.ssm(HUB, VIRGINIA);
    ssm.delete_parameter().name(NAME).send().await.unwrap();
    depot.hub.shop.aws.pass(hours(1)).await;
    depot.rounds(3).await;
    assert_eq!(says(&depot, HUB, VIRGINIA).await, None);
    // What stands stays: it is never silently empty.
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
    let found = findings(&depot, HUB, VIRGINIA).await;
    assert!(
        found.iter().any(|finding| finding.contains("it is revoked")),
        "{found:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_that_leaves_and_returns_has_its_parameter_again() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.admit_to_publish(MEMBER);
    depot.hub.want(&published("hub, audience")).await;
    depot.rounds(10).await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, Some(an_image(&depot.built)));
    // It leaves the audience, and what stands there stays.
    depot
        .hub
        .want(&published("hub, audience").replace("222233334444", "333344445555"))
        .await;
    depot.rounds(4).await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, Some(an_image(&depot.built)));
    depot.hub.want(&published("hub, audience")).await;
    let ssm = depot.hub.shop.aws.ssm(MEMBER, IRELAND);
    ssm.delete_parameter().name(NAME).send().await.unwrap();
    depot.rounds(4).await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, Some(an_image(&depot.built)));
}
