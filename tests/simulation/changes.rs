//! What people and vendors do that asks for builds, and what makes builds fail.

use std::collections::BTreeSet;

use aws_sdk_imagebuilder::types::Platform;
use image_plane::{BuildFailure, BuildStage, FailureCause, Severity, Time, Vulnerability};
use stage::aws::{HUB, IRELAND, hours, target};

use crate::building::day;
use crate::site::Site;

const AGENT: &str = "name: agent
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: install
        action: ExecuteBash
        inputs:
          commands:
            - dnf install -y agent
";

impl Site {
    /// Something happens that asks for a build, or hinders one.
    pub(crate) async fn something_changes(&mut self) {
        let at = self.dice.below(self.families.len());
        // People have time to ask again.
        let throttling = self.throttle(false);
        match self.dice.below(18) {
            0..=2 => self.base_moves(),
            3 => self.base_goes_back(),
            4 | 5 => self.keep_the_agent().await,
            6 | 7 => self.change_the_recipe(at).await,
            8..=10 => self.ask_for_a_build(at).await,
            11 => self.build(at).await,
            12 | 13 => self.let_scans_find(at),
            14 => self.let_builds_fail(at),
            15 | 16 => self.freeze(at).await,
            _ => self.cancel_a_build().await,
        }
        self.throttle(throttling);
    }

    /// The vendor's parameters name an image that is new.
    pub(crate) fn base_moves(&mut self) {
        self.runs += 1;
        for architecture in ["x86_64", "arm64"] {
            let image = self
                .aws
                .image(HUB, IRELAND, &format!("vendor-{architecture}-{}", self.runs));
            self.name_the_base(architecture, &image);
        }
    }

    /// They name what they named before.
    fn base_goes_back(&mut self) {
        for architecture in ["x86_64", "arm64"] {
            let before = self.bases.iter().rev().filter(|(of, _)| *of == architecture).nth(1);
            if let Some((_, image)) = before.cloned() {
                self.name_the_base(architecture, &image);
            }
        }
    }

    fn name_the_base(&mut self, architecture: &'static str, image: &str) {
        let name = format!("/base/{architecture}");
        self.plane()
            .with(|world| world.put_parameter(target(HUB, IRELAND), &name, image));
        self.say(format!("{name} names {image}"));
        self.bases.push((architecture, image.to_owned()));
        self.judge.bases.insert(name, image.to_owned());
    }

    /// Another hand keeps a component, and puts its next version there.
    pub(crate) async fn keep_the_agent(&mut self) {
        self.agent += 1;
        let version = format!("1.0.{}", self.agent);
        let component = self.ib.create_component().name("agent").semantic_version(&version);
        component.platform(Platform::Linux).data(AGENT).send().await.unwrap();
        self.say(format!("agent {version} is there"));
    }

    async fn change_the_recipe(&mut self, at: usize) {
        if let Some(building) = &mut self.families[at].policy.building {
            building.size += 1;
        }
        self.apply_manifest(at).await;
    }

    /// Tomorrow and the day after nothing is built by itself.
    async fn freeze(&mut self, at: usize) {
        let from = self.now() + hours(24);
        if let Some(building) = &mut self.families[at].policy.building {
            building.freeze = Some([day(from), day(from + hours(24))]);
        }
        self.apply_manifest(at).await;
    }

    pub(crate) async fn ask_for_a_build(&mut self, at: usize) {
        self.runs += 1;
        let (family, why) = (
            self.families[at].policy.family.clone(),
            format!("wish {} of mine", self.runs),
        );
        let said = self.steward(&["build", &family, "--because", &why]).await;
        assert_eq!(said.code, 0, "{}", said.err);
        let now = self.now();
        self.judge.builds.asks(&family, &why, now);
    }

    /// What scans of a family's next builds find: something bad that can be mended, or nothing.
    fn let_scans_find(&mut self, at: usize) {
        self.runs += 1;
        let found = self.dice.chance(70).then(|| format!("CVE-2026-{}", 10_000 + self.runs));
        let early = Time::parse("2026-01-01T00:00:00Z").unwrap();
        let all = found.iter();
        let all: Vec<_> = all
            .map(|cve| Vulnerability::new(cve, Severity::High, "openssl").published(early))
            .collect();
        for pipeline in &self.families[at].pipelines {
            self.aws
                .plane
                .with(|world| world.set_vulnerabilities(pipeline, all.clone()));
        }
        let family = self.families[at].policy.family.clone();
        self.say(format!("scans of {family} find {found:?}"));
        let found: BTreeSet<String> = found.into_iter().collect();
        self.judge.finds.insert(family, found);
    }

    fn let_builds_fail(&mut self, at: usize) {
        let cause = if self.dice.chance(60) {
            FailureCause::Capacity {
                instance_type: String::from("t3.medium"),
            }
        } else {
            FailureCause::Component {
                component_arn: None,
                phase: String::from("build"),
                step: String::from("install"),
                action: String::from("ExecuteBash"),
                message: String::from("no such package"),
            }
        };
        let (stage, times) = (BuildStage::Building, *self.dice.pick(&[1, 1, 2, 4]));
        let failure = BuildFailure { stage, cause };
        for pipeline in &self.families[at].pipelines {
            self.aws
                .plane
                .with(|world| world.fail_builds(pipeline, times, &failure));
        }
        self.say(format!(
            "{times} builds of {} are to fail: {failure:?}",
            self.families[at].policy.family
        ));
    }

    async fn cancel_a_build(&mut self) {
        self.see_builds(false).await.unwrap();
        let Some((_, arn)) = self.judge.builds.live().first().cloned() else {
            return;
        };
        let cancelled = self
            .ib
            .cancel_image_creation()
            .image_build_version_arn(&arn)
            .send()
            .await;
        self.say(format!("somebody cancels {arn}: {}", cancelled.is_ok()));
    }
}
