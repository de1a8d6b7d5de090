//! Which versions of launch templates go, and which stay.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::*;
use crate::Architecture;
use crate::evidence::{NamesFound, VersionNamed, VersionsNamed};

/// A template of so many versions of ours after the owner's first; the last is the default and names the image.
fn of_many(made: u64) -> Case {
    let mut case = by_template(true).holding(versions(1, [theirs(2)]));
    let there = case.there();
    there.versions.extend((2..=made).map(|number| (number, ours(2))));
    there.versions.insert(made + 1, ours(1));
    there.default = made + 1;
    there.latest = made + 1;
    case
}

/// The same where the manifest keeps this.
fn keeping_of(versions: &str, made: u64) -> Case {
    let mut case = of_many(made);
    let publish = format!("launch_templates: [{}]", following(TEMPLATE, true));
    let retain = format!("retain: {{ releases: 5, for: 30d, launch_template_versions: {versions} }}");
    case.manifest = keeping(&retain, "arm64", &publish, STABLE);
    case
}

impl Case {
    /// With versions that something names.
    fn naming<const N: usize>(mut self, named: [u64; N]) -> Self {
        self.named.insert(template(), Some(named.into()));
        self
    }

    /// With this in the record.
    fn knowing(mut self, named: Option<VersionsNamed>, stood: Option<TemplateStood>) -> Self {
        self.known.insert(template(), TemplateKnown { named, stood });
        self
    }
}

fn trimmed(case: &Case) -> Vec<u64> {
    let steps = case.plan().steps.into_iter();
    let versions = steps.flat_map(|step| match step {
        PublicationStep::Trim {
            template: trimmed,
            versions,
            default: _,
            latest: _,
            release: _,
        } => {
            assert_eq!(trimmed, template());
            versions
        }
        other => panic!("{other}"),
    });
    versions.collect()
}

/// Why the versions of a template all stay, how many of which would go otherwise.
fn doubted(case: &Case) -> (usize, Doubt) {
    let PublicationPlan { steps, findings } = case.plan();
    assert_eq!(steps, []);
    match &findings[..] {
        [finding @ PublicationFinding::VersionsStay { count, doubt, .. }] => {
            assert!(finding.is_a_note());
            (*count, doubt.clone())
        }
        other => panic!("{other:?}"),
    }
}

fn stood(case: &Case, minutes: i64) -> TemplateStood {
    let Some(TemplateSeen::Seen(there)) = case.templates.get(&template()) else {
        panic!("no template");
    };
    TemplateStood {
        default: there.default,
        latest: there.latest,
        since: at(minutes),
    }
}

/// What evidence of then has of a template of 14 versions of ours.
fn gathered(minutes: i64) -> VersionsNamed {
    VersionsNamed {
        as_of: at(minutes),
        ..names(15, &BTreeSet::new())
    }
}

#[test]
fn where_only_what_is_referenced_is_to_stay_the_newest_ten_of_ours_do_all_the_same() {
    for case in [of_many, |made| keeping_of("referenced", made)] {
        assert!(trimmed(&case(10)).is_empty());
        assert_eq!(trimmed(&case(11)), [2]);
        assert_eq!(trimmed(&case(14)), [2, 3, 4, 5]);
    }
}

#[test]
fn so_many_of_the_newest_of_ours_stay_as_the_manifest_says_or_all_of_them() {
    assert_eq!(trimmed(&keeping_of("newest 1", 3)), [2, 3]);
    assert_eq!(trimmed(&keeping_of("newest 2", 3)), [2]);
    assert!(trimmed(&keeping_of("newest 3", 3)).is_empty());
    assert!(trimmed(&keeping_of("all", 300)).is_empty());
}

#[test]
fn a_manifest_that_does_not_say_what_is_kept_lets_nothing_go() {
    let mut case = of_many(300);
    let publish = format!("launch_templates: [{}]", following(TEMPLATE, true));
    case.manifest = keeping("", "arm64", &publish, STABLE);
    assert_eq!(case.plan(), PublicationPlan::default());
}

#[test]
fn what_others_made_stays_and_counts_for_nothing() {
    let mut case = of_many(14);
    for number in [3, 15] {
        case.there().versions.insert(number, theirs(2));
    }
    case.there().versions.insert(16, ours(1));
    case.there().default = 16;
    case.there().latest = 16;
    // 16 and 14 to 6 are the newest ten.
    assert_eq!(trimmed(&case), [2, 4, 5]);
}

#[test]
fn the_default_and_the_latest_stay_however_old_they_are() {
    let mut case = of_many(14);
    case.there().versions.insert(4, ours(1));
    case.there().default = 4;
    assert_eq!(trimmed(&case), [2, 3, 5]);
    // Read a moment apart they may disagree with the list.
    case.there().latest = 3;
    case.named.insert(template(), Some(BTreeSet::new()));
    let known = VersionsNamed {
        as_of: at(-10),
        found: NamesFound::All {
            latest: 15,
            named: Vec::new(),
        },
    };
    let case = case.clone().knowing(Some(known), Some(stood(&case, -1_000)));
    assert_eq!(trimmed(&case), [2, 5]);
}

#[test]
fn a_version_that_something_names_by_its_number_stays_and_who_names_it_is_said() {
    let case = of_many(14).naming([3, 5, 12]);
    assert_eq!(trimmed(&case), [2, 4]);
    let by = |version| VersionNamed {
        version,
        by: "group shop".into(),
        more: 0,
    };
    let named = PublicationFinding::VersionsNamed {
        template: template(),
        // The twelfth stays whoever names it.
        versions: vec![by(3), by(5)],
    };
    assert!(named.is_a_note());
    assert_eq!(case.plan().findings, [named]);
    assert_eq!(trimmed(&of_many(14).naming([2, 3, 4, 5])), Vec::<u64>::new());
}

#[test]
fn a_version_whose_image_a_channel_means_now_stays() {
    for (channel, architecture) in [("stable", Architecture::Arm64), ("edge", Architecture::X86_64)] {
        for image in [seen(3), not_seen(3), locked(3, Lock::Disabled)] {
            let mut case = of_many(14);
            case.there().versions.insert(4, ours(3));
            if channel == "stable" {
                case.there().versions.insert(4, ours(1));
                assert_eq!(trimmed(&case), [2, 3, 5]);
                continue;
            }
            assert_eq!(trimmed(&case), [2, 3, 4, 5]);
            assert_eq!(trimmed(&case.pointing(channel, architecture, image)), [2, 3, 5]);
        }
    }
}

#[test]
fn where_nobody_knows_who_names_them_all_stay_and_that_is_said() {
    let mut case = of_many(14);
    case.named.insert(template(), None);
    assert_eq!(doubted(&case), (4, Doubt::NotGathered));
    let mut case = of_many(10);
    case.named.insert(template(), None);
    assert_eq!(case.plan(), PublicationPlan::default());
}

#[test]
fn where_not_all_lists_were_read_and_believed_all_stay_and_that_is_said() {
    let case = of_many(14);
    let not_all = VersionsNamed {
        as_of: at(-10),
        found: NamesFound::NotAll("instances could not be read".into()),
    };
    let stood = stood(&case, -1_000);
    let case = case.knowing(Some(not_all), Some(stood));
    assert_eq!(doubted(&case), (4, Doubt::NotAll("instances could not be read".into())));
}

#[test]
fn evidence_counts_for_three_quarters_of_an_hour_and_never_before_it_was_gathered() {
    let case = |minutes| {
        let case = of_many(14);
        let stood = stood(&case, -1_000);
        case.knowing(Some(gathered(minutes)), Some(stood))
    };
    for minutes in [-45, -1, 0] {
        assert_eq!(trimmed(&case(minutes)), [2, 3, 4, 5]);
    }
    for minutes in [-46, -60, -100_000, 1] {
        assert_eq!(doubted(&case(minutes)), (4, Doubt::Stale(at(minutes))));
    }
}

#[test]
fn evidence_counts_only_once_it_knows_the_template_as_it_is_by_a_quarter_of_an_hour() {
    let case = |since: i64| {
        let case = of_many(14);
        let stood = stood(&case, since);
        case.knowing(Some(gathered(-10)), Some(stood))
    };
    assert_eq!(trimmed(&case(-25)), [2, 3, 4, 5]);
    for since in [-24, -10, 0] {
        assert_eq!(doubted(&case(since)), (4, Doubt::Early));
    }
    // Nobody has seen it yet, or as another one.
    let case = of_many(14);
    let (default, latest) = (stood(&case, -1_000), stood(&case, -1_000));
    let default = TemplateStood { default: 3, ..default };
    let latest = TemplateStood { latest: 14, ..latest };
    for stood in [None, Some(default), Some(latest)] {
        let case = of_many(14).knowing(Some(gathered(-10)), stood);
        assert_eq!(doubted(&case), (4, Doubt::Early));
    }
}

#[test]
fn of_versions_that_are_newer_than_evidence_knows_none_goes() {
    let case = of_many(14);
    let stood = stood(&case, -1_000);
    let known = |latest| Some(names(latest, &BTreeSet::new()));
    for (latest, gone) in [(6, &[2, 3, 4, 5][..]), (5, &[2, 3, 4]), (2, &[])] {
        let case = of_many(14).knowing(known(latest), Some(stood));
        assert_eq!(trimmed(&case), gone);
    }
}

#[test]
fn a_look_deletes_two_hundred_at_most_the_oldest_first() {
    let [step] = of_many(411).plan().steps.try_into().unwrap();
    let PublicationStep::Trim { versions, .. } = step else {
        panic!("{step}");
    };
    assert_eq!(versions, (2..202).collect());
}

#[test]
fn a_step_says_as_what_the_template_was_seen() {
    let mut case = of_many(14);
    case.there().versions.insert(16, theirs(1));
    case.there().latest = 16;
    let [step] = case.plan().steps.try_into().unwrap();
    assert!(
        matches!(
            step,
            PublicationStep::Trim {
                default: 15,
                latest: 16,
                ..
            }
        ),
        "{step:?}"
    );
}

#[test]
fn versions_go_only_when_nothing_else_is_due() {
    let mut case = of_many(14);
    case.there().versions.insert(16, ours(1));
    case.there().versions.insert(15, ours(2));
    case.there().latest = 16;
    assert!(matches!(case.plan().steps[..], [PublicationStep::SetDefault { .. }]));
    case.there().versions.insert(16, ours(2));
    assert!(matches!(case.plan().steps[..], [PublicationStep::MakeVersion { .. }]));
    for image in [not_seen(1), PointerImage::NoneHere] {
        assert_eq!(of_many(14).at(image).plan().steps, []);
    }
    let mut case = of_many(14);
    case.pointers = BTreeMap::new();
    assert_eq!(case.plan().steps, []);
}

#[test]
fn versions_go_from_a_template_whose_default_is_its_owners_too() {
    let mut case = of_many(14);
    case.manifest = by_template(false).manifest;
    case.there().default = 1;
    assert_eq!(trimmed(&case), [2, 3, 4, 5]);
}

#[test]
fn a_template_stands_as_it_does_since_it_was_first_seen_so() {
    let templates = of_many(14).templates;
    let first = templates_stand(&BTreeMap::new(), &templates, at(0));
    let stood = stood(&of_many(14), 0);
    assert_eq!(first, BTreeMap::from([(template(), stood)]));
    assert_eq!(templates_stand(&first, &templates, at(60)), first);
    for change in [
        |there: &mut TemplateThere| there.default = 3,
        |there: &mut TemplateThere| there.latest = 16,
    ] {
        let mut case = of_many(14);
        change(case.there());
        let stands = templates_stand(&first, &case.templates, at(60));
        assert_eq!(stands[&template()].since, at(60));
    }
    let unread = BTreeMap::from([(template(), TemplateSeen::Unreadable("denied".into()))]);
    assert!(templates_stand(&first, &unread, at(60)).is_empty());
}
