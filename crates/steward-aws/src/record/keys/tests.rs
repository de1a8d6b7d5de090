use steward::Output;

use super::*;
use crate::record::listed::WholeList;

fn id() -> ReleaseId {
    "e7d028db8c54f397df891fc76dd00e98".parse().unwrap()
}

fn both(key: Key) -> (String, String) {
    (key.pk, key.sk)
}

fn pair(pk: &str, sk: &str) -> (String, String) {
    (pk.to_owned(), sk.to_owned())
}

// The table outlives every release of this code: these lines may never change.
#[test]
fn every_key_stays_what_it_is_forever() {
    let target: Target = "111122223333/eu-west-1".parse().unwrap();
    let ami = "ami-0123456789abcdef0".parse().unwrap();
    assert_eq!(
        both(Key::release(id())),
        pair("R#e7d028db8c54f397df891fc76dd00e98", "META")
    );
    assert_eq!(
        both(Key::placement(id(), target, ami)),
        pair(
            "R#e7d028db8c54f397df891fc76dd00e98",
            "P#111122223333#eu-west-1#ami-0123456789abcdef0"
        )
    );
    let (parent, child) = (id(), "8b9bd4b7ea492c696765505ba6fb7d67".parse().unwrap());
    assert_eq!(
        both(Key::edge(Edge { parent, child })),
        pair(
            "R#8b9bd4b7ea492c696765505ba6fb7d67",
            "E#e7d028db8c54f397df891fc76dd00e98"
        )
    );
    let apart = Pair {
        ancestor: parent,
        depth: 12,
        descendant: child,
    };
    assert_eq!(
        both(Key::ancestor(apart)),
        pair(
            "R#8b9bd4b7ea492c696765505ba6fb7d67",
            "A#0012#e7d028db8c54f397df891fc76dd00e98"
        )
    );
    assert_eq!(
        both(Key::descendant(apart)),
        pair(
            "R#e7d028db8c54f397df891fc76dd00e98",
            "D#0012#8b9bd4b7ea492c696765505ba6fb7d67"
        )
    );
    assert_eq!(
        both(Key::placement_in(target, ami)),
        pair("T#111122223333#eu-west-1", "P#ami-0123456789abcdef0")
    );
    assert_eq!(
        both(Key::ami(ami, target.region())),
        pair("AMI#ami-0123456789abcdef0", "eu-west-1")
    );
    assert_eq!(
        both(Key::release_of(
            &"web".parse().unwrap(),
            Architecture::X86_64,
            "1.20.3/7".parse().unwrap()
        )),
        pair("F#web", "V#x86_64#0000000001.0000000020.0000000003#0000000007")
    );
    assert_eq!(
        both(Key::journal(id(), "2026-01-18T17:50:56Z".parse().unwrap(), "8290184d")),
        pair(
            "R#e7d028db8c54f397df891fc76dd00e98",
            "J#2026-01-18T17:50:56.000Z#8290184d"
        )
    );
    let at = "2026-01-18T17:50:56Z".parse().unwrap();
    assert_eq!(
        both(Key::told(id(), at, "scan")),
        pair("R#e7d028db8c54f397df891fc76dd00e98", "S#2026-01-18T17:50:56.000Z#scan")
    );
    assert_eq!(
        both(Key::vulnerabilities(id(), 3)),
        pair("R#e7d028db8c54f397df891fc76dd00e98", "VULN#0003")
    );
    assert_eq!(both(Key::scan(id())), pair("SCANS", "e7d028db8c54f397df891fc76dd00e98"));
    assert_eq!(
        both(Key::found(&"CVE-2026-1234".parse().unwrap(), id())),
        pair("CVE#CVE-2026-1234", "e7d028db8c54f397df891fc76dd00e98")
    );
    assert_eq!(
        both(Key::packages(id(), 3)),
        pair("R#e7d028db8c54f397df891fc76dd00e98", "PKG#0003")
    );
    assert_eq!(
        both(Key::journal_of_family(&"web".parse().unwrap(), at, "8290184d")),
        pair("F#web", "J#2026-01-18T17:50:56.000Z#8290184d")
    );
    assert_eq!(
        both(Key::refused("2026-01-18", "6c1f0a")),
        pair("REFUSED", "2026-01-18#6c1f0a")
    );
    assert_eq!(both(Key::causes("2026-01-18")), pair("REFUSED#CAUSES", "2026-01-18"));
    assert_eq!(both(Key::paused()), pair("CONTROL", "PAUSED"));
    assert_eq!(both(Key::applying()), pair("CONTROL", "APPLYING"));
    assert_eq!(both(Key::rumour()), pair("CONTROL", "RUMOUR"));
}

#[test]
fn every_key_of_a_family_stays_what_it_is_forever() {
    let web = "web".parse().unwrap();
    assert_eq!(both(Key::family(&web)), pair("FAMILIES", "web"));
    assert_eq!(
        both(Key::channel(&web, &"stable".parse().unwrap())),
        pair("F#web", "C#stable")
    );
    assert_eq!(
        both(Key::asked(&web, &"stable".parse().unwrap())),
        pair("F#web", "ASKED#stable")
    );
    assert_eq!(both(Key::waits(&web, "step-1")), pair("F#web", "WAITS#step-1"));
    assert_eq!(both(Key::manifest(&web, 12)), pair("F#web", "MANIFEST#0000000012"));
}

#[test]
fn every_key_of_evidence_stays_what_it_is_forever() {
    let target: Target = "111122223333/eu-west-1".parse().unwrap();
    let ami = "ami-0123456789abcdef0".parse().unwrap();
    assert_eq!(both(Key::evidence(target)), pair("EVIDENCE", "111122223333#eu-west-1"));
    assert_eq!(both(Key::reach(&"web".parse().unwrap())), pair("F#web", "REACH"));
    let at = "2026-01-18T17:50:56Z".parse().unwrap();
    assert_eq!(
        both(Key::run(target, Source::Fleets, at)),
        pair("T#111122223333#eu-west-1", "SRC#fleets#2026-01-18T17:50:56.000Z")
    );
    assert_eq!(
        both(Key::usage(ami, Source::Instances, target)),
        pair("AMI#ami-0123456789abcdef0", "U#instances#111122223333#eu-west-1")
    );
    assert_eq!(
        both(Key::usage_in(target, Source::Instances, ami)),
        pair("T#111122223333#eu-west-1", "U#instances#ami-0123456789abcdef0")
    );
    assert_eq!(
        both(Key::template(target, "lt-0123456789abcdef0".parse().unwrap())),
        pair("T#111122223333#eu-west-1", "LT#lt-0123456789abcdef0")
    );
    assert_eq!(
        both(Key::parameter(target, "/golden/web")),
        pair("T#111122223333#eu-west-1", "PARAM#/golden/web")
    );
    assert_eq!(
        both(Key::without_images(target, 2)),
        pair("T#111122223333#eu-west-1", "NOPARAM#0002")
    );
    assert_eq!(
        both(Key::accepted(target, Source::Instances)),
        pair("CONTROL", "ACCEPTED#111122223333#eu-west-1#instances")
    );
}

#[test]
fn releases_sort_as_text_as_they_do_by_number() {
    let key =
        |version: &str| Key::release_of(&"web".parse().unwrap(), Architecture::X86_64, version.parse().unwrap()).sk;
    let ascending = ["1.9.99/10", "1.10.0/2", "1.10.0/10", "2.0.0/1", "10.0.0/1"];
    assert!(ascending.map(key).is_sorted());
}

#[test]
fn every_key_of_a_container_image_stays_what_it_is_forever() {
    let target: Target = "111122223333/eu-west-1".parse().unwrap();
    let digest = format!("sha256:{}", "0".repeat(64));
    let image = ContainerImage {
        target,
        repository: "tools/build".parse().unwrap(),
        digest: digest.parse().unwrap(),
    };
    assert_eq!(
        both(Key::container(id(), &image)),
        pair(
            "R#e7d028db8c54f397df891fc76dd00e98",
            &format!("I#111122223333#eu-west-1#tools/build@{digest}")
        )
    );
    assert_eq!(
        both(Key::container_in(&image)),
        pair("T#111122223333#eu-west-1", &format!("I#tools/build@{digest}"))
    );
    assert_eq!(
        both(Key::registry(&image)),
        pair("REGISTRIES", "111122223333#eu-west-1#tools/build")
    );
    assert_eq!(
        both(Key::compared_registry(target, &image.repository)),
        pair("T#111122223333#eu-west-1", "COMPARED#tools/build")
    );
}

#[test]
fn that_a_family_rests_is_one_item() {
    assert_eq!(both(Key::rest(&"web".parse().unwrap())), pair("F#web", "REST"));
}

#[test]
fn which_accounts_are_gone_is_one_item() {
    assert_eq!(both(Key::gone()), pair("ORGANIZATION", "GONE"));
}

#[test]
fn how_a_release_stands_is_found_by_the_region_with_the_hub_and_by_the_release_and_region_with_members() {
    let member: Target = "222233334444/eu-west-1".parse().unwrap();
    let web = "web".parse().unwrap();
    assert_eq!(
        both(Key::stood_with_hub(&web, id(), member.region())),
        pair("F#web", "AT#eu-west-1#e7d028db8c54f397df891fc76dd00e98")
    );
    assert_eq!(
        both(Key::stood(&web, id(), member)),
        pair("F#web", "TO#e7d028db8c54f397df891fc76dd00e98#eu-west-1#222233334444")
    );
}

#[test]
fn every_key_of_pruning_stays_what_it_is_forever() {
    let target: Target = "111122223333/eu-west-1".parse().unwrap();
    assert_eq!(
        both(Key::at_work(Worker::ApplyPruning, target)),
        pair("T#111122223333#eu-west-1", "LEASE#apply-pruning")
    );
    assert_eq!(both(Key::bin(target)), pair("T#111122223333#eu-west-1", "BIN"));
    assert_eq!(
        both(Key::builds_listed(target)),
        pair("T#111122223333#eu-west-1", "LISTED")
    );
    assert_eq!(
        both(Key::builds_round(target)),
        pair("T#111122223333#eu-west-1", "ROUND")
    );
    assert_eq!(
        both(Key::listed(target, WholeList::BuildsOfRound, 0)),
        pair("T#111122223333#eu-west-1", "LISTED#builds-of-round#0000")
    );
    assert_eq!(
        both(Key::listed(target, WholeList::Builds, 2)),
        pair("T#111122223333#eu-west-1", "LISTED#builds#0002")
    );
    assert_eq!(
        both(Key::listed(target, WholeList::UnusedSnapshots, 0)),
        pair("T#111122223333#eu-west-1", "LISTED#unused-snapshots#0000")
    );
    let snapshot = "snap-0123456789abcdef0".parse().unwrap();
    assert_eq!(
        both(Key::left(target, snapshot)),
        pair("LEFT", "111122223333#eu-west-1#snap-0123456789abcdef0")
    );
    assert_eq!(
        both(Key::unsettled(target)),
        pair("UNSETTLED", "111122223333#eu-west-1")
    );
}

#[test]
fn adopted_images_sort_as_text_by_date_and_then_by_id_and_are_read_back() {
    let web: FamilyName = "web".parse().unwrap();
    let target = "111122223333/eu-west-1".parse().unwrap();
    let ascending = [
        ("2024-01-01T00:00:00.000Z", "ami-0000000000000000f"),
        ("2024-01-01T00:00:00.001Z", "ami-00000000000000001"),
        ("2024-01-01T00:00:00.001Z", "ami-00000000000000002"),
    ];
    let key = |(created, ami): (&str, &str)| {
        let ami = ami.parse().unwrap();
        Key::adopted(
            &web,
            Architecture::X86_64,
            created.parse().unwrap(),
            Output { target, ami },
        )
    };
    assert!(ascending.map(|image| key(image).sk).is_sorted());
    let first = key(ascending[0]);
    assert_eq!(
        both(first.clone()),
        pair(
            "F#web",
            "ADOPTED#x86_64#2024-01-01T00:00:00.000Z#ami-0000000000000000f#111122223333#eu-west-1"
        )
    );
    let (architecture, created, output) = adopted_of_key(&first.sk).unwrap();
    assert_eq!(Key::adopted(&web, architecture, created, output), first);
}
