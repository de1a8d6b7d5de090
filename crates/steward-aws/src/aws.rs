//! One set of clients for each target, made when it is first needed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::retries::RetryPartition;
use steward::{AccountId, Target};

use crate::in_transaction::tables;
use crate::slow_down::SlowDown;
use crate::{Bucket, Bus, MemberAccess, Organizations, Pace, Share, Topic, WorkQueue};

/// With backoff doubling from a second these are about a minute of throttling before a call is given up.
const ATTEMPTS: u32 = 7;
/// A lease is kept this long before its end, so that no call outlives it.
const LONGEST_CALL: Duration = Duration::from_secs(30);
/// With all its tries a call ends in this: workers begin none that would outlive them.
const LONGEST_WITH_TRIES: Duration = Duration::from_mins(2);
const SESSION_NAME: &str = "image-steward";

/// AWS as the hub's functions reach it: themselves in the hub, by the role for them in members.
#[derive(Debug)]
pub struct Aws {
    hub: Target,
    base: SdkConfig,
    access: MemberAccess,
    /// How fast images may be retired.
    share: Share,
    /// One session an account, whatever the Regions.
    sessions: Mutex<BTreeMap<AccountId, SharedCredentialsProvider>>,
    targets: Mutex<BTreeMap<Target, Arc<AtTarget>>>,
}

/// AWS in one target.
#[derive(Debug)]
pub struct AtTarget {
    pub(crate) target: Target,
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) builder: aws_sdk_imagebuilder::Client,
    pub(crate) scaling: aws_sdk_autoscaling::Client,
    pub(crate) parameters: aws_sdk_ssm::Client,
    pub(crate) registry: aws_sdk_ecr::Client,
    pub(crate) keys: aws_sdk_kms::Client,
    pub(crate) bin: aws_sdk_rbin::Client,
    pub(crate) reads: Pace,
    pub(crate) writes: Pace,
    pub(crate) retirements: Pace,
    pub(crate) deregistrations: Pace,
    pub(crate) snapshot_deletions: Pace,
    pub(crate) scaling_reads: Pace,
    pub(crate) parameter_reads: Pace,
    pub(crate) parameter_lists: Pace,
    pub(crate) registry_reads: Pace,
    pub(crate) key_reads: Pace,
    pub(crate) bin_reads: Pace,
    pub(crate) builder_reads: Pace,
    pub(crate) builder_writes: Pace,
}

impl Aws {
    /// AWS from a configuration that holds the hub's own credentials.
    pub fn new(base: &SdkConfig, hub: Target, access: MemberAccess) -> Self {
        Self {
            hub,
            base: patient(base, hub),
            access,
            share: Share::HALF,
            sessions: Mutex::default(),
            targets: Mutex::default(),
        }
    }

    /// AWS as a function finds it: credentials and endpoints from its environment.
    pub async fn from_environment(hub: Target, access: MemberAccess) -> Self {
        let base = aws_config::defaults(BehaviorVersion::latest()).load().await;
        Self::new(&base, hub, access)
    }

    /// The same, let into members by another role of theirs.
    #[must_use]
    pub fn by_role(&self, role: &str) -> Self {
        Self {
            hub: self.hub,
            base: self.base.clone(),
            access: MemberAccess {
                role: role.to_owned(),
                ..self.access.clone()
            },
            share: self.share,
            sessions: Mutex::default(),
            targets: Mutex::default(),
        }
    }

    /// The same, retiring images at this share of each account's rate.
    #[must_use]
    pub fn retiring_at(self, share: Share) -> Self {
        Self { share, ..self }
    }

    /// The hub.
    pub const fn hub(&self) -> Target {
        self.hub
    }

    /// The hub's tables.
    pub fn tables(&self) -> aws_sdk_dynamodb::Client {
        tables(&self.base)
    }

    /// A queue of the hub's.
    pub fn queue(&self, url: &str) -> WorkQueue {
        WorkQueue::new(&self.base, url.to_owned(), self.hub)
    }

    /// A topic of the hub's.
    pub fn topic(&self, arn: &str) -> Topic {
        Topic::new(&self.base, arn.to_owned(), self.hub)
    }

    /// A bucket of the hub's.
    pub fn bucket(&self, name: &str) -> Bucket {
        Bucket::new(&self.base, name.to_owned(), self.hub)
    }

    /// The hub's bus.
    pub fn bus(&self) -> Bus {
        Bus::new(&self.base, self.hub)
    }

    /// The organization that the hub is in. Whoever reads it often keeps this: it knows how often that may be.
    pub fn organizations(&self) -> Organizations {
        Organizations::new(&self.base, self.hub)
    }

    /// AWS in a target. Nothing is called yet: whether its role lets us in shows with the first call.
    pub async fn at(&self, target: Target) -> Arc<AtTarget> {
        let known = |targets: &Mutex<BTreeMap<Target, Arc<AtTarget>>>| {
            let targets = targets.lock().unwrap_or_else(PoisonError::into_inner);
            targets.get(&target).cloned()
        };
        if let Some(at) = known(&self.targets) {
            return at;
        }
        let made = Arc::new(AtTarget::new(&self.config(target).await, target, self.share));
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(targets.entry(target).or_insert(made))
    }

    /// Lets go of the clients of a target that is not called again soon. Whoever goes through thousands of them would else
    /// hold them all.
    pub fn leave(&self, target: Target) {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        targets.remove(&target);
    }

    async fn config(&self, target: Target) -> SdkConfig {
        let config = self.base.to_builder().region(Region::new(target.region().to_string()));
        if target.account() == self.hub.account() {
            return config.build();
        }
        config
            .credentials_provider(self.session(target).await)
            .identity_cache(IdentityCache::lazy().build())
            .build()
    }

    /// A session of an account's role: asked for with the first call, renewed before it ends.
    async fn session(&self, target: Target) -> SharedCredentialsProvider {
        let account = target.account();
        let known = |sessions: &Mutex<BTreeMap<AccountId, SharedCredentialsProvider>>| {
            let sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.get(&account).cloned()
        };
        if let Some(session) = known(&self.sessions) {
            return session;
        }
        let role = self.access.role_in(target.region().partition(), account);
        let session = AssumeRoleProvider::builder(role)
            .session_name(SESSION_NAME)
            .external_id(&self.access.external_id)
            .region(Region::new(self.hub.region().to_string()))
            .configure(&self.base)
            .build()
            .await;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions
            .entry(account)
            .or_insert_with(|| SharedCredentialsProvider::new(session));
        session.clone()
    }
}

/// A configuration whose calls are tried as often, and last as long at most, as ours do.
fn patient(base: &SdkConfig, hub: Target) -> SdkConfig {
    base.to_builder()
        .region(Region::new(hub.region().to_string()))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(LONGEST_CALL)
                .operation_timeout(LONGEST_WITH_TRIES)
                .build(),
        )
        .build()
}

impl AtTarget {
    /// AWS as a person reaches the hub, with credentials of their own.
    pub(crate) fn of_person(config: &SdkConfig, hub: Target) -> Self {
        Self::new(&patient(config, hub), hub, Share::HALF)
    }

    fn new(config: &SdkConfig, target: Target, share: Share) -> Self {
        // The SDK's bucket of retries is one for the whole process and named by service and Region for all accounts:
        // without its own, one throttled account would starve the others.
        let partition = |service: &str| RetryPartition::custom(format!("{service} in {target}")).build();
        let ec2 = aws_sdk_ec2::config::Builder::from(config)
            .retry_partition(partition("ec2"))
            .build();
        let builder = aws_sdk_imagebuilder::config::Builder::from(config)
            .retry_partition(partition("imagebuilder"))
            .retry_classifier(SlowDown)
            .build();
        let scaling = aws_sdk_autoscaling::config::Builder::from(config)
            .retry_partition(partition("autoscaling"))
            .build();
        let parameters = aws_sdk_ssm::config::Builder::from(config)
            .retry_partition(partition("ssm"))
            .build();
        let registry = aws_sdk_ecr::config::Builder::from(config)
            .retry_partition(partition("ecr"))
            .build();
        let keys = aws_sdk_kms::config::Builder::from(config)
            .retry_partition(partition("kms"))
            .build();
        let bin = aws_sdk_rbin::config::Builder::from(config)
            .retry_partition(partition("rbin"))
            .build();
        Self {
            target,
            ec2: aws_sdk_ec2::Client::from_conf(ec2),
            builder: aws_sdk_imagebuilder::Client::from_conf(builder),
            scaling: aws_sdk_autoscaling::Client::from_conf(scaling),
            parameters: aws_sdk_ssm::Client::from_conf(parameters),
            registry: aws_sdk_ecr::Client::from_conf(registry),
            keys: aws_sdk_kms::Client::from_conf(keys),
            bin: aws_sdk_rbin::Client::from_conf(bin),
            reads: Pace::half_of_reads(),
            writes: Pace::of_writes(),
            retirements: Pace::of_retirements(share),
            deregistrations: Pace::of_deletions(share),
            snapshot_deletions: Pace::of_deletions(share),
            scaling_reads: Pace::of_scaling_reads(),
            parameter_reads: Pace::of_parameter_reads(),
            parameter_lists: Pace::of_parameter_lists(),
            registry_reads: Pace::of_registry_reads(),
            key_reads: Pace::of_key_reads(),
            bin_reads: Pace::of_bin_reads(),
            builder_reads: Pace::of_builder_reads(),
            builder_writes: Pace::of_builder_writes(),
        }
    }

    /// Where this is.
    pub const fn target(&self) -> Target {
        self.target
    }
}
