//! How this world behaves where AWS leaves it open: lags, durations, how hard it bites.

use std::time::Duration;

/// The knobs of a world. The default bites; [`Settings::calm`] is for tests about something else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// EC2 and Auto Scaling answer reads with what was true up to so long ago, each call drawing its own age.
    pub read_lag: Duration,
    /// Organizations answers reads with the accounts as they were up to so long ago, each call drawing its own age. AWS says
    /// that it is eventually consistent, and not by how much.
    pub organization_lag: Duration,
    /// Image Builder's lists show new images up to so late (documented: 2 minutes).
    pub list_lag: Duration,
    /// Whether token buckets refuse calls. Calls are counted either way.
    pub throttling: bool,
    /// Whether a filtered page may come back short or empty with a token, because the page is cut before it is filtered.
    pub sparse_pages: bool,
    /// From the call until a new image without a copy is available.
    pub image_pending: Duration,
    /// A copied snapshot takes so long for each GiB.
    pub copy_per_gib: Duration,
    /// How late a key that cannot be used fails a copy.
    pub key_check: Duration,
    /// Time in each state of a build: pending and creating, building, testing, distributing, integrating.
    pub build: BuildTimes,
    /// How late the Parameter Store finds out whether the value of an `aws:ec2:image` parameter is an image.
    pub parameter_check: Duration,
    /// How long a report on an image's use is pending.
    pub usage_report: Duration,
    /// Such a report leaves out the newest launches (documented: those of the last 24 hours).
    pub instance_use_lag: Duration,
    /// It leaves out the newest versions of launch templates too (documented: those of the past few days).
    pub template_use_lag: Duration,
    /// A page token is refused when older than this.
    pub token_lifetime: Duration,
    /// A grant on a key begins and ends up to so late, each drawing its own time (documented: usually within 5 minutes).
    pub grant_lag: Duration,
    /// EC2 begins to block making an account's images public up to so late, each time drawing its own (documented: within 10
    /// minutes).
    pub public_block_lag: Duration,
}

/// How long a build stays in each of its states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BuildTimes {
    /// PENDING, then the same again as CREATING.
    pub starting: Duration,
    /// BUILDING.
    pub building: Duration,
    /// TESTING, where tests are enabled.
    pub testing: Duration,
    /// DISTRIBUTING, at the least; copies may take longer.
    pub distributing: Duration,
    /// INTEGRATING.
    pub integrating: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            read_lag: Duration::from_secs(5),
            organization_lag: Duration::from_secs(30),
            list_lag: Duration::from_mins(2),
            throttling: true,
            sparse_pages: true,
            image_pending: Duration::from_secs(90),
            copy_per_gib: Duration::from_secs(30),
            key_check: Duration::from_secs(20),
            build: BuildTimes {
                starting: Duration::from_secs(15),
                building: Duration::from_mins(10),
                testing: Duration::from_mins(5),
                distributing: Duration::from_mins(1),
                integrating: Duration::from_secs(15),
            },
            parameter_check: Duration::from_secs(10),
            usage_report: Duration::from_mins(2),
            instance_use_lag: Duration::from_hours(24),
            template_use_lag: Duration::from_hours(72),
            token_lifetime: Duration::from_hours(1),
            grant_lag: Duration::from_mins(5),
            public_block_lag: Duration::from_mins(10),
        }
    }
}

impl Settings {
    /// Reads are current, nothing is throttled, pages are full. Time still passes as it does by default.
    #[must_use]
    pub fn calm() -> Self {
        Self {
            read_lag: Duration::ZERO,
            organization_lag: Duration::ZERO,
            list_lag: Duration::ZERO,
            instance_use_lag: Duration::ZERO,
            template_use_lag: Duration::ZERO,
            throttling: false,
            sparse_pages: false,
            grant_lag: Duration::ZERO,
            public_block_lag: Duration::ZERO,
            ..Self::default()
        }
    }
}
