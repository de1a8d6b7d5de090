//! Builds that are started for reasons: families applied as the command does it, whoever triggers builds woken by the sweep and by
//! events, and what came of it as Image Builder has it.

use aws_sdk_imagebuilder::types::{Image, ImageStatus};
use image_plane::{ImageId, Process, Time, World};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, target};
use steward::CanonicalName;
use steward::applying::{digest_of, wanted};
use steward::building::Line;
use steward::manifest::ManifestFile;
use steward_aws::{Applier, FamilyInput, Record};
use trigger_builds::trigger_builds;

use crate::judge::{End, LineName, MadeOf, Started};
use crate::site::{Broken, Build, Site, environment};

impl Site {
    /// Whether there are families that are built for reasons.
    pub(crate) fn is_built_for_reasons(&self) -> bool {
        self.families.iter().any(|family| family.policy.building.is_some())
    }

    /// Applies a family's manifest as the command does.
    pub(crate) async fn apply_by_command(&mut self, at: usize) {
        let hub = environment().hub;
        let read = |at: usize| {
            let policy = &self.families[at].policy;
            let text = policy.manifest();
            let read = ManifestFile::read(&format!("{}.yaml", policy.family), text.as_bytes());
            assert!(read.diagnostics.is_empty(), "{text}\n{:?}", read.diagnostics);
            (text, read.file.unwrap())
        };
        let (text, file) = read(at);
        let (_, base) = read(0);
        let manifest = file.manifest();
        let of_base = |family: &_| Some(base.manifest()).filter(|base| base.family == *family);
        let input = FamilyInput {
            family: manifest.family.clone(),
            wanted: wanted(manifest, hub, of_base, |_| Err(String::from("no such file"))).unwrap(),
            follows: manifest
                .parent_family()
                .map(|parent| (parent.family.clone(), parent.channel.clone())),
            digest: digest_of([("manifest", text.as_bytes())]),
            text: text.clone(),
        };
        let run = self.next_run();
        let (aws, environment, _) = self.aws_of_function("");
        let (there, record) = (aws.at(hub).await, Record::new(aws.tables(), &environment.table, hub));
        let command = Applier {
            at: &there,
            record: &record,
            bus: aws.bus(),
            who: String::from("ann"),
            run,
            prune_versions: None,
        };
        let families = [input];
        let plan = command.plan(&families).await.unwrap();
        let now = || self.aws.plane.now().to_string().parse().unwrap();
        let digest = plan.digest();
        let applying = command.apply(&families, &digest, None, now, |_| {});
        applying.await.unwrap();
        let applied = record.applied(&families[0].family).await.unwrap();
        let architectures = manifest.architectures.iter();
        let pipelines = architectures.map(|architecture| {
            let line = Line {
                family: manifest.family.clone(),
                architecture: *architecture,
            };
            line.pipeline(hub).to_string()
        });
        let pipelines: Vec<String> = pipelines.collect();
        let family = &mut self.families[at];
        family.pipelines = pipelines;
        family.version = applied.unwrap().version;
        let line = format!("manifest {} of {}", family.version, text.replace('\n', " "));
        self.say(line);
    }

    /// Somebody starts the pipelines of a family in the console.
    pub(crate) async fn build_in_the_console(&mut self, at: usize) {
        self.see_builds(false).await.unwrap();
        for pipeline in self.families[at].pipelines.clone() {
            let start = self.ib.start_image_pipeline_execution().image_pipeline_arn(pipeline);
            let arn = start.send().await.unwrap().image_build_version_arn.unwrap();
            self.say(format!("somebody starts {arn}"));
        }
        self.see_builds(false).await.unwrap();
    }

    /// Wakes trigger-builds as its schedule does.
    pub(crate) async fn trigger_by_sweep(&mut self) -> Result<(), Broken> {
        self.trigger_builds(&json!({ "wake": "sweep" })).await
    }

    pub(crate) async fn trigger_builds(&mut self, event: &Value) -> Result<(), Broken> {
        Box::pin(self.see_builds(false)).await?;
        let (room, process) = self.warm.trigger.take().unwrap_or_else(|| self.building_room());
        let run = self.next_run();
        let work = Box::pin(trigger_builds(&room, event, &run, self.moment()));
        let answered = self.invoke("trigger-builds", &process, work).await?;
        match answered {
            None => self.judge.builds.seen.crashed += 1,
            Some(answer) => {
                self.warm.trigger = Some((room, process));
                match answer {
                    Ok(triggered) => {
                        let seen = &mut self.judge.builds.seen;
                        seen.skipped += triggered.skipped.len();
                        seen.frozen += triggered.waits.iter().filter(|why| why.contains("freeze")).count();
                        self.say(format!("trigger-builds: {triggered:?}"));
                    }
                    Err(failure) => self.say(format!("trigger-builds fails: {failure:?}")),
                }
            }
        }
        Box::pin(self.see_builds(true)).await
    }

    fn building_room(&self) -> (trigger_builds::Room, Process) {
        let (aws, environment, process) = self.aws_of_function("");
        (
            trigger_builds::Room::new(aws, &environment, self.judge.builds.at_once),
            process,
        )
    }

    /// Looks at what Image Builder has: what ended, and what is new, by whoever triggers builds or by somebody else.
    pub(crate) async fn see_builds(&mut self, by_us: bool) -> Result<(), Broken> {
        let throttling = self.throttle(false);
        let seen = Box::pin(self.see_all_builds(by_us)).await;
        self.throttle(throttling);
        seen
    }

    /// Whether calls are throttled from here on; says whether they were.
    pub(crate) fn throttle(&self, throttling: bool) -> bool {
        let throttle = |world: &mut World| std::mem::replace(&mut world.settings_mut().throttling, throttling);
        self.plane().with(throttle)
    }

    async fn see_all_builds(&mut self, by_us: bool) -> Result<(), Broken> {
        for (line, arn) in self.judge.builds.live() {
            let Some(image) = self.image_at(&arn).await else {
                continue;
            };
            if let Some(end) = end_of(&image) {
                let now = self.now();
                self.judge.builds.ended(&line, &arn, (now, end));
                self.judge.needs.builds_on(&arn, None, now);
                self.say(format!("{arn} ends: {end:?}"));
            }
        }
        for at in 0..self.families.len() {
            let architectures = self.families[at].policy.architectures.clone();
            for (n, architecture) in architectures.into_iter().enumerate() {
                Box::pin(self.see_line(at, (n, architecture), by_us)).await?;
            }
        }
        Ok(())
    }

    async fn see_line(
        &mut self,
        at: usize,
        (n, architecture): (usize, &'static str),
        by_us: bool,
    ) -> Result<(), Broken> {
        let family = &self.families[at];
        let (Some(pipeline), Some(building)) = (family.pipelines.get(n).cloned(), family.policy.building.clone())
        else {
            return Ok(());
        };
        let line: LineName = (family.policy.family.clone(), architecture);
        let held = self.ib.get_image_pipeline().image_pipeline_arn(&pipeline).send().await;
        let recipe = held.unwrap().image_pipeline.unwrap().image_recipe_arn.unwrap();
        let now = self.now();
        let parameter = building.parameter(architecture);
        let Some(parent) = self
            .judge
            .bases
            .get(&parameter)
            .cloned()
            .or_else(|| self.named_by(&parameter))
        else {
            return Ok(());
        };
        let of = MadeOf {
            parent,
            recipe: recipe.clone(),
            agent: self.agent,
        };
        self.judge.builds.would_be(&line, of.clone(), now);
        let begins = recipe.replace(":image-recipe/", ":image/");
        let known = self.families[at].builds.iter();
        let mut newest = known
            .filter(|build| build.arn.rsplit_once('/').is_some_and(|(of, _)| of == begins))
            .count();
        let (asked_for, refused) = self.aws.plane.with(|world| self.judge.asked_for(&pipeline, world));
        if by_us {
            self.judge.builds.refused(&line, refused);
        }
        let mut new = 0;
        loop {
            newest += 1;
            let arn = format!("{begins}/{newest}");
            let Some(image) = self.image_at(&arn).await else { break };
            new += 1;
            let started = self.started(&arn, image, of.clone(), by_us, &line);
            let build = Build {
                release: arn.parse::<CanonicalName>().unwrap().id().to_string(),
                started: started.at,
                arn,
                architecture,
            };
            self.say(format!(
                "{} began, which is {}: {}",
                build.arn, build.release, started.says
            ));
            let on = started.of.parent.parse::<ImageId>().ok();
            self.judge.needs.builds_on(&build.arn, on, now);
            self.families[at].builds.push(build);
            let titles = self.titles();
            let title_of = |ami: &str| {
                titles
                    .iter()
                    .find(|(named, _)| named == ami)
                    .map(|(_, title)| title.clone())
            };
            self.judge.builds.starts(&line, &building, started, title_of)?;
        }
        if by_us && new != asked_for {
            return Err(format!(
                "{asked_for} builds of {line:?} were asked for, and {new} were started"
            ));
        }
        Ok(())
    }

    fn started(&self, arn: &str, image: Image, of: MadeOf, by_us: bool, line: &LineName) -> Started {
        let created = image.date_created.as_deref().and_then(Time::parse);
        let tags = image.tags.unwrap_or_default();
        Started {
            arn: arn.to_owned(),
            at: created.unwrap_or_else(|| self.now()),
            by_us,
            says: tags.get("image-steward:reason").cloned().unwrap_or_default(),
            of,
            found: self.judge.finds.get(&line.0).cloned().unwrap_or_default(),
            ended: None,
        }
    }

    /// What the images of the base's releases are called.
    fn titles(&self) -> Vec<(String, String)> {
        let base = &self.families[0];
        let images = self.aws.plane.with(|world| world.survey_images(HUB));
        let home = crate::judge::home();
        let titled = base.builds.iter().filter_map(|build| {
            let image = self.judge.image_of(&build.release, home, &images)?;
            let mut parts = build.arn.rsplitn(3, '/');
            let (number, version) = (parts.next()?, parts.next()?);
            Some((image.to_string(), format!("{}/{version}/{number}", base.policy.family)))
        });
        titled.collect()
    }

    /// The image that a parameter of the hub's names.
    pub(crate) fn named_by(&self, parameter: &str) -> Option<String> {
        let hub = target(HUB, IRELAND);
        let all = self.aws.plane.with(|world| world.parameters_of_images(hub));
        let name = format!(":parameter{parameter}");
        all.into_iter()
            .find(|(arn, _)| arn.ends_with(&name))
            .map(|(_, value)| value)
    }

    async fn image_at(&self, arn: &str) -> Option<Image> {
        let got = self.ib.get_image().image_build_version_arn(arn).send().await;
        got.ok().and_then(|got| got.image)
    }
}

fn end_of(image: &Image) -> Option<End> {
    let state = image.state.as_ref()?;
    match state.status.as_ref()? {
        ImageStatus::Available | ImageStatus::Deprecated | ImageStatus::Disabled | ImageStatus::Deleted => {
            Some(End::Made)
        }
        ImageStatus::Failed if state.reason.as_deref().is_some_and(|why| why.contains("Capacity")) => {
            Some(End::Passing)
        }
        ImageStatus::Failed => Some(End::Failed),
        ImageStatus::Cancelled => Some(End::Cancelled),
        _ => None,
    }
}
