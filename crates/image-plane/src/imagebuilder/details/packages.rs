//! The packages of an image, which a build takes stock of where its metadata is to be enhanced.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::component::Platform;
use super::super::errors::not_found;
use super::super::image::{Image, Status, own_build};
use super::super::recipe::Makes;
use super::super::request::Input;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

const DAY: i64 = 86_400_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    image_build_version_arn: String,
}

/// `ListImagePackages`. What of a build that keeps no list, or has not come so far, AWS does not say; here it is empty.
pub(super) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (
        paging,
        List {
            image_build_version_arn,
        },
    ) = input.paged(&["maxResults", "nextToken"], &[])?;
    let (arn, place) = own_build("imageBuildVersionArn", &image_build_version_arn, caller.target)?;
    let image = world.builder.shelf(caller.target).images.get(&place);
    let image = image.ok_or_else(|| not_found(arn))?;
    let page = paging.cut_list(world, of(image))?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|(name, version)| json!({ "packageName": name, "packageVersion": version }))
        .collect();
    Ok(json!({ "imagePackageList": list, "nextToken": page.next }))
}

/// The packages of an image once it was built: "this step action only works for images that create AMIs".
fn of(image: &Image) -> Vec<(String, String)> {
    let built = image
        .walk
        .left(Status::Building)
        .is_some_and(|left| !matches!(left.to, Status::Failed | Status::Cancelled));
    let counted = image.enhanced && !image.work.test_only && matches!(image.recipe.makes, Makes::Ami(_));
    if !built || !counted {
        return Vec::new();
    }
    let given = image.work.packages.clone();
    given.unwrap_or_else(|| usual(image.recipe.platform, image.created))
}

/// What an image of this date has, where nobody said what it has: some packages move on every day, others seldom.
fn usual(platform: Platform, date: Time) -> Vec<(String, String)> {
    let days = date.millis().div_euclid(DAY);
    let every = |days_each: i64| days.div_euclid(days_each);
    let day = date.to_string();
    let day = day.split('T').next().unwrap_or_default().replace('-', "");
    let packages = match platform {
        Platform::Windows => vec![
            ("Amazon SSM Agent", format!("3.3.{}.0", every(14))),
            ("AWS Tools for Windows", format!("3.15.{}", every(1))),
            ("aws-cfn-bootstrap", String::from("2.0.31")),
        ],
        _ => vec![
            ("amazon-ssm-agent", format!("3.3.{}.0", every(14))),
            ("bash", String::from("5.2.15")),
            ("curl", format!("8.11.{}", every(30))),
            ("glibc", String::from("2.34")),
            ("kernel", format!("6.1.{}", every(7))),
            ("openssl-libs", format!("3.2.{}", every(60))),
            ("system-release", format!("2023.9.{day}")),
        ],
    };
    let named = packages.into_iter();
    named.map(|(name, version)| (name.to_owned(), version)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::testing::Bench;
    use super::*;

    fn packages(bench: &mut Bench, build: &str) -> Vec<(String, String)> {
        let answer = bench.post("ListImagePackages", json!({ "imageBuildVersionArn": build }));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = answer["imagePackageList"].as_array().unwrap().iter();
        list.map(|package| (text(&package["packageName"]), text(&package["packageVersion"])))
            .collect()
    }

    fn given(name: &str, version: &str) -> (String, String) {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn builds_of_two_days_differ_in_some_packages_and_not_in_all() {
        let mut bench = Bench::new();
        let first = bench.built("web");
        bench.pass(Duration::from_hours(24));
        let pipeline = bench.arn("image-pipeline/web");
        let second = bench.start(&pipeline);
        assert_eq!(packages(&mut bench, &second), [], "nothing is built yet");
        bench.pass(Duration::from_hours(2));
        let (first, second) = (packages(&mut bench, &first), packages(&mut bench, &second));
        let same = first.iter().zip(&second).filter(|(first, second)| first == second);
        assert_eq!((first.len(), second.len()), (7, 7));
        assert!((1..7).contains(&same.count()), "{first:?} {second:?}");
        assert!(
            second.contains(&given("system-release", "2023.9.20260102")),
            "{second:?}"
        );
    }

    #[test]
    fn the_next_builds_have_the_packages_they_were_given_and_earlier_ones_keep_theirs() {
        let mut bench = Bench::new();
        let first = bench.built("web");
        let before = packages(&mut bench, &first);
        let pipeline = bench.arn("image-pipeline/web");
        let nginx = vec![given("nginx", "1.28.0"), given("bash", "5.2.15")];
        bench.world.set_packages(&pipeline, nginx.clone());
        let second = bench.start(&pipeline);
        bench.pass(Duration::from_hours(2));
        assert_eq!(packages(&mut bench, &second), nginx);
        assert_eq!(packages(&mut bench, &first), before);
    }

    #[test]
    fn a_build_without_enhanced_metadata_lists_none() {
        let mut bench = Bench::new();
        bench.family("web");
        let mut request = bench.pipeline_request("web");
        request["enhancedImageMetadataEnabled"] = json!(false);
        let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"].clone();
        let build = bench.start(pipeline.as_str().unwrap());
        bench.pass(Duration::from_hours(2));
        assert_eq!(packages(&mut bench, &build), []);
    }

    #[test]
    fn a_build_that_failed_before_its_stock_was_taken_lists_none() {
        let mut bench = Bench::new();
        let pipeline = bench.pipeline("web");
        let build = bench.start(&pipeline);
        bench.pass(Duration::from_mins(5));
        bench.ok("CancelImageCreation", json!({ "imageBuildVersionArn": build }));
        bench.pass(Duration::from_hours(2));
        assert_eq!(packages(&mut bench, &build), []);
    }

    #[test]
    fn packages_come_in_pages_and_each_once() {
        let mut bench = Bench::new();
        let build = bench.built("web");
        let all = packages(&mut bench, &build);
        let mut request = json!({ "imageBuildVersionArn": build, "maxResults": 3 });
        let mut pages = Vec::new();
        loop {
            let page = bench.post("ListImagePackages", request.clone());
            let names = page["imagePackageList"].as_array().unwrap().clone();
            pages.push(names.len());
            match page.get("nextToken") {
                Some(token) => request["nextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!((pages, all.len()), (vec![3, 3, 1], 7));
    }

    #[test]
    fn a_build_that_is_not_there_is_not_found_and_a_filter_is_refused_by_name() {
        let mut bench = Bench::new();
        let none = bench.arn("image/web/1.0.0/1");
        let refusal = bench.refused_post("ListImagePackages", json!({ "imageBuildVersionArn": none }));
        assert_eq!(refusal, (404, "ResourceNotFoundException".into()));
        let request = json!({ "imageBuildVersionArn": none, "filters": [] }).to_string();
        let answer = bench.send("POST", "/ListImagePackages", &request);
        assert_eq!(answer.status, 501);
        assert!(answer.body["message"].as_str().unwrap().contains("filters"));
    }
}
