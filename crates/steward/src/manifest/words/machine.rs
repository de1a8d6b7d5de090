use super::account::is_id;
use super::text::length;
use crate::Architecture;
use crate::manifest::document::word;

word! {
    /// What kind of operating system a family has.
    pub Platform: "platform", one of {
        /// Any distribution of Linux.
        Linux = "linux",
        /// Windows Server.
        Windows = "windows",
        /// macOS, on dedicated hosts.
        MacOs = "macos",
    }
}

word! {
    /// An instance type to build on. Each architecture takes those that fit it.
    InstanceType: "instance type", "t3.medium", |text| {
        let good = text.split_once('.').is_some_and(|(family, size)| {
            let word = |part: &str| {
                !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            };
            word(family) && word(size) && family.starts_with(|c: char| c.is_ascii_lowercase())
        });
        if good { Ok(()) } else { Err(String::from("must be a family, a dot and a size, as in t3.medium")) }
    }
}

impl InstanceType {
    /// Something small of this architecture, to start from.
    pub const fn small(architecture: Architecture) -> &'static str {
        match architecture {
            Architecture::Arm64 => "t4g.medium",
            Architecture::X86_64 => "t3.medium",
        }
    }

    /// What runs on it, by AWS's naming: `g` directly after the generation is Graviton.
    pub fn architecture(&self) -> Architecture {
        let family = self.as_str().split('.').next().unwrap_or_default();
        let options = family
            .trim_start_matches(|c: char| c.is_ascii_lowercase())
            .trim_start_matches(|c: char| c.is_ascii_digit());
        let arm_mac = matches!(
            family,
            "mac2" | "mac2-m1ultra" | "mac2-m2" | "mac2-m2pro" | "mac-m4" | "mac-m4pro"
        );
        if options.starts_with('g') || family == "a1" || arm_mac || family.starts_with("mac-m") {
            Architecture::Arm64
        } else {
            Architecture::X86_64
        }
    }
}

word! {
    /// A device, as the image names it.
    Device: "device", "/dev/xvda", |text| {
        let name = text.strip_prefix("/dev/").unwrap_or(text);
        let good = name.starts_with("sd") || name.starts_with("xvd") || name.starts_with("nvme");
        if good && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            Ok(())
        } else {
            Err(String::from("must be a device such as /dev/xvda, /dev/sda1 or xvdb"))
        }
    }
}

word! {
    /// A kind of EBS volume.
    pub VolumeType: "volume type", one of {
        /// General purpose.
        Gp3 = "gp3",
        /// General purpose, the generation before.
        Gp2 = "gp2",
        /// Provisioned IOPS, durable.
        Io2 = "io2",
        /// Provisioned IOPS.
        Io1 = "io1",
        /// Throughput, on disks.
        St1 = "st1",
        /// Cold, on disks.
        Sc1 = "sc1",
        /// Magnetic.
        Standard = "standard",
    }
}

word! {
    /// Whether the instance metadata service wants a session token.
    pub MetadataTokens: "metadata tokens", one of {
        /// Version 2 of the service only.
        Required = "required",
        /// Version 1 too.
        Optional = "optional",
    }
}

word! {
    /// On whose hardware builds run.
    pub Tenancy: "tenancy", one of {
        /// Shared.
        Default = "default",
        /// Of this account alone.
        Dedicated = "dedicated",
        /// On a host of this account.
        Host = "host",
    }
}

word! {
    /// An availability zone.
    Zone: "availability zone", "eu-west-1a", |text| {
        let region = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if region.len() < text.len() && region.parse::<crate::Region>().is_ok() {
            Ok(())
        } else {
            Err(String::from("must be a Region and a letter, as in eu-west-1a"))
        }
    }
}

word! {
    /// A dedicated host.
    HostId: "host id", "h-0123456789abcdef0", |text| {
        if is_id(text, "h-", 8) { Ok(()) } else { Err(String::from("must be h- and 8 or 17 digits from 0-9 and a-f")) }
    }
}

word! {
    /// A resource group of dedicated hosts.
    ResourceGroupArn: "host resource group ARN", "arn:aws:resource-groups:eu-west-1:111122223333:group/hosts", |text| {
        if text.starts_with("arn:") && text.contains(":resource-groups:") && text.contains(":group/") {
            Ok(())
        } else {
            Err(String::from("must be an ARN such as arn:aws:resource-groups:eu-west-1:111122223333:group/hosts"))
        }
    }
}

word! {
    /// Where components work.
    WorkingDirectory: "working directory", "/tmp", |text| length(text, 1, 1024)
}

word! {
    /// A group of test workflows.
    GroupName: "group", "smoke-tests", |text| {
        length(text, 1, 100)?;
        let good = text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_+#".contains(c));
        if good {
            Ok(())
        } else {
            Err(String::from("must be letters, digits and - _ + #, a letter or digit first"))
        }
    }
}

word! {
    /// Which part of a version rises when the content changed.
    pub Bump: "part of a version", one of {
        /// The last: 1.4.2 becomes 1.4.3.
        Patch = "patch",
        /// The middle one: 1.4.2 becomes 1.5.0.
        Minor = "minor",
        /// The first: 1.4.2 becomes 2.0.0.
        Major = "major",
    }
}

word! {
    /// What becomes of a build when a workflow fails.
    pub OnFailure: "reaction", one of {
        /// The build fails.
        Abort = "abort",
        /// The build goes on.
        Continue = "continue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_types_name_says_its_architecture() {
        for arm in [
            "t4g.small",
            "m6g.large",
            "c7gn.xlarge",
            "r8gd.large",
            "a1.medium",
            "im4gn.large",
            "hpc7g.4xlarge",
            "mac2.metal",
            "mac2-m2.metal",
        ] {
            assert_eq!(
                arm.parse::<InstanceType>().unwrap().architecture(),
                Architecture::Arm64,
                "{arm}"
            );
        }
        for intel in [
            "t3.medium",
            "m7i-flex.large",
            "g4dn.xlarge",
            "g5.xlarge",
            "gr6.4xlarge",
            "c6a.large",
            "mac1.metal",
            "u-6tb1.metal",
            "p5.48xlarge",
        ] {
            assert_eq!(
                intel.parse::<InstanceType>().unwrap().architecture(),
                Architecture::X86_64,
                "{intel}"
            );
        }
    }
}
