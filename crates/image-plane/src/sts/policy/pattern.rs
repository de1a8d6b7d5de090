//! The wildcards of policies: `*` for any text, `?` for one character.

/// Whether a text matches a pattern as a whole.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Where the last `*` stood, and from where on it has taken text so far. Earlier ones never need to take more.
    let mut star = None;
    loop {
        let (expected, mut after) = (pattern.next(), text.clone());
        let found = after.next();
        match (expected, found) {
            (None, None) => return true,
            (Some('*'), _) => star = Some((pattern.clone(), text.clone())),
            (Some('?'), Some(_)) => text = after,
            (Some(expected), Some(found)) if expected == found => text = after,
            _ => {
                let Some((rest, mut taken)) = star else { return false };
                if taken.next().is_none() {
                    return false;
                }
                (pattern, text) = (rest.clone(), taken.clone());
                star = Some((rest, taken));
            }
        }
    }
}

/// Whether an ARN matches a pattern, each of its six parts by itself.
pub(super) fn arn_matches(pattern: &str, arn: &str) -> bool {
    let (Some(pattern), Some(arn)) = (arn_parts(pattern), arn_parts(arn)) else {
        return false;
    };
    pattern.iter().zip(arn).all(|(pattern, part)| matches(pattern, part))
}

/// `arn`, partition, service, Region, account, and all the rest as one; `None` for what is no ARN.
pub(in crate::sts) fn arn_parts(arn: &str) -> Option<[&str; 6]> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    parts.try_into().ok().filter(|parts: &[&str; 6]| parts[0] == "arn")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_takes_any_text_and_a_question_mark_one_character() {
        let cases = [
            ("*", "", true),
            ("*", "a:b/c", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            ("*ab*ab", "abxabab", true),
            ("a?c", "a€c", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("", "a", false),
            ("ab", "abc", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_wildcard_in_an_arn_stays_in_its_part() {
        let role = "arn:aws:iam::111122223333:role/steward/prune";
        let cases = [
            ("arn:aws:iam::111122223333:role/*", true),
            ("arn:*:iam:*:1111*:role/*/prune", true),
            ("arn:aws:*:role/steward/prune", false),
            ("arn:aws:iam::*", false),
            ("*", false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(arn_matches(pattern, role), expected, "{pattern}");
        }
    }

    /// The plain definition, by recursion.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            (['?', rest @ ..], [_, after @ ..]) => naive(rest, after),
            ([expected, rest @ ..], [found, after @ ..]) => expected == found && naive(rest, after),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_its_plain_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), naive(&p, &t));
        }
    }
}
