//! The rules every Image Builder request shares: how long a text is, what a name is made of, which tags are allowed.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::errors::invalid;
use crate::ids::AccountId;
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

/// A KMS key, as KMS itself lets it be named: its id, its alias, or the ARN of either. That Image Builder looks no further
/// than the shape, and how it says so, is not documented.
pub(crate) fn kms_key(parameter: &str, text: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let fits = match parts.as_slice() {
        ["arn", partition, "kms", region, account, resource] => {
            partition.starts_with("aws")
                && !region.is_empty()
                && account.parse::<AccountId>().is_ok()
                && (is_alias(resource) || resource.strip_prefix("key/").is_some_and(is_key_id))
        }
        _ => is_alias(text) || is_key_id(text),
    };
    if fits {
        Ok(())
    } else {
        Err(invalid(
            parameter,
            format_args!("'{text}' is not the ID, the alias or the ARN of a KMS key."),
        ))
    }
}

fn is_alias(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    text.strip_prefix("alias/")
        .is_some_and(|name| (1..=250).contains(&name.len()) && name.bytes().all(plain))
}

/// A UUID, or `mrk-` and as many digits for a key of several Regions.
fn is_key_id(text: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(id) = text.strip_prefix("mrk-") {
        return digits(id, 32);
    }
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 5
        && groups
            .iter()
            .zip([8, 4, 4, 4, 12])
            .all(|(group, count)| digits(group, count))
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

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
    const MULTI_REGION: &str = "mrk-1234abcd12ab34cd56ef1234567890ab";

    #[test]
    fn a_key_goes_by_its_id_its_alias_or_the_arn_of_either() {
        let arn = |resource: &str| format!("arn:aws:kms:eu-west-1:111122223333:{resource}");
        for good in [
            ID,
            MULTI_REGION,
            "alias/golden",
            "alias/aws/ebs",
            &arn(&format!("key/{ID}")),
            &arn(&format!("key/{MULTI_REGION}")),
            &arn("alias/golden"),
            &format!("arn:aws-cn:kms:cn-north-1:111122223333:key/{ID}"),
        ] {
            assert!(kms_key("kmsKeyId", good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "golden",
            "alias/",
            "alias/gol den",
            &ID[1..],
            &ID[..23],
            &format!("{ID}-1234"),
            &ID.replace('-', "_"),
            &ID.replace('a', "g"),
            &MULTI_REGION[..35],
            &format!("key/{ID}"),
            &arn(ID),
            &arn("alias"),
            &arn("key/golden"),
            &format!("arn:aws:kms:eu-west-1:1111:key/{ID}"),
            &format!("arn:aws:kms::111122223333:key/{ID}"),
            &format!("arn:aws:ssm:eu-west-1:111122223333:key/{ID}"),
            &format!("arn:none:kms:eu-west-1:111122223333:key/{ID}"),
        ] {
            assert!(kms_key("kmsKeyId", bad).is_err(), "{bad}");
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
