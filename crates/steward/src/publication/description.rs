//! What the versions of launch templates that publishing makes are described by, and known again.

use crate::{ChannelName, FamilyName, Words};

const BY_US: &str = " by Image Steward";
/// As much of a release's version as fits beside the longest names there are: EC2 takes 255 characters.
const MOST: usize = 100;

pub(super) fn describe(family: &FamilyName, channel: &ChannelName, version: &Words) -> String {
    let version: String = version.as_str().chars().take(MOST).collect();
    format!("{family} {channel} {version}{BY_US}")
}

/// Whether that is what publishing this family wrote.
pub(super) fn is_by_us(family: &FamilyName, description: &str) -> bool {
    let rest = description.strip_prefix(family.as_str());
    rest.is_some_and(|rest| rest.starts_with(' ') && rest.ends_with(BY_US))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_what_it_was_made_for_and_by_whom() {
        let text = describe(&"web".parse().unwrap(), &ChannelName::stable(), &Words::from("1.4.2/7"));
        assert_eq!(text, "web stable 1.4.2/7 by Image Steward");
    }

    #[test]
    fn a_description_is_known_again_and_fits_however_long_its_names_are() {
        let family = "f".repeat(64).parse().unwrap();
        let channel = "c".repeat(32).parse().unwrap();
        let text = describe(&family, &channel, &Words::from("9".repeat(500)));
        assert!(text.len() <= 255, "{}", text.len());
        assert!(is_by_us(&family, &text));
    }

    #[test]
    fn what_others_wrote_or_what_another_family_left_is_not_taken_for_ours() {
        let web = "web".parse().unwrap();
        assert!(is_by_us(&web, "web stable 1.4.2/7 by Image Steward"));
        for text in [
            "",
            "web",
            "web stable 1.4.2/7",
            "web-api stable 1.4.2/7 by Image Steward",
            "api stable 1.4.2/7 by Image Steward",
            "web stable 1.4.2/7 by Image Steward, with more memory",
        ] {
            assert!(!is_by_us(&web, text), "{text}");
        }
    }
}
