use std::collections::{BTreeMap, BTreeSet};

use super::card::Shown;
use super::facts::Facts;
use super::html::Html;
use super::kin::Kin;
use super::legend::{legend, shapes};
use super::look::Look;
use super::picture::Picture;
use super::policy::policy;
use super::scope::{Role, Scope};
use super::style::{SCRIPT, style};
use super::summary::summary;
use super::table::table;
use crate::lineage::{EdgeKind, Graph};
use crate::{ReleaseId, Timestamp};

/// Of more there is a table instead of a picture.
pub const MOST_IN_A_PICTURE: usize = 300;

/// A lineage as a page.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What it is about.
    pub title: &'a str,
    /// What it shows.
    pub graph: &'a Graph,
    /// What else is known of each release.
    pub facts: &'a BTreeMap<ReleaseId, Facts>,
    /// When the record was read.
    pub made: Timestamp,
}

impl Page<'_> {
    /// All of it: a file by itself, which loads nothing.
    pub fn html(&self) -> String {
        let nothing = Facts::default();
        let kin = Kin::of(self.graph);
        let scope = Scope::of(&kin);
        let shown = |id: ReleaseId| {
            let card = self.graph.releases.get(&id)?;
            let facts = self.facts.get(&id).unwrap_or(&nothing);
            let role = scope.roles.get(&id).copied().unwrap_or(Role::Apart);
            Some(Shown::new(id, card, facts, role, &kin))
        };
        let rows = |ids: &[ReleaseId]| -> Vec<(usize, Shown<'_>)> {
            let row = |id: &ReleaseId| Some((kin.number(*id), shown(*id)?));
            ids.iter().filter_map(row).collect()
        };
        let mut main = Html::default();
        let mut picture = None;
        if self.graph.releases.len() > MOST_IN_A_PICTURE {
            let all = kin.sorted(self.graph.releases.keys().copied());
            let mut rows = rows(&all);
            rows.sort_by_key(|(_, shown)| order(shown.role));
            main.markup("<section>\n<h2>Releases</h2>\n");
            main.markup("<p class=\"hint\">Too many for a picture.</p>\n");
            main.piece(&table(&rows, "Releases")).markup("</section>\n");
        } else {
            let drawn = Picture::new(&scope, &kin, shown);
            main.piece(&drawn.html(&kin));
            if !scope.rest.is_empty() {
                main.markup("<section class=\"rest\" id=\"rest\">\n<h2>Not in the picture</h2>\n");
                main.piece(&table(&rows(&scope.rest), "Not in the picture"));
                main.markup("</section>\n");
            }
            picture = Some(drawn);
        }
        let mut looks: BTreeSet<Look> = (self.graph.releases.keys())
            .filter_map(|id| Some(shown(*id)?.look()))
            .collect();
        if !self.graph.revoked.is_empty() {
            looks.insert(Look::Revoked);
        }
        let kinds: BTreeSet<EdgeKind> = self.graph.edges.iter().map(|edge| edge.kind).collect();

        let mut body = shapes(&looks);
        body.markup("<header>\n<p class=\"over\">Image Steward · lineage</p>\n<h1>");
        body.text(self.title).markup("</h1>\n");
        body.piece(&summary(&kin, &scope, self.facts));
        body.piece(&legend(&looks, &kinds));
        body.markup("</header>\n<main>\n").piece(&main);
        body.markup("</main>\n<footer><p>As the record had it at ");
        body.markup("<time datetime=\"").text(self.made).markup("\">");
        body.text(self.made.to_jiff().strftime("%H:%M UTC on %-d %b %Y"))
            .markup("</time>.");
        if picture.is_some() && !kinds.is_empty() {
            body.markup("<span class=\"keys\" hidden> On a card the arrow keys go along the lines.</span>");
        }
        body.markup("</p></footer>\n");
        self.frame(&style(picture.as_ref(), &kin), &body)
    }

    fn frame(&self, style: &Html, body: &Html) -> String {
        let mut script = Html::default();
        script.markup(SCRIPT);
        let mut html = Html::default();
        html.markup("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.piece(&policy(style, &script));
        html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.markup("<meta name=\"color-scheme\" content=\"light dark\">\n");
        html.markup("<meta name=\"referrer\" content=\"no-referrer\">\n");
        html.markup("<title>")
            .text(self.title)
            .markup(" · lineage</title>\n<style>")
            .piece(style);
        html.markup("</style>\n</head>\n<body>\n").piece(body);
        html.markup("<script>")
            .piece(&script)
            .markup("</script>\n</body>\n</html>");
        html.into()
    }
}

/// What was asked for first.
const fn order(role: Role) -> u8 {
    match role {
        Role::Asked => 0,
        Role::Ancestor => 1,
        Role::Descendant => 2,
        Role::Apart => 3,
    }
}
