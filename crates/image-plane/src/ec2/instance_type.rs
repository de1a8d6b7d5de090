//! Instance types by their names alone: what a name is made of, and what its family runs.

use super::image::Architecture;
use crate::wire::error::ApiError;

/// Whether a text has the shape of one: `t3.medium`, `u-6tb1.56xlarge`, `m7i.metal-24xl`. Which of them exist changes by
/// the week, and is not judged.
pub(crate) fn is_type(text: &str) -> bool {
    text.split_once('.')
        .is_some_and(|(family, size)| is_family(family) && is_size(size))
}

fn is_family(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.split('-').all(|part| !part.is_empty() && part.bytes().all(plain))
}

fn is_size(text: &str) -> bool {
    let several = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let count = text.strip_suffix("xlarge").or_else(|| {
        text.strip_prefix("metal-")?
            .strip_suffix("xl")
            .filter(|count| !count.is_empty())
    });
    ["nano", "micro", "small", "medium", "large", "metal"].contains(&text) || count.is_some_and(several)
}

/// Refuses to launch an image on a type that does not run it.
pub(super) fn check(instance_type: &str, image: Architecture) -> Result<(), ApiError> {
    let family = instance_type
        .split_once('.')
        .map_or(instance_type, |(family, _)| family);
    let own = architecture_of(family);
    // The oldest families run i386 too, and EC2 names both; which of the others do not, the name does not tell.
    if own == image || (own, image) == (Architecture::X86_64, Architecture::I386) {
        return Ok(());
    }
    Err(ApiError::client(
        "InvalidParameterValue",
        format!(
            "The architecture '{own}' of the specified instance type does not match the architecture '{image}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI."
        ),
    ))
}

/// Behind a family's letters and the number of its generation, `g` stands for Graviton. Three go without: the first
/// Graviton, Grace behind its Blackwell, and Apple's.
fn architecture_of(family: &str) -> Architecture {
    let attributes = family
        .trim_start_matches(|letter: char| letter.is_ascii_lowercase())
        .trim_start_matches(|digit: char| digit.is_ascii_digit());
    match family {
        "mac1" => Architecture::X86_64Mac,
        _ if family.starts_with("mac") => Architecture::Arm64Mac,
        _ if family == "a1" || family.contains("-gb") || attributes.starts_with('g') => Architecture::Arm64,
        _ => Architecture::X86_64,
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::NewImage;
    use super::super::testing::Bench;
    use super::*;

    #[test]
    fn a_type_is_a_family_and_a_size() {
        for good in [
            "t3.medium",
            "m1.small",
            "t4g.nano",
            "c7i-flex.8xlarge",
            "u-6tb1.56xlarge",
            "u7in-16tb.224xlarge",
            "m7i.metal-48xl",
            "i3.metal",
            "mac1.metal",
            "mac2-m2.metal",
            "mac-m4pro.metal",
            "p6e-gb200.36xlarge",
            "hpc7g.16xlarge",
            "u-3tb1.112xlarge",
        ] {
            assert!(is_type(good), "{good}");
        }
        for bad in [
            "",
            "t3",
            "t3.",
            ".medium",
            "medium",
            "t3.medium.large",
            "t3.mega",
            "t3.0xlarge",
            "t3.x2large",
            "t3.xxlarge",
            "t3.metal-",
            "t3.metal-xl",
            "t3.metal-24",
            "T3.medium",
            "t3.Medium",
            "3t.medium",
            "t.medium",
            "t3-.medium",
            "t--3.medium",
            "t 3.medium",
            "mac1.metal, mac2.metal",
        ] {
            assert!(!is_type(bad), "{bad}");
        }
    }

    #[test]
    fn the_letter_behind_the_generation_tells_graviton_from_the_rest() {
        use Architecture::{Arm64, Arm64Mac, X86_64, X86_64Mac};
        for (family, architecture) in [
            ("a1", Arm64),
            ("t4g", Arm64),
            ("m7g", Arm64),
            ("c7gd", Arm64),
            ("c7gn", Arm64),
            ("im4gn", Arm64),
            ("is4gen", Arm64),
            ("x2gd", Arm64),
            ("g5g", Arm64),
            ("hpc7g", Arm64),
            ("i8ge", Arm64),
            ("p6e-gb200", Arm64),
            ("t3", X86_64),
            ("t3a", X86_64),
            ("m7i-flex", X86_64),
            ("g4dn", X86_64),
            ("g6e", X86_64),
            ("gr6", X86_64),
            ("p6-b200", X86_64),
            ("u-6tb1", X86_64),
            ("u7inh-32tb", X86_64),
            ("trn1n", X86_64),
            ("cg1", X86_64),
            ("mac1", X86_64Mac),
            ("mac2", Arm64Mac),
            ("mac2-m1ultra", Arm64Mac),
            ("mac-m4", Arm64Mac),
        ] {
            assert_eq!(architecture_of(family), architecture, "{family}");
        }
    }

    #[test]
    fn an_image_runs_on_types_of_its_own_architecture_only() {
        let mut bench = Bench::new();
        let x86 = bench.image(NewImage::named("x86"));
        let arm = bench.image(NewImage::named("arm").arm64());
        let run = |bench: &mut Bench, image: &str, kind: &[(&str, &str)]| {
            let mut pairs = vec![("ImageId", image), ("MinCount", "1"), ("MaxCount", "1")];
            pairs.extend_from_slice(kind);
            bench.call_as(bench.hub, "RunInstances", &pairs)
        };
        for (image, kind) in [
            (&x86, "t3.medium"),
            (&x86, "m1.small"),
            (&arm, "t4g.medium"),
            (&arm, "a1.large"),
        ] {
            assert!(run(&mut bench, image, &[("InstanceType", kind)]).is_ok(), "{kind}");
        }
        for (image, kind, own, other) in [
            (&x86, "t4g.medium", "arm64", "x86_64"),
            (&arm, "t3.medium", "x86_64", "arm64"),
            (&arm, "mac1.metal", "x86_64_mac", "arm64"),
        ] {
            let (code, message) = run(&mut bench, image, &[("InstanceType", kind)]).unwrap_err();
            let says = format!(
                "The architecture '{own}' of the specified instance type does not match the architecture '{other}' of the specified AMI."
            );
            assert_eq!(code, "InvalidParameterValue", "{kind}");
            assert!(message.starts_with(&says), "{message}");
        }
        // Without a type it is m1.small.
        assert!(run(&mut bench, &x86, &[]).is_ok());
        assert_eq!(run(&mut bench, &arm, &[]).unwrap_err().0, "InvalidParameterValue");
    }

    #[test]
    fn a_launch_on_what_is_no_type_is_refused() {
        let mut bench = Bench::new();
        let image = bench.image(NewImage::named("web"));
        let asked = [
            ("ImageId", &*image),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("InstanceType", "t3"),
        ];
        let refused = bench.refused("RunInstances", &asked);
        let expected = ("InvalidParameterValue", "Invalid value 't3' for InstanceType.");
        assert_eq!((refused.0.as_str(), refused.1.as_str()), expected);
    }

    #[test]
    fn an_image_of_before_64_bits_runs_on_x86_types() {
        assert!(check("t2.micro", Architecture::I386).is_ok());
        assert!(check("t4g.micro", Architecture::I386).is_err());
    }
}
