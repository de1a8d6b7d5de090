use crate::{ArnProblem, Given, Partition, Region};

/// What every ARN has after its service.
pub(crate) struct ArnParts<'a> {
    pub(crate) partition: Partition,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> ArnParts<'a> {
    /// Takes an ARN of this service apart. The example is quoted when the text is not even the shape of an ARN.
    pub(crate) fn of(service: &'static str, text: &'a str, example: impl Fn() -> String) -> Result<Self, ArnProblem> {
        let Some(("arn", rest)) = text.split_once(':') else {
            return Err(ArnProblem::NotAnArn { example: example() });
        };
        let mut parts = rest.splitn(5, ':');
        let (Some(partition), Some(found), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(ArnProblem::Parts {
                found: text.split(':').count(),
                example: example(),
            });
        };
        let partition = partition.parse().map_err(ArnProblem::Partition)?;
        if found != service {
            return Err(ArnProblem::Service {
                found: Given::new(found),
                wanted: service,
            });
        }
        Ok(Self {
            partition,
            region,
            account,
            resource,
        })
    }
}

/// The Region of an ARN, which must lie in the ARN's partition.
pub(crate) fn region_in(partition: Partition, text: &str) -> Result<Region, ArnProblem> {
    let region: Region = text.parse().map_err(ArnProblem::Region)?;
    if region.partition() == partition {
        Ok(region)
    } else {
        Err(ArnProblem::OtherPartition {
            found: partition,
            region,
        })
    }
}
