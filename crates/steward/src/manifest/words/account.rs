use super::text::length;
use crate::manifest::document::word;

/// `<prefix>` and so many hexadecimal digits at least, 17 at most.
pub(super) fn is_id(text: &str, prefix: &str, least: usize) -> bool {
    let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    text.strip_prefix(prefix)
        .is_some_and(|digits| (least..=17).contains(&digits.len()) && digits.chars().all(hexadecimal))
}

/// An id of EC2's, with some mercy for what documentation shortens.
fn id(text: &str, prefix: &str) -> Result<(), String> {
    if is_id(text, prefix, 4) {
        Ok(())
    } else {
        Err(format!("must be {prefix} and up to 17 digits from 0-9 and a-f"))
    }
}

fn name(text: &str, most: usize, also: &str) -> Result<(), String> {
    length(text, 1, most)?;
    match text.chars().find(|&c| !(c.is_ascii_alphanumeric() || also.contains(c))) {
        Some(found) => {
            let also: Vec<String> = also
                .chars()
                .map(|c| if c == ' ' { String::from("space") } else { c.to_string() })
                .collect();
            Err(format!(
                "contains {found:?}, must be letters, digits and {}",
                also.join(" ")
            ))
        }
        None => Ok(()),
    }
}

/// An ARN of a service, with an account, whose resource starts so.
fn arn(text: &str, service: &str, resource: &str, example: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let good = match parts.as_slice() {
        ["arn", partition, found, region, account, rest] => {
            partition.parse::<crate::Partition>().is_ok()
                && *found == service
                && (service == "iam" && region.is_empty() || region.parse::<crate::Region>().is_ok())
                && account.parse::<crate::AccountId>().is_ok()
                && rest.len() > resource.len()
                && rest.starts_with(resource)
        }
        _ => false,
    };
    if good {
        Ok(())
    } else {
        Err(format!("must be an ARN such as {example}"))
    }
}

word! {
    /// A subnet that builds run in.
    SubnetId: "subnet id", "subnet-0123456789abcdef0", |text| id(text, "subnet-")
}

word! {
    /// A security group of builds.
    SecurityGroupId: "security group id", "sg-0123456789abcdef0", |text| id(text, "sg-")
}

word! {
    /// A launch template.
    LaunchTemplateId: "launch template id", "lt-0123456789abcdef0", |text| id(text, "lt-")
}

word! {
    /// The instance profile that builds run with.
    InstanceProfile: "instance profile name", "ImageBuilder", |text| name(text, 128, "+=,.@-_")
}

word! {
    /// A key pair to look into a build that failed.
    KeyPairName: "key pair name", "builders", |text| length(text, 1, 255)
}

word! {
    /// A role, by its name in the hub or its ARN.
    RoleName: "role", "ImageBuilderWorkflows", |text| {
        if text.starts_with("arn:") {
            arn(text, "iam", "role/", "arn:aws:iam::111122223333:role/ImageBuilderWorkflows")
        } else {
            name(text, 64, "+=,.@-_")
        }
    }
}

word! {
    /// An SNS topic of the hub that Image Builder tells of each build's end.
    TopicArn: "topic ARN", "arn:aws:sns:eu-west-1:111122223333:builds", |text| {
        arn(text, "sns", "", "arn:aws:sns:eu-west-1:111122223333:builds")
    }
}

word! {
    /// A licence configuration that is put on each image.
    LicenceArn: "licence configuration ARN", "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef", |text| {
        arn(text, "license-manager", "license-configuration:lic-",
            "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef")
    }
}

word! {
    /// Where builds leave their logs.
    LogLocation: "log location", "s3://bucket/prefix", |text| {
        let rest = text.strip_prefix("s3://").ok_or("must be s3://, a bucket, and / and a prefix if you like")?;
        let (bucket, _) = rest.split_once('/').unwrap_or((rest, ""));
        let good = (3..=63).contains(&bucket.len())
            && bucket.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c))
            && bucket.starts_with(|c: char| c.is_ascii_alphanumeric())
            && bucket.ends_with(|c: char| c.is_ascii_alphanumeric());
        if good {
            Ok(())
        } else {
            Err(String::from("has no bucket's name, must be s3:// and 3 to 63 lower-case letters, digits, dots and hyphens"))
        }
    }
}

impl LogLocation {
    /// Its bucket, and what stands before each name; nothing where that is left out.
    pub fn bucket_and_prefix(&self) -> (&str, &str) {
        let rest = self.as_str().strip_prefix("s3://").unwrap_or_default();
        rest.split_once('/').unwrap_or((rest, ""))
    }
}

word! {
    /// A repository of the hub's container registry (ECR).
    EcrRepository: "repository", "web", |text| {
        if !(2..=256).contains(&text.len()) {
            return Err(format!("has {} characters, must have 2 to 256", text.len()));
        }
        let word = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        };
        if text.split('/').all(word) {
            Ok(())
        } else {
            Err(String::from("must be lower-case letters, digits, and . _ - / between them; without registry and tag"))
        }
    }
}
