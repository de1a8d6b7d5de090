use crate::FamilyName;

/// SNS takes a subject of fewer than a hundred characters, and refuses a message with a longer one.
const MOST: usize = 99;
const DOTS: &str = "...";

/// A mail's subject. Where there is no room for it the family's name is cut: what it says stays for people's filters.
pub(crate) fn subject(family: &FamilyName, headline: &str) -> String {
    let whole = format!("Image Steward: {headline}");
    let Some(over) = whole.len().checked_sub(MOST).filter(|over| *over > 0) else {
        return whole;
    };
    let name = family.as_str();
    let kept = name.len().checked_sub(over + DOTS.len());
    match kept.and_then(|kept| name.get(..kept)) {
        Some(kept) => whole.replacen(name, &format!("{kept}{DOTS}"), 1),
        None => whole.chars().take(MOST - DOTS.len()).chain(DOTS.chars()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_as_much_is_told_as_there_is_room_for() {
        let long: FamilyName = "a".repeat(64).parse().unwrap();
        let cut = subject(&long, &format!("12 images of {long} are to be deregistered"));
        assert_eq!(cut.len(), MOST);
        assert!(cut.starts_with("Image Steward: 12 images of aaa") && cut.ends_with("a... are to be deregistered"));
        let web = "web".parse().unwrap();
        assert_eq!(subject(&web, "web: 1 disabled"), "Image Steward: web: 1 disabled");
        let cut = subject(&web, &format!("web: {}", "b".repeat(200)));
        assert_eq!((cut.len(), &cut[MOST - 4..]), (MOST, "b..."));
    }
}
