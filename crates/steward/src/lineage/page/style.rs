use super::html::Html;
use super::kin::Kin;
use super::picture::Picture;

/// What a reader with scripts has besides: arrow keys, the way that lights up, tables that sort.
pub(super) const SCRIPT: &str = include_str!("script.js");
/// Text, colours, and cards as a list.
const STYLE: &str = include_str!("style.css");
/// Cards over lines.
const STAGE: &str = include_str!("stage.css");
/// A sheet of A4 or of Letter across, less its margins and a few lines above.
const SHEET: (i64, i64) = (960, 600);
/// Smaller text is not read.
const SMALLEST: i64 = 60;

/// The style of one page.
pub(super) fn style(picture: Option<&Picture<'_>>, kin: &Kin<'_>) -> Html {
    let mut css = Html::default();
    css.markup(STYLE);
    let Some(picture) = picture else { return css };
    let size = (picture.layout.width, picture.layout.height);
    // In hundredths.
    let zoom = (100 * SHEET.0 / size.0.max(1))
        .min(100 * SHEET.1 / size.1.max(1))
        .min(100);
    // Else paper has the list: a picture on several sheets would cut its cards.
    let is_on_paper = zoom >= SMALLEST;
    css.markup("@media screen and (min-width:46em)");
    css.markup(if is_on_paper { ",print" } else { "" });
    css.markup("{\n").markup(STAGE);
    css.markup(".stage{width:").text(size.0).markup("px;height:");
    css.text(size.1)
        .markup("px}\n")
        .piece(&picture.places(kin))
        .markup("}\n");
    if is_on_paper {
        css.markup("@media print{.stage{zoom:").text(zoom).markup("%}}\n");
    }
    css
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::STYLE;

    const ON_PAPER: &str = "paper";
    const ON_CARD: &str = "card";

    /// The colours of a scheme, by their names.
    fn colours(block: &str) -> BTreeMap<&str, f64> {
        let block = block.split('}').next().unwrap();
        let lines = block
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
        lines.map(|(name, colour)| (name, luminance(colour))).collect()
    }

    /// As WCAG 2.2 defines it.
    fn luminance(colour: &str) -> f64 {
        let colour = colour.trim_end_matches(';');
        let width = colour.len() / 3;
        let part = |n: usize| {
            let digits = colour[n * width..(n + 1) * width].repeat(3 - width);
            let part = f64::from(u8::from_str_radix(&digits, 16).unwrap()) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2)
    }

    fn contrast(one: f64, other: f64) -> f64 {
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_colour_of_text_stands_out_from_what_it_is_written_on_in_light_in_dark_and_on_paper() {
        let schemes: Vec<BTreeMap<&str, f64>> = STYLE.split(":root {").skip(1).map(colours).collect();
        assert_eq!(schemes.len(), 3);
        for scheme in &schemes {
            assert_eq!(scheme.keys().collect::<Vec<_>>(), schemes[0].keys().collect::<Vec<_>>());
            for (name, colour) in scheme {
                // Of these are lines and grounds; lines that mean something need 3 (WCAG 1.4.11).
                let least = match *name {
                    ON_PAPER | ON_CARD | "rule" => continue,
                    "edge" => 3.0,
                    _ => 4.5,
                };
                for ground in [ON_PAPER, ON_CARD] {
                    let found = contrast(*colour, scheme[ground]);
                    assert!(found >= least, "{name} on {ground}: {found}");
                }
            }
        }
    }

    #[test]
    fn what_is_ours_closes_no_element_of_the_page() {
        for text in [STYLE, super::STAGE, super::SCRIPT] {
            assert!(!text.contains("</"));
        }
    }
}
