//! Other people's words, where people read them.

use crate::Words;

/// More of a finding or of a package's name tells nobody more.
const MOST: usize = 200;

/// How a text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// As chat's markup.
    Chat,
    /// As it is.
    Plain,
}

impl Look {
    /// Words that others may have chosen, so that they only look like words: one line, cut where it is long. For chat they
    /// are code, in which nothing is markup, and what would end the code, or call somebody, or be a link all the same, is
    /// replaced by what looks alike.
    pub(crate) fn quote(self, text: &str) -> String {
        let words = Words::from(text);
        let mut letters = words.as_str().chars();
        let mut kept: String = letters.by_ref().take(MOST).collect();
        if letters.next().is_some() {
            kept.push('…');
        }
        match self {
            Self::Plain => kept,
            Self::Chat => {
                let harmless = kept.replace("://", "：//").chars().map(alike).collect::<String>();
                if harmless.is_empty() {
                    String::from("` `")
                } else {
                    format!("`{harmless}`")
                }
            }
        }
    }
}

fn alike(letter: char) -> char {
    match letter {
        '`' => '\'',
        '<' => '＜',
        '>' => '＞',
        '&' => '＆',
        '@' => '＠',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_are_code_in_chat_and_end_it_call_and_link_nobody() {
        for (given, shown) in [
            ("openssl 3.0.7-2.amzn2023", "`openssl 3.0.7-2.amzn2023`"),
            ("` *now* <!channel> @here", "`' *now* ＜!channel＞ ＠here`"),
            ("[a](https://evil.example)", "`[a](https：//evil.example)`"),
            ("&lt;!here&gt;\n# big", "`＆lt;!here＆gt; # big`"),
            ("", "` `"),
        ] {
            assert_eq!(Look::Chat.quote(given), shown);
        }
        assert_eq!(Look::Plain.quote("a <b>\n@c"), "a <b> @c");
    }

    #[test]
    fn long_words_are_cut_and_show_it() {
        let long = "é".repeat(200);
        assert_eq!(Look::Plain.quote(&long), long);
        assert_eq!(Look::Plain.quote(&format!("{long}é")), format!("{long}…"));
        assert_eq!(Look::Chat.quote(&format!("{long}é")), format!("`{long}…`"));
    }
}
