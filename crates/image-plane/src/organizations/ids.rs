//! The ids of an organization, its root and its units.

use std::ops::RangeInclusive;

/// `o-exampleorgid`.
pub(super) fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|rest| plain(rest, 10..=32))
}

/// `r-ab12`.
pub(super) fn is_root(text: &str) -> bool {
    text.strip_prefix("r-").is_some_and(|rest| plain(rest, 4..=32))
}

/// `ou-ab12-11111111`: it carries its root's part.
pub(super) fn is_unit(text: &str) -> bool {
    let parts = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(root, own)| plain(root, 4..=32) && plain(own, 8..=32))
}

/// `r-ab12`, the root a unit's id names.
pub(super) fn root_of(unit: &str) -> Option<String> {
    let (root, _) = unit.strip_prefix("ou-")?.split_once('-')?;
    Some(format!("r-{root}"))
}

fn plain(text: &str, length: RangeInclusive<usize>) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    length.contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_has_its_shape_and_no_other() {
        assert!(is_organization("o-exampleorgid") && !is_organization("o-short") && !is_organization("o-Exampleorgid"));
        assert!(is_root("r-ab12") && !is_root("r-ab1") && !is_root("ou-ab12-11111111"));
        assert!(
            is_unit("ou-ab12-11111111") && !is_unit("ou-ab12-1111111") && !is_unit("ou-11111111") && !is_unit("r-ab12")
        );
        assert_eq!(root_of("ou-ab12-11111111").as_deref(), Some("r-ab12"));
    }
}
