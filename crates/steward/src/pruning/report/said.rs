//! Other people's words in a page, which steer nothing in it.

use crate::Words;

/// More of a reason tells nobody more.
const MOST: usize = 200;

/// A text as one cell of a Markdown table: one line, cut where it is long, in which nothing is markup, a link, or calls somebody.
pub(super) fn cell(text: &str) -> String {
    let words = Words::from(text);
    let mut letters = words.as_str().chars();
    let mut kept: String = letters.by_ref().take(MOST).collect();
    if letters.next().is_some() {
        kept.push('…');
    }
    let mut shown = String::with_capacity(kept.len());
    for letter in kept.replace("://", "：//").replace("www.", "www．").chars() {
        match letter {
            '@' => shown.push('＠'),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' | '#' | '$' => {
                shown.push('\\');
                shown.push(letter);
            }
            other => shown.push(other),
        }
    }
    shown
}

/// A sentence of several counts: `2 disabled and 1 gone for good`; none of nothing.
pub(super) fn counted(parts: &[(usize, &str)]) -> Option<String> {
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match parts.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}
