use super::card::{Shown, breakable, state};
use super::facts::found;
use super::html::Html;
use super::legend::when;
use super::look::Look;

/// Releases as rows: a column that nobody has anything for is left out.
pub(super) fn table(rows: &[(usize, Shown<'_>)], caption: &'static str) -> Html {
    let has_channels = rows.iter().any(|(_, shown)| !shown.channels.is_empty());
    let has_images = rows.iter().any(|(_, shown)| !shown.facts.placements.is_empty());
    let has_findings = rows.iter().any(|(_, shown)| shown.facts.findings.is_some());
    let mut html = Html::default();
    html.markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
        .markup(caption)
        .markup("\">\n<table>\n<thead><tr>");
    for (heading, is_there) in [
        ("Release", true),
        ("Lineage", true),
        ("State", true),
        ("Architecture", true),
        ("Made", true),
        ("Channels", has_channels),
        ("Images", has_images),
        ("Findings", has_findings),
        ("Came from", true),
    ] {
        if is_there {
            html.markup("<th scope=\"col\">").markup(heading).markup("</th>");
        }
    }
    html.markup("</tr></thead>\n<tbody>\n");
    for (number, shown) in rows {
        html.markup("<tr id=\"r").text(number).markup("\"");
        if shown.is_revoked {
            html.markup(" class=\"is-revoked\"");
        }
        html.markup("><th scope=\"row\">")
            .piece(&breakable(&shown.card.title()));
        html.markup("</th><td>").markup(shown.role.word());
        html.markup("</td><td>").piece(&state(shown.look()));
        if shown.is_revoked {
            html.markup(" ").piece(&state(Look::Revoked));
        }
        if shown.card.is_adopted() {
            html.markup(" adopted");
        }
        html.markup("</td><td>");
        if let Some(architecture) = shown.card.architecture {
            html.text(architecture);
        }
        html.markup("</td><td>");
        if let Some(created) = shown.card.created {
            html.piece(&when(created));
        }
        html.markup("</td>");
        for (is_there, text) in [
            (has_channels, channels(shown)),
            (has_images, shown.facts.said().unwrap_or_default()),
            (has_findings, shown.facts.findings.map(found).unwrap_or_default()),
        ] {
            if is_there {
                html.markup("<td>").text(text).markup("</td>");
            }
        }
        html.markup("<td>").piece(&origins(shown)).markup("</td></tr>\n");
    }
    html.markup("</tbody>\n</table>\n</div>\n");
    html
}

fn channels(shown: &Shown<'_>) -> String {
    let names: Vec<String> = shown.channels.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn origins(shown: &Shown<'_>) -> Html {
    let mut html = Html::default();
    for (n, (kind, name, parent)) in shown.from.iter().enumerate() {
        html.markup(if n > 0 { ", " } else { "" });
        html.markup("<a href=\"#r").text(parent).markup("\">");
        html.piece(&breakable(name)).markup("</a> <span class=\"kind\">");
        html.text(kind).markup("</span>");
    }
    html
}
