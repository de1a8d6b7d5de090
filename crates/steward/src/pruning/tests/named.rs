//! What EC2 says by now of who names an image that is about to be disabled.

use std::collections::BTreeSet;

use super::super::*;
use super::second_look::{deprecated, disabled, look_by, only_step, refused, shown};
use super::stage::*;
use crate::Target;
use crate::evidence::{Hop, Reference, ReferenceSeen, Referrer, VersionStanding};

const TEMPLATE: &str = "lt-0123456789abcdef0";

/// What comes of the only step of a plan where EC2 names these by now.
fn look_named(world: &World, named_by: Option<Vec<ReferenceSeen>>) -> String {
    let seen = Seen {
        image: Some(shown(world)),
        output: None,
        wishes: Some(Wishes::default()),
        undeclared: Some(BTreeSet::new()),
        named_by,
    };
    look_by(&only_step(world), world, &seen)
}

fn told(by: Referrer) -> ReferenceSeen {
    ReferenceSeen { ami: ami(1, 0), by }
}

fn template() -> Referrer {
    Referrer::LaunchTemplate(TEMPLATE.parse().unwrap())
}

/// An old version of that template, as its list showed it there.
fn old_version(seen_in: Target) -> Use {
    let standing = VersionStanding {
        default: false,
        newer: 3,
    };
    let version = Hop::Template {
        id: TEMPLATE.parse().unwrap(),
        name: "web".into(),
        version: 7,
        standing,
    };
    Use {
        seen_in,
        by: UsedBy::Way(Reference { path: vec![version] }),
    }
}

#[test]
fn what_something_came_to_name_since_everybody_was_asked_is_not_disabled() {
    let by = [
        Referrer::Instance("i-0123456789abcdef0".parse().unwrap()),
        template(),
        Referrer::Parameter("/golden/web".into()),
        Referrer::Other {
            kind: "ec2:Fleet".into(),
            arn: "arn:aws:ec2:eu-west-1:111122223333:fleet/fleet-1".into(),
        },
    ];
    assert_eq!(look_named(&deprecated(), Some(Vec::new())), "make");
    for by in by {
        let path = vec![Hop::ToldByEc2(by.clone())];
        let kept = Keeps::Referenced {
            ami: ami(1, 0),
            seen_in: at(HOME),
            by: UsedBy::Way(Reference { path }),
        };
        assert_eq!(look_named(&deprecated(), Some(vec![told(by)])), refused(kept));
    }
}

#[test]
fn a_template_that_was_listed_with_an_old_version_of_it_is_known_better_than_ec2_tells_and_one_listed_elsewhere_is_not()
{
    let known = |seen_in| deprecated().image(1, |image| image.uses.push(old_version(seen_in)));
    let named = || Some(vec![told(template())]);
    assert_eq!(look_named(&known(at(HOME)), named()), "make");
    assert!(look_named(&known(at(MEMBER)), named()).starts_with("refused: "));
    let other = Referrer::LaunchTemplate("lt-0feedbeef00000000".parse().unwrap());
    assert!(look_named(&known(at(HOME)), Some(vec![told(other)])).starts_with("refused: "));
}

#[test]
fn a_recipe_and_what_names_another_image_keep_nothing_from_being_disabled() {
    let recipe = "arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/shop/1.0.0";
    let recipe = told(Referrer::Recipe(recipe.parse().unwrap()));
    let other = ReferenceSeen {
        ami: ami(2, 0),
        by: template(),
    };
    assert_eq!(look_named(&deprecated(), Some(vec![recipe, other])), "make");
}

#[test]
fn nothing_is_disabled_while_nobody_asked_what_names_it_and_what_is_disabled_already_nobody_asks_about() {
    assert_eq!(look_named(&deprecated(), None), refused(Refusal::ReferencesUnread));
    for world in [family().has_each_day(1..=3), disabled()] {
        assert_eq!(look_named(&world, None), "make");
    }
}
