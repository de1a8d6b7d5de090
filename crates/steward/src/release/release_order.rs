use crate::{AmiId, BuildVersion, Region, Timestamp};

/// Where a release stands among those of its family and architecture: the greater is the newer, for rank, for channels,
/// and for "newest" alike.
///
/// Every adopted image comes before every build, whatever its date. A family that has builds has left adoption behind:
/// an image made by hand since then must not outrank what the pipeline makes, nor push it out of the newest few.
/// It can still not go before its time, because ages count from the creation of each image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReleaseOrder {
    /// By creation date, then id. The Region only tells two images apart that would otherwise be one.
    Adopted {
        /// When EC2 says it was made.
        created: Timestamp,
        /// Its id.
        id: AmiId,
        /// Where it is.
        region: Region,
    },
    /// By version, then build, as numbers. When it was built does not matter: build 41 may finish after 42.
    Built(BuildVersion),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{amis, build_versions, regions, timestamps};

    fn adopted(created: &str, id: &str, region: &str) -> ReleaseOrder {
        ReleaseOrder::Adopted {
            created: created.parse().unwrap(),
            id: id.parse().unwrap(),
            region: region.parse().unwrap(),
        }
    }

    fn built(release: &str) -> ReleaseOrder {
        ReleaseOrder::Built(release.parse().unwrap())
    }

    #[test]
    fn adopted_images_come_first_by_date_and_id_then_builds_by_number() {
        let sorted = [
            adopted("2024-01-01T00:00:00.000Z", "ami-0000000000000000f", "eu-west-1"),
            adopted("2024-01-01T00:00:00.001Z", "ami-00000000000000001", "eu-west-1"),
            adopted("2024-01-01T00:00:00.001Z", "ami-00000000000000002", "eu-west-1"),
            adopted("2024-01-01T00:00:00.001Z", "ami-00000000000000002", "us-east-1"),
            adopted("2026-01-01T00:00:00.000Z", "ami-00000000000000000", "eu-west-1"),
            built("1.9.0/9"),
            built("1.9.0/10"),
            built("1.10.0/1"),
        ];
        assert!(sorted.is_sorted_by(|a, b| a < b));
    }

    fn orders() -> impl Strategy<Value = ReleaseOrder> {
        let adopted =
            (timestamps(), amis(), regions()).prop_map(|(created, id, region)| adopted(&created, &id, &region));
        prop_oneof![adopted, build_versions().prop_map(|release| built(&release))]
    }

    proptest! {
        #[test]
        fn no_build_is_older_than_an_adopted_image(a in orders(), b in orders()) {
            match (a, b) {
                (ReleaseOrder::Adopted { .. }, ReleaseOrder::Built(_)) => prop_assert!(a < b),
                (ReleaseOrder::Built(left), ReleaseOrder::Built(right)) => prop_assert_eq!(a.cmp(&b), left.cmp(&right)),
                _ => prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse()),
            }
        }
    }
}
