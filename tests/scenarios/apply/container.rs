//! Families of container images.

use image_plane::{Effect, Fault};
use stage::aws::{HUB, IRELAND, hours, target};
use stage::shop::Shop;
use steward::applying::{ExistingRecipe, WantedRecipe, import, wanted};
use steward::manifest::ManifestFile;

use super::{Bench, said};
use crate::hub::{Hub, hub};

pub(crate) const TOOLS: &str = r#"
family: web
description: tools for pipelines
build:
  container: { repository: tools, base: "amazonlinux:2023", dockerfile: containers/web.Dockerfile, kms_key: alias/golden }
  components: [ { arn: "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x" }, { file: components/nginx.yaml } ]
  infrastructure: { instance_types: [t3.medium], instance_profile: ImageBuilder }
  working_directory: /tmp
  scanning: { repository: tools, tags: [scanned] }
"#;
const DOCKERFILE: &str =
    "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n";
const PIPELINE: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web-x86-64";

async fn bench() -> Bench {
    let mut bench = Bench::new().await;
    TOOLS.clone_into(&mut bench.manifest);
    bench.files.insert("containers/web.Dockerfile", DOCKERFILE.to_owned());
    bench.world.plane.with(|world| {
        world.create_repository(target(HUB, IRELAND), "tools");
    });
    bench
}

#[tokio::test(start_paused = true)]
async fn a_family_of_container_images_gets_its_recipe_and_no_distribution() {
    let bench = bench().await;
    assert_eq!(
        said(&bench.plan().await),
        [
            "create component web-nginx 1.0.0",
            "create container recipe web-x86-64 1.0.0",
            "create infrastructure configuration web-x86-64",
            "create pipeline web-x86-64",
        ]
    );
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
    assert_eq!(bench.changes(), 4);
}

#[tokio::test(start_paused = true)]
async fn another_dockerfile_is_the_next_version_of_the_recipe() {
    let mut bench = bench().await;
    bench.apply().await.unwrap();
    let dockerfile = format!("{DOCKERFILE}RUN dnf install -y git\n");
    bench.files.insert("containers/web.Dockerfile", dockerfile);
    let plan = bench.plan().await;
    assert_eq!(
        said(&plan),
        ["next container recipe web-x86-64 1.0.1", "update pipeline web-x86-64"]
    );
    assert_eq!(plan.steps[0].changes[0].path, "dockerfile");
    bench.apply().await.unwrap();
    bench.prune_versions = true;
    bench.apply().await.unwrap();
    let old = "arn:aws:imagebuilder:eu-west-1:111122223333:container-recipe/web-x86-64/1.0.0";
    let gone = bench.ib().get_container_recipe().container_recipe_arn(old).send().await;
    assert!(
        gone.unwrap_err()
            .into_service_error()
            .to_string()
            .contains("ResourceNotFoundException")
    );
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn its_builds_are_of_the_family_and_of_its_recipe() {
    let bench = bench().await;
    bench.apply().await.unwrap();
    let start = bench.ib().start_image_pipeline_execution().image_pipeline_arn(PIPELINE);
    let build = start.send().await.unwrap().image_build_version_arn.unwrap();
    bench.world.pass(hours(2)).await;
    let facts = bench
        .run()
        .await
        .at
        .build(&build.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(facts.state, steward::BuildState::Available);
    assert_eq!(facts.family.unwrap().as_str(), "web");
    assert_eq!(
        facts.recipe.unwrap().to_string(),
        "arn:aws:imagebuilder:eu-west-1:111122223333:container-recipe/web-x86-64/1.0.0"
    );
    assert_eq!(facts.outputs, []);
    let made: Vec<String> = facts.containers.iter().map(ToString::to_string).collect();
    assert_eq!(made, ["tools:1.0.0-1 in 111122223333/eu-west-1"]);
}

/// The hub of a family of container images, whose manifest says this beside.
pub(crate) async fn building(beside: &str) -> Hub {
    let mut bench = bench().await;
    bench.manifest.push_str(beside);
    bench.apply().await.unwrap();
    recorded(bench)
}

/// The hub of this bench, as the record's function finds it.
fn recorded(bench: Bench) -> Hub {
    let ib = bench.ib();
    Hub {
        shop: Shop {
            aws: bench.world,
            ib,
            pipeline: String::from(PIPELINE),
            recipe: String::new(),
        },
    }
}

#[tokio::test(start_paused = true)]
async fn its_images_are_placements_by_what_they_hold_until_two_looks_agree_that_they_are_gone() {
    let bench = bench().await;
    bench.apply().await.unwrap();
    let hub = recorded(bench);
    hub.shop.built().await;
    assert_eq!(hub.sweep().await.placements, 1);
    let writes = hub.writes();
    hub.sweep().await;
    assert_eq!(hub.writes(), writes, "a second sweep writes nothing");
    let (digest, _) = hub
        .shop
        .aws
        .plane
        .with(|world| world.containers_in(target(HUB, IRELAND), "tools"))[0]
        .clone();
    let there = hub.says(&["where", "web"]).await;
    let row = format!("eu-west-1  tools@{digest}  present");
    assert!(there.contains(&row) && there.contains("by us  1.0.0-1"), "{there}");

    // The tag points to another image from now on, and the release is what it was; what it is called is read again.
    hub.shop.aws.plane.with(|world| {
        world
            .push_container(target(HUB, IRELAND), "tools", None, &["1.0.0-1"])
            .unwrap();
    });
    hub.shop.aws.pass(hours(1)).await;
    hub.sweep().await;
    let there = hub.says(&["where", "web"]).await;
    assert!(there.contains(&row) && !there.contains("1.0.0-1"), "{there}");
    hub.shop.aws.plane.with(|world| {
        world
            .push_container(target(HUB, IRELAND), "tools", Some(&digest), &["good", "latest"])
            .unwrap();
    });
    let looks = hub.calls_of("DescribeImages");
    hub.shop.aws.pass(hours(1)).await;
    hub.sweep().await;
    // The list of the repository says it, and no image is asked about.
    assert_eq!(hub.calls_of("DescribeImages") - looks, 1);
    let there = hub.says(&["where", "web"]).await;
    assert!(there.contains("by us  good") && there.contains("latest"), "{there}");
    let writes = hub.writes();
    hub.shop.aws.pass(hours(1)).await;
    hub.sweep().await;
    // That it was compared, which builds there are, that they were listed, and nothing else.
    assert_eq!(hub.writes() - writes, 3);

    let events = |hub: &Hub| -> Vec<serde_json::Value> {
        let deliveries = hub.shop.aws.plane.with(image_plane::World::take_deliveries).into_iter();
        let bodies = deliveries.map(|delivery| delivery.body);
        bodies
            .filter(|body| body["detail-type"] == "ECR Image Action")
            .collect()
    };
    let pushed = events(&hub);
    assert!(!pushed.is_empty());
    let gone = hub
        .shop
        .aws
        .plane
        .with(|world| world.delete_container(target(HUB, IRELAND), "tools", &digest));
    assert!(gone);
    let mut deleted = events(&hub);
    let outcome = hub.wake(&deleted.remove(0)).await.unwrap();
    assert_eq!(
        (outcome.looked_at, outcome.placements),
        (1, 0),
        "one look changes nothing: {outcome:?}"
    );
    hub.shop.aws.pass(hours(1)).await;
    assert_eq!(hub.sweep().await.placements, 1);
    assert!(
        hub.says(&["where", "web"])
            .await
            .contains(&format!("tools@{digest}  gone"))
    );
    assert!(hub.says(&["history", "web"]).await.contains("is gone, was present"));
    let explained = hub.says(&["explain", "web"]).await;
    assert!(
        explained.contains("who uses it cannot be known completely"),
        "{explained}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_container_image_of_nobodys_is_left_alone_and_a_registry_that_cannot_be_read_takes_nothing_away() {
    let bench = bench().await;
    bench.apply().await.unwrap();
    let hub = recorded(bench);
    hub.shop.built().await;
    hub.sweep().await;
    let stranger = serde_json::json!({
        "version": "0", "id": "1", "detail-type": "ECR Image Action", "source": "aws.ecr", "account": "111122223333",
        "time": "2026-02-05T08:17:00Z", "region": "eu-west-1", "resources": [],
        "detail": { "result": "SUCCESS", "repository-name": "others", "action-type": "PUSH", "image-tag": "latest",
            "image-digest": format!("sha256:{}", "0b".repeat(32)) },
    });
    let items = hub.items();
    let outcome = hub.wake(&stranger).await.unwrap();
    assert!(outcome.not_ours.is_some() && hub.items() == items, "{outcome:?}");
    hub.shop.aws.pass(hours(1)).await;
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.inject(Fault::new(Effect::Deny).on("DescribeImages").always()));
    assert!(hub.wake(&serde_json::json!({ "wake": "sweep" })).await.is_err());
    assert!(hub.says(&["where", "web"]).await.contains("  present"));
}

#[tokio::test(start_paused = true)]
async fn a_family_that_becomes_one_of_container_images_is_told_to_delete_its_pipeline_first() {
    let mut bench = bench().await;
    bench.manifest = super::WEB
        .replace("[x86_64, arm64]", "[x86_64]")
        .replace(", t4g.medium", "");
    bench.apply().await.unwrap();
    TOOLS.clone_into(&mut bench.manifest);
    let error = bench.apply().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "nothing was done: the pipeline web-x86-64 builds by \
         arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web-x86-64/1.0.0, and Image Builder lets no pipeline \
         change between AMIs and container images: delete it"
    );
    bench
        .ib()
        .delete_image_pipeline()
        .image_pipeline_arn(PIPELINE)
        .send()
        .await
        .unwrap();
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn tags_for_the_scan_are_said_without_a_repository_too() {
    let mut bench = bench().await;
    bench.manifest = bench
        .manifest
        .replace("{ repository: tools, tags: [scanned] }", "{ tags: [scanned] }");
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_repository_that_is_not_there_is_said_in_image_builders_words_and_nothing_is_stored() {
    let mut bench = bench().await;
    bench.manifest = bench
        .manifest
        .replace("repository: tools, base", "repository: nowhere, base");
    let error = bench.apply().await.unwrap_err().to_string();
    assert!(
        error.starts_with("failed to write the container recipe web-x86-64 1.0.0 in 111122223333/eu-west-1: ")
            && error.contains("The repository 'nowhere' does not exist"),
        "{error}"
    );
    let record = bench.run().await.record;
    assert_eq!(record.applied(&"web".parse().unwrap()).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn an_imported_pipeline_of_container_images_says_what_it_said_before() {
    let bench = bench().await;
    bench.apply().await.unwrap();
    let existing = bench.run().await.at.existing(&PIPELINE.parse().unwrap()).await.unwrap();
    let imported = import(&existing, Some(&"copy".parse().unwrap())).unwrap();
    assert_eq!(
        imported.notes,
        ["tests stand among the components: a recipe does not tell them apart."]
    );
    assert_eq!(
        imported.files,
        [(String::from("containers/copy.Dockerfile"), DOCKERFILE.to_owned())]
    );
    let read = ManifestFile::read("copy.yaml", imported.text.as_bytes()).file.unwrap();
    let file = |_: &steward::manifest::FilePath| Ok(imported.files[0].1.clone());
    let again = wanted(read.manifest(), hub(), |_| None, file).unwrap().unwrap();
    let (WantedRecipe::Container(recipe), ExistingRecipe::Container(before)) =
        (&again.lines[0].recipe, &existing.recipe)
    else {
        panic!("{again:?}")
    };
    assert_eq!(recipe, before);
    let repository = read.manifest().build.as_ref().unwrap().scanning.as_ref().unwrap();
    assert_eq!(repository.repository.as_ref().unwrap().to_string(), "tools");
}
