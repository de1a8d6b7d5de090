//! The rules every Image Builder request shares: how long a text is, what a name is made of, which tags are allowed.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::errors::invalid;
use crate::wire::error::ApiError;

/// Tags as Image Builder keeps them.
pub(crate) type TagMap = BTreeMap<String, String>;

/// At most so many a resource.
pub(crate) const MOST_TAGS: usize = 50;

/// The name of a resource: 3 to 128 letters, digits, hyphens and underscores, with spaces between.
pub(crate) fn name(text: &str) -> Result<(), ApiError> {
    let edge = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let inner = |letter: char| edge(letter) || letter == ' ';
    let fits =
        (3..=128).contains(&text.len()) && text.chars().all(inner) && text.starts_with(edge) && text.ends_with(edge);
    if fits {
        Ok(())
    } else {
        Err(invalid(
            "name",
            "name must match pattern ^[-_A-Za-z-0-9][-_A-Za-z0-9 ]{1,126}[-_A-Za-z-0-9]$",
        ))
    }
}

/// How many characters a text may have.
pub(crate) fn length(parameter: &str, text: &str, within: RangeInclusive<usize>) -> Result<(), ApiError> {
    count(parameter, text.chars().count(), within)
}

/// The description of anything.
pub(crate) fn description(parameter: &str, text: Option<&str>) -> Result<(), ApiError> {
    text.map_or(Ok(()), |text| length(parameter, text, 1..=1024))
}

/// How many members a list may have, or characters a text.
pub(crate) fn count(parameter: &str, count: usize, within: RangeInclusive<usize>) -> Result<(), ApiError> {
    if within.contains(&count) {
        return Ok(());
    }
    Err(invalid(
        parameter,
        format_args!(
            "Its length is {count}, and must be between {} and {}.",
            within.start(),
            within.end()
        ),
    ))
}

/// Tags of a request. The prefix `aws:` is AWS's own.
pub(crate) fn tags(parameter: &str, tags: Option<&TagMap>, most: usize) -> Result<(), ApiError> {
    let Some(tags) = tags else { return Ok(()) };
    count(parameter, tags.len(), 1..=most)?;
    tags.iter().try_for_each(|(key, value)| tag(parameter, key, value))
}

/// One tag.
pub(crate) fn tag(parameter: &str, key: &str, value: &str) -> Result<(), ApiError> {
    let plain =
        |letter: char| letter.is_ascii_alphanumeric() || letter.is_ascii_whitespace() || "_.:/=+-@".contains(letter);
    if key.is_empty() || key.len() > 128 || key.starts_with("aws:") || !key.chars().all(plain) {
        return Err(invalid(parameter, format_args!("'{key}' is not a valid tag key.")));
    }
    if value.chars().count() > 256 {
        return Err(invalid(
            parameter,
            format_args!("The value of the tag '{key}' is longer than 256 characters."),
        ));
    }
    Ok(())
}

/// One of a closed set of words.
pub(crate) fn one_of(parameter: &str, text: &str, words: &[&str]) -> Result<(), ApiError> {
    if words.contains(&text) {
        Ok(())
    } else {
        Err(invalid(
            parameter,
            format_args!("'{text}' is not one of {}.", words.join(", ")),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_3_to_128_plain_characters_with_spaces_only_inside() {
        for good in ["web", "My Web_Image-2", &"a".repeat(128)] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", " web", "web ", "web/x", "wéb", &"a".repeat(129)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_with_the_reserved_prefix_are_refused() {
        let with = |key: &str| TagMap::from([(key.to_owned(), String::new())]);
        assert!(tags("tags", Some(&with("team")), MOST_TAGS).is_ok());
        assert!(tags("tags", Some(&with("aws:team")), MOST_TAGS).is_err());
        assert!(tags("tags", Some(&TagMap::new()), MOST_TAGS).is_err());
    }
}
