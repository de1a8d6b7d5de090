use super::super::place::NewImage;
use super::super::testing::Bench;

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
