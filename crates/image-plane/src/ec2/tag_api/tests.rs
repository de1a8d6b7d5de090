use super::super::place::NewImage;
use super::super::testing::Bench;

/// A tag, as CreateTags and as a creating call give it.
fn as_given(place: &str, value: &str) -> Vec<(String, String)> {
    let of = |part: &str| format!("{place}Tag.1.{part}");
    vec![(of("Key"), String::from("team")), (of("Value"), value.to_owned())]
}

#[test]
fn what_the_tag_policy_of_an_account_does_not_allow_no_image_is_tagged_with_there() {
    let mut bench = Bench::new();
    let hub = bench.hub;
    let image = bench.image(NewImage::named("web"));
    let allowed = [String::from("web")].into();
    let policy = &mut bench.world.account_mut(hub.account).tag_policy;
    policy.insert(String::from("team"), allowed);
    let mut refused = |action: &str, given: &[(&str, &str)], tag: Vec<(String, String)>| {
        let tag = tag.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let asked: Vec<(&str, &str)> = given.iter().copied().chain(tag).collect();
        bench.call_as(hub, action, &asked).map_err(|(code, _)| code).err()
    };
    let on = [("ResourceId.1", &*image)];
    let violation = Some(String::from("TagPolicyViolation"));
    assert_eq!(refused("CreateTags", &on, as_given("", "shop")), violation);
    assert_eq!(refused("CreateTags", &on, as_given("", "web")), None);
    let region = hub.region.name();
    for kind in ["image", "snapshot"] {
        let copy = |name, token| {
            [
                ("Name", name),
                ("SourceImageId", &*image),
                ("SourceRegion", region),
                ("ClientToken", token),
                ("TagSpecification.1.ResourceType", kind),
            ]
        };
        let shop = as_given("TagSpecification.1.", "shop");
        assert_eq!(refused("CopyImage", &copy("refused", "one"), shop), violation);
        let web = as_given("TagSpecification.1.", "web");
        assert_eq!(refused("CopyImage", &copy(kind, kind), web), None);
    }
}

#[test]
fn a_key_has_up_to_128_characters_and_a_value_up_to_256() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    // Characters, not bytes.
    for (key, value, fits) in [(128, 256, true), (129, 1, false), (1, 257, false)] {
        let (key, value) = ("é".repeat(key), "é".repeat(value));
        let asked = [("ResourceId.1", &*image), ("Tag.1.Key", &key), ("Tag.1.Value", &value)];
        let code = bench.call_as(bench.hub, "CreateTags", &asked).map_err(|(code, _)| code);
        assert_eq!(code.is_ok(), fits, "{code:?}");
        assert!(fits || code == Err("InvalidParameterValue".to_owned()), "{code:?}");
    }
}
