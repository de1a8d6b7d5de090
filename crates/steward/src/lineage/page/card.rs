use super::facts::{Facts, found, is_bad};
use super::html::Html;
use super::kin::Kin;
use super::layout::Size;
use super::legend::{icon, when};
use super::look::Look;
use super::scope::{More, Role};
use crate::lineage::{Card, EdgeKind};
use crate::{ChannelName, ReleaseId};

/// A card's, and a box's of `+N more`: style.css says the same.
pub(super) const CARD_WIDTH: i64 = 232;
pub(super) const BOX_WIDTH: i64 = 120;
const LINE: i64 = 18;
const TITLE_LINE: i64 = 20;
/// So many letters fit on a line, in fonts that are wide.
const LETTERS_ON_A_LINE: usize = 30;
const LETTERS_OF_A_TITLE: usize = 23;
/// More of somebody's message is in `steward explain`.
const MOST_OF_A_REASON: usize = 120;
/// Padding, the line of the state, and that of the date.
const BARE: i64 = 12 + LINE + 4 + LINE + 12;
/// Lines meet a card at its title.
const PORT: i64 = 12 + LINE + 2 + TITLE_LINE / 2;

/// A release as a card.
pub(super) struct Shown<'a> {
    pub(super) id: ReleaseId,
    pub(super) card: &'a Card,
    pub(super) facts: &'a Facts,
    /// The channels that it is on.
    pub(super) channels: &'a [ChannelName],
    pub(super) role: Role,
    pub(super) is_revoked: bool,
    /// What it came from: how, its name, its number.
    pub(super) from: Vec<(EdgeKind, String, usize)>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(id: ReleaseId, card: &'a Card, facts: &'a Facts, role: Role, kin: &Kin<'a>) -> Self {
        let mut from: Vec<(EdgeKind, String, usize)> = kin
            .parents(id)
            .filter_map(|(parent, kind)| {
                let card = kin.graph().releases.get(&parent)?;
                Some((kind, card.title(), kin.number(parent)))
            })
            .collect();
        // What it was built on first.
        from.sort();
        Self {
            id,
            card,
            facts,
            channels: kin.graph().on(id),
            role,
            is_revoked: kin.graph().revoked.contains(&id),
            from,
        }
    }

    pub(super) fn look(&self) -> Look {
        Look::of(self.card, self.facts)
    }

    /// How much room it takes: the browser sets the text, but the lines are drawn here.
    pub(super) fn size(&self) -> Size {
        let mut height = BARE + TITLE_LINE * lines(&self.card.title(), LETTERS_OF_A_TITLE);
        height += LINE * (lines(&self.about(), LETTERS_ON_A_LINE) - 1).max(0);
        for note in self.notes() {
            height += 4 + LINE * lines(&note, LETTERS_ON_A_LINE);
        }
        if !self.channels.is_empty() {
            let names: Vec<&str> = self.channels.iter().map(ChannelName::as_str).collect();
            // Each has an outline around it, as wide as three letters.
            height += 8 + 22 * lines(&names.join("   "), LETTERS_ON_A_LINE);
        }
        if let Some(images) = self.facts.said() {
            height += 4 + LINE * lines(&images, LETTERS_ON_A_LINE);
        }
        if self.facts.findings.is_some() {
            height += 4 + LINE;
        }
        if !self.from.is_empty() {
            height += 17;
        }
        for (kind, name, _) in &self.from {
            height += LINE * lines(&format!("from {name} {kind}"), LETTERS_ON_A_LINE);
        }
        Size {
            width: CARD_WIDTH,
            height,
            port: PORT,
        }
    }

    /// In the picture, and in the list that narrow screens and paper have instead.
    pub(super) fn html(&self, number: usize) -> Html {
        let mut html = Html::default();
        html.markup("<li><article class=\"card stop is-")
            .markup(self.look().class());
        if self.is_revoked {
            html.markup(" is-revoked");
        }
        if self.role == Role::Asked {
            html.markup(" is-asked");
        }
        html.markup("\" id=\"r").text(number).markup("\" tabindex=\"0\"");
        if !self.from.is_empty() {
            html.markup(" data-from=\"");
            for (n, (.., parent)) in self.from.iter().enumerate() {
                html.markup(if n > 0 { " r" } else { "r" }).text(parent);
            }
            html.markup("\"");
        }
        html.markup(">\n").piece(&self.state());
        html.markup("<h3>").piece(&breakable(&self.card.title()));
        html.markup("</h3>\n").piece(&self.meta());
        for note in self.notes() {
            html.markup("<p class=\"note\">").text(note).markup("</p>\n");
        }
        html.piece(&self.channels()).piece(&self.images());
        if let Some(findings) = self.facts.findings {
            let class = if is_bad(findings) { "findings bad" } else { "findings" };
            html.markup("<p class=\"").markup(class).markup("\">");
            html.text(found(findings)).markup("</p>\n");
        }
        html.piece(&self.origins()).markup("</article></li>\n");
        html
    }

    fn state(&self) -> Html {
        let mut html = Html::default();
        html.markup("<p class=\"state\">").piece(&state(self.look()));
        if self.is_revoked {
            html.markup(" ").piece(&state(Look::Revoked));
        }
        if self.role == Role::Asked {
            html.markup(" <span class=\"mark\">asked for</span>");
        }
        html.markup("</p>\n");
        html
    }

    fn meta(&self) -> Html {
        let mut html = Html::default();
        let about = self.about();
        if about.is_empty() && self.card.created.is_none() {
            return html;
        }
        html.markup("<p class=\"about\">").text(&about);
        if let Some(created) = self.card.created {
            html.markup(if about.is_empty() { "" } else { " · " });
            html.piece(&when(created));
        }
        html.markup("</p>\n");
        html
    }

    fn about(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        words.extend(self.card.alias.clone());
        words.extend(self.card.architecture.map(|architecture| architecture.to_string()));
        if self.card.is_adopted() {
            words.push(String::from("adopted"));
        }
        words.join(" · ")
    }

    /// What else is to be known.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(reason) = &self.card.reason {
            let mut short: String = reason.as_str().chars().take(MOST_OF_A_REASON).collect();
            if short.len() < reason.as_str().len() {
                short.push('…');
            }
            notes.push(short);
        }
        if self.card.above.as_deref() == Some("untold") {
            notes.push(String::from("EC2 tells no more of what is above"));
        }
        if self.card.kind == "built" && !self.card.linked {
            notes.push(String::from("not all above it is found out yet"));
        }
        notes
    }

    fn channels(&self) -> Html {
        let mut html = Html::default();
        if self.channels.is_empty() {
            return html;
        }
        html.markup("<ul class=\"channels\" aria-label=\"channels\">");
        for channel in self.channels {
            html.markup("<li>").text(channel).markup("</li>");
        }
        html.markup("</ul>\n");
        html
    }

    fn images(&self) -> Html {
        let mut html = Html::default();
        let Some(said) = self.facts.said() else { return html };
        html.markup("<details><summary>")
            .text(said)
            .markup("</summary>\n<ul class=\"images\">\n");
        for placed in self.facts.sorted() {
            html.markup("<li><code>").text(placed.ami).markup("</code> ");
            html.text(placed.target.account()).markup(" ");
            html.text(placed.target.region())
                .markup(", ")
                .text(placed.state.told(placed.deprecated));
            html.markup(if placed.managed { "" } else { ", by hand" });
            html.markup("</li>\n");
        }
        html.markup("</ul></details>\n");
        html
    }

    fn origins(&self) -> Html {
        let mut html = Html::default();
        if self.from.is_empty() {
            return html;
        }
        html.markup("<ul class=\"from\">\n");
        for (kind, name, parent) in &self.from {
            html.markup("<li>from <a href=\"#r").text(parent).markup("\">");
            html.piece(&breakable(name)).markup("</a> ");
            html.markup("<span class=\"kind\">").text(kind).markup("</span></li>\n");
        }
        html.markup("</ul>\n");
        html
    }
}

impl More {
    pub(super) const fn size(self) -> Size {
        Size {
            width: BOX_WIDTH,
            height: if self.revoked > 0 { 58 } else { 40 },
            port: 20,
        }
    }

    /// A box that leads to the list of what is not drawn.
    pub(super) fn html(self, parent: usize, name: &str) -> Html {
        let mut html = Html::default();
        html.markup("<li class=\"more\" id=\"m").text(parent);
        html.markup("\"><a class=\"stop\" href=\"#rest\" data-from=\"r")
            .text(parent);
        html.markup("\">+").text(self.count).markup(" more</a>");
        html.markup("<span class=\"of\"> from <a href=\"#r")
            .text(parent)
            .markup("\">");
        html.text(name).markup("</a></span>");
        if self.revoked > 0 {
            html.markup("<span class=\"some\">").text(self.revoked);
            html.markup(" revoked</span>");
        }
        html.markup("</li>\n");
        html
    }
}

/// Shape and word.
pub(super) fn state(look: Look) -> Html {
    let mut html = Html::default();
    html.markup("<span class=\"look is-").markup(look.class()).markup("\">");
    html.piece(&icon(look)).markup(look.word()).markup("</span>");
    html
}

/// A name that may be parted behind its slashes.
pub(super) fn breakable(name: &str) -> Html {
    let mut html = Html::default();
    for (n, part) in name.split('/').enumerate() {
        html.markup(if n > 0 { "/<wbr>" } else { "" }).text(part);
    }
    html
}

/// On how many lines a text is set: what is no letter of ours may be twice as wide.
fn lines(text: &str, letters: usize) -> i64 {
    let width: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    i64::try_from(width.div_ceil(letters)).unwrap_or(i64::MAX)
}
