//! What repositories, tags and digests may be called, and what a repository is called from outside.

use super::store::Id;
use crate::world::Target;

/// What a repository's name must match, as the API's own model has it.
pub(super) const REPOSITORY: &str = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*";
/// What a tag must match, as registries have it.
pub(super) const TAG: &str = "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}";

/// `arn:aws:ecr:eu-west-1:111122223333:repository/tools`.
pub(crate) fn arn(target: Target, repository: &str) -> String {
    let Target { account, region } = target;
    format!(
        "arn:{}:ecr:{region}:{account}:repository/{repository}",
        region.partition()
    )
}

/// The name in the ARN of a repository, and whose and where it is.
pub(super) fn of_arn(arn: &str) -> Option<(Target, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "ecr", region, account, resource] = parts.as_slice() else {
        return None;
    };
    let target = Target {
        account: account.parse().ok()?,
        region: region.parse().ok()?,
    };
    let name = resource.strip_prefix("repository/")?;
    (*partition == target.region.partition()).then_some((target, name))
}

/// `111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools`: what its images are pulled by, behind it `:` and a tag.
pub(crate) fn uri(target: Target, repository: &str) -> String {
    let Target { account, region } = target;
    let suffix = if region.partition() == "aws-cn" { ".cn" } else { "" };
    format!("{account}.dkr.ecr.{region}.amazonaws.com{suffix}/{repository}")
}

/// What the address of an image means, as `docker pull` takes it; `None` where it is of no registry of ECR's.
pub(crate) fn of_uri(text: &str) -> Option<(Target, &str, Id)> {
    let (host, path) = text.split_once('/')?;
    let mut parts = host.split('.');
    let account = parts.next()?.parse().ok()?;
    let region = parts.nth(2)?.parse().ok()?;
    let target = Target { account, region };
    let (before, digest) = path
        .split_once('@')
        .map_or((path, None), |(before, digest)| (before, Some(digest)));
    let (name, tag) = before.split_once(':').unwrap_or((before, "latest"));
    // A digest says it all; Docker reads over a tag beside it.
    let id = Id {
        image_digest: digest.map(str::to_owned),
        image_tag: digest.is_none().then(|| tag.to_owned()),
    };
    text.starts_with(&uri(target, name)).then_some((target, name, id))
}

/// Small letters and digits, joined within a part by a dot, one or two underscores, or hyphens.
pub(super) fn is_repository(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let joint = |text: &str| matches!(text, "." | "_" | "__") || text.bytes().all(|byte| byte == b'-');
    text.split('/')
        .all(|part| part.starts_with(plain) && part.ends_with(plain) && part.split(plain).all(joint))
}

pub(super) fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let rest = |byte: u8| word(byte) || matches!(byte, b'.' | b'-');
    text.len() <= 128 && text.bytes().next().is_some_and(word) && text.bytes().all(rest)
}

/// `sha256:` and hexadecimal digits. The API asks for the form alone.
pub(super) fn is_digest(text: &str) -> bool {
    let algorithm = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'.');
    text.split_once(':').is_some_and(|(before, digits)| {
        !before.is_empty()
            && before.bytes().all(algorithm)
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_called_what_the_pattern_of_the_api_matches() {
        let pattern = regex_lite::Regex::new(&format!("^(?:{REPOSITORY})$")).unwrap();
        for text in [
            "tools",
            "a",
            "golden/web",
            "a.b_c__d---e/0",
            "Tools",
            "-a",
            "a-",
            "a..b",
            "a___b",
            "a._b",
            "/a",
            "a/",
            "a//b",
            "",
            "ä",
        ] {
            assert_eq!(is_repository(text), pattern.is_match(text), "{text}");
        }
    }

    #[test]
    fn tags_and_digests_have_their_forms() {
        let longest = "a".repeat(128);
        for tag in ["latest", "1.0.0-1", "_a", &longest] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in ["", ".a", "-a", "a b", "a:b", &format!("{longest}a")] {
            assert!(!is_tag(tag), "{tag}");
        }
        assert!(is_digest("sha256:00ff"));
        for digest in ["", "sha256", "sha256:", ":00", "sha256:xyz", "sha 256:00"] {
            assert!(!is_digest(digest), "{digest}");
        }
    }

    #[test]
    fn an_arn_says_where_its_repository_is_and_others_are_none() {
        let text = "arn:aws:ecr:eu-west-1:111122223333:repository/golden/web";
        let (target, name) = of_arn(text).unwrap();
        assert_eq!((arn(target, name).as_str(), name), (text, "golden/web"));
        for other in [
            "",
            "arn:aws:ecr:eu-west-1:111122223333:golden/web",
            "arn:aws-cn:ecr:eu-west-1:111122223333:repository/web",
            "arn:aws:ecr:eu-west-1::repository/web",
            "arn:aws:ecs:eu-west-1:111122223333:repository/web",
        ] {
            assert_eq!(of_arn(other), None, "{other}");
        }
    }

    #[test]
    fn an_address_names_an_image_by_digest_or_by_tag_and_that_of_another_registry_none() {
        let host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
        for (rest, name, digest, tag) in [
            ("tools", "tools", None, Some("latest")),
            ("golden/web:1.0.0-1", "golden/web", None, Some("1.0.0-1")),
            ("tools@sha256:00", "tools", Some("sha256:00"), None),
            ("tools:1@sha256:00", "tools", Some("sha256:00"), None),
        ] {
            let text = format!("{host}/{rest}");
            let (target, found, id) = of_uri(&text).unwrap();
            assert_eq!((uri(target, found), found), (format!("{host}/{name}"), name));
            assert_eq!((id.image_digest.as_deref(), id.image_tag.as_deref()), (digest, tag));
        }
        for other in [
            "amazonlinux:2023",
            "public.ecr.aws/amazonlinux/amazonlinux:2023",
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com.cn/tools",
            "1.dkr.ecr.eu-west-1.amazonaws.com/tools",
            "111122223333.dkr.ecr.mars-1.amazonaws.com/tools",
        ] {
            assert_eq!(of_uri(other), None, "{other}");
        }
    }

    #[test]
    fn in_china_images_are_pulled_from_another_domain() {
        let target = |region: &str| Target {
            account: crate::ids::AccountId::new(1),
            region: region.parse().unwrap(),
        };
        assert_eq!(
            uri(target("eu-west-1"), "a/b"),
            "000000000001.dkr.ecr.eu-west-1.amazonaws.com/a/b"
        );
        assert_eq!(
            uri(target("cn-north-1"), "a"),
            "000000000001.dkr.ecr.cn-north-1.amazonaws.com.cn/a"
        );
    }
}
