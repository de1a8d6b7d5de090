//! Auto Scaling through the world's own door, with requests written by hand.

mod calls;
mod groups;
mod instances;
mod keys;
mod pools;
mod refreshes;
mod sources;
mod templates;

use std::fmt::Write;
use std::time::Duration;

use crate::ec2::place::NewImage;
use crate::ec2::testing::{self, Pairs, fields};
use crate::sts::tests::{Key, field, request, root};
use crate::world::Target;

/// A calm world with an image of the hub's in it.
struct Bench {
    ec2: testing::Bench,
    image: String,
}

const SOME: Pairs<'_> = &[
    ("AutoScalingGroupName", "web"),
    ("LaunchConfigurationName", "lc"),
    ("MinSize", "0"),
    ("MaxSize", "4"),
    ("AvailabilityZones.member.1", "eu-west-1a"),
];
const ITS_NAME: (&str, &str) = ("AutoScalingGroupName", "web");

impl Bench {
    fn new() -> Self {
        let mut ec2 = testing::Bench::new();
        let image = ec2.image(NewImage::named("web-1"));
        Self { ec2, image }
    }

    /// With a launch configuration `lc` of the image, and a group `web` of it that should have so many instances.
    fn with_group(desired: &str) -> Self {
        let mut bench = Self::new();
        bench.configuration("lc");
        bench.group(&[("DesiredCapacity", desired)]);
        bench
    }

    fn configuration(&mut self, name: &str) {
        let image = self.image.clone();
        self.ok(
            "CreateLaunchConfiguration",
            &[
                ("LaunchConfigurationName", name),
                ("ImageId", &image),
                ("InstanceType", "t3.micro"),
            ],
        );
    }

    fn group(&mut self, further: Pairs<'_>) -> String {
        let pairs: Vec<_> = SOME.iter().chain(further).copied().collect();
        self.ok("CreateAutoScalingGroup", &pairs)
    }

    /// A launch template of this image, and its id.
    fn template(&mut self, name: &str, image: &str) -> String {
        let pairs = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", image)];
        field(&self.ec2.ok("CreateLaunchTemplate", &pairs), "launchTemplateId")
    }

    /// The next version of a launch template.
    fn version(&mut self, name: &str, image: &str) {
        let pairs = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", image)];
        self.ec2.ok("CreateLaunchTemplateVersion", &pairs);
    }

    fn call_by(
        &mut self,
        key: &Key,
        place: Target,
        action: &str,
        pairs: Pairs<'_>,
    ) -> Result<String, (String, String)> {
        let mut body = format!("Action={action}&Version=2011-01-01");
        for (name, value) in pairs {
            write!(body, "&{name}=").unwrap();
            for byte in value.bytes() {
                write!(body, "%{byte:02X}").unwrap();
            }
        }
        let world = &mut self.ec2.world;
        let response = world.call(world.now(), request(key, place.region.name(), "autoscaling", &body));
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        if response.status() == 200 {
            return Ok(text);
        }
        assert!(text.contains("<ErrorResponse xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">"));
        Err((field(&text, "Code"), field(&text, "Message").replace("&quot;", "\"")))
    }

    /// A call of the hub's that is answered.
    fn ok(&mut self, action: &str, pairs: Pairs<'_>) -> String {
        let hub = self.ec2.hub;
        self.call_by(&root(&hub.account.to_string()), hub, action, pairs)
            .unwrap()
    }

    /// The code and the message that a call of the hub's is refused with.
    fn refused(&mut self, action: &str, pairs: Pairs<'_>) -> (String, String) {
        let hub = self.ec2.hub;
        self.call_by(&root(&hub.account.to_string()), hub, action, pairs)
            .unwrap_err()
    }

    fn pass(&mut self, seconds: u64) {
        // In steps: what falls due plans further things.
        self.ec2.pass(Duration::from_secs(seconds));
    }

    fn set(&mut self, desired: &str) {
        self.ok("SetDesiredCapacity", &[ITS_NAME, ("DesiredCapacity", desired)]);
    }

    fn described(&mut self) -> String {
        self.ok(
            "DescribeAutoScalingGroups",
            &[("AutoScalingGroupNames.member.1", "web")],
        )
    }

    /// The lifecycle states of the group's instances, in order of the alphabet.
    fn states(&mut self) -> Vec<String> {
        let mut states = fields(&self.described(), "LifecycleState");
        states.sort_unstable();
        states
    }

    fn instances(&mut self) -> Vec<String> {
        fields(&self.described(), "InstanceId")
    }

    fn pooled(&mut self) -> Vec<String> {
        fields(&self.ok("DescribeWarmPool", &[ITS_NAME]), "LifecycleState")
    }

    fn activities(&mut self) -> String {
        self.ok("DescribeScalingActivities", &[ITS_NAME])
    }
}

/// The parameters of a group `web` that launches from this.
fn from<'a>(source: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[ITS_NAME], &SOME[2..], source].concat()
}

fn validation(message: &str) -> (String, String) {
    (String::from("ValidationError"), message.to_owned())
}
