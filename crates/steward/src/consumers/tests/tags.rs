//! What is put into a consumer's view, and what is taken away again.

use super::super::*;
use super::stage::*;

fn plan(steps: Vec<ViewStep>) -> ViewPlan {
    let findings = Vec::new();
    ViewPlan { steps, findings }
}

#[test]
fn what_the_manifest_declares_is_shown_as_the_owners_image_has_it() {
    let case = Case::owned(&[("team", "api"), ("Name", "web/1.4.2/7"), ("cost", "42")]);
    assert_eq!(
        case.plan(),
        plan(vec![tag(&[("Name", "web/1.4.2/7"), ("team", "api")])])
    );
    let case = case.seen(&[("team", "api"), ("Name", "web/1.4.2/7")]);
    assert_eq!(case.plan(), plan(vec![]));
}

#[test]
fn what_says_that_something_is_ours_and_what_says_that_it_is_kept_is_never_shown() {
    let case = Case::owned(&[("keep", "true"), ("team", "web")]);
    assert_eq!(case.plan(), plan(vec![tag(&[("team", "web")])]));
}

#[test]
fn what_was_put_there_follows_its_owners_value_and_is_put_there_again_where_somebody_took_it_away() {
    let case = Case::owned(&[("team", "api")]).put(&["team"]);
    for seen in [&[("team", "web")][..], &[("team", "somebody's")], &[]] {
        let case = case.clone().seen(seen);
        assert_eq!(case.plan(), plan(vec![tag(&[("team", "api")])]), "{seen:?}");
    }
}

#[test]
fn a_tag_that_the_consumer_put_there_itself_stays_and_is_said() {
    let case = Case::owned(&[("team", "web"), ("Name", "web/1")]).seen(&[("team", "theirs"), ("mine", "1")]);
    let theirs = ViewFinding::TheirTags {
        ami: ami(1),
        keys: [String::from("team")].into(),
    };
    assert!(theirs.is_a_note());
    let expected = ViewPlan {
        steps: vec![tag(&[("Name", "web/1")])],
        findings: vec![theirs],
    };
    assert_eq!(case.plan(), expected);
}

#[test]
fn only_what_was_put_there_is_taken_away_and_only_where_its_owner_lacks_it_or_nobody_declares_it() {
    let seen = [("team", "web"), ("app", "nginx"), ("mine", "1")];
    // Its owner lacks one, and the other is declared no more.
    let case = Case::owned(&[("app", "nginx")]).seen(&seen).put(&["team", "app"]);
    assert_eq!(case.plan(), plan(vec![untag(&["app", "team"])]));
    // Of what was put there and is gone there is nothing to take away.
    let case = case.seen(&[("mine", "1")]);
    assert_eq!(case.plan(), plan(vec![]));
    // What the consumer put there under the same key is its own.
    let case = Case::owned(&[]).seen(&seen);
    assert_eq!(case.plan(), plan(vec![]));
}

#[test]
fn an_owners_image_that_was_not_read_or_says_nothing_of_the_family_takes_nothing_away() {
    let case = Case::owned(&[]).seen(&[("team", "web")]).put(&["team"]);
    assert_eq!(case.plan(), plan(vec![untag(&["team"])]));
    let unread = ViewPlan {
        steps: vec![],
        findings: vec![ViewFinding::OwnersUnread { ami: ami(1) }],
    };
    let mut none = case.clone();
    none.one().owners = None;
    assert_eq!(none.plan(), unread);
    let mut empty = case.clone();
    empty.owners().tags.clear();
    assert_eq!(empty.plan(), unread);
    let mut other = case;
    other.owners().tags = of(&[("image-steward:family", "api")]);
    assert_eq!(other.plan(), unread);
}

#[test]
fn an_image_that_is_not_shown_there_is_said_and_one_that_is_not_usable_is_left_as_it_is() {
    let mut case = Case::owned(&[("team", "api")]).seen(&[("team", "web")]).put(&["team"]);
    case.one().consumers = None;
    let account = target().account();
    assert_eq!(case.plan().findings, [ViewFinding::NotShown { ami: ami(1), account }]);
    assert_eq!(case.plan().steps, []);
    case.one().shared = false;
    assert_eq!(case.plan(), plan(vec![]));
}
