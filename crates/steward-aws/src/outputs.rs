//! Image Builder's own images of builds, and our tag on them.

use steward::tagging::OutputSeen;
use steward::{FamilyName, ImageBuildArn, Words};

use crate::builds::{GONE, family};
use crate::problem::absent;
use crate::{AtTarget, FAMILY, Problem};

impl AtTarget {
    /// Looks at Image Builder's image of a build; none where it does not know it.
    pub async fn see_output(&self, build: &ImageBuildArn) -> Result<Option<OutputSeen>, Problem> {
        let doing = format!("look at {build} for our tag");
        self.builder_reads.wait().await;
        let request = self.builder.get_image().image_build_version_arn(build.to_string());
        let answer = absent(self.answered(&doing, request.send()).await, &GONE)?;
        let Some(answer) = answer else { return Ok(None) };
        let wrong = |what: String| Problem::not_understood(&doing, self.target, what);
        let image = answer.image().ok_or_else(|| wrong(String::from("it holds no image")))?;
        let tag = image.tags().and_then(|tags| tags.get(FAMILY));
        Ok(Some(OutputSeen {
            makes: family(image).map_err(wrong)?,
            family: tag.map(|family| Words::from(family.as_str())),
        }))
    }

    /// Puts our tag on Image Builder's image of a build.
    pub async fn tag_output(&self, build: &ImageBuildArn, of: &FamilyName) -> Result<(), Problem> {
        let doing = format!("tag {build} as of {of}");
        self.builder_writes.wait().await;
        let request = self.builder.tag_resource().resource_arn(build.to_string());
        let request = request.tags(FAMILY, of.as_str());
        self.answered(&doing, request.send()).await.map(drop)
    }
}
