//! DescribeImages: those of a repository page by page, or those that are named, in no order anybody should rely on.
//! Pages are cut before they are filtered, as other services do.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, no_image, no_repository, parameter};
use super::request;
use super::store::{Id, Image};
use crate::ec2::page;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Every image is one that Docker pushed.
const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const ARTIFACT: &str = "application/vnd.docker.container.image.v1+json";

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    registry_id: Option<String>,
    repository_name: String,
    image_ids: Option<Vec<Id>>,
    max_results: Option<usize>,
    next_token: Option<String>,
    filter: Option<Filter>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    tag_status: Option<String>,
    image_status: Option<String>,
}

/// What a filter lets through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Wanted {
    tagged: bool,
    untagged: bool,
    /// No image is archived here.
    active: bool,
}

impl Wanted {
    fn read(filter: Option<&Filter>) -> Result<Self, ApiError> {
        let tags = filter.and_then(|filter| filter.tag_status.as_deref());
        let (tagged, untagged) = match tags {
            None | Some("ANY") => (true, true),
            Some("TAGGED") => (true, false),
            Some("UNTAGGED") => (false, true),
            Some(_) => {
                let rule = "Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]";
                return Err(invalid("filter.tagStatus", rule));
            }
        };
        let active = match filter.and_then(|filter| filter.image_status.as_deref()) {
            None | Some("ACTIVE" | "ANY") => true,
            Some("ARCHIVED" | "ACTIVATING") => false,
            Some(_) => {
                let rule = "Member must satisfy enum value set: [ACTIVE, ARCHIVED, ACTIVATING, ANY]";
                return Err(invalid("filter.imageStatus", rule));
            }
        };
        Ok(Self {
            tagged,
            untagged,
            active,
        })
    }

    fn holds(self, image: &Image) -> bool {
        let fits = if image.tags.is_empty() {
            self.untagged
        } else {
            self.tagged
        };
        fits && self.active
    }
}

pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Describe {
        registry_id,
        repository_name: name,
        image_ids,
        max_results,
        next_token,
        filter,
    } = request::read(body)?;
    request::check_name("repositoryName", &name)?;
    let target = request::registry(caller, registry_id.as_deref(), "DescribeImages", &name)?;
    let wanted = Wanted::read(filter.as_ref())?;
    let named = image_ids.as_ref().map(|_| "imageIds");
    let asked = (max_results, next_token.as_deref());
    let scope = format!("DescribeImages {name} {wanted:?}");
    let page = request::page(world, target, asked, named, &scope)?;
    if let Some(ids) = &image_ids {
        request::count("imageIds", ids.len(), 1..=100)?;
    }
    let repository = world.registries.get(target, &name);
    let repository = repository.ok_or_else(|| no_repository(target, &name))?;
    let show = |digest: &str| {
        let image = repository.images.get(digest)?;
        wanted.holds(image).then(|| describe_one(target, &name, digest, image))
    };
    if let Some(ids) = image_ids {
        let mut digests: Vec<&str> = Vec::new();
        for id in ids {
            if id == Id::default() {
                return Err(parameter(
                    "Invalid request parameters: both tag and digest cannot be null",
                ));
            }
            let digest = repository.find(&id).ok_or_else(|| no_image(target, &name, &id))?;
            // Named twice, by two of its tags perhaps, it is one image.
            if !digests.contains(&digest) {
                digests.push(digest);
            }
        }
        let found: Vec<Value> = digests.into_iter().filter_map(show).collect();
        return Ok(json!({ "imageDetails": found }));
    }
    let (found, last) = page::collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| repository.digests(after, most),
        show,
    );
    Ok(json!({ "imageDetails": found, "nextToken": last.map(|last| page.next(last)) }))
}

fn describe_one(target: Target, repository: &str, digest: &str, image: &Image) -> Value {
    let Image {
        tags,
        size,
        pushed,
        pulled,
    } = image;
    json!({
        "registryId": target.account.to_string(),
        "repositoryName": repository,
        "imageDigest": digest,
        "imageTags": (!tags.is_empty()).then_some(tags),
        "imageSizeInBytes": size,
        "imagePushedAt": pushed.epoch_seconds(),
        "imageManifestMediaType": MANIFEST,
        "artifactMediaType": ARTIFACT,
        "lastRecordedPullTime": pulled.map(crate::time::Time::epoch_seconds),
        "imageStatus": "ACTIVE",
    })
}
