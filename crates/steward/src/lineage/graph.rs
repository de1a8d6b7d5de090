use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::caption::title;
use super::edge::EdgeKind;
use crate::{
    Architecture, BuildFailure, BuildState, CanonicalName, ChannelName, FamilyName, RecipeArn, ReleaseId, Timestamp,
    UsedComponent, Words, steers,
};

/// A picture of more would help nobody.
pub const MOST_DRAWN: usize = 400;

/// Releases and how they came from each other, as far as they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// What was asked about.
    pub asked: BTreeSet<ReleaseId>,
    /// What is shown, by its key.
    pub releases: BTreeMap<ReleaseId, Card>,
    /// Between those.
    pub edges: Vec<Drawn>,
    /// Of those, the ones that nobody should use any more.
    pub revoked: BTreeSet<ReleaseId>,
    /// Of those, the ones that had images, none of which is left.
    pub tombstones: BTreeSet<ReleaseId>,
    /// Of those, the ones that channels point to: which ones do, by their names.
    pub channels: BTreeMap<ReleaseId, Vec<ChannelName>>,
    /// How many ancestors and descendants are not shown.
    pub left_off: LeftOff,
}

/// How many are not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOff {
    /// Ancestors.
    pub above: usize,
    /// Descendants.
    pub below: usize,
}

/// An edge between two that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Drawn {
    /// What it came from.
    pub parent: ReleaseId,
    /// What came from it.
    pub child: ReleaseId,
    /// How.
    pub kind: EdgeKind,
}

/// What people want to see of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its one name.
    pub name: CanonicalName,
    /// `built`, `foreign` or `stub`.
    pub kind: String,
    /// How far its build is; none where it is no build of ours.
    pub state: Option<BuildState>,
    /// Why its build failed.
    pub reason: Option<Words>,
    /// Where its build failed and how.
    pub failure: Option<BuildFailure>,
    /// Its family.
    pub family: Option<FamilyName>,
    /// What it was built from.
    pub recipe: Option<RecipeArn>,
    /// What its build ran, in order.
    #[serde(default)]
    pub components: Vec<UsedComponent>,
    /// What tells whether another build would be the same.
    pub fingerprint: Option<String>,
    /// What it runs on.
    pub architecture: Option<Architecture>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The verified provider that it is of.
    pub alias: Option<String>,
    /// What is above an image from elsewhere: `source`, `nothing`, or `untold`.
    pub above: Option<String>,
    /// Its scan, where it had one that ended, is of this time or later.
    pub scanned: Option<Timestamp>,
    /// Whether all of its own lineage is in the record.
    #[serde(default)]
    pub linked: bool,
}

impl Card {
    /// What people call it: `web/1.4.2/7`, or an image and its Region.
    pub fn title(&self) -> String {
        title(&self.name, self.family.as_ref())
    }

    /// Whether a person adopted it: no build of ours made it, and it is of a family.
    pub fn is_adopted(&self) -> bool {
        self.kind == "foreign" && self.family.is_some()
    }

    /// How it stands, for people: as its build ended, unless nothing is left of what that made.
    pub fn standing(&self, is_tombstone: bool) -> Option<String> {
        match self.state {
            Some(state) if state.left_off() || !is_tombstone => Some(state.to_string()),
            Some(_) | None => is_tombstone.then(|| String::from("NO IMAGE LEFT")),
        }
    }

    /// What else is told of it, in a few words.
    pub fn details(&self, is_tombstone: bool) -> String {
        let mut words: Vec<String> = Vec::new();
        words.extend(self.architecture.map(|architecture| architecture.to_string()));
        words.extend(self.standing(is_tombstone));
        words.extend(self.alias.clone());
        match self.kind.as_str() {
            "stub" => words.push(String::from("not looked at yet")),
            "foreign" if self.is_adopted() => words.push(String::from("adopted")),
            "foreign" if self.alias.is_none() => words.push(String::from("from elsewhere")),
            _ => {}
        }
        if self.above.as_deref() == Some("untold") {
            words.push(String::from("EC2 tells no more of what is above"));
        }
        words.join(" ")
    }
}

impl Graph {
    /// A tree for a terminal: children under their parents. A release with two parents is drawn under the first, and named
    /// under the others.
    pub fn tree(&self) -> String {
        let mut drawing = Drawing {
            graph: self,
            drawn: BTreeSet::new(),
            text: String::new(),
        };
        let children: BTreeSet<ReleaseId> = self.edges.iter().map(|edge| edge.child).collect();
        for root in self.sorted(self.releases.keys().filter(|id| !children.contains(id)).copied()) {
            drawing.release(root, None, "", "", "");
        }
        let LeftOff { above, below } = self.left_off;
        for (count, what) in [(above, "ancestors"), (below, "descendants")] {
            if count > 0 {
                let _ = writeln!(
                    drawing.text,
                    "… and {count} more {what}, left off: --depth asks for fewer"
                );
            }
        }
        drawing.text.trim_end().to_owned()
    }

    pub(super) fn details(&self, id: ReleaseId, card: &Card) -> String {
        let revoked = if self.revoked.contains(&id) { " REVOKED" } else { "" };
        let details = card.details(self.tombstones.contains(&id));
        format!("{details}{revoked}{}", on_channels(self.on(id)))
    }

    /// The channels that a release is on.
    pub fn on(&self, id: ReleaseId) -> &[ChannelName] {
        self.channels.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// As people look for them: by name, then by what they run on.
    pub(super) fn sorted(&self, ids: impl Iterator<Item = ReleaseId>) -> Vec<ReleaseId> {
        let mut ids: Vec<ReleaseId> = ids.collect();
        ids.sort_by_key(|id| {
            self.releases
                .get(id)
                .map(|card| (card.family.clone(), card.name.clone()))
        });
        ids
    }
}

/// ` [candidate, stable]`, behind what a release is called; nothing where it is on none.
pub fn on_channels(names: &[ChannelName]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = names.iter().map(ChannelName::as_str).collect();
    format!(" [{}]", names.join(", "))
}

struct Drawing<'a> {
    graph: &'a Graph,
    drawn: BTreeSet<ReleaseId>,
    text: String,
}

impl Drawing<'_> {
    fn release(&mut self, id: ReleaseId, kind: Option<EdgeKind>, before: &str, branch: &str, under: &str) {
        let Some(card) = self.graph.releases.get(&id) else {
            return;
        };
        let is_new = self.drawn.insert(id);
        let how = match kind {
            Some(EdgeKind::Build) | None => String::new(),
            Some(other) => format!("({other}) "),
        };
        let mut line = format!(
            "{before}{branch}{how}{}  {}",
            card.title(),
            self.graph.details(id, card)
        );
        if !is_new {
            line.push_str("  (see above)");
        }
        if self.graph.asked.contains(&id) {
            line.push_str("  <- asked for");
        }
        let line: String = line.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
        let _ = writeln!(self.text, "{}", line.trim_end());
        if !is_new {
            return;
        }
        let below = self.graph.edges.iter().filter(|edge| edge.parent == id);
        let kinds: BTreeMap<ReleaseId, EdgeKind> = below.map(|edge| (edge.child, edge.kind)).collect();
        let children = self.graph.sorted(kinds.keys().copied());
        let before = format!("{before}{under}");
        for (at, child) in children.iter().enumerate() {
            let is_last = at + 1 == children.len();
            let (branch, under) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            self.release(*child, kinds.get(child).copied(), &before, branch, under);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::lineage) fn card(name: &str, family: Option<&str>) -> (ReleaseId, Card) {
        let name: CanonicalName = name.parse().unwrap();
        let is_build = matches!(name, CanonicalName::Build(_));
        let card = Card {
            kind: String::from(if is_build { "built" } else { "foreign" }),
            state: is_build.then_some(BuildState::Available),
            reason: None,
            failure: None,
            family: family.map(|family| family.parse().unwrap()),
            recipe: None,
            components: Vec::new(),
            fingerprint: None,
            architecture: is_build.then_some(Architecture::X86_64),
            created: None,
            alias: (!is_build).then(|| String::from("amazon")),
            scanned: None,
            above: None,
            linked: true,
            name,
        };
        (card.name.id(), card)
    }

    /// amazon's → base → web (two builds) and tools; web/1.0.0/2 has base and tools above it.
    pub(in crate::lineage) fn graph() -> Graph {
        let arn = |rest: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{rest}");
        let cards = [
            card("ami:aws:eu-west-1:ami-0123456789abcdef0", None),
            card(&arn("base/1.0.0/1"), Some("base")),
            card(&arn("web/1.0.0/1"), Some("web")),
            card(&arn("web/1.0.0/2"), Some("web")),
            card(&arn("tools/1.0.0/1"), None),
        ];
        let ids = cards.clone().map(|(id, _)| id);
        let edge = |parent: usize, child: usize, kind| Drawn {
            parent: ids[parent],
            child: ids[child],
            kind,
        };
        Graph {
            asked: BTreeSet::from([ids[3]]),
            releases: cards.into_iter().collect(),
            edges: vec![
                edge(0, 1, EdgeKind::Build),
                edge(1, 2, EdgeKind::Build),
                edge(1, 3, EdgeKind::Build),
                edge(1, 4, EdgeKind::Build),
                edge(4, 3, EdgeKind::Copy),
            ],
            revoked: BTreeSet::from([ids[4]]),
            tombstones: BTreeSet::new(),
            channels: BTreeMap::from([
                (ids[2], vec!["candidate".parse().unwrap(), ChannelName::stable()]),
                (ids[4], vec![ChannelName::stable()]),
            ]),
            left_off: LeftOff { above: 0, below: 12 },
        }
    }

    #[test]
    fn a_tree_shows_children_under_their_parents_and_what_was_asked_for() {
        assert_eq!(
            graph().tree(),
            "ami-0123456789abcdef0 in eu-west-1  amazon\n\
             └─ base/1.0.0/1  x86_64 AVAILABLE\n\
             \u{20}  ├─ tools/1.0.0/1  x86_64 AVAILABLE REVOKED [stable]\n\
             \u{20}  │  └─ (copy) web/1.0.0/2  x86_64 AVAILABLE  <- asked for\n\
             \u{20}  ├─ web/1.0.0/1  x86_64 AVAILABLE [candidate, stable]\n\
             \u{20}  └─ web/1.0.0/2  x86_64 AVAILABLE  (see above)  <- asked for\n\
             … and 12 more descendants, left off: --depth asks for fewer"
        );
    }

    #[test]
    fn what_has_no_image_left_is_not_drawn_as_available_and_what_failed_stays_failed() {
        let mut graph = graph();
        let state = |title: &str, state: Option<BuildState>, graph: &mut Graph| {
            let (id, card) = graph
                .releases
                .iter_mut()
                .find(|(_, card)| card.title() == title)
                .unwrap();
            card.state = state;
            graph.tombstones.insert(*id);
        };
        state("web/1.0.0/1", Some(BuildState::Available), &mut graph);
        state("base/1.0.0/1", Some(BuildState::Failed), &mut graph);
        state("ami-0123456789abcdef0 in eu-west-1", None, &mut graph);
        for line in [
            "web/1.0.0/1  x86_64 NO IMAGE LEFT [candidate, stable]\n",
            "base/1.0.0/1  x86_64 FAILED\n",
            "ami-0123456789abcdef0 in eu-west-1  NO IMAGE LEFT amazon\n",
        ] {
            assert!(graph.tree().contains(line), "{}", graph.tree());
        }
        let drawn = "[\"web/1.0.0/1<br/>x86_64 NO IMAGE LEFT [candidate, stable]\"]";
        assert!(graph.mermaid().contains(drawn), "{}", graph.mermaid());
    }

    #[test]
    fn what_was_adopted_is_drawn_as_that_and_not_as_something_from_elsewhere() {
        let (_, mut card) = card("ami:aws:eu-west-1:ami-0123456789abcdef0", Some("web"));
        card.architecture = Some(Architecture::X86_64);
        card.alias = None;
        assert_eq!(card.details(false), "x86_64 adopted");
        assert_eq!(card.details(true), "x86_64 NO IMAGE LEFT adopted");
        card.family = None;
        assert_eq!(card.details(false), "x86_64 from elsewhere");
    }

    #[test]
    fn a_name_cannot_break_out_of_a_picture_or_a_line() {
        let mut graph = graph();
        for card in graph.releases.values_mut() {
            card.alias = Some(String::from("x\"] --> <script>\n\u{202e}"));
        }
        assert!(!graph.mermaid().contains("<script>") && !graph.mermaid().contains("x\"]"));
        assert_eq!(graph.tree().lines().count(), 7);
        assert!(![graph.tree(), graph.mermaid()].concat().contains('\u{202e}'));
    }
}
