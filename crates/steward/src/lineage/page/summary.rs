use std::collections::{BTreeMap, BTreeSet};

use super::card::breakable;
use super::facts::Facts;
use super::html::Html;
use super::kin::Kin;
use super::legend::icon;
use super::look::Look;
use super::scope::{Role, Scope};
use crate::lineage::LeftOff;
use crate::text::plural;
use crate::{ReleaseId, Target};

/// More names than these are read by nobody.
const MOST_NAMED: usize = 5;

/// What the page says, in a few sentences.
pub(super) fn summary(kin: &Kin<'_>, scope: &Scope, facts: &BTreeMap<ReleaseId, Facts>) -> Html {
    let mut html = Html::default();
    let graph = kin.graph();
    let is = |role: Role| {
        let found = scope.roles.iter().filter(move |(_, found)| **found == role);
        kin.sorted(found.map(|(id, _)| *id))
    };
    let asked = is(Role::Asked);
    html.markup("<p class=\"summary\">");
    if asked.is_empty() {
        html.markup("Nothing that was asked for is in the record.");
    } else {
        let them = if asked.len() == 1 { "it" } else { "them" };
        match scope.count(Role::Ancestor) {
            0 => html
                .markup("The record knows of nothing above ")
                .piece(&names(&asked, kin)),
            count => html
                .piece(&names(&asked, kin))
                .markup(" came from ")
                .piece(&releases(count)),
        };
        html.markup(", and ");
        match scope.count(Role::Descendant) {
            0 => html.markup("nothing"),
            count => html.piece(&releases(count)),
        };
        html.markup(" came from ").markup(them).markup(". ");
    }
    html.text(images(kin, facts)).markup("</p>\n");
    let revoked = kin.sorted(graph.revoked.iter().copied());
    if !revoked.is_empty() {
        html.markup("<p class=\"warning is-revoked\">")
            .piece(&icon(Look::Revoked));
        html.markup("<span>").text(revoked.len());
        html.markup(if revoked.len() == 1 { " is" } else { " are" });
        html.markup(" revoked: ")
            .piece(&names(&revoked, kin))
            .markup(".</span></p>\n");
    }
    let LeftOff { above, below } = graph.left_off;
    for (count, word) in [(above, "ancestor"), (below, "descendant")] {
        if count > 0 {
            html.markup("<p class=\"cut\">")
                .text(count)
                .markup(" more ")
                .markup(word);
            html.markup(plural(count))
                .markup(" left off: <code>--depth</code> asks for fewer.</p>\n");
        }
    }
    html
}

fn releases(count: usize) -> Html {
    let mut html = Html::default();
    match count {
        1 => html.markup("one release"),
        _ => html.text(count).markup(" releases"),
    };
    html
}

fn names(ids: &[ReleaseId], kin: &Kin<'_>) -> Html {
    let mut html = Html::default();
    for (n, id) in ids.iter().take(MOST_NAMED).enumerate() {
        html.markup(if n > 0 { ", " } else { "" });
        html.markup("<a href=\"#r").text(kin.number(*id)).markup("\">");
        if let Some(card) = kin.graph().releases.get(id) {
            html.piece(&breakable(&card.title()));
        }
        html.markup("</a>");
    }
    if ids.len() > MOST_NAMED {
        html.markup(" and ").text(ids.len() - MOST_NAMED).markup(" more");
    }
    html
}

fn images(kin: &Kin<'_>, facts: &BTreeMap<ReleaseId, Facts>) -> String {
    let there = (kin.graph().releases.keys())
        .filter_map(|id| facts.get(id))
        .flat_map(Facts::images);
    let targets: Vec<Target> = there.map(|placed| placed.target).collect();
    let is_one = kin.graph().releases.len() == 1;
    if targets.is_empty() {
        return String::from(if is_one {
            "It has no image."
        } else {
            "None of them has an image."
        });
    }
    let accounts: BTreeSet<_> = targets.iter().map(|target| target.account()).collect();
    let regions: BTreeSet<_> = targets.iter().map(|target| target.region()).collect();
    format!(
        "{} {} image{} in {} account{} and {} Region{}.",
        if is_one { "It has" } else { "Together they have" },
        targets.len(),
        plural(targets.len()),
        accounts.len(),
        plural(accounts.len()),
        regions.len(),
        plural(regions.len()),
    )
}
