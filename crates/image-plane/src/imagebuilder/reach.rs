//! Image Builder as a world's test reaches it, past its API.

use std::time::Duration;

use super::arn::Version;
use super::failure::BuildFailure;
use super::finding::{Findings, Found, Vulnerability};
use super::image::own_build;
use super::managed;
use super::waiting::Gate;
use crate::ids::{AccountId, ImageId};
use crate::region::Region;
use crate::time::Time;
use crate::world::{Target, World};

impl World {
    /// Makes the next builds of a pipeline fail, so many of them, after any that were asked to fail before.
    pub fn fail_builds(&mut self, pipeline_arn: &str, times: usize, failure: &BuildFailure) {
        let plan = self.builder.plans.entry(pipeline_arn.to_owned()).or_default();
        plan.failures.extend(std::iter::repeat_n(failure, times).cloned());
    }

    /// How much scans of the next builds of a pipeline find. What they find is made up from the counts.
    pub fn set_findings(&mut self, pipeline_arn: &str, findings: Findings) {
        let plan = self.builder.plans.entry(pipeline_arn.to_owned()).or_default();
        plan.found = Found::Counted(findings);
    }

    /// What scans of the next builds of a pipeline find, one by one.
    pub fn set_vulnerabilities(&mut self, pipeline_arn: &str, vulnerabilities: Vec<Vulnerability>) {
        let plan = self.builder.plans.entry(pipeline_arn.to_owned()).or_default();
        plan.found = Found::Each(vulnerabilities);
    }

    /// Makes the scan of a build that is done be under way until then, and nobody tells that it ends; false where there was none.
    pub fn hold_up_scan(&mut self, target: Target, build_arn: &str, until: Time) -> bool {
        let place = own_build("imageBuildVersionArn", build_arn, target).map(|(_, place)| place);
        let image = place.ok().and_then(|place| self.builder.image_mut(target, &place));
        let scanned = image.and_then(|image| image.scanned.as_mut());
        scanned.map(|scanned| *scanned = until).is_some()
    }

    /// Which packages the next builds of a pipeline have: name and version. Until this is said, those that
    /// are usual at the date of the build.
    pub fn set_packages(&mut self, pipeline_arn: &str, packages: Vec<(String, String)>) {
        let plan = self.builder.plans.entry(pipeline_arn.to_owned()).or_default();
        plan.packages = Some(packages);
    }

    /// Whether the pipeline's builds only test their parent, whose AMI is then their output.
    pub fn test_only_builds(&mut self, pipeline_arn: &str, test_only: bool) {
        self.builder.plans.entry(pipeline_arn.to_owned()).or_default().test_only = test_only;
    }

    /// Creates the role `EC2ImageBuilderDistributionCrossAccountRole` in an account, so that it can be given copies.
    pub fn allow_distribution(&mut self, account: AccountId) {
        self.builder.distribution_roles.insert(account);
    }

    /// Puts a build of a workflow there, and gives its ARN: `stage` is `build`, `test` or `distribution`.
    pub fn place_workflow(&mut self, target: Target, stage: &str, name: &str, version: &str) -> String {
        let Target { account, region } = target;
        let partition = region.partition();
        let arn = format!("arn:{partition}:imagebuilder:{region}:{account}:workflow/{stage}/{name}/{version}/1");
        self.builder.workflows.insert(arn.clone());
        arn
    }

    /// Lets builds wait in a step at the end of a workflow of a build or of tests until somebody answers it, and fail after so long.
    pub fn wait_in_workflow(&mut self, workflow: &str, step: &str, timeout: Duration) {
        let gate = Gate {
            step: step.to_owned(),
            timeout,
        };
        self.builder.gates.insert(workflow.to_owned(), gate);
    }

    /// Creates the role `Ec2ImageBuilderCrossAccountLifecycleAccess` in an account, so that its copies can be retired.
    pub fn allow_lifecycle(&mut self, account: AccountId) {
        self.builder.lifecycle_roles.insert(account);
    }

    /// Publishes the next build of a version of an image of Amazon's over one of its AMIs, and gives its ARN.
    pub fn publish_managed_image(
        &mut self,
        region: Region,
        name: &str,
        [major, minor, patch]: [u32; 3],
        ami: ImageId,
    ) -> String {
        managed::publish_image(self, region, name, Version::new(major, minor, patch), ami).to_string()
    }

    /// Deprecates a build version of an image of Amazon's; false where there is none.
    pub fn deprecate_managed_image(&mut self, arn: &str) -> bool {
        managed::deprecate_image(self, arn)
    }
}
