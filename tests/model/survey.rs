//! What there is and who uses it, past every API: what a judge of others sees.

use std::collections::BTreeSet;

use image_plane::ImageId;
use stage::aws::{Aws, HUB, IRELAND, target};

use crate::launching::{template, version};

#[tokio::test(start_paused = true)]
async fn a_survey_shows_what_would_launch_an_image_and_what_runs_it_until_it_ends() {
    let aws = Aws::calm();
    let [old, new] = ["old", "new"].map(|name| aws.image(HUB, IRELAND, name));
    let hub = aws.hub();
    let run = hub.run_instances().image_id(&old).min_count(1).max_count(1);
    let instance = run.send().await.unwrap().instances()[0]
        .instance_id()
        .unwrap()
        .to_owned();
    let web = template(&hub, "web", &old).await;
    for image in [&new, &old, &new] {
        version(&hub, &web, image).await;
    }
    let scaling = aws.scaling(HUB, IRELAND);
    let configuration = scaling.create_launch_configuration().launch_configuration_name("web");
    let configuration = configuration.image_id(&old).instance_type("t3.micro");
    configuration.send().await.unwrap();
    let users_of = |image: &str| {
        let image: ImageId = image.parse().unwrap();
        let users = aws.plane.with(|world| world.survey_users()).into_iter();
        let of_it = users.filter(|(_, images)| images.contains(&image));
        let there = target(HUB, IRELAND);
        let names = of_it.map(|((at, what), _)| {
            assert_eq!(at, there);
            what
        });
        names.collect::<BTreeSet<String>>()
    };
    let names = |all: &[String]| all.iter().cloned().collect::<BTreeSet<String>>();
    let (runs, offers, launches) = (
        format!("instance {instance}"),
        format!("launch template {web}"),
        String::from("launch configuration web"),
    );
    assert_eq!(users_of(&old), names(&[runs, offers.clone(), launches.clone()]));
    assert_eq!(users_of(&new), names(std::slice::from_ref(&offers)));
    hub.terminate_instances().instance_ids(&instance).send().await.unwrap();
    let default = hub.modify_launch_template().launch_template_id(&web);
    default.default_version("4").send().await.unwrap();
    assert_eq!(users_of(&old), names(&[launches]));
    assert_eq!(users_of(&new), names(&[offers]));
}
