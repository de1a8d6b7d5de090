//! What a release would set off below it: shown before it does, and so it is built.

use std::fs;
use std::path::PathBuf;

use steward::ChannelName;
use steward_cli::Spoken;

use super::*;

/// A family: on what, what starts its builds, and what else its manifest says.
const FAMILIES: [(&str, &str, &str); 4] = [
    (
        "base",
        r#"{ parameter: "/base/x86_64", owner: self }"#,
        "{ base: 1h, debounce: 0m }",
    ),
    ("web", "{ family: base }", "{ debounce: 15m }"),
    ("shop", "{ family: web }", "{ debounce: 0m }"),
    (
        "kiosk",
        "{ family: base }",
        "{ debounce: 0m, freeze: [ { from: 2026-01-01, to: 2026-01-31, except: [change] } ] }",
    ),
];
const OTHERWISE: &str = r#"
distribute: { regions: { eu-west-1: {} }, publish: { parameter: "/golden/{family}/{channel}", to: [hub] } }
channels: { candidate: { from: release }, stable: { from: candidate, after: 24h } }
"#;

/// A folder with all of their manifests, gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn of(name: &str) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("steward-foreseen-{name}-{}", std::process::id())));
        fs::create_dir_all(&folder.0).unwrap();
        for (family, parent, triggers) in FAMILIES {
            let text = format!(
                "family: {family}\nbuild:\n  parent: {parent}\n  components:\n    - {{ arn: \"arn:aws:imagebuilder:eu-west-1:aws:\
                 component/update-linux/x.x.x\" }}\n  infrastructure: {{ instance_types: [t3.medium], instance_profile: ImageBuilder }}\n\
                 triggers: {triggers}{OTHERWISE}"
            );
            fs::write(folder.0.join(format!("{family}.yaml")), text).unwrap();
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl Yard {
    /// `base`, `web` and `kiosk` on it, `shop` on web, each built once; and a new release of base, which no channel names yet.
    pub(crate) async fn of_families(test: &str) -> Self {
        let bench = Bench::new().await;
        let topic = |world: &mut World| world.create_topic(target(HUB, IRELAND), "releases");
        let releases = bench.world.plane.with(topic).unwrap();
        let yard = Self { bench, releases };
        let folder = Folder::of(test);
        for (parent, built) in [(None, "base"), (Some("base"), "web"), (Some("web"), "shop")] {
            if let Some(parent) = parent {
                yard.promote(parent).await;
            }
            // What is built on a channel that names nothing yet is not made.
            let Spoken { out, err, code } = yard.steward(&["apply", folder.0.to_str().unwrap(), "--yes"]).await;
            assert_eq!((err.as_str(), code), ("", 0), "{out}");
            yard.until_built(built, 1).await;
        }
        yard.base_moves("base-2");
        yard.until_built("base", 2).await;
        yard
    }

    /// A build takes two hours, and who is built on a release first is waited for.
    async fn until_built(&self, family: &str, releases: usize) {
        for _ in 0..96 {
            if self.releases_of(family).await == releases {
                return;
            }
            self.pass(1).await;
        }
        let told = self.steward(&["plan", "build"]).await;
        panic!("{family} has no {releases} releases: {}{}", told.out, told.err);
    }

    async fn releases_of(&self, family: &str) -> usize {
        let record = self.bench.run().await.record;
        record.members_of(&family.parse().unwrap()).await.unwrap().len()
    }

    /// Has `stable` of a family name its newest release, and publishes it.
    async fn promote(&self, family: &str) {
        let release = self.point(family, &ChannelName::stable()).await;
        let record = self.bench.run().await.record;
        let image = record.placements(release).await.unwrap()[0].ami.to_string();
        let parameter = format!("/golden/{family}/stable");
        let plane = &self.bench.world.plane;
        plane.with(|plane| plane.put_parameter(target(HUB, IRELAND), &parameter, &image));
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_one_family_says_of_it_what_the_plan_of_all_says() {
    let yard = Yard::of_families("relatives").await;
    yard.promote("base").await;
    yard.pass(2).await;
    // Until kiosk is not frozen any more: one of both is built first, and the other follows it.
    yard.bench.world.pass(hours(31 * 24)).await;
    let of_web = |said: &Spoken| -> Vec<String> {
        let lines = said.out.lines().filter(|line| line.contains("web"));
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    let all = yard.steward(&["plan", "build"]).await;
    let one = yard.steward(&["plan", "build", "web"]).await;
    assert!(!of_web(&one).is_empty(), "{}", one.out);
    assert_eq!(of_web(&one), of_web(&all), "{}\n{}", one.out, all.out);
    assert!(
        !one.out.contains("starts") && all.out.contains("starts"),
        "{}\n{}",
        one.out,
        all.out
    );
    let kiosk = one.out.lines().find(|line| line.starts_with("kiosk"));
    assert_eq!(kiosk, None, "{}", one.out);
}

#[tokio::test(start_paused = true)]
async fn what_a_new_base_would_set_off_is_shown_in_waves_and_so_it_is_built() {
    let yard = Yard::of_families("waves").await;
    let changes = || yard.bench.world.plane.with(|world| world.ledger().changes().count());
    let before = changes();
    let Spoken { out, err, code } = yard.steward(&["plan", "build", "--if-parent", "base/1.0.0/2"]).await;
    assert_eq!((err.as_str(), code), ("", 0), "{out}");
    assert_eq!(out, include_str!("foreseen.txt"));
    assert_eq!(changes(), before);
    yard.pass(12).await;
    assert_eq!(yard.releases_of("web").await, 1);
    yard.promote("base").await;
    yard.until_built("web", 2).await;
    let [_, (_, reason)] = yard.builds().await.try_into().unwrap();
    assert_eq!(reason, "stable of base moved: base/1.0.0/1   base/1.0.0/2");
    assert_eq!(yard.releases_of("shop").await, 1);
    yard.promote("web").await;
    yard.until_built("shop", 2).await;
    assert_eq!(yard.releases_of("kiosk").await, 1);
    let told = yard.steward(&["plan", "build", "--if-parent", "base"]).await;
    assert!(
        told.out.contains("its newest release is built on it already"),
        "{}",
        told.out
    );
    assert!(told.out.ends_with("\nNothing would be built.\n"), "{}", told.out);
}

#[tokio::test(start_paused = true)]
async fn a_release_that_no_channel_can_name_is_refused_in_a_sentence() {
    let yard = Yard::of_families("refused").await;
    let said = async |release: &str| {
        let told = yard.steward(&["plan", "build", "--if-parent", release]).await;
        assert_eq!(told.code, 2, "{}", told.out);
        told.err
    };
    assert_eq!(
        said("base/1.5.0").await,
        "steward: there is no release base/1.5.0; releases there are: base/1.0.0/1, base/1.0.0/2.\n"
    );
    let record = yard.bench.run().await.record;
    let members = record.members_of(&"base".parse().unwrap()).await.unwrap();
    let vendor = record.parents(members[0].release).await.unwrap()[0].release;
    let vendor = record.called(vendor).await.unwrap().unwrap();
    let vendor = vendor.says.as_str().split(' ').next().unwrap();
    assert_eq!(
        said(vendor).await,
        format!("steward: {vendor} is of no family of ours, so no channel can name it.\n")
    );
    let revoke = ["revoke", "base/1.0.0/2", "--because", "a bad kernel", "--yes"];
    assert_eq!(yard.steward(&revoke).await.code, 0);
    assert_eq!(
        said("base/1.0.0/2").await,
        "steward: base/1.0.0/2 is revoked, so no channel moves to it: `steward explain base/1.0.0/2` says why.\n"
    );
    let both = yard.steward(&["plan", "build", "web", "--if-parent", "base"]).await;
    assert!(
        both.code == 2 && both.err.contains("cannot be used with"),
        "{}",
        both.err
    );
    let nobody = yard.steward(&["plan", "build", "--if-parent", "shop"]).await;
    assert_eq!(
        (nobody.out.as_str(), nobody.code),
        (
            "If the channels of shop named shop/1.0.0/1:\n\nNothing would be built.\n",
            0
        )
    );
}
