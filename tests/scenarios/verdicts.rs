//! What people say of releases, and what follows from it for what came from them.

use stage::shop::amis;
use steward::lineage::{Exemption, Lifted, Revocation};
use steward::{ReleaseId, Timestamp};
use steward_aws::{Hold, Record};

use crate::lineage::{Families, id};

fn at(time: &str) -> Timestamp {
    format!("2026-02-01T{time}Z").parse().unwrap()
}

async fn revoke(record: &Record, release: ReleaseId, why: &str, time: &str) {
    let revocation = Revocation {
        who: String::from("ann"),
        why: why.to_owned(),
        at: at(time),
        inherited: true,
        lifted: None,
    };
    assert!(record.revoke(release, revocation).await.unwrap());
}

/// Why a release is revoked, and how many steps up.
async fn causes(record: &Record, release: ReleaseId) -> Vec<(String, usize)> {
    let causes = record.causes(release, at("12:00:00")).await.unwrap();
    causes
        .into_iter()
        .map(|cause| (cause.why, cause.path.len() - 1))
        .collect()
}

fn cause(why: &str, steps: usize) -> (String, usize) {
    (why.to_owned(), steps)
}

#[tokio::test(start_paused = true)]
async fn what_came_from_a_revoked_release_is_revoked_with_it_also_what_is_built_later() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let record = families.hub.record();
    let (base, site, shop) = (id(&families.base), id(&families.site), id(&families.shop));
    revoke(&record, base, "a hole", "08:00:00").await;
    assert_eq!(causes(&record, base).await, [cause("a hole", 0)]);
    assert_eq!(causes(&record, site).await, [cause("a hole", 1)]);
    assert_eq!(causes(&record, shop).await, [cause("a hole", 2)]);
    let pipeline = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/shop";
    let later = families.hub.shop.built_by(pipeline).await;
    families.hub.sweep().await;
    assert_eq!(causes(&record, id(&later)).await, [cause("a hole", 2)]);

    // A second revoked ancestor is a second cause, and taking one back takes away that one.
    revoke(&record, site, "a leak", "09:00:00").await;
    assert_eq!(causes(&record, shop).await.len(), 2);
    let lifted = Lifted {
        who: String::from("bob"),
        why: String::from("not affected"),
        at: at("10:00:00"),
    };
    assert!(record.lift(base, at("08:00:00"), &lifted).await.unwrap());
    assert_eq!(causes(&record, shop).await, [cause("a leak", 1)]);
    assert_eq!(causes(&record, base).await, []);
    assert!(!record.lift(base, at("08:30:00"), &lifted).await.unwrap());
    let said = record.said(base).await.unwrap();
    assert_eq!(said.revocations[0].lifted, Some(lifted));
}

#[tokio::test(start_paused = true)]
async fn an_exempt_release_may_be_used_until_the_end_of_it_and_its_children_may_not() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let record = families.hub.record();
    let (base, site, shop) = (id(&families.base), id(&families.site), id(&families.shop));
    revoke(&record, base, "a hole", "08:00:00").await;
    let exemption = Exemption {
        who: String::from("ann"),
        why: String::from("not reachable"),
        until: at("13:00:00"),
        ended: None,
    };
    assert!(record.exempt(site, exemption, at("09:00:00")).await.unwrap());
    assert_eq!(causes(&record, site).await, []);
    assert_eq!(causes(&record, shop).await, [cause("a hole", 2)]);
    assert_eq!(record.causes(site, at("13:00:00")).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_exemption_that_is_ended_lets_nothing_pass_any_more_and_its_release_tells_who_ended_it_and_why() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let hub = &families.hub;
    hub.says(&["revoke", "base/1.0.0/1", "--because", "a hole", "--yes"])
        .await;
    let until = [
        "exempt",
        "site/1.0.0/1",
        "--until",
        "2030-01-01",
        "--because",
        "not reachable",
    ];
    hub.says(&until).await;
    let now = hub.moment().now;
    let site = id(&families.site);
    assert!(hub.record().causes(site, now).await.unwrap().is_empty());
    let end = ["exempt", "site/1.0.0/1", "--end", "--because", "reachable after all"];
    let told = hub.says(&end).await;
    assert_eq!(
        told,
        "Ended: 1 exemption of site/1.0.0/1 (x86_64).\n\
         Still revoked by base/1.0.0/1 (x86_64) → site/1.0.0/1 (x86_64): a hole\n"
    );
    assert_eq!(hub.record().causes(site, now).await.unwrap().len(), 1);
    let history = hub.says(&["history", "site/1.0.0/1"]).await;
    assert!(
        history.contains(" ended what arn:") && history.contains("(not reachable): reachable after all"),
        "{history}"
    );
    let explained = hub.says(&["explain", "site/1.0.0/1"]).await;
    assert!(
        explained.contains("  exempt until 2030-01-01") && explained.contains(" (ended by arn:"),
        "{explained}"
    );
    let again = hub.steward(&end).await;
    assert!(
        again.code == 2 && again.err.contains("there is nothing to end"),
        "{again:?}"
    );
    let neither = hub.steward(&["exempt", "site/1.0.0/1", "--because", "no end"]).await;
    assert!(neither.code == 2 && neither.err.contains("--until"), "{neither:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hold_says_who_keeps_which_image_until_when_and_why() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let record = families.hub.record();
    let ami = amis(&families.hub.shop.image(&families.base).await)[0]
        .1
        .parse()
        .unwrap();
    let releases = record.releases_with(ami).await.unwrap();
    let base = id(&families.base);
    assert_eq!(releases.into_iter().collect::<Vec<_>>(), [base]);
    let hold = Hold {
        ami,
        who: String::from("ann"),
        why: String::from("an audit"),
        at: at("08:00:00"),
        until: at("13:00:00"),
        ended: None,
    };
    assert!(record.hold(base, &hold).await.unwrap());
    assert_eq!(record.holds(base).await.unwrap(), [hold]);
}

#[tokio::test(start_paused = true)]
async fn what_would_be_taken_back_is_shown_with_what_stays_revoked_and_nothing_is_done_before_a_yes() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let hub = &families.hub;
    for (release, why) in [("base/1.0.0/1", "a hole"), ("site/1.0.0/1", "a leak")] {
        hub.says(&["revoke", release, "--because", why, "--yes"]).await;
    }
    let words = ["restore-release", "site/1.0.0/1", "--because", "no leak after all"];
    let told = hub.steward(&words).await;
    let what = "This takes back 1 revocation of site/1.0.0/1 (x86_64): a leak. Still revoked by base/1.0.0/1 (x86_64) → \
                site/1.0.0/1 (x86_64): a hole.";
    let asked = format!("steward: {what} Nobody can be asked here: add --yes.\n");
    assert_eq!((told.err.as_str(), told.code), (asked.as_str(), 2));
    let site = id(&families.site);
    assert_eq!(causes(&hub.record(), site).await.len(), 2);
    let told = hub.says(&[&words[..], &["--yes"]].concat()).await;
    assert_eq!(
        told,
        "Taken back: 1 revocation of site/1.0.0/1 (x86_64).\n\
         Still revoked by base/1.0.0/1 (x86_64) → site/1.0.0/1 (x86_64): a hole\n"
    );
    assert_eq!(causes(&hub.record(), site).await, [cause("a hole", 1)]);
    let told = hub.says(&words).await;
    assert!(
        told.starts_with("Nothing was revoked of site/1.0.0/1 (x86_64) itself.\nStill revoked by base"),
        "{told}"
    );
}
