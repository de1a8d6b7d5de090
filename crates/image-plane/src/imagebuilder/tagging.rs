//! Tags of Image Builder's resources. What is tagged here is the resource, never the AMIs it stands for.

use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Owner};
use super::check::{self, MOST_TAGS, TagMap};
use super::errors::{foreign, not_found};
use super::request::Input;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// These operations have an error of their own for what breaks a rule.
fn bad_parameter(error: ApiError) -> ApiError {
    if error.code == "InvalidParameterValueException" || error.code == "InvalidVersionNumberException" {
        ApiError::client("InvalidParameterException", error.message)
    } else {
        error
    }
}

fn read_arn(input: &Input, target: Target) -> Result<Arn, ApiError> {
    let arn = Arn::parse("resourceArn", input.resource()?)
        .and_then(|arn| arn.at_home(target))
        .map_err(bad_parameter)?;
    if arn.owner == Owner::Amazon {
        Err(foreign(arn))
    } else {
        Ok(arn)
    }
}

/// The tags of the resource that an ARN names exactly.
pub(super) fn tags_mut<'a>(world: &'a mut World, target: Target, arn: &Arn) -> Option<&'a mut TagMap> {
    let shelf = world.builder.shelf_mut(target);
    match arn.kind {
        Kind::Component => shelf
            .components
            .get_mut(&arn.place()?)
            .map(|component| &mut component.tags),
        Kind::Image => shelf.images.get_mut(&arn.place()?).map(|image| &mut image.tags),
        Kind::Recipe | Kind::ContainerRecipe => {
            let (name, version) = arn.exact_version()?;
            let recipe = shelf.recipes.get_mut(&(arn.kind, name, version));
            recipe.map(|recipe| &mut recipe.tags)
        }
        Kind::Infrastructure => shelf
            .infrastructures
            .get_mut(&arn.name)
            .map(|infrastructure| &mut infrastructure.tags),
        Kind::Distribution => shelf
            .distributions
            .get_mut(&arn.name)
            .map(|distribution| &mut distribution.tags),
        Kind::Pipeline => shelf.pipelines.get_mut(&arn.name).map(|pipeline| &mut pipeline.tags),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Tag {
    tags: TagMap,
}

pub(crate) fn tag(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let Tag { tags } = input.body()?;
    check::tags("tags", Some(&tags), MOST_TAGS).map_err(bad_parameter)?;
    let arn = read_arn(input, caller.target)?;
    let known = tags_mut(world, caller.target, &arn).ok_or_else(|| not_found(&arn))?;
    let more = tags.keys().filter(|key| !known.contains_key(*key)).count();
    if known.len() + more > MOST_TAGS {
        return Err(ApiError::client(
            "InvalidParameterException",
            format!("A resource can have at most {MOST_TAGS} tags."),
        ));
    }
    known.extend(tags);
    Ok(json!({}))
}

pub(crate) fn untag(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let keys = input.queries("tagKeys")?;
    check::count("tagKeys", keys.len(), 1..=MOST_TAGS).map_err(bad_parameter)?;
    let arn = read_arn(input, caller.target)?;
    let known = tags_mut(world, caller.target, &arn).ok_or_else(|| not_found(&arn))?;
    known.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}

pub(crate) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let arn = read_arn(input, caller.target)?;
    let known = tags_mut(world, caller.target, &arn).ok_or_else(|| not_found(&arn))?;
    Ok(json!({ "tags": known }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;

    fn path(arn: &str) -> String {
        format!("/tags/{}", arn.replace(':', "%3A").replace('/', "%2F"))
    }

    #[test]
    fn every_kind_of_resource_is_tagged_and_untagged_by_its_arn() {
        let mut bench = Bench::new();
        let build = bench.built("web");
        bench.ok("CreateComponent", super::super::testing::component("nginx", "1.0.0"));
        bench.container_recipe("tools");
        let others = [
            "container-recipe/tools/1.0.0",
            "component/nginx/1.0.0/1",
            "image-recipe/web/1.0.0",
            "infrastructure-configuration/web",
            "distribution-configuration/web",
            "image-pipeline/web",
        ];
        for arn in others.map(|resource| bench.arn(resource)).into_iter().chain([build]) {
            assert_eq!(
                bench
                    .send("POST", &path(&arn), r#"{"tags":{"a b":"1","c":"2"}}"#)
                    .status,
                200,
                "{arn}"
            );
            assert_eq!(
                bench
                    .send("DELETE", &format!("{}?tagKeys=a%20b&tagKeys=d", path(&arn)), "")
                    .status,
                200
            );
            assert_eq!(
                bench.send("GET", &path(&arn), "").body,
                json!({ "tags": { "c": "2" } }),
                "{arn}"
            );
        }
    }

    #[test]
    fn tagging_an_image_leaves_its_ami_alone() {
        let mut bench = Bench::new();
        let build = bench.built("web");
        bench.send("POST", &path(&build), r#"{"tags":{"keep":"true"}}"#);
        let ami = bench.ami_of(&build);
        assert_eq!(bench.ami(bench.hub, &ami).unwrap().tags.get("keep"), None);
    }

    #[test]
    fn what_does_not_exist_reserved_keys_and_the_51st_tag_are_refused() {
        let mut bench = Bench::new();
        let none = bench.arn("image-pipeline/none");
        assert_eq!(bench.send("GET", &path(&none), "").kind, "ResourceNotFoundException");
        let build = bench.built("web");
        assert_eq!(
            bench.send("POST", &path(&build), r#"{"tags":{"aws:x":"1"}}"#).kind,
            "InvalidParameterException"
        );
        assert_eq!(
            bench.send("GET", &path("nothing"), "").kind,
            "InvalidParameterException"
        );
        let fifty: TagMap = (0..50).map(|n| (format!("k{n}"), String::new())).collect();
        assert_eq!(
            bench
                .send("POST", &path(&build), &json!({ "tags": fifty }).to_string())
                .status,
            200
        );
        assert_eq!(
            bench.send("POST", &path(&build), r#"{"tags":{"one":"more"}}"#).kind,
            "InvalidParameterException"
        );
    }
}
