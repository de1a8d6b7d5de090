use aws_config::{BehaviorVersion, SdkConfig};
use steward::{AccountId, Region, Target};

use crate::in_transaction::tables;
use crate::{AtTarget, Bus, Cause, Record, Topic};

/// A person at a terminal, as AWS knows them, in the account and Region their credentials point to.
#[derive(Clone, Debug)]
pub struct Caller {
    config: SdkConfig,
    /// Where they are: what they take for the hub.
    pub hub: Target,
    /// Their ARN, which is what the record says did it.
    pub arn: String,
}

impl Caller {
    /// Asks AWS who the environment's credentials belong to.
    pub async fn ask() -> Result<Self, CallerError> {
        Self::of(aws_config::defaults(BehaviorVersion::latest()).load().await).await
    }

    /// Asks AWS who these credentials belong to.
    pub async fn of(config: SdkConfig) -> Result<Self, CallerError> {
        let region = config.region().ok_or(CallerError::NoRegion)?;
        let region: Region = region.as_ref().parse().map_err(CallerError::Region)?;
        let answer = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
        let answer = answer.map_err(|error| CallerError::Refused(Cause::of(&error)))?;
        let account: AccountId = answer
            .account()
            .unwrap_or_default()
            .parse()
            .map_err(|error| CallerError::Refused(Cause::NotUnderstood(format!("{error}"))))?;
        Ok(Self {
            config,
            hub: Target::new(account, region),
            arn: answer.arn().unwrap_or_default().to_owned(),
        })
    }

    /// AWS where they are.
    pub fn at_hub(&self) -> AtTarget {
        AtTarget::of_person(&self.config, self.hub)
    }

    /// AWS in any Region of the account that they take for the hub's.
    pub fn at(&self, region: Region) -> AtTarget {
        AtTarget::of_person(&self.config, Target::new(self.hub.account(), region))
    }

    /// The hub's bus, as this person may use it.
    pub fn bus(&self) -> Bus {
        Bus::new(&self.config, self.hub)
    }

    /// A topic, as this person may use it.
    pub fn topic(&self, arn: &str) -> Topic {
        Topic::new(&self.config, arn.to_owned(), self.hub)
    }

    /// The record in this table of theirs.
    pub fn record(&self, table: &str) -> Record {
        Record::new(tables(&self.config), table, self.hub)
    }
}

/// Why nobody can be told who calls.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerError {
    /// Nothing says which Region is meant.
    #[error("no Region is set: export AWS_REGION=eu-west-1, or choose one in the AWS profile")]
    NoRegion,
    /// What is set is no Region.
    #[error("the Region that is set is not one: {0}")]
    Region(steward::RegionError),
    /// AWS does not take the credentials.
    #[error("AWS does not say who you are; log in, or look at your credentials and your network ({0})")]
    Refused(Cause),
}
