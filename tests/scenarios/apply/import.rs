//! A pipeline that exists becomes a manifest.

use std::collections::BTreeMap;

use steward::applying::{ExistingRecipe, ExistingSchedule, WantedRecipe, import, wanted};
use steward::manifest::ManifestFile;

use super::Bench;
use crate::hub::hub;

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_is_imported_says_as_a_manifest_what_it_said_before() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let run = bench.run().await;
    let arn = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web-x86-64"
        .parse()
        .unwrap();
    let mut existing = run.at.existing(&arn).await.unwrap();
    existing.schedule = Some(ExistingSchedule {
        expression: String::from("cron(0 4 ? * MON *)"),
        timezone: Some(String::from("Europe/Berlin")),
        always: false,
    });
    existing.regions[0].accounts = vec![String::from("333344445555")];
    existing.regions[0].public = true;
    existing.regions[0].copy_to = vec![String::from("222233334444")];
    existing.regions[0].others = vec![String::from("ssmParameterConfigurations")];
    let imported = import(&existing, Some(&"copy".parse().unwrap())).unwrap();
    assert_eq!(
        imported.notes,
        [
            "the owner of what /base/x86_64 names is a guess: self.",
            "tests stand among the components: a recipe does not tell them apart.",
            "ssmParameterConfigurations in eu-west-1 is not carried over.",
            "everybody may use its images: not carried over, unless you add `public` and `everybody_may_use` to `share_with`.",
        ]
    );
    assert!(
        imported.text.starts_with("# Made from the pipeline web-x86-64."),
        "{}",
        imported.text
    );
    let read = ManifestFile::read("copy.yaml", imported.text.as_bytes()).file.unwrap();
    let manifest = read.manifest();
    let files: BTreeMap<String, String> = imported.files.into_iter().collect();
    let file = |path: &steward::manifest::FilePath| Ok(files[path.as_str()].clone());
    let again = wanted(manifest, hub(), |_| None, file).unwrap().unwrap();
    let [line] = again.lines.as_slice() else {
        panic!("{again:?}")
    };
    assert_eq!(line.infrastructure, existing.infrastructure);
    let (WantedRecipe::Image(mut recipe), ExistingRecipe::Image(before)) = (line.recipe.clone(), existing.recipe)
    else {
        panic!("{line:?}")
    };
    assert_eq!(recipe.ami_tags["image-steward:family"], "copy");
    recipe.ami_tags.clone_from(&before.ami_tags);
    assert_eq!(recipe, before);
    let schedule = manifest.triggers.schedule.as_ref().unwrap();
    assert_eq!(
        (schedule.cron.as_str(), schedule.timezone.as_str(), schedule.always),
        ("0 4 ? * MON *", "Europe/Berlin", false)
    );
    assert_eq!(manifest.distribute.share_with.accounts.len(), 1);
    assert_eq!(manifest.distribute.copy_to.len(), 1);
    // A person says that, and says it twice.
    assert!(!manifest.distribute.share_with.public);
}
