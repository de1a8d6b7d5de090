use super::card::Shown;
use super::html::Html;
use super::kin::Kin;
use super::layout::{Layout, Size, lay_out};
use super::route::{Route, routes};
use super::scope::{More, Role, Scope};
use crate::ReleaseId;
use crate::lineage::EdgeKind;

/// A line of the picture: from which card to which, in the order of the layout.
struct Line {
    kind: Option<EdgeKind>,
    ends: (String, String),
}

/// Cards, boxes and lines with their places.
pub(super) struct Picture<'a> {
    cards: Vec<Shown<'a>>,
    boxes: Vec<(ReleaseId, More)>,
    lines: Vec<Line>,
    routes: Vec<Route>,
    pub(super) layout: Layout,
}

impl<'a> Picture<'a> {
    pub(super) fn new(scope: &Scope, kin: &Kin<'_>, shown: impl Fn(ReleaseId) -> Option<Shown<'a>>) -> Self {
        let cards: Vec<Shown<'a>> = scope.drawn.iter().filter_map(|id| shown(*id)).collect();
        let at = |id: ReleaseId| cards.iter().position(|card| card.id == id);
        let boxes: Vec<(ReleaseId, More)> = (scope.drawn.iter())
            .filter_map(|id| Some((*id, *scope.more.get(id)?)))
            .collect();
        let name = |id: ReleaseId| format!("r{}", kin.number(id));
        let (mut edges, mut lines) = (Vec::new(), Vec::new());
        for (child, card) in cards.iter().enumerate() {
            for (parent, kind) in kin.parents(card.id) {
                if let Some(from) = at(parent) {
                    edges.push((from, child));
                    let (kind, ends) = (Some(kind), (name(parent), name(card.id)));
                    lines.push(Line { kind, ends });
                }
            }
        }
        for (n, (parent, _)) in boxes.iter().enumerate() {
            if let Some(from) = at(*parent) {
                edges.push((from, cards.len() + n));
                let ends = (name(*parent), format!("m{}", kin.number(*parent)));
                lines.push(Line { kind: None, ends });
            }
        }
        let sizes: Vec<Size> = (cards.iter().map(Shown::size))
            .chain(boxes.iter().map(|(_, more)| more.size()))
            .collect();
        let is_above: Vec<bool> = (cards.iter().map(|card| card.role <= Role::Asked))
            .chain(boxes.iter().map(|_| false))
            .collect();
        let layout = lay_out(&sizes, &is_above, &edges);
        let kinds: Vec<Option<EdgeKind>> = lines.iter().map(|line| line.kind).collect();
        Self {
            routes: routes(&layout, &edges, &kinds),
            cards,
            boxes,
            lines,
            layout,
        }
    }

    /// Lines first, so that cards lie over them; then column by column, each from top to bottom.
    pub(super) fn html(&self, kin: &Kin<'_>) -> Html {
        let mut html = Html::default();
        html.markup("<div class=\"stage\">\n").piece(&self.svg());
        html.markup("<ol class=\"columns\">\n");
        for column in 0..self.layout.columns.len() {
            html.markup("<li class=\"column\" id=\"c").text(column).markup("\">");
            html.markup("<h2>").text(self.heading(column)).markup("</h2>\n<ul>\n");
            let mut there: Vec<usize> = (0..self.layout.places.len())
                .filter(|node| self.layout.places[*node].column == column)
                .collect();
            there.sort_by_key(|node| self.layout.places[*node].top);
            for node in there {
                if let Some(card) = self.cards.get(node) {
                    html.piece(&card.html(kin.number(card.id)));
                } else if let Some((parent, more)) = self.boxes.get(node - self.cards.len()) {
                    let card = kin.graph().releases.get(parent);
                    let name = card.map(crate::lineage::Card::title).unwrap_or_default();
                    html.piece(&more.html(kin.number(*parent), &name));
                }
            }
            html.markup("</ul></li>\n");
        }
        html.markup("</ol>\n</div>\n");
        html
    }

    /// Where each card stands, by its name in the page.
    pub(super) fn places(&self, kin: &Kin<'_>) -> Html {
        let mut css = Html::default();
        for (column, left) in self.layout.columns.iter().enumerate() {
            css.markup("#c")
                .text(column)
                .markup(">h2{left:")
                .text(left)
                .markup("px}\n");
        }
        for (node, place) in self.layout.places.iter().enumerate() {
            if let Some(card) = self.cards.get(node) {
                css.markup("#r").text(kin.number(card.id));
            } else if let Some((parent, _)) = self.boxes.get(node - self.cards.len()) {
                css.markup("#m").text(kin.number(*parent));
            }
            css.markup("{left:").text(place.left).markup("px;top:").text(place.top);
            css.markup("px;min-height:").text(place.size.height).markup("px}\n");
        }
        css
    }

    fn svg(&self) -> Html {
        let mut html = Html::default();
        // What the lines say is said in words on each card.
        html.markup("<svg class=\"lines\" aria-hidden=\"true\" focusable=\"false\" width=\"");
        html.text(self.layout.width).markup("\" height=\"");
        html.text(self.layout.height).markup("\">\n");
        html.markup("<defs><marker id=\"tip\" viewBox=\"0 0 7 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 .5 7 4 0 7.5z\"/></marker></defs>\n");
        for (line, route) in self.lines.iter().zip(&self.routes) {
            html.markup("<path class=\"line ");
            html.markup(line.kind.map_or("rest", EdgeKind::as_str));
            html.markup("\" data-ends=\"")
                .text(&line.ends.0)
                .markup(" ")
                .text(&line.ends.1);
            html.markup("\" marker-end=\"url(#tip)\" d=\"").piece(&route.path());
            html.markup("\"/>\n");
        }
        for (line, route) in self.lines.iter().zip(&self.routes) {
            if let (Some(kind), true) = (line.kind, route.has_room) {
                html.markup("<text x=\"").text(route.end.0 - 12);
                html.markup("\" y=\"").text(route.end.1 - 5);
                html.markup("\">").markup(kind.as_str()).markup("</text>\n");
            }
        }
        html.markup("</svg>\n");
        html
    }

    fn heading(&self, column: usize) -> String {
        let columns = |role: Role| {
            let cards = self.cards.iter().zip(&self.layout.places);
            let found = cards.filter(move |(card, _)| card.role == role);
            found.map(|(_, place)| place.column)
        };
        if columns(Role::Asked).any(|asked| asked == column) {
            return String::from("Asked for");
        }
        if columns(Role::Descendant).any(|below| below == column) {
            return String::from("Came from it");
        }
        match columns(Role::Asked).min() {
            Some(asked) if column < asked => match asked - column {
                1 => String::from("1 step up"),
                steps => format!("{steps} steps up"),
            },
            _ => String::from("Further down"),
        }
    }
}
