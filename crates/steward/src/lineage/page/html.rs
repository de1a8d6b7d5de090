use std::fmt;

use crate::Words;

/// A piece of the page.
///
/// Only what stands in this program can become markup: everything that is known at run time goes through [`Html::text`],
/// whoever wrote it.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// What we wrote.
    pub(super) fn markup(&mut self, ours: &'static str) -> &mut Self {
        self.0.push_str(ours);
        self
    }

    /// What anybody wrote, as text or between the quotes of an attribute.
    pub(super) fn text(&mut self, words: impl fmt::Display) -> &mut Self {
        for c in Words::from(words.to_string()).as_str().chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// A piece that was made before.
    pub(super) fn piece(&mut self, piece: &Self) -> &mut Self {
        self.0.push_str(&piece.0);
        self
    }

    /// As it is sent.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Html> for String {
    fn from(html: Html) -> Self {
        html.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(words: &str) -> String {
        let mut html = Html::default();
        html.text(words);
        html.into()
    }

    /// As a browser reads it.
    fn read(html: &str) -> String {
        let marks = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ];
        marks
            .into_iter()
            .fold(html.to_owned(), |html, (mark, c)| html.replace(mark, c))
    }

    #[test]
    fn what_others_wrote_is_text_in_an_element_and_in_an_attribute() {
        assert_eq!(
            text("<a href='x' title=\"y\">&amp;"),
            "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;"
        );
        assert_eq!(text("one\u{202e}two\nthree"), "one two three");
    }

    proptest! {
        #[test]
        fn no_character_of_markup_survives_and_every_word_reads_back(words in any::<String>()) {
            let html = text(&words);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            prop_assert_eq!(read(&html), Words::from(words).to_string());
        }
    }
}
