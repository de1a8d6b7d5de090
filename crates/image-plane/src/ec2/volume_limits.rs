//! What a volume of each type may be: its size, its IOPS, its throughput. The numbers are those of the EBS user guide and
//! of EbsBlockDevice in 2026. Which error breaks which rule is not documented: codes and words are those that callers of
//! EC2 have reported, and where nobody has, the same for the other end of the range.

use std::ops::RangeInclusive;

use super::image::VolumeKind;
use super::{devices, errors};
use crate::wire::error::ApiError;

/// What a request may ask of a type.
struct Limits {
    size_gib: RangeInclusive<u32>,
    iops: Iops,
    throughput: Option<Throughput>,
}

/// Who decides on the IOPS.
enum Iops {
    /// The type itself.
    Fixed,
    /// The request, and without it there is no volume.
    Asked(Provisioned),
    /// The request, or else it is the least there is.
    Usual(Provisioned),
}

struct Provisioned {
    within: RangeInclusive<u32>,
    per_gib: u32,
}

/// In MiB/s, and so many IOPS for each.
struct Throughput {
    within: RangeInclusive<u32>,
    iops_each: u32,
}

fn limits(kind: VolumeKind) -> Limits {
    let plain = |size_gib| Limits {
        size_gib,
        iops: Iops::Fixed,
        throughput: None,
    };
    match kind {
        VolumeKind::Standard => plain(1..=1024),
        VolumeKind::Gp2 => plain(1..=16_384),
        VolumeKind::St1 | VolumeKind::Sc1 => plain(125..=16_384),
        VolumeKind::Io1 => Limits {
            iops: Iops::Asked(Provisioned {
                within: 100..=64_000,
                per_gib: 50,
            }),
            ..plain(4..=16_384)
        },
        VolumeKind::Io2 => Limits {
            iops: Iops::Asked(Provisioned {
                within: 100..=256_000,
                per_gib: 1000,
            }),
            ..plain(4..=65_536)
        },
        VolumeKind::Gp3 => Limits {
            size_gib: 1..=65_536,
            iops: Iops::Usual(Provisioned {
                within: 3000..=80_000,
                per_gib: 500,
            }),
            throughput: Some(Throughput {
                within: 125..=2000,
                iops_each: 4,
            }),
        },
    }
}

/// Refuses a volume that EC2 would not make. Without a size, the rules of the size wait until there is one.
pub(crate) fn check(
    device: &str,
    kind: VolumeKind,
    size_gib: Option<u32>,
    iops: Option<u32>,
    throughput: Option<u32>,
) -> Result<(), ApiError> {
    let limits = limits(kind);
    if let Some(size) = size_gib {
        check_size(kind, size, &limits.size_gib)?;
    }
    let usual = match &limits.iops {
        Iops::Fixed if iops.is_some() => {
            let message = format!("The parameter iops is not supported for {kind} volumes.");
            return Err(errors::combination(message));
        }
        Iops::Fixed => None,
        Iops::Asked(_) if iops.is_none() => {
            let message = format!("The parameter iops must be specified for {kind} volumes.");
            return Err(errors::combination(message));
        }
        Iops::Asked(provisioned) | Iops::Usual(provisioned) => {
            check_iops(provisioned, size_gib, iops)?;
            Some(*provisioned.within.start())
        }
    };
    let Some(throughput) = throughput else { return Ok(()) };
    let Some(Throughput { within, iops_each }) = limits.throughput else {
        return Err(devices::bad_mapping(format!(
            "throughput cannot be specified with the volumeType of device '{device}'"
        )));
    };
    check_range("throughput", throughput, &within)?;
    let iops = iops.or(usual).unwrap_or_default();
    if throughput * iops_each > iops {
        return Err(bad_value(format!(
            "Throughput (MiBps) to iops ratio of {:.6} is too high; maximum is {:.6} MiBps per iops",
            ratio(throughput, iops),
            ratio(1, iops_each)
        )));
    }
    Ok(())
}

fn check_size(kind: VolumeKind, size: u32, within: &RangeInclusive<u32>) -> Result<(), ApiError> {
    let (least, most) = (within.start(), within.end());
    if size < *least {
        return Err(bad_value(format!(
            "The volume size is invalid for {kind} volumes: {size} GiB. {kind} volumes must be at least {least} GiB in size. Please specify a volume size above the minimum limit."
        )));
    }
    if size > *most {
        return Err(bad_value(format!(
            "Volume of {size}GiB is too large for volume type {kind}; maximum is {most}GiB"
        )));
    }
    Ok(())
}

/// The least that a type has is there at any size.
fn check_iops(provisioned: &Provisioned, size: Option<u32>, iops: Option<u32>) -> Result<(), ApiError> {
    let Some(iops) = iops else { return Ok(()) };
    let Provisioned { within, per_gib } = provisioned;
    check_range("iops", iops, within)?;
    match size {
        Some(size) if iops > *within.start() && iops > size.saturating_mul(*per_gib) => Err(bad_value(format!(
            "Iops to volume size ratio of {:.6} is too high; maximum is {per_gib}",
            ratio(iops, size)
        ))),
        _ => Ok(()),
    }
}

fn check_range(what: &str, value: u32, within: &RangeInclusive<u32>) -> Result<(), ApiError> {
    let (least, most) = (within.start(), within.end());
    if value < *least {
        return Err(bad_value(format!(
            "Volume {what} of {value} is too low; minimum is {least}."
        )));
    }
    if value > *most {
        return Err(bad_value(format!(
            "Volume {what} of {value} is too high; maximum is {most}."
        )));
    }
    Ok(())
}

fn ratio(of: u32, to: u32) -> f64 {
    f64::from(of) / f64::from(to)
}

fn bad_value(message: String) -> ApiError {
    ApiError::client("InvalidParameterValue", message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::place::NewImage;
    use super::super::testing::Bench;
    use super::*;
    use crate::sts::tests::field;

    /// Type, size, IOPS and throughput.
    type Asked = (&'static str, u32, Option<u32>, Option<u32>);

    fn checked((kind, size, iops, throughput): Asked) -> Result<(), ApiError> {
        let kind = VolumeKind::parse(kind).unwrap();
        check("/dev/sdb", kind, Some(size), iops, throughput)
    }

    #[test]
    fn a_volume_of_each_type_may_have_the_documented_extremes() {
        for asked in [
            ("gp3", 1, Some(3000), Some(125)),
            ("gp3", 160, Some(80_000), Some(2000)),
            ("gp3", 65_536, Some(8000), Some(2000)),
            ("gp3", 1, None, Some(750)),
            ("gp2", 1, None, None),
            ("gp2", 16_384, None, None),
            ("io1", 4, Some(100), None),
            ("io1", 1280, Some(64_000), None),
            ("io1", 16_384, Some(64_000), None),
            ("io2", 4, Some(4000), None),
            ("io2", 65_536, Some(256_000), None),
            ("st1", 125, None, None),
            ("sc1", 16_384, None, None),
            ("standard", 1024, None, None),
        ] {
            assert_eq!(checked(asked), Ok(()), "{asked:?}");
        }
    }

    fn assert_refused(asked: Asked, code: &str, message: &str) {
        let error = checked(asked).expect_err(message);
        assert_eq!(error.code, code, "{asked:?}");
        assert!(error.message.contains(message), "{asked:?}: {}", error.message);
    }

    #[test]
    fn a_size_out_of_the_range_of_its_type_is_refused() {
        for (asked, message) in [
            (("gp3", 0, None, None), "must be at least 1 GiB"),
            (("gp3", 65_537, None, None), "maximum is 65536GiB"),
            (("gp2", 16_385, None, None), "maximum is 16384GiB"),
            (("io1", 3, Some(100), None), "must be at least 4 GiB"),
            (("io1", 16_385, Some(100), None), "maximum is 16384GiB"),
            (("io2", 3, Some(100), None), "must be at least 4 GiB"),
            (("io2", 65_537, Some(100), None), "maximum is 65536GiB"),
            (("st1", 124, None, None), "must be at least 125 GiB"),
            (("sc1", 16_385, None, None), "maximum is 16384GiB"),
            (("standard", 1025, None, None), "maximum is 1024GiB"),
        ] {
            assert_refused(asked, "InvalidParameterValue", message);
        }
    }

    #[test]
    fn iops_and_throughput_that_a_type_cannot_have_are_refused_in_ec2s_words() {
        let value = "InvalidParameterValue";
        let combination = "InvalidParameterCombination";
        for (asked, code, message) in [
            (
                ("gp3", 100, Some(2999), None),
                value,
                "Volume iops of 2999 is too low; minimum is 3000.",
            ),
            (
                ("gp3", 200, Some(80_001), None),
                value,
                "Volume iops of 80001 is too high; maximum is 80000.",
            ),
            (("io1", 16_384, Some(64_001), None), value, "maximum is 64000."),
            (("io1", 100, Some(99), None), value, "minimum is 100."),
            (("io2", 65_536, Some(256_001), None), value, "maximum is 256000."),
            (
                ("gp3", 20, Some(15_000), None),
                value,
                "Iops to volume size ratio of 750.000000 is too high; maximum is 500",
            ),
            (
                ("io1", 100, Some(5001), None),
                value,
                "ratio of 50.010000 is too high; maximum is 50",
            ),
            (("io2", 4, Some(4001), None), value, "maximum is 1000"),
            (
                ("gp3", 100, None, Some(124)),
                value,
                "Volume throughput of 124 is too low; minimum is 125.",
            ),
            (
                ("gp3", 100, Some(16_000), Some(2001)),
                value,
                "Volume throughput of 2001 is too high; maximum is 2000.",
            ),
            (
                ("gp3", 100, None, Some(751)),
                value,
                "Throughput (MiBps) to iops ratio of 0.250333 is too high; maximum is 0.250000 MiBps per iops",
            ),
            (
                ("gp3", 100, Some(4000), Some(1001)),
                value,
                "ratio of 0.250250 is too high",
            ),
            (
                ("io1", 100, None, None),
                combination,
                "The parameter iops must be specified for io1 volumes.",
            ),
            (
                ("io2", 100, None, None),
                combination,
                "The parameter iops must be specified for io2 volumes.",
            ),
            (
                ("gp2", 100, Some(3000), None),
                combination,
                "The parameter iops is not supported for gp2 volumes.",
            ),
            (
                ("st1", 500, Some(3000), None),
                combination,
                "not supported for st1 volumes.",
            ),
            (
                ("sc1", 500, Some(3000), None),
                combination,
                "not supported for sc1 volumes.",
            ),
            (
                ("standard", 100, Some(100), None),
                combination,
                "not supported for standard volumes.",
            ),
            (
                ("io2", 100, Some(1000), Some(125)),
                "InvalidBlockDeviceMapping",
                "throughput cannot be specified with the volumeType of device '/dev/sdb'",
            ),
            (
                ("gp2", 100, None, Some(125)),
                "InvalidBlockDeviceMapping",
                "throughput cannot be specified with the volumeType of device '/dev/sdb'",
            ),
        ] {
            assert_refused(asked, code, message);
        }
    }

    #[test]
    fn a_size_that_is_not_known_yet_is_not_held_against_the_iops() {
        assert_eq!(check("/dev/sdb", VolumeKind::Io1, None, Some(64_000), None), Ok(()));
        assert!(check("/dev/sdb", VolumeKind::Io1, None, Some(64_001), None).is_err());
    }

    /// One EBS member of the mapping of the root device after another.
    fn root_with<'a>(members: &[(&'a str, &'a str)]) -> Vec<(String, &'a str)> {
        let mut pairs = vec![("BlockDeviceMapping.1.DeviceName".to_owned(), "/dev/xvda")];
        pairs.extend(
            members
                .iter()
                .map(|(name, value)| (format!("BlockDeviceMapping.1.Ebs.{name}"), *value)),
        );
        pairs
    }

    #[test]
    fn launches_registrations_and_images_of_instances_keep_to_the_limits() {
        let mut bench = Bench::new();
        let image = bench.image(NewImage::named("web"));
        let instance = bench.launch(&image, &[]);
        let described = bench.ok("DescribeImages", &[("ImageId.1", &image)]);
        let snapshot = field(&described, "snapshotId");
        let slow = [("VolumeType", "gp3"), ("Iops", "100")];
        let mapped = root_with(&slow);
        let from_snapshot = root_with(&[slow[0], slow[1], ("SnapshotId", &snapshot)]);
        for (action, mapped, own) in [
            (
                "RunInstances",
                &mapped,
                vec![("ImageId", &*image), ("MinCount", "1"), ("MaxCount", "1")],
            ),
            (
                "CreateImage",
                &mapped,
                vec![("InstanceId", &*instance), ("Name", "made")],
            ),
            (
                "RegisterImage",
                &from_snapshot,
                vec![
                    ("Name", "registered"),
                    ("RootDeviceName", "/dev/xvda"),
                    ("VirtualizationType", "hvm"),
                ],
            ),
        ] {
            let mut pairs = own;
            pairs.extend(mapped.iter().map(|(name, value)| (name.as_str(), *value)));
            assert_eq!(bench.refused(action, &pairs).0, "InvalidParameterValue", "{action}");
        }
    }

    #[test]
    fn a_volume_of_another_type_leaves_the_iops_of_its_image_behind() {
        let mut bench = Bench::new();
        let image = bench.image(NewImage::named("web"));
        let fast = root_with(&[("Iops", "4000"), ("Throughput", "500")]);
        let fast: Vec<_> = fast.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let instance = bench.launch(&image, &fast);
        let made = bench.ok("CreateImage", &[("InstanceId", &instance), ("Name", "fast")]);
        let made = field(&made, "imageId");
        bench.pass(Duration::from_hours(1));
        let other = root_with(&[("VolumeType", "gp2")]);
        let other: Vec<_> = other.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let instance = bench.launch(&made, &other);
        let again = bench.ok("CreateImage", &[("InstanceId", &instance), ("Name", "slow")]);
        let again = field(&again, "imageId");
        let described = bench.ok("DescribeImages", &[("ImageId.1", &again)]);
        assert_eq!(field(&described, "volumeType"), "gp2");
        assert!(
            !described.contains("<iops>") && !described.contains("<throughput>"),
            "{described}"
        );
    }
}
