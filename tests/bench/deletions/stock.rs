//! Images that are to go for good: disabled long ago, announced, and used by nobody.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use image_plane::{NewImage, Time};
use stage::aws::{Aws, HUB, IRELAND};
use stage::table::TABLE;
use steward::pruning::PruningCall;
use steward::{
    AmiId, AmiState, Architecture, BuildState, CanonicalName, FamilyName, Output, Placement, Recording, Release,
    ReleaseId, SnapshotId, Target, Timestamp,
};
use steward_aws::{AppliedManifest, Record};

/// The family of what all others are made like.
const MODEL: &str = "zzzzz";
const MODEL_AMI: u64 = 0xffff_ffff;
const MADE: &str = "2026-01-05T08:00:00Z";
const DAY: Duration = Duration::from_hours(24);

type Item = HashMap<String, AttributeValue>;

/// What families are made from.
pub(crate) struct Stock {
    tables: aws_sdk_dynamodb::Client,
    /// What is known of a release that is to go.
    model: Vec<Item>,
    families: usize,
    images: u64,
}

pub(crate) fn home() -> Target {
    "111122223333/eu-west-1".parse().unwrap()
}

fn name(family: &str, version: &str) -> CanonicalName {
    format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{family}/{version}")
        .parse()
        .unwrap()
}

fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

/// One to four of each image.
fn snapshots(n: u64) -> Vec<String> {
    (0..=n % 4)
        .map(|volume| format!("snap-{:017x}", n * 4 + volume))
        .collect()
}

fn now(aws: &Aws) -> Timestamp {
    aws.plane.now().to_string().parse().unwrap()
}

impl Stock {
    /// With one release that went down the ladder by the record's own means.
    pub(crate) async fn new(aws: &Aws, record: &Record) -> Self {
        let tables = aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND));
        let family: FamilyName = MODEL.parse().unwrap();
        let id = write(aws, record, (&family, "1.0.0/1"), MODEL_AMI).await;
        let image = Output {
            target: home(),
            ami: ami(MODEL_AMI),
        };
        // Image Builder has nothing of it any more.
        record.write_output(id, BuildState::Deleted).await.unwrap();
        aws.pass(2 * DAY).await;
        record.write_expendable(id, Some(now(aws))).await.unwrap();
        for call in [PruningCall::Deprecate(image.ami), PruningCall::Disable(image.ami)] {
            record.write_made(id, image, &call, now(aws)).await.unwrap();
            aws.pass(2 * DAY).await;
        }
        record
            .write_announced(id, (image.target, image.ami), now(aws))
            .await
            .unwrap();
        aws.pass(2 * DAY).await;
        let all = tables.scan().table_name(TABLE).send().await.unwrap();
        let all = all.items.unwrap();
        for item in &all {
            let key = |name: &str| item[name].clone();
            let delete = tables
                .delete_item()
                .table_name(TABLE)
                .key("pk", key("pk"))
                .key("sk", key("sk"));
            delete.send().await.unwrap();
        }
        // What is there besides is not of this release.
        let (release, ami) = (id.to_string(), image.ami.to_string());
        let is_of_it = |item: &Item| {
            let text = format!("{item:?}");
            text.contains(&release) || text.contains(&ami)
        };
        let model = all.into_iter().filter(is_of_it).collect();
        Self {
            tables,
            model,
            families: 0,
            images: 0,
        }
    }

    /// A family of which so many images are to go, and the newest stays.
    pub(crate) async fn family(&mut self, aws: &Aws, record: &Record, count: usize) -> FamilyName {
        let family: FamilyName = format!("f{:05}", self.families).parse().unwrap();
        self.families += 1;
        let text = format!(
            "family: {family}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {{ regions: {{ eu-west-1: {{}} }} }}\nretain: {{ releases: 1, for: 1d, \
             ladder: {{ deprecate: 0d, disable: 1d, delete: 2d }}, limits: {{ per_run: 10000, share: 100% }} }}\n"
        );
        let manifest = AppliedManifest {
            version: 1,
            digest: family.to_string(),
            who: String::from("ann"),
            at: now(aws),
            message: None,
            text,
        };
        record.store_manifest(&family, &manifest, None).await.unwrap();
        let mut puts = Vec::new();
        for n in 0..count {
            self.images += 1;
            let image = NewImage::named(&format!("{family}-{n}"))
                .id(ami(self.images).to_string().parse().unwrap())
                .created(Time::parse(MADE).unwrap())
                .tag("image-steward:family", family.as_str())
                .volumes(snapshots(self.images).iter().map(|_| (8, None)))
                .snapshot_ids(snapshots(self.images).iter().map(|id| Some(id.parse().unwrap())))
                .disabled();
            aws.image_with(HUB, IRELAND, image);
            puts.extend(self.like_the_model(&family, n));
        }
        for some in puts.chunks(25) {
            let requests = some.iter().map(|item| {
                let put = PutRequest::builder().set_item(Some(item.clone())).build().unwrap();
                WriteRequest::builder().put_request(put).build()
            });
            let write = self.tables.batch_write_item().request_items(TABLE, requests.collect());
            let written = write.send().await.unwrap();
            assert!(written.unprocessed_items.is_none_or(|left| left.is_empty()));
        }
        self.images += 1;
        let newest = NewImage::named(&format!("{family} newest"))
            .id(ami(self.images).to_string().parse().unwrap())
            .tag("image-steward:family", family.as_str())
            .volumes(snapshots(self.images).iter().map(|_| (8, None)))
            .snapshot_ids(snapshots(self.images).iter().map(|id| Some(id.parse().unwrap())));
        aws.image_with(HUB, IRELAND, newest);
        let id = write(aws, record, (&family, "1.1.0/1"), self.images).await;
        record.write_output(id, BuildState::Deleted).await.unwrap();
        family
    }

    /// What the record has of the image that was made last.
    fn like_the_model(&self, family: &FamilyName, n: usize) -> Vec<Item> {
        let version = format!("1.0.{n}/1");
        let id = name(family.as_str(), &version).id();
        let others = [
            (name(MODEL, "1.0.0/1").id().to_string(), id.to_string()),
            (ami(MODEL_AMI).to_string(), ami(self.images).to_string()),
            (String::from(MODEL), family.to_string()),
            (String::from("1.0.0/1"), version),
            (
                String::from("0000000001.0000000000.0000000000"),
                format!("0000000001.0000000000.{n:010}"),
            ),
        ];
        let like = |item: &Item| {
            let members = item.iter().map(|(member, value)| match (member.as_str(), value) {
                ("snapshots", value) => (member.clone(), listed(value, snapshots(self.images))),
                (_, value) => (member.clone(), replaced(value, &others)),
            });
            members.collect()
        };
        self.model.iter().map(like).collect()
    }
}

/// A release with its one image, as the record takes it in.
async fn write(aws: &Aws, record: &Record, (family, version): (&FamilyName, &str), n: u64) -> ReleaseId {
    let (name, now) = (name(family.as_str(), version), now(aws));
    let id = name.id();
    let ids = snapshots(n).into_iter().map(|id| id.parse().unwrap());
    let placement = Placement {
        release: id,
        target: home(),
        ami: ami(n),
        managed: true,
        state: AmiState::Available,
        name: format!("{family} {version}"),
        created: Some(MADE.parse().unwrap()),
        snapshots: ids.collect::<BTreeSet<SnapshotId>>(),
        size: 8,
        watermarks: BTreeSet::new(),
        seen: now,
    };
    let release = Release {
        name,
        state: BuildState::Available,
        reason: None,
        failure: None,
        family: Some(family.clone()),
        architecture: Some(Architecture::X86_64),
        recipe: None,
        components: Vec::new(),
        fingerprint: None,
        pipeline: None,
        created: Some(MADE.parse().unwrap()),
        build_type: None,
        placed: true,
    };
    let recording = Recording {
        is_new: true,
        release: Some(release),
        placements: vec![placement],
        containers: Vec::new(),
        unplaced: Vec::new(),
    };
    record.write(&recording).await.unwrap();
    id
}

/// The same kind of list, of these.
fn listed(like: &AttributeValue, of: Vec<String>) -> AttributeValue {
    match like {
        AttributeValue::Ss(_) => AttributeValue::Ss(of),
        _ => AttributeValue::L(of.into_iter().map(AttributeValue::S).collect()),
    }
}

fn replaced(value: &AttributeValue, others: &[(String, String)]) -> AttributeValue {
    match value {
        AttributeValue::S(text) => {
            let other = |text: String, (from, to): &(String, String)| text.replace(from.as_str(), to);
            AttributeValue::S(others.iter().fold(text.clone(), other))
        }
        AttributeValue::L(list) => AttributeValue::L(list.iter().map(|value| replaced(value, others)).collect()),
        AttributeValue::M(map) => {
            let member = |(name, value): (&String, &AttributeValue)| (name.clone(), replaced(value, others));
            AttributeValue::M(map.iter().map(member).collect())
        }
        other => other.clone(),
    }
}
