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
    css.markup("@media screen and (min-width:46em)");
    if zoom >= SMALLEST {
        // Else paper has the list: a picture on several sheets would cut its cards.
        css.markup(",print");
    }
    css.markup("{\n").markup(STAGE);
    css.markup(".stage{width:")
        .text(size.0)
        .markup("px;height:")
        .text(size.1)
        .markup("px}\n");
    css.piece(&picture.places(kin)).markup("}\n");
    css.markup("@media print{.stage{zoom:").text(zoom).markup("%}}\n");
    css
}
