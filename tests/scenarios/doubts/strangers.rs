//! What strangers and colleagues have written: it is shown, and does nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use record_lineage::gather_evidence;
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND};
use stage::shop::amis;
use steward::evidence::{Hop, ImageSeen, InstanceState, KeptUse, ParameterRef, Reference, Said, Source, SourceRun};
use steward::lineage::{Exemption, Revocation};
use steward::{AmiId, steers};
use steward_aws::{Hold, Kept};

use super::known;
use crate::hub::{Hub, TABLE};
use crate::lineage::{Families, id};

/// What a stranger would write to forge a line, steer a terminal or run in a browser.
const HOSTILE: &str =
    "\u{1b}[2J\u{9b}31m\u{7f}\u{202e}\nbase  FORGED\r\"'><script>alert(1)</script><img src=x>`]) --> r1";

/// The families, with that in everything of them that others write.
async fn hostile() -> Families {
    let families = known().await;
    let hub = &families.hub;
    let ami = amis(&hub.shop.image(&families.base).await)[0].1.clone();
    let event = json!({ "wake": "sweep" });
    gather_evidence(&hub.room().0, &event, "run", hub.moment())
        .await
        .unwrap();
    let (vendor, base) = (
        id(&format!("ami:aws:eu-west-1:{}", families.vendor)),
        id(&families.base),
    );
    write(hub, &format!("R#{vendor}"), "META", "alias").await;
    write(hub, &format!("R#{base}"), &format!("P#{HUB}#{IRELAND}#{ami}"), "name").await;
    write(hub, &format!("R#{base}"), "J#2026-02-05T08:17:00.000Z#1", "heard").await;
    written_by_colleagues(hub, base, ami.parse().unwrap()).await;
    used(hub, ami.parse().unwrap()).await;
    hub.wake(&json!({ "source": HOSTILE, "detail-type": HOSTILE, "account": HOSTILE }))
        .await
        .unwrap();
    families
}

/// As if another version, or another hand, had written it.
async fn write(hub: &Hub, pk: &str, sk: &str, member: &str) {
    let tables = aws_sdk_dynamodb::Client::new(&hub.shop.aws.config(HUB, IRELAND));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = tables.update_item().table_name(TABLE).update_expression("SET #m = :m");
    let update = update.expression_attribute_names("#m", member);
    let update = update.expression_attribute_values(":m", text(HOSTILE));
    update.key("pk", text(pk)).key("sk", text(sk)).send().await.unwrap();
}

async fn written_by_colleagues(hub: &Hub, release: steward::ReleaseId, ami: AmiId) {
    let (record, now) = (hub.record(), hub.moment().now);
    let until = now.checked_add(steward::Duration::days(1)).unwrap();
    let words = || HOSTILE.to_owned();
    let revocation = Revocation {
        who: words(),
        why: words(),
        at: now,
        inherited: true,
        lifted: None,
    };
    assert!(record.revoke(release, revocation).await.unwrap());
    let exemption = Exemption {
        who: words(),
        why: words(),
        until,
        ended: None,
    };
    let later = now.checked_add(steward::Duration::minutes(1)).unwrap();
    assert!(record.exempt(release, exemption, later).await.unwrap());
    let hold = Hold {
        ami,
        who: words(),
        why: words(),
        at: now,
        until,
        ended: None,
    };
    assert!(record.hold(release, &hold).await.unwrap());
}

async fn used(hub: &Hub, ami: AmiId) {
    let (record, here, now) = (hub.record(), crate::hub::hub(), hub.moment().now);
    let path = vec![
        Hop::Instance {
            id: "i-0123456789abcdef0".parse().unwrap(),
            state: InstanceState::Running,
            name: Some(HOSTILE.into()),
            owner: Some(HOSTILE.into()),
        },
        Hop::Parameter(ParameterRef::newest(HOSTILE)),
    ];
    let kept = Kept::Use(KeptUse::of(&[Reference { path }].into()));
    record
        .put_use(here, (Source::Instances, ami), &kept, now)
        .await
        .unwrap();
    let seen = ImageSeen {
        ami,
        launched: None,
        deprecated: None,
        tags: [(HOSTILE.to_owned(), HOSTILE.to_owned())].into(),
        protected: Some(HOSTILE.into()),
    };
    let seen = Kept::Image(seen);
    record.put_use(here, (Source::Images, ami), &seen, now).await.unwrap();
    let run = SourceRun {
        source: Source::Fleets,
        as_of: now,
        said: Said::Unread(HOSTILE.into()),
    };
    record.write_run(here, &run).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_others_wrote_neither_steers_a_terminal_nor_makes_a_line_of_its_own() {
    let families = hostile().await;
    let hub = &families.hub;
    for words in [
        &["impact", "base"][..],
        &["old"],
        &["evidence", "111122223333/eu-west-1"],
        &["lineage", "base"],
        &["explain", "base"],
        &["explain", "site"],
        &["diff", "base", "site"],
        &["refused"],
        &["where", "base"],
        &["history", "base"],
    ] {
        let text = hub.says(words).await;
        assert!(text.chars().all(|c| c == '\n' || !steers(c)), "{words:?}: {text:?}");
        assert!(
            !text.lines().any(|line| line.starts_with("base  FORGED")),
            "{words:?}: {text}"
        );
        let json = hub.says(&[words, &["--format", "json"]].concat()).await;
        assert!(json.chars().all(|c| c == '\n' || !steers(c)), "{words:?}: {json:?}");
        let _: Value = serde_json::from_str(&json).unwrap();
    }
    let json = hub.says(&["explain", "base", "--format", "json"]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["revoked"][0]["why"], HOSTILE, "programs get what was written");
    assert_eq!(json[0]["images"][0]["name"], HOSTILE);
    let picture = hub.says(&["lineage", "base", "--format", "mermaid"]).await;
    assert!(!picture.contains("<script") && !picture.contains("\"'"), "{picture}");
}

#[tokio::test(start_paused = true)]
async fn the_page_of_a_lineage_is_one_file_that_loads_nothing_and_runs_nothing_of_others() {
    let families = hostile().await;
    let page = families.hub.says(&["lineage", "site", "--format", "html"]).await;
    assert!(
        page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"),
        "{}",
        &page[..80]
    );
    assert!(page.trim_end().ends_with("</html>"));
    // Where a long name may be broken.
    let text = page.replace("<wbr>", "");
    for name in ["site/1.0.0/1", "base/1.0.0/1", "shop/1.0.0/1", families.vendor.as_str()] {
        assert!(text.contains(name), "{name}");
    }
    for tag in page.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        assert!(!tag.contains("src=") && !tag.contains(" on"), "{tag}");
    }
    assert_eq!(page.matches("<script").count(), 1, "its own");
    for loads in [
        "http:", "https:", "@import", "<link", "<iframe", "<img", "<object", "<embed", "<base", "<form",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
    for drawn in page.split("url(").skip(1) {
        assert!(drawn.starts_with('#'), "what it draws with is in the page itself");
    }
    for address in page.split("href=\"").skip(1) {
        let place = address.split('"').next().unwrap().strip_prefix('#').unwrap();
        assert!(page.contains(&format!("id=\"{place}\"")), "{place}");
    }
    assert!(page.chars().all(|c| c == '\n' || c == '\t' || !steers(c)));
    assert!(page.contains("&lt;script&gt;"), "the vendor's alias is shown, as text");
}
