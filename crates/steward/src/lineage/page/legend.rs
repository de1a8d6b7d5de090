use std::collections::BTreeSet;

use super::card::state;
use super::html::Html;
use super::look::Look;
use crate::Timestamp;
use crate::lineage::EdgeKind;

/// The shapes, once for all cards.
pub(super) fn shapes(looks: &BTreeSet<Look>) -> Html {
    let mut html = Html::default();
    html.markup("<svg class=\"shapes\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\n");
    for look in looks {
        html.markup("<symbol id=\"is-").markup(look.class());
        html.markup("\" viewBox=\"0 0 16 16\">")
            .markup(look.shape())
            .markup("</symbol>\n");
    }
    html.markup("</defs></svg>\n");
    html
}

/// One shape.
pub(super) fn icon(look: Look) -> Html {
    let mut html = Html::default();
    html.markup(
        "<svg class=\"icon\" width=\"14\" height=\"14\" aria-hidden=\"true\" focusable=\"false\"><use href=\"#is-",
    );
    html.markup(look.class()).markup("\"/></svg>");
    html
}

/// What the shapes and lines of this page mean.
pub(super) fn legend(looks: &BTreeSet<Look>, kinds: &BTreeSet<EdgeKind>) -> Html {
    let mut html = Html::default();
    html.markup("<ul class=\"legend\" aria-label=\"States\">\n");
    for look in looks {
        html.markup("<li>").piece(&state(*look)).markup("</li>\n");
    }
    if !kinds.is_empty() {
        html.markup("</ul>\n<ul class=\"legend\" aria-label=\"Kinds of lines\">\n");
    }
    for kind in kinds {
        html.markup("<li><span class=\"look\"><svg width=\"34\" height=\"8\" aria-hidden=\"true\" focusable=\"false\"><path class=\"line ");
        html.markup(kind.as_str()).markup("\" d=\"M0 4h34\"/></svg>");
        html.markup(kind.as_str()).markup("</span></li>\n");
    }
    html.markup("</ul>\n");
    html
}

/// A day that people read, and the moment for programs.
pub(super) fn when(at: Timestamp) -> Html {
    let mut html = Html::default();
    html.markup("<time datetime=\"").text(at).markup("\">");
    html.text(at.to_jiff().strftime("%-d %b %Y")).markup("</time>");
    html
}
