//! Filters of the describe calls: names that must be known, values with wildcards.

use std::borrow::Cow;

use crate::wire::error::ApiError;
use crate::wire::query::Params;

/// At most so many values in one filter.
const MOST_VALUES: usize = 200;

/// All must match; of a filter's values any may.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Filters(Vec<Filter>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Filter {
    name: String,
    values: Vec<String>,
}

impl Filters {
    /// Reads `Filter.N.Name` and `Filter.N.Value.M`. A name AWS knows and the model does not is refused as such.
    pub(crate) fn read(params: &mut Params, known: &[&str], known_to_aws: &[&str]) -> Result<Self, ApiError> {
        let mut filters = Vec::new();
        for mut filter in params.list("Filter")? {
            let name = filter.required("Name")?;
            let values = filter.texts("Value")?;
            filter.finish()?;
            if known_to_aws.contains(&name.as_str()) {
                return Err(ApiError::not_modelled(format!("the filter {name}")));
            }
            if !known.contains(&name.as_str()) && name.strip_prefix("tag:").is_none_or(str::is_empty) {
                return Err(ApiError::client(
                    "InvalidParameterValue",
                    format!("The filter '{name}' is invalid"),
                ));
            }
            if values.len() > MOST_VALUES {
                return Err(ApiError::client(
                    "FilterLimitExceeded",
                    format!("The maximum number of filter values specified on a single call is {MOST_VALUES}"),
                ));
            }
            filters.push(Filter { name, values });
        }
        Ok(Self(filters))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether everything asked for holds; `values_of` says what the resource has under a filter's name.
    pub(crate) fn match_all<'a>(
        &'a self,
        tags: &[(&'a str, &'a str)],
        values_of: impl Fn(&str) -> Vec<Cow<'a, str>>,
    ) -> bool {
        self.0.iter().all(|Filter { name, values }| {
            let found: Vec<Cow<'_, str>> = match name.as_str() {
                "tag-key" => tags.iter().map(|(key, _)| Cow::Borrowed(*key)).collect(),
                name => match name.strip_prefix("tag:") {
                    Some(wanted) => tags
                        .iter()
                        .filter(|(key, _)| *key == wanted)
                        .map(|(_, value)| Cow::Borrowed(*value))
                        .collect(),
                    None => values_of(name),
                },
            };
            values
                .iter()
                .any(|pattern| found.iter().any(|value| wildcard(pattern, value)))
        })
    }
}

/// `*` stands for any characters, `?` for one, a backslash for the character after it. Case counts.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let pattern = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    // Where to go on when a later part fails: after the last star, one character further on.
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Any) => {
                star = Some((p, t));
                p += 1;
            }
            Some(Token::One) => (p, t) = (p + 1, t + 1),
            Some(Token::Literal(c)) if *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Any)
}

#[derive(PartialEq)]
enum Token {
    Any,
    One,
    Literal(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut characters = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Literal(characters.next().unwrap_or('\\')),
            other => Token::Literal(other),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_and_question_marks_match_as_in_ec2() {
        for (pattern, text, matches) in [
            ("web-*", "web-1.4.2", true),
            ("web-*", "web", false),
            ("*", "", true),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("Web", "web", false),
            ("100\\*", "100*", true),
            ("100\\*", "1000", false),
            ("2026-09-29T*", "2026-09-29T11:04:43.305Z", true),
        ] {
            assert_eq!(wildcard(pattern, text), matches, "{pattern} {text}");
        }
    }

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => naive(&pattern[1..], text) || (!text.is_empty() && naive(pattern, &text[1..])),
            (Some('?'), Some(_)) => naive(&pattern[1..], &text[1..]),
            (Some(p), Some(t)) if p == t => naive(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn wildcards_agree_with_the_naive_reading(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let expected = naive(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
            prop_assert_eq!(wildcard(&pattern, &text), expected);
        }
    }
}
