//! What was published and is declared no more.

use std::collections::BTreeMap;

use super::super::*;
use super::stage::*;

const OLD: &str = "/golden/web/arm64/edge";
const KEPT: &str = "/golden/web/arm64/stable";

/// Published as by this: a parameter that is declared still, one that is not, and versions of a template.
fn published() -> Published {
    Published {
        what: String::new(),
        parameters: BTreeMap::new(),
        wrote: [(KEPT, 1), (OLD, 2)].map(|(name, n)| (name.to_owned(), ami(n))).into(),
        made: [(template(), [3, 4].into())].into(),
        stood: BTreeMap::new(),
        settled: true,
        under_way: false,
        findings: Vec::new(),
        notes: Vec::new(),
        looked: at(0),
        tries: 0,
    }
}

/// The names of what is left, where a manifest publishes so.
fn left(published: &Published, publish: &str, parameters_here: bool) -> (Vec<String>, usize) {
    let manifest = manifest("arm64", publish, STABLE);
    let LeftThere { parameters, templates } = published.left(&manifest, hub(), parameters_here);
    (parameters.iter().map(ToString::to_string).collect(), templates.len())
}

fn findings(published: &Published) -> Vec<PublicationFinding> {
    let manifest = manifest("arm64", PARAMETER, STABLE);
    published.left_findings(published.left(&manifest, hub(), true))
}

fn old() -> PublishedName {
    let manifest = manifest("arm64", PARAMETER, "edge: { from: release }");
    published_parameters(&manifest).into_keys().next().unwrap()
}

fn looked(parameter: ParameterSeen, template_seen: TemplateSeen) -> Published {
    let mut after = published();
    after.forget_gone(&[(old(), parameter)].into(), &[(template(), template_seen)].into());
    after
}

fn unreadable() -> (ParameterSeen, TemplateSeen) {
    (
        ParameterSeen::Unreadable("denied".into()),
        TemplateSeen::Unreadable("denied".into()),
    )
}

fn holding(versions: impl IntoIterator<Item = u64>) -> TemplateSeen {
    let version = TemplateVersionSeen {
        image: None,
        made_by_us: true,
    };
    TemplateSeen::Seen(TemplateThere {
        default: 1,
        latest: 9,
        architecture: None,
        versions: versions.into_iter().map(|number| (number, version.clone())).collect(),
    })
}

#[test]
fn what_was_written_for_a_channel_that_left_the_manifest_is_left() {
    assert_eq!(left(&published(), PARAMETER, true), (vec![OLD.to_owned()], 1));
}

#[test]
fn where_parameters_are_wanted_no_more_all_of_them_are_left() {
    let both = vec![OLD.to_owned(), KEPT.to_owned()];
    assert_eq!(left(&published(), PARAMETER, false), (both, 1));
}

#[test]
fn a_template_is_left_once_it_is_listed_no_more_there_and_while_a_version_of_ours_is_known() {
    let listed = format!("{PARAMETER}, launch_templates: [{}]", following(TEMPLATE, true));
    assert_eq!(left(&published(), &listed, true).1, 0);
    let elsewhere = in_target(TEMPLATE, "222233334444", "eu-west-1", true);
    let elsewhere = format!("{PARAMETER}, launch_templates: [{elsewhere}]");
    assert_eq!(left(&published(), &elsewhere, true).1, 1);
    let mut trimmed = published();
    trimmed.made.get_mut(&template()).unwrap().clear();
    assert_eq!(left(&trimmed, PARAMETER, true).1, 0);
}

#[test]
fn what_is_gone_or_was_taken_back_by_its_owner_is_forgotten_and_nothing_else_is() {
    let kept = [(KEPT.to_owned(), ami(1))].into();
    for parameter in [
        ParameterSeen::Missing,
        ParameterSeen::OtherType("a SecureString".into()),
    ] {
        assert_eq!(looked(parameter, unreadable().1).wrote, kept);
    }
    for template in [TemplateSeen::Missing, TemplateSeen::NotOurs, holding([1, 9])] {
        let after = looked(unreadable().0, template);
        assert_eq!(left(&after, PARAMETER, true), (vec![OLD.to_owned()], 0));
    }
}

#[test]
fn what_is_there_or_could_not_be_read_is_kept() {
    let (parameter, template_seen) = unreadable();
    assert_eq!(looked(parameter, template_seen), published());
    let after = looked(naming(2), holding([1, 4]));
    assert_eq!(after.wrote, published().wrote);
    assert_eq!(after.made[&template()], [4].into());
}

#[test]
fn what_is_left_is_said_with_what_it_named_last_and_is_in_nobodys_way() {
    let said = |ami| {
        vec![
            PublicationFinding::ParameterLeft { name: old(), ami },
            PublicationFinding::TemplateLeft(template()),
        ]
    };
    let mut published = published();
    // It could not be read: what was written.
    assert_eq!(findings(&published), said(Some(ami(2))));
    published.parameters.insert(OLD.to_owned(), Some(ami(7)));
    assert_eq!(findings(&published), said(Some(ami(7))));
    published.parameters.insert(OLD.to_owned(), None);
    assert_eq!(findings(&published), said(None));
    assert!(findings(&published).iter().all(PublicationFinding::is_a_note));
}

#[test]
fn of_much_that_is_left_the_first_is_noted_and_the_rest_counted_and_nothing_is_forgotten() {
    let manifest = manifest("arm64", PARAMETER, STABLE);
    let with = |more: u32| {
        let mut published = published();
        let names = (0..more).map(|n| format!("/golden/web/arm64/edge-{n:02}"));
        published.wrote.extend(names.map(|name| (name, ami(2))));
        let mut noted = published.clone();
        noted.note_left(published.left(&manifest, hub(), true));
        (published, noted)
    };
    let (_, noted) = with(18);
    assert_eq!(noted.notes.len(), 20);
    assert!(
        noted.notes[19].as_str().contains("launch template"),
        "{:?}",
        noted.notes
    );
    let (before, noted) = with(25);
    assert_eq!(noted.notes.len(), 21);
    let says = "7 more of what was published is not in the manifest any more: `steward doctor` has all of it";
    assert_eq!(noted.notes[20].as_str(), says);
    assert_eq!((&noted.wrote, &noted.made), (&before.wrote, &before.made));
    assert_eq!(noted.left_findings(noted.left(&manifest, hub(), true)).len(), 27);
}
