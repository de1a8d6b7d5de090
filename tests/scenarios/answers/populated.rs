//! A hub of which there is something of everything to tell.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use aws_sdk_imagebuilder::types::{ComponentConfiguration, ComponentParameter, Platform};
use image_plane::{
    BuildFailure, BuildStage, FailureCause, NewImage, RegionFailure, RegionFailureStatus, Severity, Vulnerability,
};
use record_lineage::gather_evidence;
use serde_json::json;
use stage::aws::{HUB, IRELAND, MEMBER, hours, target};
use stage::shop::amis;
use steward::evidence::{Hop, ImageSeen, InstanceState, KeptUse, ParameterRef, Reference, ReportStanding, ReportState};
use steward::evidence::{Referrer, ReportedUser, Said, Selector, Source, SourceRun, VersionStanding};
use steward::lineage::{Exemption, Lifted, Node, NodeKind};
use steward::{
    AmiId, ContainerFacts, ContainerImage, ContainerPlacement, Duration, Findings, Heard, ReleaseId, Target, Timestamp,
    WorkflowRun,
};
use steward_aws::{Hold, Kept, KeptReports};

use crate::hub::Hub;
use crate::lineage::{Families, id};

const OPENSSL: (&str, Severity, &str) = ("CVE-2026-1234", Severity::High, "openssl");
const CURL: (&str, Severity, &str) = ("CVE-2026-5678", Severity::Low, "curl");
const STIG: &str = "name: stig\nschemaVersion: 1.0\nparameters:\n  - Level:\n      type: string\nphases:\n  - name: build\n    steps:\n      - name: harden\n        action: ExecuteBash\n        inputs:\n          commands:\n            - echo '{{ Level }}'\n";

/// A build that was only met as somebody's ancestor.
pub(super) const STUB: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/gone/1.0.0/1";

/// A folder of manifests that can be written to, gone when the test is.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// The samples that a newcomer has.
    pub(super) fn of_samples() -> Self {
        let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
        let folder = Self(std::env::temp_dir().join(format!("steward-answers-{}", std::process::id())));
        copy(&here.join("../families"), &folder.0);
        folder
    }

    pub(super) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub(super) fn change(&self, file: &str, change: impl Fn(String) -> String) {
        let file = self.0.join(file);
        fs::write(&file, change(fs::read_to_string(&file).unwrap())).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The hub, and builds of it that no word but their ARN means.
pub(super) struct Populated {
    pub(super) hub: Hub,
    pub(super) vendor: String,
    pub(super) broken: String,
    pub(super) half_distributed: String,
}

/// `base` (four builds, two of them scanned), `site` on it (two, on different ones), `shop` on that; `web` with two failed
/// builds; `tools` and `kiosk`, which ran a component with two values; `kiosk` for both architectures.
pub(super) async fn populated() -> Populated {
    let families = Families::new().await;
    let Families {
        hub,
        vendor,
        base,
        site,
        ..
    } = families;
    let pipeline = |name: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/{name}");
    let old = amis(&hub.shop.image(&base).await)[0].1.clone();
    hub.shop.aws.pass(hours(40 * 24)).await;
    let second = scanned(&hub, &pipeline("base"), OPENSSL).await;
    let third = scanned(&hub, &pipeline("base"), CURL).await;
    let newest = scanned(&hub, &pipeline("base"), OPENSSL).await;
    let golden = amis(&hub.shop.image(&newest).await)[0].1.clone();
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.put_parameter(target(HUB, IRELAND), "/golden/base", &golden));
    hub.shop.built_by(&pipeline("site")).await;
    hub.shop.built().await;
    let (broken, half_distributed) = failed(&hub).await;
    hardened(&hub).await;
    hub.sweep().await;
    told_by_its_build(&hub, id(&base)).await;
    heard(&hub, id(&base)).await;
    verdicts(&hub, id(&site), &old).await;
    let second = amis(&hub.shop.image(&second).await)[0].1.clone();
    let third = amis(&hub.shop.image(&third).await)[0].1.clone();
    evidence(
        &hub,
        old.parse().unwrap(),
        second.parse().unwrap(),
        third.parse().unwrap(),
    )
    .await;
    // After the evidence, which would take it away: no report was ever asked for.
    beside_amis(&hub, id(&base)).await;
    refused(&hub).await;
    Populated {
        hub,
        vendor,
        broken,
        half_distributed,
    }
}

async fn scanned(hub: &Hub, pipeline: &str, (cve, severity, package): (&str, Severity, &str)) -> String {
    hub.shop.scan(pipeline).await;
    // Before any build of these tests.
    let early = image_plane::Time::parse("2026-01-01T00:00:00Z").unwrap();
    let found = vec![Vulnerability::new(cve, severity, package).published(early)];
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.set_vulnerabilities(pipeline, found));
    hub.shop.built_by(pipeline).await
}

/// A build that failed in a component, and one whose image was made and not brought everywhere.
async fn failed(hub: &Hub) -> (String, String) {
    let component = FailureCause::Component {
        component_arn: None,
        phase: String::from("build"),
        step: String::from("install"),
        action: String::from("ExecuteBash"),
        message: String::from("exit status 1\u{1b}[2J"),
    };
    let regions = [Some(MEMBER), None].map(|account| RegionFailure {
        region: IRELAND.parse().unwrap(),
        account,
        status: RegionFailureStatus::Failed,
        step: Some(String::from("UPDATE_LAUNCH_TEMPLATES")),
        message: String::from("no such template"),
    });
    let mut builds = Vec::new();
    for (stage, cause) in [
        (BuildStage::Building, component),
        (BuildStage::Integrating, FailureCause::Regions(regions.to_vec())),
    ] {
        let failure = BuildFailure { stage, cause };
        let plane = &hub.shop.aws.plane;
        plane.with(|world| world.fail_builds(&hub.shop.pipeline, 1, &failure));
        builds.push(hub.shop.build().await);
        hub.shop.aws.pass(hours(3)).await;
    }
    (builds.remove(0), builds.remove(0))
}

/// Families that ran a component with a parameter, one of them for two architectures.
async fn hardened(hub: &Hub) {
    let ib = &hub.shop.ib;
    let stig = ib.create_component().name("stig").semantic_version("1.0.0");
    let stig = stig.platform(Platform::Linux).data(STIG).send().await.unwrap();
    let stig = stig.component_build_version_arn.unwrap();
    let aws = &hub.shop.aws;
    let parents = [
        aws.image_with(HUB, IRELAND, NewImage::named("elsewhere")),
        aws.image_with(HUB, IRELAND, NewImage::named("elsewhere for arm").arm64()),
    ];
    for (name, family, parent, level) in [
        ("tools", "tools", &parents[0], "Low"),
        ("kiosk", "kiosk", &parents[0], "High"),
        ("kiosk-arm64", "kiosk", &parents[1], "High"),
    ] {
        let level = ComponentParameter::builder()
            .name("Level")
            .value(level)
            .build()
            .unwrap();
        let uses = ComponentConfiguration::builder().component_arn(&stig).parameters(level);
        let recipe = ib.create_image_recipe().name(name).semantic_version("1.0.0");
        let recipe = recipe.parent_image(parent).components(uses.build().unwrap());
        let recipe = recipe.ami_tags("image-steward:family", family).send().await.unwrap();
        let infrastructure = "arn:aws:imagebuilder:eu-west-1:111122223333:infrastructure-configuration/web";
        let pipeline = ib.create_image_pipeline().name(name);
        let pipeline = pipeline.set_image_recipe_arn(recipe.image_recipe_arn);
        let pipeline = pipeline
            .infrastructure_configuration_arn(infrastructure)
            .send()
            .await
            .unwrap();
        hub.shop.built_by(&pipeline.image_pipeline_arn.unwrap()).await;
    }
}

/// What only releases of container images have, and what only usage reports tell of.
async fn beside_amis(hub: &Hub, release: ReleaseId) {
    let record = hub.record();
    let placement = record.placements(release).await.unwrap().remove(0);
    let now = hub.moment().now;
    for (digit, is_there) in [("0a", true), ("0b", false)] {
        let facts = ContainerFacts {
            digest: format!("sha256:{}", digit.repeat(32)).parse().unwrap(),
            tags: BTreeSet::from([String::from("1.0.0-1")]),
            pushed: Some(now),
            size: 1,
        };
        let image = ContainerImage {
            target: placement.target,
            repository: "tools".parse().unwrap(),
            digest: facts.digest.clone(),
        };
        let container = ContainerPlacement {
            release,
            image: image.clone(),
            facts,
            seen: now,
        };
        record.place_container(&container).await.unwrap();
        if !is_there {
            record.observe_container(release, &image, None, now).await.unwrap();
            let later = now.checked_add(Duration::minutes(6)).unwrap();
            assert!(record.observe_container(release, &image, None, later).await.unwrap());
        }
    }
    let reported = |by| Reference {
        path: vec![Hop::Reported {
            account: "999988887777".parse().unwrap(),
            by,
            count: 2,
            requested: now,
        }],
    };
    let users = [
        ReportedUser::Instances,
        ReportedUser::LaunchTemplates,
        ReportedUser::Other("ec2:Other".into()),
    ];
    let kept = Kept::Reports(KeptReports {
        standing: Some(ReportStanding {
            requested: now,
            state: ReportState::Available,
            read: Some(now),
        }),
        usage: Some(KeptUse::of(&users.map(reported).into())),
    });
    let source = (Source::Reports, placement.ami);
    record.put_use(placement.target, source, &kept, now).await.unwrap();
}

/// What the model's workflows and scans never say.
async fn told_by_its_build(hub: &Hub, release: ReleaseId) {
    let now = hub.moment().now;
    let mut details = hub.record().details(release).await.unwrap();
    details.workflows.push(WorkflowRun {
        workflow: "test/boot/1.0.0/1".into(),
        status: "COMPLETED".into(),
        started: None,
        steps: 2,
        failed: 0,
        message: Some("it boots".into()),
    });
    let known = steward::Vulnerability {
        severity: "HIGH".into(),
        packages: vec!["openssl 1.0.0".into()],
        published: Some(now),
    };
    details.findings = Some(Findings {
        all: 1,
        high: 1,
        ..Findings::default()
    });
    details.vulnerabilities.insert(OPENSSL.0.parse().unwrap(), known);
    hub.record()
        .write_details(release, Some(now), &details, now)
        .await
        .unwrap();
    let stub = Node {
        name: STUB.parse().unwrap(),
        kind: NodeKind::Stub,
    };
    hub.record().meet(&stub).await.unwrap();
}

/// What its build and its family said of themselves.
async fn heard(hub: &Hub, release: ReleaseId) {
    let (record, now) = (hub.record(), hub.moment().now);
    let says = |says: &str| Heard {
        event: String::from("8290184d"),
        at: now,
        says: says.into(),
    };
    assert!(record.hear(release, &says("AVAILABLE"), now).await.unwrap());
    let family = "base".parse().unwrap();
    let disabled = says("Image Builder disabled its pipeline");
    assert!(record.hear_of_family(&family, &disabled, now).await.unwrap());
}

/// `base/1.0.0/1` is revoked, and `site`, which came from it, exempt of that and no more; its image is held.
async fn verdicts(hub: &Hub, site: ReleaseId, old: &str) {
    hub.says(&["revoke", "base/1.0.0/1", "--because", "a hole", "--yes"])
        .await;
    let now = hub.moment().now;
    let past = now.checked_sub(Duration::days(1)).unwrap();
    let ended = Some(Lifted {
        who: String::from("bob"),
        why: String::from("reachable after all"),
        at: past,
    });
    let exemption = Exemption {
        who: String::from("ann"),
        why: String::from("not reachable"),
        until: past,
        ended: ended.clone(),
    };
    let (record, begun) = (hub.record(), now.checked_sub(Duration::days(2)).unwrap());
    assert!(record.exempt(site, exemption, begun).await.unwrap());
    hub.says(&["hold", old, "--until", "2030-01-01", "--because", "an audit"])
        .await;
    let hold = Hold {
        ami: old.parse().unwrap(),
        who: String::from("ann"),
        why: String::from("an audit"),
        at: begun,
        until: past,
        ended,
    };
    let releases = record.releases_with(hold.ami).await.unwrap();
    assert!(record.hold(releases.into_iter().next().unwrap(), &hold).await.unwrap());
}

/// Users of each kind, written as gathering writes them.
async fn evidence(hub: &Hub, ami: AmiId, newer: AmiId, unused: AmiId) {
    let event = json!({ "wake": "sweep" });
    gather_evidence(&hub.room().0, &event, "gathered", hub.moment())
        .await
        .unwrap();
    let (record, here, now) = (hub.record(), crate::hub::hub(), hub.moment().now);
    let keep_of = async |ami, source, references: Vec<Vec<Hop>>| {
        let references = references.into_iter().map(|path| Reference { path });
        let kept = Kept::Use(KeptUse::of(&references.collect::<BTreeSet<_>>()));
        record.put_use(here, (source, ami), &kept, now).await.unwrap();
    };
    let keep = async |source, references| keep_of(ami, source, references).await;
    let instance = |n: u64, name: Option<&str>, owner: Option<&str>, state| {
        vec![Hop::Instance {
            id: format!("i-{n:017x}").parse().unwrap(),
            state,
            name: name.map(Into::into),
            owner: owner.map(Into::into),
        }]
    };
    let many = (10..60).map(|n| instance(n, None, None, InstanceState::Stopped));
    let named = instance(1, Some("till"), Some("team-shop"), InstanceState::Running);
    keep(Source::Instances, many.chain([named]).collect()).await;
    let pending = instance(2, None, None, InstanceState::Pending);
    keep_of(newer, Source::Instances, vec![pending]).await;
    let parameter = |selector| {
        Hop::Parameter(ParameterRef {
            name: String::from("/golden/base"),
            selector,
        })
    };
    let version = |version: u64| Hop::Template {
        id: "lt-0123456789abcdef0".parse().unwrap(),
        name: "web".into(),
        version,
        standing: VersionStanding {
            default: version == 7,
            newer: 9 - version,
        },
    };
    let template = version(7);
    let group = vec![
        Hop::Group("web".into()),
        Hop::Override(2),
        template.clone(),
        parameter(Some(Selector::Version(3))),
    ];
    keep(Source::AutoScalingGroups, vec![group]).await;
    keep(
        Source::LaunchTemplates,
        vec![
            vec![template, parameter(Some(Selector::Label("blue".into())))],
            vec![version(5)],
        ],
    )
    .await;
    keep_of(unused, Source::LaunchTemplates, vec![vec![version(6)]]).await;
    keep(
        Source::LaunchConfigurations,
        vec![vec![Hop::LaunchConfiguration("old".into())]],
    )
    .await;
    keep(Source::Fleets, vec![vec![Hop::Fleet("fleet-1".into())]]).await;
    let specified = vec![Hop::SpotFleet("sfr-1".into()), Hop::Specification(1)];
    keep(Source::SpotFleets, vec![specified]).await;
    keep(Source::SpotRequests, vec![vec![Hop::SpotRequest("sir-1".into())]]).await;
    keep(Source::Parameters, vec![vec![parameter(None)]]).await;
    keep(
        Source::Pipelines,
        vec![vec![Hop::Pipeline("site".into()), Hop::Recipe("site".into())]],
    )
    .await;
    let recipe = "arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/site/1.0.0";
    let told = [
        Referrer::Instance("i-0123456789abcdef0".parse().unwrap()),
        Referrer::LaunchTemplate("lt-0123456789abcdef0".parse().unwrap()),
        Referrer::Parameter("/golden/base".into()),
        Referrer::Recipe(recipe.parse().unwrap()),
        Referrer::Other {
            kind: "ec2:Fleet".into(),
            arn: "arn:aws:ec2:eu-west-1:111122223333:fleet/fleet-1".into(),
        },
    ];
    let told = told.map(|referrer| vec![Hop::ToldByEc2(referrer)]);
    keep(Source::References, told.to_vec()).await;
    let seen = ImageSeen {
        ami,
        launched: Some(now),
        deprecated: Some(now),
        tags: BTreeMap::from([(String::from("keep"), String::from("true"))]),
        protected: Some("enabled-with-cooldown".into()),
    };
    record
        .put_use(here, (Source::Images, ami), &Kept::Image(seen), now)
        .await
        .unwrap();
    let later = now.checked_add(Duration::minutes(1)).unwrap();
    runs(hub, here, later).await;
}

/// A target that is being asked for the first time.
pub(super) async fn begin_elsewhere(hub: &Hub) {
    let member: Target = format!("{MEMBER}/{IRELAND}").parse().unwrap();
    let (record, now) = (hub.record(), hub.moment().now);
    assert!(record.begin_gathering(member, "unfinished", now).await.unwrap());
}

async fn runs(hub: &Hub, here: Target, as_of: Timestamp) {
    for (source, said) in [
        (Source::Fleets, Said::Unread("UnauthorizedOperation".into())),
        (Source::Instances, Said::Implausible { count: 1, usual: 51 }),
    ] {
        let run = SourceRun { source, as_of, said };
        hub.record().write_run(here, &run).await.unwrap();
    }
}

async fn refused(hub: &Hub) {
    let forged = json!({ "source": "aws.ec2", "detail-type": "EC2 AMI State Change", "account": "\u{1b}[2J" });
    hub.wake(&forged).await.unwrap();
    assert_eq!(hub.record().refused().await.unwrap().len(), 1);
}
