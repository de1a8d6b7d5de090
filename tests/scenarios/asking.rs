//! What people ask the record, in the command's own words.

use image_plane::{Settings, Severity, Vulnerability};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, hours};
use stage::shop::distribution;

use crate::hub::Hub;
use crate::lineage::id;

/// What a scan is to find: each vulnerability with its package.
type Found<'a> = Option<&'a [(&'a str, Severity, &'a str)]>;

/// A build of a new family on this parent, scanned where something is said of it.
async fn built(hub: &Hub, name: &str, parent: &str, found: Found<'_>) -> String {
    let pipeline = hub.shop.family(name, parent).await;
    built_again(hub, &pipeline, found).await
}

async fn built_again(hub: &Hub, pipeline: &str, found: Found<'_>) -> String {
    if let Some(found) = found {
        hub.shop.scan(pipeline).await;
        // Before any build of these tests.
        let early = image_plane::Time::parse("2026-01-01T00:00:00Z").unwrap();
        let found = found.iter();
        let found = found.map(|(cve, severity, package)| Vulnerability::new(cve, *severity, package).published(early));
        let found = found.collect();
        hub.shop
            .aws
            .plane
            .with(|world| world.set_vulnerabilities(pipeline, found));
    }
    hub.shop.built_by(pipeline).await
}

const OPENSSL: (&str, Severity, &str) = ("CVE-2026-1234", Severity::High, "openssl");
const CURL: (&str, Severity, &str) = ("CVE-2026-5678", Severity::Low, "curl");

#[tokio::test(start_paused = true)]
async fn a_vulnerability_is_told_with_who_has_it_who_is_rid_of_it_and_of_whom_nobody_knows() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let newest = |name: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{name}/x.x.x");
    let vendor = stage::shop::AL2023;
    let base = built(&hub, "base", vendor, Some(&[OPENSSL, CURL])).await;
    built(&hub, "site", &newest("base"), Some(&[OPENSSL])).await;
    let shop = built(&hub, "shop", &newest("site"), Some(&[])).await;
    built(&hub, "till", &newest("shop"), Some(&[CURL])).await;
    built(&hub, "kiosk", &newest("base"), None).await;
    hub.sweep().await;

    let told = hub.says(&["impact", "base", "--cve", "cve-2026-1234"]).await;
    assert_eq!(
        told,
        "4 releases came from it. With it: 5 images in 1 account; 0 of them in use.\n\
         \n\
         CVE-2026-1234 (high in openssl 1.0.0 (fixed in 1.0.1)):\n\
         \x20 affected         2  base/1.0.0/1 (x86_64), site/1.0.0/1 (x86_64)\n\
         \x20 unknown          1  kiosk/1.0.0/1 (x86_64)\n\
         \x20 fixed here       1  shop/1.0.0/1 (x86_64)\n\
         \x20 absent           1  till/1.0.0/1 (x86_64)\n\
         \n\
         No target was asked yet who uses images.\n"
    );
    let answer = hub
        .says(&["impact", "base", "--cve", "CVE-2026-1234", "--format", "json"])
        .await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let exposure = &answer["vulnerability"]["exposure"];
    assert_eq!(exposure[id(&base).to_string()]["is"], "affected");
    assert_eq!(exposure[id(&base).to_string()]["found"]["severity"], "HIGH");
    assert_eq!(exposure[id(&shop).to_string()]["is"], "fixed_here");

    let rid = hub.says(&["impact", "shop", "--cve", "CVE-2026-1234"]).await;
    let told = "\nCVE-2026-1234, which no scan of these has found:\n\
                \x20 fixed here       1  shop/1.0.0/1 (x86_64)\n\
                \x20 absent           1  till/1.0.0/1 (x86_64)\n";
    assert!(rid.contains(told), "{rid}");
    // Nobody says when this one was public: no scan is known to have known it.
    let unheard = hub.says(&["impact", "shop", "--cve", "CVE-2026-9999"]).await;
    assert!(
        unheard.contains("\n  unknown          2  shop/1.0.0/1 (x86_64), till/1.0.0/1 (x86_64)\n"),
        "{unheard}"
    );
    let wrong = hub.steward(&["impact", "base", "--cve", "openssl"]).await;
    assert_eq!(
        (wrong.err.as_str(), wrong.code),
        (
            "steward: invalid --cve: \"openssl\" names no vulnerability, must be as in CVE-2026-1234.\n",
            2
        )
    );
}

#[tokio::test(start_paused = true)]
async fn two_releases_are_compared_by_what_their_scans_found_too() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let base = hub.shop.family("base", stage::shop::AL2023).await;
    built_again(&hub, &base, Some(&[OPENSSL])).await;
    built_again(&hub, &base, Some(&[CURL])).await;
    hub.sweep().await;
    let told = hub.says(&["diff", "base/1.0.0/1", "base/1.0.0/2"]).await;
    for line in [
        "  ~ findings: 0 critical, 1 high, 0 medium, 0 other → 0 critical, 0 high, 0 medium, 1 other\n",
        "  - fixed CVE-2026-1234: high in openssl 1.0.0 (fixed in 1.0.1)\n",
        "  + introduced CVE-2026-5678: low in curl 1.0.0 (fixed in 1.0.1)\n",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let explained = hub.says(&["explain", "base/1.0.0/2"]).await;
    assert!(
        explained.contains("\n  findings: 0 critical, 0 high, 0 medium, 1 other\n"),
        "{explained}"
    );
    assert!(explained.contains("\n  workflow: build/build-image/"), "{explained}");
    assert!(explained.contains("\n  packages: "), "{explained}");
}

#[tokio::test(start_paused = true)]
async fn two_releases_are_compared_by_the_whole_of_the_ways_up_step_by_step() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let newest = |name: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{name}/x.x.x");
    let base = hub.shop.family("base", stage::shop::AL2023).await;
    built_again(&hub, &base, None).await;
    let site = hub.shop.family("site", &newest("base")).await;
    built_again(&hub, &site, None).await;
    let shop = hub.shop.family("shop", &newest("site")).await;
    built_again(&hub, &shop, None).await;
    for pipeline in [&base, &site, &shop] {
        built_again(&hub, pipeline, None).await;
    }
    hub.sweep().await;
    let told = hub.says(&["diff", "shop/1.0.0/1", "shop/1.0.0/2"]).await;
    let ways = "\n  ~ parent: site/1.0.0/1 → site/1.0.0/2\n  ~ 2 steps up: base/1.0.0/1 → base/1.0.0/2\n";
    // Both come from the same image of the vendor's in the end.
    assert!(told.contains(ways) && !told.contains("3 steps up"), "{told}");
    let told = hub.says(&["diff", "base/1.0.0/1", "shop/1.0.0/1"]).await;
    assert!(told.contains("\n  ~ 2 steps up: unknown → base/1.0.0/1\n"), "{told}");
}

/// A scan may end when its build is long written down as a whole: what was not there to read then is read at its word.
#[tokio::test(start_paused = true)]
async fn what_a_scan_finds_is_read_once_it_says_that_it_has_ended_and_only_once() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let base = hub.shop.family("base", stage::shop::AL2023).await;
    let build = built_again(&hub, &base, Some(&[OPENSSL])).await;
    hub.sweep().await;
    let scanned = hub.items();
    let event = json!({
        "version": "0", "id": "1", "detail-type": "EC2 Image Builder CVE Detected", "source": "aws.imagebuilder",
        "account": "111122223333", "time": "2026-02-05T08:17:00Z", "region": "eu-west-1", "resources": [build],
        "detail": { "resource-id": "i-0", "finding-severity-counts": { "all": 1 } },
    });
    hub.wake(&event).await.unwrap();
    assert_eq!(hub.items(), scanned, "it was read before");
    // As if the scan had been given up a day ago.
    hub.forget_scan(&build).await;
    let of_scan = |sk: &str| sk.ends_with("#scan") || sk.starts_with("VULN#");
    for (pk, sk) in scanned.keys().filter(|(pk, sk)| of_scan(sk) || pk.starts_with("CVE#")) {
        hub.take_away(pk, sk).await;
    }
    assert!(
        hub.says(&["explain", "base"])
            .await
            .lines()
            .all(|line| !line.contains("findings"))
    );
    hub.wake(&event).await.unwrap();
    assert!(
        hub.says(&["explain", "base"])
            .await
            .contains("findings: 0 critical, 1 high")
    );
    assert_eq!(hub.items().len(), scanned.len());
}

/// A build whose scan goes on for so many days, and nobody tells that it ended.
async fn scanned_for(hub: &Hub, days: u64) -> String {
    let base = hub.shop.family("base", stage::shop::AL2023).await;
    let build = built_again(hub, &base, Some(&[OPENSSL])).await;
    let plane = &hub.shop.aws.plane;
    let until = plane.now() + hours(24 * days);
    let here = stage::aws::target(HUB, IRELAND);
    assert!(plane.with(|world| world.hold_up_scan(here, &build, until)));
    build
}

async fn findings(hub: &Hub) -> usize {
    let told = hub.says(&["explain", "base"]).await;
    told.lines().filter(|line| line.contains("findings")).count()
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_goes_on_for_days_is_read_when_it_has_ended_although_nobody_tells_of_it() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    scanned_for(&hub, 4).await;
    for _ in 0..3 {
        hub.sweep().await;
        hub.shop.aws.pass(hours(25)).await;
    }
    hub.sweep().await;
    assert_eq!(findings(&hub).await, 0);
    // Once a day, and no sweep more.
    let calls = hub.calls_of("GetImage");
    hub.shop.aws.pass(hours(1)).await;
    hub.sweep().await;
    assert_eq!(hub.calls_of("GetImage"), calls);
    hub.shop.aws.pass(hours(23)).await;
    hub.sweep().await;
    assert_eq!((hub.calls_of("GetImage"), findings(&hub).await), (calls + 1, 1));
    assert!(!hub.items().keys().any(|(pk, _)| pk == "SCANS"));
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_does_not_end_for_two_weeks_is_waited_for_no_longer_and_that_is_said() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    scanned_for(&hub, 400).await;
    for day in 0..15 {
        assert_eq!(hub.items().keys().any(|(pk, _)| pk == "SCANS"), day > 1, "{day}");
        hub.sweep().await;
        hub.shop.aws.pass(hours(24)).await;
    }
    let calls = hub.calls_of("GetImage");
    hub.sweep().await;
    assert_eq!(hub.calls_of("GetImage"), calls);
    let said = hub
        .journal()
        .into_iter()
        .filter(|(_, says)| says.contains("not ended for 14 days"));
    assert_eq!(said.count(), 1);
    assert_eq!(findings(&hub).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_scan_whose_event_comes_after_days_is_read_at_its_word_and_waited_for_no_longer() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let build = scanned_for(&hub, 3).await;
    for _ in 0..3 {
        hub.shop.aws.pass(hours(25)).await;
        hub.sweep().await;
    }
    let event = json!({
        "version": "0", "id": "1", "detail-type": "EC2 Image Builder CVE Detected", "source": "aws.imagebuilder",
        "account": "111122223333", "time": "2026-02-05T08:17:00Z", "region": "eu-west-1", "resources": [build],
        "detail": { "resource-id": "i-0", "finding-severity-counts": { "all": 1 } },
    });
    hub.wake(&event).await.unwrap();
    assert_eq!(findings(&hub).await, 1);
    let calls = hub.calls_of("GetImage");
    hub.shop.aws.pass(hours(25)).await;
    hub.sweep().await;
    assert_eq!(hub.calls_of("GetImage"), calls);
    assert!(!hub.items().keys().any(|(pk, _)| pk == "SCANS"));
}

#[tokio::test(start_paused = true)]
async fn an_image_is_told_with_its_watermarks_and_two_releases_with_the_size_of_their_volumes() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let pipeline = hub.shop.marked("marked", &["golden"], 8).await;
    hub.shop.built_by(&pipeline).await;
    let pipeline = hub.shop.marked("larger", &[], 20).await;
    hub.shop.built_by(&pipeline).await;
    hub.sweep().await;
    let explained = hub.says(&["explain", "marked"]).await;
    assert!(explained.contains("\n    marked 111122223333:golden\n"), "{explained}");
    let told = hub.says(&["diff", "marked", "larger"]).await;
    assert!(told.contains("\n  ~ volumes: 8 GiB → 20 GiB\n"), "{told}");
}
