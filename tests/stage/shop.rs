//! A family's pipeline under the real SDK, for the facts about its builds.

use aws_sdk_imagebuilder::types::{
    AmiDistributionConfiguration, ComponentConfiguration, Distribution, EbsInstanceBlockDeviceSpecification,
    ImageScanningConfiguration, ImageStatus, InstanceBlockDeviceMapping, PipelineStatus, Platform,
};
use image_plane::{BuildFailure, BuildStage, FailureCause, Settings};

use crate::aws::{Aws, HUB, IRELAND, hours};

pub const AL2023: &str = "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x";
pub const UPDATE: &str = "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x";
pub const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:images";

/// A hub whose Image Builder has one pipeline.
pub struct Shop {
    pub aws: Aws,
    pub ib: aws_sdk_imagebuilder::Client,
    pub pipeline: String,
    pub recipe: String,
}

pub fn client(aws: &Aws) -> aws_sdk_imagebuilder::Client {
    aws_sdk_imagebuilder::Client::new(&aws.config(HUB, IRELAND))
}

/// Where the AMIs of the shop's pipeline go.
pub fn distribution(region: &str) -> Distribution {
    let ami = AmiDistributionConfiguration::builder()
        .name("web-{{ imagebuilder:buildDate }}")
        .ami_tags("image-steward:family", "web");
    Distribution::builder()
        .region(region)
        .ami_distribution_configuration(ami.build())
        .build()
        .unwrap()
}

/// A hub with a pipeline for a web server, distributed to these Regions.
pub async fn shop(settings: Settings, distributions: Vec<Distribution>) -> Shop {
    shop_in(Aws::new(1, settings), distributions).await
}

/// The same in a world that is there.
pub async fn shop_in(aws: Aws, distributions: Vec<Distribution>) -> Shop {
    aws.plane
        .with(|world| world.publish_vendor_images(IRELAND.parse().unwrap()));
    let ib = client(&aws);
    let document = "name: nginx\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: install\n        action: ExecuteBash\n        inputs:\n          commands:\n            - dnf install -y nginx\n";
    let component = ib
        .create_component()
        .name("nginx")
        .semantic_version("1.0.0")
        .platform(Platform::Linux)
        .data(document);
    let component = component.send().await.unwrap().component_build_version_arn.unwrap();
    let uses = |arn: &str| ComponentConfiguration::builder().component_arn(arn).build().unwrap();
    let recipe = ib
        .create_image_recipe()
        .name("web")
        .semantic_version("1.4.2")
        .parent_image(AL2023);
    let recipe = recipe
        .components(uses(UPDATE))
        .components(uses(&component))
        .send()
        .await
        .unwrap()
        .image_recipe_arn
        .unwrap();
    let infrastructure = ib
        .create_infrastructure_configuration()
        .name("web")
        .instance_profile_name("ImageBuilder");
    let infrastructure = infrastructure
        .sns_topic_arn(TOPIC)
        .send()
        .await
        .unwrap()
        .infrastructure_configuration_arn
        .unwrap();
    let distribution = ib
        .create_distribution_configuration()
        .name("web")
        .set_distributions(Some(distributions));
    let distribution = distribution
        .send()
        .await
        .unwrap()
        .distribution_configuration_arn
        .unwrap();
    let pipeline = ib.create_image_pipeline().name("web").image_recipe_arn(&recipe);
    let pipeline = pipeline
        .tags("image-steward:family", "web")
        .infrastructure_configuration_arn(infrastructure)
        .distribution_configuration_arn(distribution)
        .send()
        .await
        .unwrap();
    Shop {
        pipeline: pipeline.image_pipeline_arn.unwrap(),
        aws,
        ib,
        recipe,
    }
}

impl Shop {
    pub async fn build(&self) -> String {
        let started = self
            .ib
            .start_image_pipeline_execution()
            .image_pipeline_arn(&self.pipeline)
            .send()
            .await
            .unwrap();
        started.image_build_version_arn.unwrap()
    }

    pub async fn image(&self, arn: &str) -> aws_sdk_imagebuilder::types::Image {
        self.ib
            .get_image()
            .image_build_version_arn(arn)
            .send()
            .await
            .unwrap()
            .image
            .unwrap()
    }

    pub async fn status(&self, arn: &str) -> ImageStatus {
        self.image(arn).await.state.unwrap().status.unwrap()
    }

    /// Another family: a pipeline whose images are built on this parent, and are called after it.
    pub async fn family(&self, name: &str, parent: &str) -> String {
        let recipe = self.ib.create_image_recipe().name(name).semantic_version("1.0.0");
        let recipe = recipe.parent_image(parent).ami_tags("image-steward:family", name);
        recipe.send().await.unwrap();
        self.pipeline_of(name).await
    }

    /// A pipeline of the recipe of this name.
    async fn pipeline_of(&self, name: &str) -> String {
        let recipe = self.recipe.replace("/web/1.4.2", &format!("/{name}/1.0.0"));
        let infrastructure = self.recipe.replace(":image-recipe/", ":infrastructure-configuration/");
        let infrastructure = infrastructure.rsplit_once('/').unwrap().0;
        let pipeline = self.ib.create_image_pipeline().name(name).image_recipe_arn(recipe);
        let pipeline = pipeline.infrastructure_configuration_arn(infrastructure);
        pipeline.send().await.unwrap().image_pipeline_arn.unwrap()
    }

    /// A family whose images carry these watermarks, on a volume of so many GiB.
    pub async fn marked(&self, name: &str, watermarks: &[&str], size: i32) -> String {
        let volume = EbsInstanceBlockDeviceSpecification::builder().volume_size(size);
        let volume = InstanceBlockDeviceMapping::builder()
            .device_name("/dev/xvda")
            .ebs(volume.build());
        let recipe = self.ib.create_image_recipe().name(name).semantic_version("1.0.0");
        let marks = watermarks.iter().map(|mark| String::from(*mark)).collect::<Vec<_>>();
        let recipe = recipe
            .parent_image(AL2023)
            .ami_tags("image-steward:family", name)
            .set_ami_watermarks((!marks.is_empty()).then_some(marks))
            .block_device_mappings(volume.build());
        recipe.send().await.unwrap();
        self.pipeline_of(name).await
    }

    /// A build of a pipeline that is done.
    pub async fn built_by(&self, pipeline: &str) -> String {
        let start = self.ib.start_image_pipeline_execution().image_pipeline_arn(pipeline);
        let build = start.send().await.unwrap().image_build_version_arn.unwrap();
        self.aws.pass(hours(2)).await;
        assert_eq!(self.status(&build).await, ImageStatus::Available);
        build
    }

    /// A build that is done.
    pub async fn built(&self) -> String {
        let arn = self.build().await;
        self.aws.pass(hours(2)).await;
        assert_eq!(self.status(&arn).await, ImageStatus::Available);
        arn
    }

    /// Lets the images of a pipeline be scanned.
    pub async fn scan(&self, pipeline: &str) {
        let held = self.ib.get_image_pipeline().image_pipeline_arn(pipeline);
        let held = held.send().await.unwrap().image_pipeline.unwrap();
        let scanning = ImageScanningConfiguration::builder().image_scanning_enabled(true);
        self.ib
            .update_image_pipeline()
            .image_pipeline_arn(pipeline)
            .set_image_recipe_arn(held.image_recipe_arn)
            .set_infrastructure_configuration_arn(held.infrastructure_configuration_arn)
            .set_distribution_configuration_arn(held.distribution_configuration_arn)
            .image_scanning_configuration(scanning.build())
            .send()
            .await
            .unwrap();
    }

    /// Disables the pipeline, as Image Builder does after failures in a row.
    pub async fn disable_pipeline(&self) {
        let held = self.ib.get_image_pipeline().image_pipeline_arn(&self.pipeline);
        let held = held.send().await.unwrap().image_pipeline.unwrap();
        self.ib
            .update_image_pipeline()
            .image_pipeline_arn(&self.pipeline)
            .set_image_recipe_arn(held.image_recipe_arn)
            .set_infrastructure_configuration_arn(held.infrastructure_configuration_arn)
            .set_distribution_configuration_arn(held.distribution_configuration_arn)
            .status(PipelineStatus::Disabled)
            .send()
            .await
            .unwrap();
    }

    pub fn fail_next(&self, stage: BuildStage, cause: FailureCause) {
        self.aws
            .plane
            .with(|world| world.fail_builds(&self.pipeline, 1, &BuildFailure { stage, cause }));
    }
}

pub fn amis(image: &aws_sdk_imagebuilder::types::Image) -> Vec<(String, String)> {
    let amis = image
        .output_resources()
        .map(aws_sdk_imagebuilder::types::OutputResources::amis)
        .unwrap_or_default();
    amis.iter()
        .map(|ami| (ami.region().unwrap().to_owned(), ami.image().unwrap().to_owned()))
        .collect()
}
