//! Launch templates that follow a channel: versions that differ in the image alone, where their owners agreed.

use aws_sdk_ec2::types::{RequestLaunchTemplateData, ResourceType, Tag, TagSpecification};
use image_plane::Settings;
use stage::aws::{IRELAND, MEMBER};

use super::BY_HAND;
use super::publishing::findings;
use crate::distribution::Depot;

/// As its owner made it.
const OWN: &str = "aGk=";

/// A version of a template: its number, whether it is the default, its image and its user data.
type Version = (i64, bool, String, String);

pub(super) struct Templates {
    pub(super) depot: Depot,
    pub(super) ec2: aws_sdk_ec2::Client,
    /// What they launched before.
    pub(super) old: String,
}

impl Templates {
    pub(super) async fn new() -> Self {
        let depot = Depot::new(Settings::calm()).await;
        depot.hub.admit_to_publish(MEMBER);
        let ec2 = depot.hub.shop.aws.ec2(MEMBER, IRELAND);
        let old = depot.hub.shop.aws.image(MEMBER, IRELAND, "old");
        Self { depot, ec2, old }
    }

    /// A template of the member's, with our tag where it agreed to follow this family.
    pub(super) async fn make(&self, name: &str, agreed: Option<&str>) -> String {
        let data = RequestLaunchTemplateData::builder().image_id(&self.old).user_data(OWN);
        let request = self.ec2.create_launch_template().launch_template_name(name);
        let mut request = request.launch_template_data(data.build());
        if let Some(family) = agreed {
            let tag = Tag::builder().key("image-steward:family").value(family);
            let tags = TagSpecification::builder().resource_type(ResourceType::LaunchTemplate);
            request = request.tag_specifications(tags.tags(tag.build()).build());
        }
        let made = request.send().await.unwrap();
        made.launch_template().unwrap().launch_template_id().unwrap().to_owned()
    }

    /// Lets these follow stable, and waits until the release is usable.
    async fn follow(&self, templates: &[&str]) {
        let template =
            |id: &&str| format!("{{ id: {id}, account: \"222233334444\", region: eu-west-1, set_default: true }}");
        let templates: Vec<String> = templates.iter().map(template).collect();
        let wanted = format!(
            "{{ share_with: {{ accounts: [\"222233334444\"] }}, publish: {{ launch_templates: [{}] }} }}{BY_HAND}",
            templates.join(", ")
        );
        self.depot.hub.want(&wanted).await;
        self.depot.rounds(8).await;
    }

    async fn promote(&self) {
        let words = ["promote", "web/1.4.2", "--to", "stable", "--because", "tested", "--yes"];
        self.depot.hub.says(&words).await;
        self.depot.rounds(6).await;
    }

    pub(super) async fn versions(&self, id: &str) -> Vec<Version> {
        let request = self.ec2.describe_launch_template_versions().launch_template_id(id);
        let answer = request.send().await.unwrap();
        let version = |version: &aws_sdk_ec2::types::LaunchTemplateVersion| {
            let data = version.launch_template_data().unwrap();
            (
                version.version_number().unwrap(),
                version.default_version().unwrap(),
                data.image_id().unwrap().to_owned(),
                data.user_data().unwrap().to_owned(),
            )
        };
        let mut versions: Vec<Version> = answer.launch_template_versions().iter().map(version).collect();
        versions.sort();
        versions
    }
}

fn version(number: i64, default: bool, image: &str, data: &str) -> Version {
    (number, default, image.to_owned(), data.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_template_whose_owner_agreed_gets_a_version_with_only_the_image_changed() {
    let templates = Templates::new().await;
    let agreed = templates.make("agreed", Some("web")).await;
    let other = templates.make("other", None).await;
    templates.follow(&[&agreed, &other]).await;
    templates.promote().await;
    let Templates { depot, old, .. } = &templates;
    let followed = [version(1, false, old, OWN), version(2, true, &depot.built, OWN)];
    assert_eq!(templates.versions(&agreed).await, followed);
    assert_eq!(templates.versions(&other).await, [version(1, true, old, OWN)]);
    let found = findings(depot, MEMBER, IRELAND).await;
    assert!(found.iter().any(|finding| finding.contains(&other)), "{found:?}");
    depot.rounds(4).await;
    assert_eq!(templates.versions(&agreed).await, followed);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_only_says_it_is_ours_is_never_made_the_default() {
    let templates = Templates::new().await;
    let agreed = templates.make("agreed", Some("web")).await;
    templates.follow(&[&agreed]).await;
    let Templates { depot, ec2, old } = &templates;
    // By somebody who may make versions, and not say which is the default.
    let data = RequestLaunchTemplateData::builder()
        .image_id(&depot.built)
        .user_data("ZXZpbA==");
    let request = ec2.create_launch_template_version().launch_template_id(&agreed);
    let request = request.source_version("1").launch_template_data(data.build());
    let request = request.version_description("web stable 1.4.2/1 by Image Steward");
    request.send().await.unwrap();
    templates.promote().await;
    assert_eq!(
        templates.versions(&agreed).await,
        [
            version(1, false, old, OWN),
            version(2, false, &depot.built, "ZXZpbA=="),
            version(3, true, &depot.built, OWN)
        ]
    );
}
