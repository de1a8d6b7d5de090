use super::super::place::NewImage;
use super::super::testing::Bench;
use crate::sts::tests::field;

const TO_ALL: (&str, &str) = ("LaunchPermission.Add.1.Group", "all");

/// The marks of an image of the hub's.
fn marks(bench: &mut Bench, image: &str) -> Vec<String> {
    let target = bench.hub;
    let plane = bench.world.ec2.plane(target.region);
    let image = plane.image(image.parse().unwrap()).unwrap();
    image.watermarks.values("image-watermark.watermark-key")
}

fn attach_one(bench: &mut Bench, image: &str, name: &str) -> Result<String, String> {
    let answer = bench.call_as(
        bench.hub,
        "AttachImageWatermark",
        &[("ImageId", image), ("WatermarkName", name)],
    );
    answer
        .map(|answer| field(&answer, "watermarkKey"))
        .map_err(|(code, _)| code)
}

fn detach_one(bench: &mut Bench, image: &str, key: &str) -> String {
    let answer = bench.ok("DetachImageWatermark", &[("ImageId", image), ("WatermarkKey", key)]);
    field(&answer, "return")
}

#[test]
fn an_owner_puts_marks_on_an_image_and_takes_them_off_once_or_twice() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    assert_eq!(attach_one(&mut bench, &image, "golden").unwrap(), "111122223333:golden");
    attach_one(&mut bench, &image, "golden").unwrap();
    attach_one(&mut bench, &image, "approved").unwrap();
    assert_eq!(
        marks(&mut bench, &image),
        ["111122223333:golden", "111122223333:approved"]
    );
    for _ in 0..2 {
        assert_eq!(detach_one(&mut bench, &image, "111122223333:golden"), "true");
        assert_eq!(marks(&mut bench, &image), ["111122223333:approved"]);
    }
}

#[test]
fn nobody_but_its_owner_marks_an_image() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let member = bench.member;
    for (action, parameter) in [
        ("AttachImageWatermark", "WatermarkName"),
        ("DetachImageWatermark", "WatermarkKey"),
    ] {
        let refused = bench.call_as(member, action, &[("ImageId", &image), (parameter, "golden")]);
        assert_eq!(refused.unwrap_err().0, "InvalidAMIID.NotFound", "{action}");
    }
}

#[test]
fn five_marks_of_good_names_are_all_an_image_can_have_and_a_public_one_has_none() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    for bad in ["no", "golden!", " golden", "golden ", "g\u{f6}lden", &"g".repeat(129)] {
        assert_eq!(
            attach_one(&mut bench, &image, bad).unwrap_err(),
            "InvalidParameterValue",
            "{bad}"
        );
    }
    for name in ["one", "two", "(3) [x] ./-'@_", "four", &"g".repeat(128)] {
        attach_one(&mut bench, &image, name).unwrap();
    }
    assert_eq!(
        attach_one(&mut bench, &image, "six").unwrap_err(),
        "ResourceLimitExceeded"
    );
    attach_one(&mut bench, &image, "one").unwrap();
    let public = bench.image(NewImage::named("public"));
    bench.ok("ModifyImageAttribute", &[("ImageId", &public), TO_ALL]);
    assert_eq!(
        attach_one(&mut bench, &public, "golden").unwrap_err(),
        "OperationNotPermitted"
    );
    let refused = bench.refused("ModifyImageAttribute", &[("ImageId", &image), TO_ALL]);
    assert_eq!(refused.0, "OperationNotPermitted");
}
