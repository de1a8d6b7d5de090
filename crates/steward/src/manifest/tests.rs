use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::document::{FieldShape, Need, Reading, Shape, Shapes, Tree, Value as _, parse, print};
use super::{AmiOwner, Manifest, ManifestFile, Origin, Platform, Starter};
use crate::Architecture;

/// Any document that the shapes allow: every key there is, now and then left out, with words that are right.
struct Documents {
    shapes: Shapes,
}

impl Documents {
    fn of(&self, shape: &Shape) -> BoxedStrategy<Tree> {
        match shape {
            Shape::Word { noun, example } => word(noun, example),
            Shape::OneOf(words) => select(words.clone())
                .prop_map(|word| Tree::Text(word.to_owned()))
                .boxed(),
            Shape::Anything => Just(Tree::Map(Vec::new())).boxed(),
            Shape::Flag => any::<bool>().prop_map(|flag| Tree::Bare(flag.to_string())).boxed(),
            Shape::Number { least, most } => (*least..=*most)
                .prop_map(|number| Tree::Bare(number.to_string()))
                .boxed(),
            Shape::List { of, least, most } => {
                let (least, most) = (*least, (*most).min(3));
                proptest::collection::vec(self.of(of), least..=most)
                    .prop_map(|items| {
                        let mut once: Vec<Tree> = Vec::new();
                        for item in items {
                            if !matches!(item, Tree::Text(_)) || !once.contains(&item) {
                                once.push(item);
                            }
                        }
                        Tree::List(once)
                    })
                    .boxed()
            }
            Shape::Map { key, of, most: _ } => proptest::collection::vec((self.of(key), self.of(of)), 0..3)
                .prop_map(|entries| {
                    let mut once: Vec<(String, Tree)> = Vec::new();
                    for (key, value) in entries {
                        let Tree::Text(key) = key else { continue };
                        if !once.iter().any(|(known, _)| *known == key) {
                            once.push((key, value));
                        }
                    }
                    Tree::Map(once)
                })
                .boxed(),
            Shape::Named(name) => self.named(name),
        }
    }

    fn named(&self, name: &str) -> BoxedStrategy<Tree> {
        if let Some(choice) = self.shapes.choices.get(name) {
            let variants: Vec<_> = choice
                .variants
                .iter()
                .map(|(_, _, record)| self.named(record))
                .collect();
            return proptest::strategy::Union::new(variants).boxed();
        }
        let record = &self.shapes.records[name];
        let fields: Vec<_> = record.fields.iter().map(|field| self.field(field)).collect();
        fields
            .prop_map(|fields| Tree::Map(fields.into_iter().flatten().collect()))
            .boxed()
    }

    fn field(&self, field: &FieldShape) -> BoxedStrategy<Option<(String, Tree)>> {
        let key = field.key.to_owned();
        let value = self.of(&field.shape).prop_map(move |value| (key.clone(), value));
        match field.need {
            Need::Required => value.prop_map(Some).boxed(),
            Need::Optional | Need::Default(_) => proptest::option::of(value).boxed(),
        }
    }
}

fn word(noun: &str, example: &str) -> BoxedStrategy<Tree> {
    let some = |words: &'static [&'static str]| select(words).prop_map(str::to_owned).boxed();
    let text = match noun {
        "text" => "[ -~é\n\t]{1,20}|\\PC{1,12}"
            .prop_filter("printable", |text| {
                !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
            })
            .boxed(),
        "tag value" => "[a-zA-Z0-9 _.:/=+@-]{0,12}".boxed(),
        "tag key" => "[b-hj-zA-Z0-9 _.:/=+@-]{1,12}".boxed(),
        "family name" | "channel name" => "[a-q][a-z0-9]{0,6}".boxed(),
        "account id" => "[0-9]{12}".boxed(),
        "duration" => "[1-9][0-9]{0,2}[smhdw]".boxed(),
        "wait" => some(&["0d", "30d", "never"]),
        "Region" => some(&["eu-west-1", "us-east-1", "ap-south-1"]),
        "architecture" => some(&["x86_64", "arm64"]),
        "share" => "[1-9]?[0-9]%".boxed(),
        "day" => some(&["2026-12-20", "2028-02-29", "0001-01-01"]),
        "owner" => some(&["self", "amazon", "000000000001"]),
        "choice of launch template versions" => some(&["referenced", "all", "newest 7"]),
        "instance type" => some(&["t3.medium", "t4g.medium", "mac2.metal"]),
        _ => Just(example.to_owned()).boxed(),
    };
    text.prop_map(Tree::Text).boxed()
}

fn documents() -> BoxedStrategy<Tree> {
    let mut shapes = Shapes::default();
    let top = Manifest::shape(&mut shapes);
    Documents { shapes }.of(&top)
}

fn read(text: &str) -> (Option<Manifest>, Vec<super::document::Problem>) {
    let mut reading = Reading::default();
    let tree = parse(text.as_bytes(), &mut reading.problems);
    let manifest = tree.and_then(|tree| Manifest::read(&tree, &mut reading));
    (manifest, reading.problems)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_manifest_printed_and_read_back_is_the_same(document in documents()) {
        let written = print(&document);
        let (manifest, problems) = read(&written);
        prop_assert_eq!(&problems, &[], "{}", written);
        let manifest = manifest.unwrap();
        let printed = manifest.to_yaml();
        let (again, problems) = read(&printed);
        prop_assert_eq!(&problems, &[], "{}", printed);
        prop_assert_eq!(again.as_ref(), Some(&manifest), "{}", printed);
        // And what is printed needs no second printing.
        prop_assert_eq!(again.unwrap().to_yaml(), printed);
    }

    #[test]
    fn every_key_but_the_name_may_be_left_out(document in documents(), at in any::<Index>()) {
        let Tree::Map(mut entries) = document else { panic!("a manifest is a mapping") };
        let (key, _) = entries.remove(at.index(entries.len()));
        let (manifest, problems) = read(&print(&Tree::Map(entries)));
        prop_assert_eq!(manifest.is_some(), key != "family", "{:?}", problems);
    }

    #[test]
    fn a_damaged_manifest_is_refused_with_places_that_exist_or_read(document in documents(), cuts in proptest::collection::vec((any::<Index>(), "[\\[\\]{}:&*!\"'#|>,\n\t a0-]{0,3}"), 1..4)) {
        let mut text = print(&document);
        for (at, insert) in cuts {
            let mut at = at.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            text.replace_range(at..end, &insert);
        }
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        prop_assert!(read.file.is_some() || !read.diagnostics.is_empty());
        for diagnostic in read.diagnostics {
            let lines = text.lines().count().max(1);
            prop_assert!(diagnostic.line.is_none_or(|line| (1..=lines + 1).contains(&line)), "{diagnostic}");
            prop_assert!(diagnostic.to_string().lines().all(|line| line.chars().count() < 1200));
        }
    }

    #[test]
    fn whatever_the_bytes_reading_ends_in_a_manifest_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let read = ManifestFile::read("web.yaml", &bytes);
        prop_assert!(read.file.is_some() || !read.diagnostics.is_empty());
    }

    #[test]
    fn the_order_of_keys_means_nothing(document in documents(), order in subsequence((0..12).collect::<Vec<usize>>(), 0..12)) {
        let Tree::Map(entries) = &document else { panic!("a manifest is a mapping") };
        let mut moved: Vec<_> = order.iter().filter_map(|at| entries.get(*at).cloned()).collect();
        moved.extend(entries.iter().enumerate().filter(|(at, _)| !order.contains(at)).map(|(_, entry)| entry.clone()).rev());
        prop_assert_eq!(read(&print(&Tree::Map(moved))).0, read(&print(&document)).0);
    }
}

/// Each of these is refused by one sentence, and costs next to nothing.
#[test]
fn a_file_made_to_exhaust_its_reader_is_refused() {
    let bomb = "a: &a [x, x, x]\n".to_owned()
        + &(1..30)
            .fold((String::new(), String::from("a")), |(text, before), n| {
                let name = format!("b{n}");
                (format!("{text}{name}: &{name} [*{before}, *{before}]\n"), name)
            })
            .0;
    for (what, text) in [
        ("has more than 262144 bytes", "#".repeat(10 * 1024 * 1024)),
        ("nested deeper than 32 levels", "[".repeat(200_000)),
        ("nested deeper than 32 levels", "a: {".repeat(50_000)),
        ("nested deeper than 32 levels", "- ".repeat(100_000)),
        ("anchors (&) and aliases (*)", bomb),
    ] {
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        assert!(read.file.is_none());
        let [diagnostic] = read.diagnostics.as_slice() else {
            panic!("{what}")
        };
        assert!(diagnostic.what.contains(what), "{diagnostic}");
    }
}

/// What `steward init` writes is right by itself, whatever the family is built on.
#[test]
fn a_starting_manifest_is_right_without_a_word() {
    let platforms = [Platform::Linux, Platform::Windows];
    let both = vec![Architecture::X86_64, Architecture::Arm64];
    for (origin, platform, architectures) in [
        (Origin::Family("base".parse().unwrap()), platforms[0], both.clone()),
        (
            Origin::Parameter("/golden/{architecture}".parse().unwrap(), AmiOwner::Own),
            platforms[0],
            both,
        ),
        (
            Origin::Image(
                "arn:aws:imagebuilder:eu-west-1:aws:image/windows-server-2022-english-full-base-x86/x.x.x"
                    .parse()
                    .unwrap(),
            ),
            platforms[1],
            vec![Architecture::X86_64],
        ),
        (
            Origin::Container("amazonlinux:2023".parse().unwrap()),
            platforms[0],
            vec![Architecture::Arm64],
        ),
    ] {
        let starter = Starter {
            family: "web".parse().unwrap(),
            description: Some("it's \"new\": # really".parse().unwrap()),
            platform,
            architectures: architectures.clone(),
            origin,
            instance_types: Vec::new(),
            instance_profile: "ImageBuilder".parse().unwrap(),
        };
        let text = starter.to_yaml();
        let read = ManifestFile::read("families/web.yaml", text.as_bytes());
        assert!(read.diagnostics.is_empty(), "{:?}\n{text}", read.diagnostics);
        let file = read.file.unwrap();
        assert_eq!(&*file.manifest().architectures, architectures.as_slice());
        for (named, (_, content)) in file.named_files().iter().zip(starter.named_files()) {
            assert_eq!(file.check_named(named, Ok(content.into_bytes())), []);
        }
    }
}

/// However many mistakes: a hundred are told, and reading costs what a file of that size costs.
#[test]
fn a_file_made_of_mistakes_is_told_in_a_hundred() {
    let keys: Vec<String> = (0..20_000).map(|n| format!("k{n}: 1")).collect();
    let items = format!("family: web\nbuild: {{ components: [{}] }}\n", "5,".repeat(80_000));
    for text in [keys.join("\n"), items] {
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        assert!(read.file.is_none());
        assert!(read.diagnostics.len() <= 101);
    }
}
