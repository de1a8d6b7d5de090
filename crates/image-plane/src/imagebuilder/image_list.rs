//! Lists of images: versions, builds of a version, builds of a pipeline. New images come up late in all of them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Owner, Place};
use super::component::{Platform, lists_amazon};
use super::errors::{combination, foreign, invalid};
use super::image::Image;
use super::managed;
use super::page::Paging;
use super::request::Input;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Versions {
    owner: Option<String>,
    by_name: Option<bool>,
    /// Amazon's alone; deprecated images of one's own are always shown.
    include_deprecated: Option<bool>,
}

/// An entry of `ListImages`.
struct Listed {
    arn: Arn,
    name: String,
    kind: &'static str,
    platform: Platform,
    system: Option<String>,
    created: Time,
    source: Option<&'static str>,
}

/// `ListImages`: one entry a version, or a name.
pub(crate) fn versions(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (
        paging,
        Versions {
            owner,
            by_name,
            include_deprecated,
        },
    ) = input.listing(&["name", "osVersion", "platform", "type", "version"])?;
    let by_name = by_name.unwrap_or(false);
    if by_name && paging.filters_by("version") {
        return Err(combination("'byName' can't be combined with the version filter."));
    }
    let amazon = lists_amazon(owner.as_deref())?;
    let all = if amazon {
        managed_versions(world, caller.target, include_deprecated.unwrap_or(false))
    } else {
        own_versions(world, caller.target)
    };
    // The first build of a version dates it, and stands for it.
    let same = |a: &Place, b: &Place| a.0 == b.0 && (by_name || a.1 == b.1);
    let mut firsts: Vec<(Place, Listed)> = Vec::new();
    for (place, version) in all {
        if firsts.last().is_none_or(|(last, _)| !same(last, &place)) {
            firsts.push((place, version));
        }
    }
    let page = paging.cut(
        world,
        firsts.iter().map(|(place, version)| (place.clone(), (place, version))),
        |(place, version), field| match field {
            "name" => vec![version.name.clone()],
            "osVersion" => version.system.iter().cloned().collect(),
            "platform" => vec![version.platform.name().to_owned()],
            "type" => vec![version.kind.to_owned()],
            _ => vec![place.1.to_string()],
        },
    )?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|(place, version)| {
            json!({
                "arn": Arn { build: None, ..version.arn.clone() }.to_string(), "name": version.name, "type": version.kind, "version": place.1.to_string(),
                "platform": version.platform, "osVersion": version.system, "dateCreated": version.created.to_string(),
                "owner": if amazon { String::from("Amazon") } else { caller.target.account.to_string() },
                "buildType": if amazon { Value::Null } else { json!("USER_INITIATED") }, "imageSource": version.source,
            })
        })
        .collect();
    Ok(json!({ "imageVersionList": list, "nextToken": page.next }))
}

fn own_versions(world: &World, target: Target) -> Vec<(Place, Listed)> {
    listed(world, target)
        .map(|(place, image)| {
            let version = Listed {
                arn: Arn::of_build(target, Kind::Image, place),
                name: image.recipe.name.clone(),
                kind: image.recipe.image_type(),
                platform: image.recipe.platform,
                system: image.os_version.clone(),
                created: image.created,
                source: image.source,
            };
            (place.clone(), version)
        })
        .collect()
}

fn managed_versions(world: &World, target: Target, deprecated: bool) -> Vec<(Place, Listed)> {
    let here = world.builder.managed_images.iter().filter(|((region, _), image)| {
        *region == target.region && (deprecated || image.status == super::image::Status::Available)
    });
    here.map(|((region, place), image)| {
        let version = Listed {
            arn: managed::arn(*region, Kind::Image, place),
            name: place.0.clone(),
            kind: "AMI",
            platform: image.platform,
            system: Some(image.os_version.clone()),
            created: image.created,
            source: Some("AMAZON_MANAGED"),
        };
        (place.clone(), version)
    })
    .collect()
}

/// The images lists show by now.
fn listed(world: &World, target: Target) -> impl Iterator<Item = (&Place, &Image)> {
    world
        .builder
        .shelf(target)
        .images
        .iter()
        .filter(|(_, image)| image.listed <= world.now)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Builds {
    image_version_arn: Option<String>,
}

/// `ListImageBuildVersions`. A version nobody built is an empty list, not an error.
pub(crate) fn builds(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, Builds { image_version_arn }) =
        input.listing(&["name", "osVersion", "platform", "type", "version"])?;
    let target = caller.target;
    let arn = image_version_arn
        .map(|text| Arn::read("imageVersionArn", &text, Kind::Image))
        .transpose()?;
    if arn.as_ref().is_some_and(|arn| arn.exact_version().is_none()) {
        return Err(invalid(
            "imageVersionArn",
            "It must name an exact version, without wildcards and without a build.",
        ));
    }
    let arn = arn
        .map(|arn| {
            if arn.owner == Owner::Amazon {
                Err(foreign(arn))
            } else {
                arn.at_home(target)
            }
        })
        .transpose()?;
    summaries(world, target, &paging, |place, _| {
        arn.as_ref().is_none_or(|arn| arn.matches(place))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfPipeline {
    image_pipeline_arn: String,
}

/// `ListImagePipelineImages`. A pipeline that does not exist is an empty list; one that was deleted still has its images.
pub(crate) fn of_pipeline(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, OfPipeline { image_pipeline_arn }) = input.listing(&["name", "version"])?;
    let target = caller.target;
    let arn = Arn::read("imagePipelineArn", &image_pipeline_arn, Kind::Pipeline)?
        .at_home(target)?
        .to_string();
    summaries(world, target, &paging, |_, image| image.pipeline.as_ref() == Some(&arn))
}

fn summaries(
    world: &World,
    target: Target,
    paging: &Paging,
    wanted: impl Fn(&Place, &Image) -> bool,
) -> Result<Value, ApiError> {
    let items = listed(world, target)
        .filter(|(place, image)| wanted(place, image))
        .map(|(place, image)| (place.clone(), (place, image)));
    let page = paging.cut(world, items, |(place, image), field| match field {
        "name" => vec![image.recipe.name.clone()],
        "osVersion" => image.os_version.iter().cloned().collect(),
        "platform" => vec![image.recipe.platform.name().to_owned()],
        "type" => vec![String::from("AMI")],
        _ => vec![place.1.to_string(), format!("{}/{}", place.1, place.2)],
    })?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|(place, image)| {
            let mut described = image.describe(target, place);
            described["owner"] = json!(target.account.to_string());
            described
        })
        .collect();
    Ok(json!({ "imageSummaryList": list, "nextToken": page.next }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::Bench;
    use super::*;

    fn count(answer: &Value, member: &str) -> usize {
        answer[member].as_array().unwrap().len()
    }

    #[test]
    fn a_new_image_comes_up_late_in_every_list_and_get_image_sees_it_at_once() {
        let mut bench = Bench::new();
        bench.world.settings_mut().list_lag = Duration::from_mins(2);
        let pipeline = bench.pipeline("web");
        let build = bench.start(&pipeline);
        bench.image(&build);
        let mut counts = || {
            let of_pipeline = bench.post("ListImagePipelineImages", json!({ "imagePipelineArn": pipeline }));
            let builds = bench.post("ListImageBuildVersions", json!({}));
            let versions = bench.post("ListImages", json!({}));
            bench.pass(Duration::from_mins(2));
            [
                count(&of_pipeline, "imageSummaryList"),
                count(&builds, "imageSummaryList"),
                count(&versions, "imageVersionList"),
            ]
        };
        assert_eq!([counts(), counts()], [[0, 0, 0], [1, 1, 1]]);
    }

    #[test]
    fn builds_of_one_version_are_one_entry_of_list_images() {
        let mut bench = Bench::new();
        bench.built("web");
        let pipeline = bench.arn("image-pipeline/web");
        bench.start(&pipeline);
        let versions = bench.post("ListImages", json!({}));
        assert_eq!(versions["imageVersionList"][0]["arn"], bench.arn("image/web/1.0.0"));
        assert_eq!(count(&versions, "imageVersionList"), 1);
        let builds = bench.post(
            "ListImageBuildVersions",
            json!({ "imageVersionArn": bench.arn("image/web/1.0.0") }),
        );
        assert_eq!(count(&builds, "imageSummaryList"), 2);
        assert_eq!(builds["imageSummaryList"][1]["version"], "1.0.0/2");
    }

    #[test]
    fn what_does_not_exist_is_an_empty_list() {
        let mut bench = Bench::new();
        assert_eq!(
            count(
                &bench.post(
                    "ListImageBuildVersions",
                    json!({ "imageVersionArn": bench.arn("image/none/1.0.0") })
                ),
                "imageSummaryList"
            ),
            0
        );
        assert_eq!(
            count(
                &bench.post(
                    "ListImagePipelineImages",
                    json!({ "imagePipelineArn": bench.arn("image-pipeline/none") })
                ),
                "imageSummaryList"
            ),
            0
        );
    }

    #[test]
    fn the_images_of_a_deleted_pipeline_are_still_listed_by_its_arn() {
        let mut bench = Bench::new();
        bench.built("web");
        let pipeline = bench.arn("image-pipeline/web");
        bench.delete("DeleteImagePipeline", "imagePipelineArn", &pipeline);
        assert_eq!(
            count(
                &bench.post("ListImagePipelineImages", json!({ "imagePipelineArn": pipeline })),
                "imageSummaryList"
            ),
            1
        );
    }

    #[test]
    fn amazons_images_are_listed_only_when_asked_for_and_deprecated_ones_only_when_asked_for_too() {
        let mut bench = Bench::new();
        let base = bench.base_image();
        let region = bench.hub.region;
        let ami = base.parse().unwrap();
        bench
            .world
            .publish_managed_image(region, "amazon-linux-2023-x86", [2026, 1, 1], ami);
        assert_eq!(count(&bench.post("ListImages", json!({})), "imageVersionList"), 0);
        let amazon = bench.post("ListImages", json!({ "owner": "Amazon" }));
        assert_eq!(
            amazon["imageVersionList"][0]["arn"],
            "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/2026.1.1"
        );
        let arn = "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/2026.1.1/1";
        assert!(bench.world.deprecate_managed_image(arn));
        let mut shown = |request: Value| count(&bench.post("ListImages", request), "imageVersionList");
        assert_eq!(shown(json!({ "owner": "Amazon" })), 0);
        assert_eq!(shown(json!({ "owner": "Amazon", "includeDeprecated": true })), 1);
        let wild = arn.replace("2026.1.1/1", "x.x.x");
        assert_eq!(bench.refused_get("GetImage", "imageBuildVersionArn", &wild).0, 404);
        assert_eq!(
            bench.get("GetImage", "imageBuildVersionArn", arn)["image"]["state"]["status"],
            "DEPRECATED"
        );
    }

    #[test]
    fn every_filter_of_builds_selects_what_it_names_and_nothing_else() {
        let mut bench = Bench::new();
        bench.built("web");
        let mut shown = |name: &str, value: &str| {
            let filters = json!({ "filters": [{ "name": name, "values": [value] }] });
            count(&bench.post("ListImageBuildVersions", filters), "imageSummaryList")
        };
        for (name, right, wrong) in [
            ("name", "web", "base"),
            ("platform", "Linux", "Windows"),
            ("type", "AMI", "DOCKER"),
            ("version", "1.0.0", "2.0.0"),
        ] {
            assert_eq!((shown(name, right), shown(name, wrong)), (1, 0), "{name}");
        }
        assert_eq!(shown("osVersion", "Amazon Linux 2023"), 0, "this parent says no system");
    }

    #[test]
    fn a_query_of_another_name_is_refused_by_that_name() {
        let mut bench = Bench::new();
        let build = bench.built("web");
        let answer = bench.send("GET", &format!("/GetImage?imageArn={}", build.replace(':', "%3A")), "");
        assert_eq!(answer.status, 501);
        assert!(
            answer.body["message"].as_str().unwrap().contains("imageArn"),
            "{}",
            answer.body
        );
    }
}
