//! The hub's organization: its accounts, how each stands, and in which units it is.

use std::collections::BTreeSet;

use aws_config::{Region, SdkConfig};
use aws_sdk_organizations::types::Account;
use aws_smithy_runtime::client::retries::RetryPartition;
use steward::organization::{ListedAccount, OrganizationSeen, UnitPath};
use steward::{OrganizationArn, OrganizationalUnitId, Partition, Target, Timestamp};

use crate::pages::each_page;
use crate::problem::absent;
use crate::{Pace, Problem};

/// AWS Organizations, as the hub may read it: by its own credentials, which the management account lets in.
#[derive(Debug)]
pub struct Organizations {
    client: aws_sdk_organizations::Client,
    /// The hub.
    target: Target,
    lists: Pace,
    descriptions: Pace,
}

impl Organizations {
    pub(crate) fn new(config: &SdkConfig, hub: Target) -> Self {
        let partition = RetryPartition::custom(format!("organizations in {hub}")).build();
        let config = aws_sdk_organizations::config::Builder::from(config)
            .region(Region::new(home(hub.region().partition())))
            .retry_partition(partition)
            .build();
        Self {
            client: aws_sdk_organizations::Client::from_conf(config),
            target: hub,
            lists: Pace::of_organization_lists(),
            descriptions: Pace::of_organization_descriptions(),
        }
    }

    /// Reads the whole organization, with these of its units though nobody is in them.
    ///
    /// Each account is listed with its state and the way to it in one piece: one that moves meanwhile is seen before or
    /// after. Lists below each unit would take more calls, and miss an account that moves between two of them. A unit is
    /// known by its accounts; only one that shows none is asked for.
    pub async fn read(
        &self,
        units: &BTreeSet<OrganizationalUnitId>,
        now: Timestamp,
    ) -> Result<OrganizationSeen, Problem> {
        let arn = self.arn().await?;
        let accounts = self.accounts().await?;
        let shown: BTreeSet<&OrganizationalUnitId> =
            accounts.iter().flat_map(|account| &account.path.within.units).collect();
        let mut empty = Vec::new();
        for unit in units.iter().filter(|unit| !shown.contains(unit)) {
            empty.extend(self.unit(unit).await?);
        }
        OrganizationSeen::of(arn, self.target.account(), accounts, empty, now)
            .map_err(|why| Problem::not_understood("read the organization", self.target, why))
    }

    async fn arn(&self) -> Result<OrganizationArn, Problem> {
        let doing = "describe the organization";
        self.descriptions.wait().await;
        let answer = Box::pin(self.client.describe_organization().send()).await;
        let answer = answer.map_err(|error| Problem::of(doing, self.target, &error))?;
        let organization = answer.organization();
        let arn = organization
            .and_then(|organization| organization.arn())
            .unwrap_or_default();
        arn.parse()
            .map_err(|error| Problem::not_understood(doing, self.target, error))
    }

    async fn accounts(&self) -> Result<Vec<ListedAccount>, Problem> {
        let doing = "list the accounts of the organization";
        let list = self.client.list_accounts();
        let mut accounts = Vec::new();
        each_page!(self, lists, doing, list, |page| {
            for account in page.accounts() {
                let account = listed(account).map_err(|why| Problem::not_understood(doing, self.target, why))?;
                accounts.push(account);
            }
        });
        Ok(accounts)
    }

    /// The way to a unit; none where there is no such unit.
    async fn unit(&self, id: &OrganizationalUnitId) -> Result<Option<UnitPath>, Problem> {
        let doing = format!("describe the unit {id}");
        self.descriptions.wait().await;
        let describe = self.client.describe_organizational_unit();
        let answer = Box::pin(describe.organizational_unit_id(id.as_str()).send()).await;
        let answer = answer.map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = absent(answer, &["OrganizationalUnitNotFoundException"])? else {
            return Ok(None);
        };
        let path = answer
            .organizational_unit()
            .and_then(|unit| unit.path())
            .unwrap_or_default();
        let path: UnitPath = path
            .parse()
            .map_err(|error| Problem::not_understood(&doing, self.target, error))?;
        if path.units.last() == Some(id) {
            Ok(Some(path))
        } else {
            Err(Problem::not_understood(&doing, self.target, format!("it is at {path}")))
        }
    }
}

/// An account as it is listed. What is not said of it is no default: permissions hang on each of these.
fn listed(account: &Account) -> Result<ListedAccount, String> {
    let id = account.id().unwrap_or_default();
    let of = |what: &str, error: &dyn std::fmt::Display| format!("{what} of account {id}: {error}");
    let [path] = account.paths() else {
        return Err(format!("account {id} is in {} places", account.paths().len()));
    };
    let state = account.state().map_or("", |state| state.as_str());
    Ok(ListedAccount {
        id: id.parse().map_err(|error| format!("an account's id {error}"))?,
        state: state.parse().map_err(|error| of("the state", &error))?,
        path: path.parse().map_err(|error| of("the path", &error))?,
    })
}

/// The one Region in which a partition has Organizations.
const fn home(partition: Partition) -> &'static str {
    match partition {
        Partition::Aws => "us-east-1",
        Partition::AwsCn => "cn-northwest-1",
        Partition::AwsEusc => "eusc-de-east-1",
        Partition::AwsIso => "us-iso-east-1",
        Partition::AwsIsoB => "us-isob-east-1",
        Partition::AwsIsoE => "eu-isoe-west-1",
        Partition::AwsIsoF => "us-isof-south-1",
        Partition::AwsUsGov => "us-gov-west-1",
    }
}
