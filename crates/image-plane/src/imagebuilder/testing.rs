//! A world with one account that builds, driven over the wire by hand-made requests.
#![expect(clippy::needless_pass_by_value, reason = "requests read best where they are sent")]

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::ec2::image::{
    Architecture, Device, Image, ImageState, LaunchPermissions, OwnerAlias, Protection, Volume, VolumeKind,
};
use crate::ec2::make::{Blank, image_of_machine};
use crate::ec2::tags::Tags;
use crate::ec2::watermark::Watermarks;
use crate::ids::AccountId;
use crate::sts::tests::{Key, TRUSTS_HUB, assume, root};
use crate::time::Time;
use crate::world::events::Channel;
use crate::world::settings::Settings;
use crate::world::{Target, World};

/// An answer as the wire shows it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The error's name, from its header.
    pub(crate) kind: String,
    pub(crate) request_id: String,
    pub(crate) body: Value,
}

pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) hub: Target,
    pub(crate) tokens: u32,
    /// Whose credentials calls carry.
    key: Key,
}

/// A request for a component that installs something on Linux.
pub(crate) fn component(name: &str, version: &str) -> Value {
    let data = format!(
        "name: {name}\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: Install\n        action: ExecuteBash\n"
    );
    json!({ "name": name, "semanticVersion": version, "platform": "Linux", "data": data })
}

/// A request for a recipe of container images on Amazon Linux.
pub(crate) fn container_recipe(name: &str) -> Value {
    json!({
        "name": name, "semanticVersion": "1.0.0", "containerType": "DOCKER", "parentImage": "amazonlinux:2023",
        "platformOverride": "Linux", "targetRepository": { "service": "ECR", "repositoryName": name },
        "dockerfileTemplateData": "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n",
        "components": [{ "componentArn": "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x" }],
    })
}

impl Bench {
    pub(crate) fn new() -> Self {
        let now = Time::parse("2026-01-01T00:00:00Z").unwrap();
        let hub = Target {
            account: AccountId::new(111_122_223_333),
            region: "eu-west-1".parse().unwrap(),
        };
        Self {
            world: World::new(7, now, Settings::calm()),
            hub,
            tokens: 0,
            key: root(&hub.account.to_string()),
        }
    }

    /// From now on calls come from a session of a role with these statements alone.
    pub(crate) fn act_with(&mut self, statements: &[Value]) {
        self.tokens += 1;
        let name = format!("role-{}", self.tokens);
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let role = self.world.create_role(self.hub.account, &name, TRUSTS_HUB, &[&policy]);
        self.act_as_root();
        self.key = assume(&mut self.world, &self.key, &role.unwrap()).unwrap();
    }

    pub(crate) fn act_as_root(&mut self) {
        self.key = root(&self.hub.account.to_string());
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/imagebuilder/aws4_request",
            self.key.id, self.hub.region
        );
        let token = self.key.token.iter().map(|token| ("x-amz-security-token", token));
        let request = token.fold(Request::builder(), |request, (name, value)| request.header(name, value));
        let request = request
            .method(method)
            .uri(path)
            .header("authorization", authorization)
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap();
        let now = self.world.now();
        let response = self.world.call(now, request);
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
                .to_owned()
        };
        Answer {
            status: response.status().as_u16(),
            kind: header("x-amzn-errortype"),
            request_id: header("x-amzn-requestid"),
            body: serde_json::from_slice(response.body()).unwrap(),
        }
    }

    fn put(&mut self, operation: &str, mut request: Value) -> Answer {
        if request.get("clientToken").is_none() {
            self.tokens += 1;
            request["clientToken"] = json!(format!("own-{}", self.tokens));
        }
        self.send("PUT", &format!("/{operation}"), &request.to_string())
    }

    /// An operation with a client token, which is added where the request has none.
    pub(crate) fn ok(&mut self, operation: &str, request: Value) -> Value {
        let answer = self.put(operation, request);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    pub(crate) fn refused(&mut self, operation: &str, request: Value) -> (u16, String) {
        let answer = self.put(operation, request);
        assert_ne!(answer.status, 200, "{operation}: {}", answer.body);
        (answer.status, answer.kind)
    }

    pub(crate) fn post(&mut self, operation: &str, request: Value) -> Value {
        let answer = self.send("POST", &format!("/{operation}"), &request.to_string());
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.body
    }

    pub(crate) fn refused_post(&mut self, operation: &str, request: Value) -> (u16, String) {
        let answer = self.send("POST", &format!("/{operation}"), &request.to_string());
        assert_ne!(answer.status, 200, "{operation}: {}", answer.body);
        (answer.status, answer.kind)
    }

    fn by_arn(&mut self, method: &str, operation: &str, parameter: &str, arn: &str) -> Answer {
        let arn = arn.replace(':', "%3A").replace('/', "%2F");
        self.send(method, &format!("/{operation}?{parameter}={arn}"), "")
    }

    pub(crate) fn get(&mut self, operation: &str, parameter: &str, arn: &str) -> Value {
        let answer = self.by_arn("GET", operation, parameter, arn);
        assert_eq!(answer.status, 200, "{operation} {arn}: {}", answer.body);
        answer.body
    }

    pub(crate) fn refused_get(&mut self, operation: &str, parameter: &str, arn: &str) -> (u16, String) {
        let answer = self.by_arn("GET", operation, parameter, arn);
        (answer.status, answer.kind)
    }

    pub(crate) fn delete(&mut self, operation: &str, parameter: &str, arn: &str) {
        let answer = self.by_arn("DELETE", operation, parameter, arn);
        assert_eq!(answer.status, 200, "{operation} {arn}: {}", answer.body);
    }

    pub(crate) fn refused_delete(&mut self, operation: &str, parameter: &str, arn: &str) -> (u16, String) {
        let answer = self.by_arn("DELETE", operation, parameter, arn);
        (answer.status, answer.kind)
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let now = self.world.now() + time;
        self.world.settle(now);
    }

    pub(crate) fn arn(&self, resource: &str) -> String {
        format!(
            "arn:aws:imagebuilder:{}:{}:{resource}",
            self.hub.region, self.hub.account
        )
    }

    /// A new public image of Amazon's with one volume of 8 GiB.
    pub(crate) fn base_image(&mut self) -> String {
        let amazon = Target {
            account: AccountId::new(137_112_412_989),
            ..self.hub
        };
        let name = format!("al2023-{}", self.world.random.bits());
        let volume = Volume::Ebs {
            snapshot: None,
            size_gib: 8,
            kind: VolumeKind::Gp3,
            key: None,
            encrypted: false,
            delete_on_termination: true,
            iops: None,
            throughput: None,
        };
        let image = Image {
            owner: amazon.account,
            alias: Some(OwnerAlias::Amazon),
            name: name.into(),
            description: "".into(),
            state: ImageState::Pending,
            created: self.world.now(),
            architecture: Architecture::X86_64,
            windows: false,
            root_device: "/dev/xvda".into(),
            devices: [Device {
                name: "/dev/xvda".into(),
                volume,
            }]
            .into(),
            ena: true,
            boot_mode: None,
            imds_v2: true,
            tags: Tags::default(),
            launch: Some(Box::new(LaunchPermissions {
                public: true,
                ..LaunchPermissions::default()
            })),
            source: None,
            source_instance: None,
            deprecate_at: None,
            launched: None,
            protection: Protection::Off,
            backup: false,
            watermarks: Watermarks::default(),
        };
        let ami = image_of_machine(
            &mut self.world,
            amazon,
            Blank {
                image,
                snapshot_tags: Tags::default(),
            },
        )
        .unwrap();
        let now = self.world.now();
        self.world
            .ec2
            .plane(amazon.region)
            .edit_image(ami, now, Duration::ZERO)
            .unwrap()
            .state = ImageState::Available;
        ami.to_string()
    }

    pub(crate) fn infrastructures(&mut self, count: usize) {
        for number in 0..count {
            self.ok(
                "CreateInfrastructureConfiguration",
                json!({ "name": format!("infra-{number}"), "instanceProfileName": "ImageBuilder" }),
            );
        }
    }

    /// Infrastructure and distribution of this name.
    pub(crate) fn surroundings(&mut self, name: &str) {
        let topic = "arn:aws:sns:eu-west-1:111122223333:builds";
        self.ok(
            "CreateInfrastructureConfiguration",
            json!({ "name": name, "instanceProfileName": "ImageBuilder", "snsTopicArn": topic }),
        );
        let distributions = json!([{ "region": "eu-west-1", "amiDistributionConfiguration": {} }]);
        self.ok(
            "CreateDistributionConfiguration",
            json!({ "name": name, "distributions": distributions }),
        );
    }

    /// Surroundings, and a recipe of version 1.0.0 on this parent with these components.
    pub(crate) fn family_on(&mut self, name: &str, parent: &str, components: Value) {
        self.surroundings(name);
        self.ok(
            "CreateImageRecipe",
            json!({ "name": name, "semanticVersion": "1.0.0", "parentImage": parent, "components": components }),
        );
    }

    pub(crate) fn family(&mut self, name: &str) {
        let base = self.base_image();
        self.family_on(name, &base, Value::Null);
    }

    pub(crate) fn pipeline_request(&self, name: &str) -> Value {
        let slug = super::arn::normalise(name);
        json!({
            "name": name,
            "imageRecipeArn": self.arn(&format!("image-recipe/{slug}/1.0.0")),
            "infrastructureConfigurationArn": self.arn(&format!("infrastructure-configuration/{slug}")),
            "distributionConfigurationArn": self.arn(&format!("distribution-configuration/{slug}")),
        })
    }

    /// A family with its pipeline, whose ARN it gives.
    pub(crate) fn pipeline(&mut self, name: &str) -> String {
        self.family(name);
        let request = self.pipeline_request(name);
        self.ok("CreateImagePipeline", request)["imagePipelineArn"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A pipeline that distributes like this.
    pub(crate) fn pipeline_to(&mut self, name: &str, distributions: Value) -> String {
        let pipeline = self.pipeline(name);
        let arn = self.arn(&format!("distribution-configuration/{name}"));
        self.ok(
            "UpdateDistributionConfiguration",
            json!({ "distributionConfigurationArn": arn, "distributions": distributions }),
        );
        pipeline
    }

    /// Version 1.0.0 of a container recipe, and the repository it names.
    pub(crate) fn container_recipe(&mut self, name: &str) -> String {
        self.world.create_repository(self.hub, name);
        let request = container_recipe(name);
        self.ok("CreateContainerRecipe", request)["containerRecipeArn"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A pipeline of container images, without a distribution.
    pub(crate) fn container_pipeline(&mut self, name: &str) -> String {
        let recipe = self.container_recipe(name);
        self.surroundings(name);
        let infrastructure = self.arn(&format!("infrastructure-configuration/{name}"));
        self.ok(
            "CreateImagePipeline",
            json!({ "name": name, "containerRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure }),
        )["imagePipelineArn"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn start(&mut self, pipeline: &str) -> String {
        let answer = self.ok("StartImagePipelineExecution", json!({ "imagePipelineArn": pipeline }));
        answer["imageBuildVersionArn"].as_str().unwrap().to_owned()
    }

    /// A family, and a finished build of it.
    pub(crate) fn built(&mut self, name: &str) -> String {
        let pipeline = self.pipeline(name);
        let build = self.start(&pipeline);
        self.pass(Duration::from_hours(2));
        build
    }

    pub(crate) fn image(&mut self, build: &str) -> Value {
        self.get("GetImage", "imageBuildVersionArn", build)["image"].clone()
    }

    /// The AMI a finished build has at home.
    pub(crate) fn ami_of(&mut self, build: &str) -> String {
        self.image(build)["outputResources"]["amis"][0]["image"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn ami(&self, target: Target, id: &str) -> Option<Image> {
        self.world
            .ec2
            .get(target.region)
            .and_then(|plane| plane.image(id.parse().unwrap()))
            .filter(|image| image.owner == target.account || image.is_public())
            .cloned()
    }

    /// How many AMIs of a Region say that they come from this build.
    pub(crate) fn amis_of_build(&self, region: &str, build: &str) -> usize {
        let plane = self.world.ec2.get(region.parse().unwrap());
        plane.map_or(0, |plane| {
            plane
                .images()
                .filter(|(_, image)| image.tags.get("Ec2ImageBuilderArn") == Some(build))
                .count()
        })
    }

    pub(crate) fn deregister(&mut self, ami: &str) {
        let now = self.world.now();
        self.world
            .ec2
            .plane(self.hub.region)
            .remove_image(ami.parse().unwrap(), now, Duration::ZERO)
            .unwrap();
    }

    /// The events of this kind that have arrived; the others are lost.
    pub(crate) fn events(&mut self, detail_type: &str) -> Vec<Value> {
        let deliveries = self.world.take_deliveries().into_iter();
        deliveries
            .filter(|delivery| delivery.channel == Channel::EventBridge && delivery.body["detail-type"] == detail_type)
            .map(|delivery| delivery.body)
            .collect()
    }
}
