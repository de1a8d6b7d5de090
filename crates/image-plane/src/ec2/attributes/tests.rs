use super::super::place::NewImage;
use super::super::testing::Bench;
use crate::sts::tests::field;

#[test]
fn an_attribute_that_no_image_has_is_refused_as_a_wrong_value() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let asked = [("ImageId", &*image), ("Attribute", "colour"), ("Value", "blue")];
    let expected = (
        "InvalidParameterValue".to_owned(),
        "Value (colour) for parameter attribute is invalid.".to_owned(),
    );
    assert_eq!(bench.refused("ModifyImageAttribute", &asked), expected);
}

#[test]
fn each_kind_of_grantee_is_granted_in_the_newer_form() {
    let organization = "arn:aws:organizations::111122223333:organization/o-exampleorgid";
    let unit = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";
    for (member, value, shown) in [
        ("UserId", "222233334444", "userId"),
        ("Group", "all", "group"),
        ("OrganizationArn", organization, "organizationArn"),
        ("OrganizationalUnitArn", unit, "organizationalUnitArn"),
    ] {
        let mut bench = Bench::new();
        let image = bench.image(NewImage::named("web"));
        let granted = |bench: &mut Bench| {
            let asked = [("ImageId", &*image), ("Attribute", "launchPermission")];
            field(&bench.ok("DescribeImageAttribute", &asked), shown)
        };
        for (direction, expected) in [("Add", value), ("Remove", "")] {
            let entry = format!("LaunchPermission.{direction}.1.{member}");
            bench.ok("ModifyImageAttribute", &[("ImageId", &image), (&entry, value)]);
            assert_eq!(granted(&mut bench), expected, "{member}");
        }
    }
}

#[test]
fn a_grantee_is_one_thing() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let both = [
        ("ImageId", &*image),
        ("LaunchPermission.Add.1.UserId", "222233334444"),
        ("LaunchPermission.Add.1.Group", "all"),
    ];
    assert_eq!(
        bench.refused("ModifyImageAttribute", &both).0,
        "InvalidParameterCombination"
    );
}
