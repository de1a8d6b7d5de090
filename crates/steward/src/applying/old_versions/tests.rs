use super::*;

fn arn<T: std::str::FromStr<Err: std::fmt::Debug>>(rest: &str) -> T {
    format!("arn:aws:imagebuilder:eu-west-1:111122223333:{rest}")
        .parse()
        .unwrap()
}

fn recipe(rest: &str, components: &[&str]) -> RecipeVersion {
    RecipeVersion {
        recipe: arn(rest),
        family: Some(String::from("web")),
        components: components.iter().map(|component| arn(component)).collect(),
    }
}

fn component(rest: &str) -> ComponentVersion {
    ComponentVersion {
        component: arn(rest),
        family: Some(String::from("web")),
    }
}

/// Three versions each; the pipeline builds by the second recipe.
fn versions() -> Versions {
    Versions {
        recipes: vec![
            recipe("image-recipe/web-x86-64/1.0.0", &["component/web-nginx/1.0.0"]),
            recipe("image-recipe/web-x86-64/1.0.1", &["component/web-nginx/1.0.1"]),
            recipe("image-recipe/web-x86-64/1.0.10", &["component/web-nginx/1.0.1"]),
        ],
        components: vec![
            component("component/web-nginx/1.0.0/1"),
            component("component/web-nginx/1.0.1/1"),
            component("component/web-nginx/1.0.2/1"),
        ],
        named: vec![arn("image-recipe/web-x86-64/1.0.1")],
    }
}

fn old(versions: &Versions) -> Vec<String> {
    old_beside(versions, &[])
}

fn old_beside(versions: &Versions, named_by_manifests: &[&str]) -> Vec<String> {
    let named: Vec<ComponentArn> = named_by_manifests.iter().map(|named| arn(named)).collect();
    let old = decide_old_versions(&[&"web".parse().unwrap()], versions, &named);
    old.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_newest_or_named_stays_and_the_rest_goes_recipes_first() {
    assert_eq!(
        old(&versions()),
        ["recipe web-x86-64 1.0.0", "component web-nginx 1.0.0"]
    );
}

#[test]
fn a_wildcard_keeps_every_version_it_could_mean() {
    let mut versions = versions();
    versions.named = vec![arn("image-recipe/web-x86-64/1.x.x")];
    assert_eq!(old(&versions), Vec::<String>::new());
    let mut versions = self::versions();
    versions.recipes[2] = recipe("image-recipe/web-x86-64/1.0.10", &["component/web-nginx/x.x.x"]);
    assert_eq!(old(&versions), ["recipe web-x86-64 1.0.0"]);
}

#[test]
fn what_is_not_tagged_as_the_familys_stays() {
    let mut versions = versions();
    versions.recipes[0].family = None;
    versions.components[0].family = Some(String::from("web-two"));
    assert_eq!(old(&versions), Vec::<String>::new());
    // Its recipe goes; a component of another family's does not, though nothing names it.
    versions.recipes[0].family = Some(String::from("web"));
    assert_eq!(old(&versions), ["recipe web-x86-64 1.0.0"]);
}

#[test]
fn the_newest_recipe_stays_though_no_pipeline_is_there() {
    let mut versions = versions();
    versions.named = Vec::new();
    assert_eq!(
        old(&versions),
        [
            "recipe web-x86-64 1.0.0",
            "recipe web-x86-64 1.0.1",
            "component web-nginx 1.0.0"
        ]
    );
}

#[test]
fn the_newest_of_a_component_that_nobody_wants_any_more_stays_so_that_no_version_means_two_things() {
    let mut versions = versions();
    versions.components.push(component("component/web-tuning/1.0.0/1"));
    versions.components.push(component("component/web-tuning/1.0.1/1"));
    assert_eq!(old(&versions).last().unwrap(), "component web-tuning 1.0.0");
}

#[test]
fn what_a_manifest_names_stays_though_no_recipe_names_it_yet() {
    assert_eq!(
        old_beside(&versions(), &["component/web-nginx/1.0.0"]),
        ["recipe web-x86-64 1.0.0"]
    );
}

#[test]
fn what_another_familys_recipe_names_stays() {
    let mut versions = versions();
    let mut other = recipe("image-recipe/worker-x86-64/1.0.0", &["component/web-nginx/1.0.0"]);
    other.family = Some(String::from("worker"));
    versions.recipes.push(other);
    assert_eq!(old(&versions), ["recipe web-x86-64 1.0.0"]);
}

#[test]
fn recipes_of_both_kinds_have_names_of_their_own() {
    let mut versions = versions();
    versions.recipes.push(recipe("container-recipe/web-x86-64/2.0.0", &[]));
    versions.recipes.remove(2);
    versions.named = vec![arn("container-recipe/web-x86-64/1.0.0")];
    // 1.0.1 is the newest of its kind.
    assert_eq!(old(&versions)[..1], ["recipe web-x86-64 1.0.0"]);
    assert!(!old(&versions).contains(&String::from("recipe web-x86-64 1.0.1")));
}
