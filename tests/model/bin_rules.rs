//! The retention rules of the Recycle Bin.

use aws_sdk_rbin::Client;
use aws_sdk_rbin::types::{ResourceType, RuleStatus, RuleSummary};
use image_plane::{AccountId, BinKind, BinRule, Effect, Fault, NewImage, Service};
use stage::aws::{Aws, HUB, IRELAND, MEMBER, VIRGINIA, code, hours, snapshots, target};

const DAY: u64 = 24;

fn rules_of(aws: &Aws, account: AccountId, region: &'static str) -> Client {
    Client::new(&aws.config(account, region))
}

fn lay(aws: &Aws, rules: Vec<BinRule>) {
    aws.plane.with(|world| world.set_bin_rules(target(HUB, IRELAND), rules));
}

async fn listed(client: &Client, kind: ResourceType) -> Vec<RuleSummary> {
    let pages = client.list_rules().resource_type(kind).into_paginator().items().send();
    pages.try_collect().await.unwrap()
}

fn tag(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_list_is_of_one_account_region_and_kind_and_each_rule_says_by_itself_what_it_is_for() {
    let aws = Aws::calm();
    let tagged = BinRule {
        tags: vec![tag("team", "web")],
        ..BinRule::of(BinKind::Image, hours(7 * DAY))
    };
    let all_but = BinRule {
        except: vec![tag("keep", "no")],
        pending: true,
        ..BinRule::of(BinKind::Snapshot, hours(30 * DAY))
    };
    lay(&aws, vec![tagged, all_but]);
    let hub = rules_of(&aws, HUB, IRELAND);
    let images = listed(&hub, ResourceType::Ec2Image).await;
    let snapshots = listed(&hub, ResourceType::EbsSnapshot).await;
    assert_eq!((images.len(), snapshots.len()), (1, 1));
    assert!(listed(&hub, ResourceType::EbsVolume).await.is_empty());
    for (account, region) in [(MEMBER, IRELAND), (HUB, VIRGINIA)] {
        let other = rules_of(&aws, account, region);
        assert!(listed(&other, ResourceType::Ec2Image).await.is_empty());
    }
    let ask = async |rule: &RuleSummary| {
        let rule = hub.get_rule().identifier(rule.identifier().unwrap());
        rule.send().await.unwrap()
    };
    let (image, snapshot) = (ask(&images[0]).await, ask(&snapshots[0]).await);
    assert_eq!(image.status(), Some(&RuleStatus::Available));
    assert_eq!(image.retention_period().unwrap().retention_period_value(), 7);
    let named = &image.resource_tags()[0];
    assert_eq!(
        (named.resource_tag_key(), named.resource_tag_value()),
        ("team", Some("web"))
    );
    assert!(image.exclude_resource_tags().is_empty());
    assert_eq!(snapshot.status(), Some(&RuleStatus::Pending));
    assert!(snapshot.resource_tags().is_empty());
    assert_eq!(snapshot.exclude_resource_tags()[0].resource_tag_key(), "keep");
    let elsewhere = rules_of(&aws, MEMBER, IRELAND);
    let missing = elsewhere.get_rule().identifier(images[0].identifier().unwrap());
    assert_eq!(code(&missing.send().await), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn a_list_of_rules_comes_in_pages() {
    let aws = Aws::calm();
    lay(&aws, vec![BinRule::of(BinKind::Image, hours(DAY)); 25]);
    let hub = rules_of(&aws, HUB, IRELAND);
    let first = hub.list_rules().resource_type(ResourceType::Ec2Image);
    let first = first.send().await.unwrap();
    assert!(first.rules().len() < 25 && first.next_token().is_some());
    let other = hub.list_rules().resource_type(ResourceType::EbsSnapshot);
    let other = other.set_next_token(first.next_token).send().await;
    assert_eq!(code(&other), "ValidationException");
    assert_eq!(listed(&hub, ResourceType::Ec2Image).await.len(), 25);
}

#[tokio::test(start_paused = true)]
async fn what_a_rule_leaves_out_and_what_one_that_is_still_made_would_catch_is_gone() {
    for (except, pending, stays) in [
        (vec![], false, true),
        (vec![tag("team", "shop")], false, true),
        (vec![tag("team", "web")], false, false),
        (vec![], true, false),
    ] {
        let aws = Aws::calm();
        let rule = BinRule {
            except: except.clone(),
            pending,
            ..BinRule::of(BinKind::Image, hours(DAY))
        };
        lay(&aws, vec![rule]);
        let image = aws.image_with(HUB, IRELAND, NewImage::named("web").tag("team", "web"));
        let hub = aws.hub();
        assert_eq!(snapshots(&stage::aws::describe(&hub, &image).await).len(), 1);
        hub.deregister_image().image_id(&image).send().await.unwrap();
        let binned = hub.list_images_in_recycle_bin().send().await.unwrap();
        assert_eq!(binned.images().len(), usize::from(stays), "{except:?} {pending}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_too_often_is_throttled_and_who_is_denied_is_told_so() {
    let aws = Aws::calm();
    let config = aws.config(HUB, IRELAND);
    let once = aws_sdk_rbin::config::Builder::from(&config)
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build();
    let once = Client::from_conf(once);
    for (effect, told) in [
        (Effect::Throttle, "ThrottlingException"),
        (Effect::Deny, "AccessDeniedException"),
        (Effect::ServerError(500), "InternalServerException"),
    ] {
        let fault = Fault::new(effect).service(Service::RecycleBin).times(1);
        aws.plane.with(|world| world.inject(fault));
        let list = once.list_rules().resource_type(ResourceType::Ec2Image);
        assert_eq!(code(&list.send().await), told);
    }
}
