use std::time::Duration;

use super::super::place::NewImage;
use super::super::testing::Bench;
use crate::sts::tests::field;

fn copy<'a>(source: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("SourceImageId", source), ("SourceRegion", "eu-west-1"), ("Name", name)]
}

#[test]
fn a_copy_of_a_protected_image_can_be_deregistered() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    bench.ok("EnableImageDeregistrationProtection", &[("ImageId", &image)]);
    let copied = field(&bench.ok("CopyImage", &copy(&image, "copy")), "imageId");
    bench.pass(Duration::from_hours(1));
    let described = bench.ok("DescribeImages", &[("ImageId.1", &copied)]);
    assert_eq!(field(&described, "deregistrationProtection"), "disabled");
    bench.ok("DeregisterImage", &[("ImageId", &copied)]);
    assert_eq!(
        bench.refused("DeregisterImage", &[("ImageId", &image)]).0,
        "OperationNotPermitted"
    );
}

#[test]
fn an_image_of_an_instance_was_never_launched_although_the_one_below_it_was() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    bench.launch(&image, &[]);
    bench.pass(Duration::from_hours(25));
    let instance = bench.launch(&image, &[]);
    let made = bench.ok("CreateImage", &[("InstanceId", &instance), ("Name", "made")]);
    let launched = |bench: &mut Bench, image: &str| {
        field(&bench.ok("DescribeImages", &[("ImageId.1", image)]), "lastLaunchedTime")
    };
    assert_eq!(launched(&mut bench, &image), "2026-01-18T17:50:56.789Z");
    assert_eq!(launched(&mut bench, &field(&made, "imageId")), "");
}

#[test]
fn a_time_based_copy_takes_quarters_of_an_hour_up_to_two_days() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let name = "SnapshotCopyCompletionDurationMinutes";
    for (minutes, copied) in [("15", "short"), ("30", "longer"), ("2880", "longest")] {
        let mut asked = copy(&image, copied);
        asked.push((name, minutes));
        bench.ok("CopyImage", &asked);
    }
    for minutes in ["0", "14", "20", "2895"] {
        let mut asked = copy(&image, "refused");
        asked.push((name, minutes));
        assert_eq!(
            bench.refused("CopyImage", &asked).0,
            "InvalidParameterValue",
            "{minutes}"
        );
    }
}
