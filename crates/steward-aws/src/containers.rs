//! Container images, as their registries describe them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, ImageIdentifier, ImageStatusFilter};
use steward::{ContainerFacts, ContainerImage, ContainerOutput, ContainerReading, Digest, RepositoryName, Timestamp};

use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// What a registry answers for an image, or a whole repository, that is not there.
const GONE: [&str; 2] = ["ImageNotFoundException", "RepositoryNotFoundException"];

impl AtTarget {
    /// Looks at what a build says it made. That it could not be looked at is an answer too.
    pub async fn look_at_container(&self, output: &ContainerOutput) -> ContainerReading {
        let id = ImageIdentifier::builder().image_tag(&output.tag).build();
        match self.container(&output.repository, id, &output.to_string()).await {
            Ok(Some(facts)) => ContainerReading::Seen(facts),
            Ok(None) => ContainerReading::Missing,
            Err(problem) => ContainerReading::Unreadable(problem.to_string()),
        }
    }

    /// The tags of an image; none where it is not in its repository.
    pub async fn tags_of_container(&self, image: &ContainerImage) -> Result<Option<BTreeSet<String>>, Problem> {
        let id = ImageIdentifier::builder()
            .image_digest(image.digest.to_string())
            .build();
        let found = self.container(&image.repository, id, &image.to_string()).await?;
        Ok(found.map(|facts| facts.tags))
    }

    /// Lists what is in a repository, each with its tags; nothing where there is no such repository.
    pub async fn containers_in(
        &self,
        repository: &RepositoryName,
    ) -> Result<BTreeMap<Digest, BTreeSet<String>>, Problem> {
        let doing = format!("list the images in {repository}");
        match self.listed(repository, &doing).await {
            Err(problem) if problem.code().is_some_and(|code| GONE.contains(&code)) => Ok(BTreeMap::new()),
            listed => listed,
        }
    }

    async fn listed(
        &self,
        repository: &RepositoryName,
        doing: &str,
    ) -> Result<BTreeMap<Digest, BTreeSet<String>>, Problem> {
        let list = self.registry.describe_images().repository_name(repository.to_string());
        // Without a word an archived one would be left out, which is there all the same.
        let all = DescribeImagesFilter::builder().image_status(ImageStatusFilter::Any);
        let list = list.filter(all.build());
        let list = list.registry_id(self.target.account().to_string()).max_results(1000);
        let mut listed = BTreeMap::new();
        each_page!(self, registry_reads, doing, list, |page| {
            for detail in page.image_details() {
                let facts = self.read_container(doing, detail)?;
                listed.insert(facts.digest, facts.tags);
            }
        });
        Ok(listed)
    }

    async fn container(
        &self,
        repository: &RepositoryName,
        id: ImageIdentifier,
        named: &str,
    ) -> Result<Option<ContainerFacts>, Problem> {
        let doing = format!("look at {named}");
        self.registry_reads.wait().await;
        let request = self.registry.describe_images().image_ids(id);
        let request = request
            .registry_id(self.target.account().to_string())
            .repository_name(repository.to_string());
        let answer = absent(self.answered(&doing, request.send()).await, &GONE)?;
        let detail = answer.as_ref().and_then(|answer| answer.image_details().first());
        detail.map(|detail| self.read_container(&doing, detail)).transpose()
    }

    fn read_container(&self, doing: &str, detail: &ImageDetail) -> Result<ContainerFacts, Problem> {
        let digest = detail.image_digest().unwrap_or_default().parse();
        Ok(ContainerFacts {
            digest: digest.map_err(|error| Problem::not_understood(doing, self.target, error))?,
            tags: detail.image_tags().iter().cloned().collect(),
            pushed: detail
                .image_pushed_at()
                .and_then(|time| Timestamp::from_millisecond(time.to_millis().ok()?).ok()),
            size: detail
                .image_size_in_bytes()
                .and_then(|size| u64::try_from(size).ok())
                .unwrap_or_default(),
        })
    }
}
