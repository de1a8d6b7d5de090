//! A hub as the template makes it: Image Builder, the record's table, and the functions in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::AttributeValue;
use image_plane::{AccountId, Channel, Crashed, Delivery, NewImage, Process, Settings};
use record_lineage::{Outcome, Room, handle};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, MEMBER, target};
use stage::member::{self, LET_EC2_LOOK, LOOK, LOOK_AT_USERS, LOOK_ROLE, PUBLISH_ROLE, TRUST};
use stage::shop::{Shop, amis, distribution, shop};
pub(crate) use stage::table::TABLE;
use stage::table::create_table;
use steward::consumers::VIEW_ROLE;
use steward::{AmiId, AmiState, CanonicalName, Placement, Target};
use steward_aws::{Aws, Caller, FirstValue, MemberAccess, Record};
use steward_cli::{Spoken, Surroundings};
use steward_lambda::{Deadline, Environment, Failure, Moment};

use crate::own_events::assert_described;

const EXTERNAL_ID: &str = "steward";
/// As it allows to ask for reports.
const ASK: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"ec2:CreateImageUsageReport","Resource":"arn:aws:ec2:*::image/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}},
    {"Effect":"Allow","Action":"ec2:CreateImageUsageReport","Resource":"arn:aws:ec2:*:222233334444:image-usage-report/*"}]}"#;
/// As it allows to put our tag on bare snapshots.
const TAG: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeSnapshots"],"Resource":"*"},
    {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:*::snapshot/*","Condition":{
    "Null":{"aws:ResourceTag/image-steward:family":"true","aws:RequestTag/image-steward:family":"false"},
    "ForAllValues:StringEquals":{"aws:TagKeys":"image-steward:family"},
    "StringEquals":{"ec2:Owner":"222233334444"}}}]}"#;
const TAG_ROLE: &str = "image-steward-tag";

/// Whoever is of the hub may be in a role of a function.
const OF_HUB: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},
    "Action":"sts:AssumeRole"}}"#;

/// A hub with a family's pipeline in it.
pub(crate) struct Hub {
    pub(crate) shop: Shop,
}

impl Hub {
    /// A hub whose pipeline distributes like this.
    pub(crate) async fn new(settings: Settings, distributions: Vec<aws_sdk_imagebuilder::types::Distribution>) -> Self {
        // The SDK's futures are large.
        let shop = Box::pin(shop(settings, distributions)).await;
        create_table(&shop.aws).await;
        let hub = Self { shop };
        hub.forget_events();
        hub
    }

    /// A hub whose one release is in the record, and its image.
    pub(crate) async fn recorded(settings: Settings) -> (Self, String) {
        let hub = Self::new(settings, vec![distribution(IRELAND)]).await;
        let build = hub.shop.built().await;
        hub.sweep().await;
        hub.forget_events();
        let ami = amis(&hub.shop.image(&build).await)[0].1.clone();
        (hub, ami)
    }

    /// A room of a process of its own, as each new Lambda environment has one.
    pub(crate) fn room(&self) -> (Room, Process) {
        self.room_of(TABLE)
    }

    /// The same, of a function whose record is another table.
    pub(crate) fn room_of(&self, table: &str) -> (Room, Process) {
        let other = self.shop.aws.another_process();
        let mut environment = environment(FirstValue::Running);
        table.clone_into(&mut environment.table);
        let aws = Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        (Room::new(aws, &environment), other.process)
    }

    /// The same, of the function that tags snapshots.
    pub(crate) fn tagging_room(&self, switch_at_first: FirstValue) -> (Room, Process) {
        let other = self.shop.aws.another_process();
        let mut environment = environment(switch_at_first);
        TAG_ROLE.clone_into(&mut environment.access.role);
        let aws = Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        (Room::new(aws, &environment), other.process)
    }

    /// A role of a function's in the hub that may do this.
    pub(crate) fn role(&self, path: &str, policies: &[&str]) -> String {
        let plane = &self.shop.aws.plane;
        let role = plane.with(|world| world.create_role(HUB, path, OF_HUB, policies));
        role.unwrap()
    }

    /// A room of a process whose calls are made in that role.
    pub(crate) async fn tagging_room_in(&self, role: &str) -> Room {
        let config = in_role(&self.shop.aws.another_process(), role).await;
        let mut environment = environment(FirstValue::Running);
        TAG_ROLE.clone_into(&mut environment.access.role);
        let aws = Aws::new(&config, environment.hub, environment.access.clone());
        Room::new(aws, &environment)
    }

    /// The record, as the command line reaches it.
    pub(crate) fn record(&self) -> Record {
        Self::record_of(&self.shop.aws.config(HUB, IRELAND))
    }

    /// The same by these credentials.
    pub(crate) fn record_of(config: &aws_config::SdkConfig) -> Record {
        let environment = environment(FirstValue::Running);
        let aws = Aws::new(config, environment.hub, environment.access.clone());
        Record::new(aws.tables(), TABLE, aws.hub())
    }

    /// What the command says to somebody in the hub.
    pub(crate) async fn steward(&self, words: &[&str]) -> Spoken {
        self.steward_with(TABLE, words).await
    }

    /// The same of another table.
    pub(crate) async fn steward_with(&self, table: &str, words: &[&str]) -> Spoken {
        let caller = Caller::of(self.shop.aws.config(HUB, IRELAND)).await.unwrap();
        let surroundings = Surroundings {
            caller,
            now: self.now(),
        };
        let all = ["steward", "--table", table].into_iter().chain(words.iter().copied());
        let all: Vec<String> = all.map(String::from).collect();
        Box::pin(steward_cli::run(all, Some(surroundings))).await
    }

    /// What it says where all is well.
    pub(crate) async fn says(&self, words: &[&str]) -> String {
        let Spoken { out, err, code } = self.steward(words).await;
        assert_eq!((err.as_str(), code), ("", 0), "{words:?}");
        out
    }

    /// What the record says in the end, without when it was written.
    pub(crate) fn essence(&self) -> Vec<Value> {
        self.essence_of(TABLE).into_values().collect()
    }

    /// The same of another table, by the keys of its items.
    pub(crate) fn essence_of(&self, table: &str) -> BTreeMap<(String, String), Value> {
        // When targets and repositories were compared, and builds listed, depends on who looked first.
        let items = self.items_of(table).into_iter();
        let items = items.filter(|((_, sk), _)| !sk.starts_with("COMPARED") && !sk.starts_with("LISTED"));
        items
            .map(|(key, mut item)| {
                let members = item.as_object_mut().unwrap();
                members.retain(|name, value| {
                    // A null takes away what was there: a doubt, which not everybody had.
                    !["seen", "since", "found"].contains(&name.as_str()) && value["NULL"] != true
                });
                (key, item)
            })
            .collect()
    }

    /// Wakes the function, in an environment that is new.
    pub(crate) async fn wake(&self, event: &Value) -> Result<Outcome, Failure> {
        let (room, _) = self.room();
        handle(&room, event, self.moment()).await
    }

    /// The same where the environment may end at any call.
    pub(crate) async fn wake_or_crash(&self, event: &Value) -> Result<Result<Outcome, Failure>, Crashed> {
        let (room, process) = self.room();
        process
            .run(Box::pin(async { handle(&room, event, self.moment()).await }))
            .await
    }

    /// Takes an item away, as if it had never been written.
    pub(crate) async fn take_away(&self, pk: &str, sk: &str) {
        let tables = aws_sdk_dynamodb::Client::new(&self.shop.aws.config(HUB, IRELAND));
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let delete = tables
            .delete_item()
            .table_name(TABLE)
            .key("pk", text(pk))
            .key("sk", text(sk));
        delete.send().await.unwrap();
    }

    /// Takes it from a release that its scan was read.
    pub(crate) async fn forget_scan(&self, build: &str) {
        let tables = aws_sdk_dynamodb::Client::new(&self.shop.aws.config(HUB, IRELAND));
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let release = build.parse::<steward::CanonicalName>().unwrap().id();
        let update = tables
            .update_item()
            .table_name(TABLE)
            .update_expression("REMOVE scanned");
        let update = update.key("pk", text(&format!("R#{release}"))).key("sk", text("META"));
        update.send().await.unwrap();
    }

    pub(crate) async fn sweep(&self) -> Outcome {
        self.wake(&json!({ "wake": "sweep" })).await.unwrap()
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment {
            now: self.now(),
            deadline: Deadline::after(Duration::from_mins(5)),
        }
    }

    fn now(&self) -> steward::Timestamp {
        self.shop.aws.plane.now().to_string().parse().unwrap()
    }

    /// The events that have come to the hub's bus, which a rule of each member forwards its own to.
    pub(crate) fn events(&self) -> Vec<Value> {
        let deliveries = self
            .shop
            .aws
            .plane
            .with(image_plane::World::take_deliveries)
            .into_iter();
        deliveries
            .filter(|delivery| delivery.channel == Channel::EventBridge && for_us(delivery))
            .map(|delivery| delivery.body)
            .collect()
    }

    /// What EBS said of snapshots that were copied.
    pub(crate) fn snapshot_events(&self) -> Vec<Value> {
        let plane = &self.shop.aws.plane;
        let deliveries = plane.with(image_plane::World::take_deliveries).into_iter();
        deliveries
            .map(|delivery| delivery.body)
            .filter(|body| body["detail"]["event"] == "copySnapshot")
            .collect()
    }

    /// What our functions told on the hub's bus: each kind with its detail.
    pub(crate) fn told(&self) -> Vec<(String, Value)> {
        let plane = &self.shop.aws.plane;
        let deliveries = plane.with(image_plane::World::take_deliveries).into_iter();
        let ours = deliveries.filter(|delivery| delivery.body["source"] == "image-steward");
        let kind = |body: &Value| body["detail-type"].as_str().unwrap().to_owned();
        let told: Vec<(String, Value)> = ours
            .map(|delivery| (kind(&delivery.body), delivery.body["detail"].clone()))
            .collect();
        for (kind, detail) in &told {
            assert_described(kind, detail);
        }
        told
    }

    pub(crate) fn forget_events(&self) {
        self.events();
    }

    /// Applies a manifest by which these may use the family's images.
    pub(crate) async fn share_by_manifest(&self, accounts: &[AccountId]) {
        let accounts: Vec<String> = accounts.iter().map(|account| format!("\"{account}\"")).collect();
        self.want(&format!("{{ share_with: {{ accounts: [{}] }} }}", accounts.join(", ")))
            .await;
    }

    /// Applies a manifest that says this of the family's distribution, as its next version.
    pub(crate) async fn want(&self, distribute: &str) {
        self.want_of("web", distribute).await;
    }

    /// The same of another family.
    pub(crate) async fn want_of(&self, family: &str, distribute: &str) {
        let text = format!(
            "family: {family}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {distribute}\n"
        );
        self.want_as(family, text).await;
    }

    /// The same in all of its words.
    pub(crate) async fn want_as(&self, family: &str, text: String) {
        let family = family.parse().unwrap();
        let record = self.record();
        let before = record.applied(&family).await.unwrap();
        let manifest = steward_aws::AppliedManifest {
            version: before.as_ref().map_or(1, |before| before.version + 1),
            digest: text.clone(),
            who: String::from("ann"),
            at: self.moment().now,
            message: None,
            text,
        };
        record
            .store_manifest(&family, &manifest, before.as_ref())
            .await
            .unwrap();
    }

    /// Lets an account be looked at.
    pub(crate) fn admit(&self, account: AccountId) {
        let role = self
            .shop
            .aws
            .plane
            .with(|world| world.create_role(account, LOOK_ROLE, TRUST, &[LOOK]));
        role.unwrap();
    }

    /// Lets an account be looked at, and those who use images there.
    pub(crate) fn admit_to_look(&self, account: AccountId) {
        let plane = &self.shop.aws.plane;
        let policies = [LOOK, LOOK_AT_USERS, LET_EC2_LOOK];
        let role = plane.with(|world| world.create_role(account, LOOK_ROLE, TRUST, &policies));
        role.unwrap();
    }

    /// The same, and lets the hub ask for usage reports of images there.
    pub(crate) fn admit_to_ask(&self, account: AccountId) {
        let plane = &self.shop.aws.plane;
        let policies = [LOOK, LOOK_AT_USERS, LET_EC2_LOOK, ASK];
        let role = plane.with(|world| world.create_role(account, LOOK_ROLE, TRUST, &policies));
        role.unwrap();
    }

    /// Lets snapshots of an account be tagged.
    pub(crate) fn admit_to_tag(&self, account: AccountId) {
        let plane = &self.shop.aws.plane;
        let role = plane.with(|world| world.create_role(account, TAG_ROLE, TRUST, &[TAG]));
        role.unwrap();
    }

    /// Lets channels be published in an account.
    pub(crate) fn admit_to_publish(&self, account: AccountId) {
        let plane = &self.shop.aws.plane;
        let role = plane.with(|world| world.create_role(account, PUBLISH_ROLE, TRUST, &[&member::publish(account)]));
        role.unwrap();
    }

    /// Lets the tags of the hub's images be shown in an account; the role's ARN.
    pub(crate) fn admit_to_view(&self, account: AccountId) -> String {
        let plane = &self.shop.aws.plane;
        let role = plane.with(|world| world.create_role(account, VIEW_ROLE, TRUST, &[&member::view(account)]));
        role.unwrap()
    }

    /// Images of ours that an account owns and that are being retired: disabled, as EC2 has them and as the record does.
    pub(crate) async fn retired(&self, account: AccountId, count: usize) -> Vec<String> {
        let mut images = Vec::new();
        for n in 0..count {
            let name = format!("retired-{n}");
            let image = NewImage::named(&name).tag("image-steward:family", "web").disabled();
            let ami = self.shop.aws.image_with(account, IRELAND, image);
            let id: AmiId = ami.parse().unwrap();
            let there: Target = format!("{account}/{IRELAND}").parse().unwrap();
            let region = there.region();
            let placement = Placement {
                release: CanonicalName::Ami { region, id }.id(),
                target: there,
                ami: id,
                managed: true,
                state: AmiState::Disabled,
                name,
                created: None,
                snapshots: BTreeSet::new(),
                size: 8,
                watermarks: BTreeSet::new(),
                seen: self.now(),
            };
            self.record().place(&placement).await.unwrap();
            images.push(ami);
        }
        images
    }

    /// The items of the record, by their keys, without what is only written down as heard.
    pub(crate) fn items(&self) -> BTreeMap<(String, String), Value> {
        self.items_of(TABLE)
    }

    /// The same of another table.
    pub(crate) fn items_of(&self, table: &str) -> BTreeMap<(String, String), Value> {
        self.all_items_of(table)
            .into_iter()
            .filter(|((pk, sk), _)| !sk.starts_with("J#") && !pk.starts_with("REFUSED"))
            .collect()
    }

    /// What is kept of wakes that were refused.
    pub(crate) fn refused_items(&self) -> BTreeMap<(String, String), Value> {
        let items = self.all_items().into_iter();
        items.filter(|((pk, _), _)| pk.starts_with("REFUSED")).collect()
    }

    /// What was heard, in the order of the events' own times.
    pub(crate) fn journal(&self) -> Vec<(String, String)> {
        let items = self.all_items().into_iter().filter(|((_, sk), _)| sk.starts_with("J#"));
        items
            .map(|((_, sk), item)| {
                let at = sk.split('#').nth(1).unwrap().to_owned();
                (at, item["heard"]["S"].as_str().unwrap().to_owned())
            })
            .collect()
    }

    pub(crate) fn all_items(&self) -> BTreeMap<(String, String), Value> {
        self.all_items_of(TABLE)
    }

    fn all_items_of(&self, table: &str) -> BTreeMap<(String, String), Value> {
        let items = self
            .shop
            .aws
            .plane
            .with_tables(|tables| tables.items(target(HUB, IRELAND), table));
        let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
        items
            .into_iter()
            .map(|item| ((text(&item, "pk"), text(&item, "sk")), item))
            .collect()
    }

    /// How many calls of AWS were made so far, of the table none.
    pub(crate) fn calls(&self) -> u64 {
        let plane = &self.shop.aws.plane;
        plane.with(|world| world.ledger().counts().map(|(.., counts)| counts.all()).sum())
    }

    /// How many calls of this kind were made so far.
    pub(crate) fn calls_of(&self, action: &str) -> u64 {
        let plane = &self.shop.aws.plane;
        plane.with(|world| world.ledger().of(action).all())
    }

    /// How many writes to the table were carried out or rejected so far.
    pub(crate) fn asked_to_write(&self) -> usize {
        self.shop
            .aws
            .plane
            .with_tables(|tables| tables.ledger().mutations().len())
    }

    /// How many writes to the table were carried out so far.
    pub(crate) fn writes(&self) -> usize {
        self.shop
            .aws
            .plane
            .with_tables(|tables| tables.ledger().changes().count())
    }
}

/// Of Image Builder or of images, in the hub or a member.
fn for_us(delivery: &Delivery) -> bool {
    let kinds = ["EC2 Image Builder Image State Change", "EC2 AMI State Change"];
    [HUB, MEMBER].contains(&delivery.account)
        && delivery.body["detail-type"]
            .as_str()
            .is_some_and(|kind| kinds.contains(&kind))
}

/// As somebody calls who is in a role of the hub's.
pub(crate) async fn in_role(aws: &stage::aws::Aws, role: &str) -> SdkConfig {
    let config = aws.config(HUB, IRELAND);
    let assume = aws_sdk_sts::Client::new(&config).assume_role().role_arn(role);
    let key = assume.role_session_name("test").send().await.unwrap();
    let key = key.credentials.unwrap();
    let token = Some(key.session_token);
    let key = Credentials::new(key.access_key_id, key.secret_access_key, token, None, "assumed");
    config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build()
}

pub(crate) fn environment(switch_at_first: FirstValue) -> Environment {
    Environment {
        hub: hub(),
        table: TABLE.to_owned(),
        topic: stage::shop::TOPIC.to_owned(),
        access: MemberAccess {
            role: LOOK_ROLE.to_owned(),
            external_id: EXTERNAL_ID.to_owned(),
        },
        switch_at_first,
    }
}

pub(crate) fn hub() -> Target {
    "111122223333/eu-west-1".parse().unwrap()
}
