//! Faults a test asks for: which calls they hit, and what they do to them.

use std::time::Duration;

use super::Target;
use crate::ids::AccountId;
use crate::region::Region;
use crate::wire::call::Service;

/// What goes wrong with a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Told to slow down, in the service's own words.
    Throttle,
    /// This HTTP status (500, 502, 503, 504), nothing changed.
    ServerError(u16),
    /// This HTTP status, although the call was carried out.
    ServerErrorAfterApply(u16),
    /// The connection breaks before the request arrives.
    ResetBeforeApply,
    /// The call is carried out, then the connection breaks: the caller cannot know.
    ResetAfterApply,
    /// Never answered; whether it was carried out, this says. The caller's own time limit ends it.
    Silence {
        /// Whether the call takes effect.
        applied: bool,
    },
    /// Not authorized.
    Deny,
    /// The call meets another one at the same item: DynamoDB's `TransactionConflict`. Elsewhere it changes nothing.
    Conflict,
    /// Only part of a batch or a page is done, and the answer says what is left: for DynamoDB, and for Organizations' lists,
    /// whose page is then empty. Elsewhere it changes nothing.
    Partial,
    /// The caller's process ends before the call is sent.
    CrashBefore,
    /// The caller's process ends after the call took effect, before it has the answer.
    CrashAfter,
    /// The caller stands still for so long, and only then makes the call.
    FreezeBefore(Duration),
    /// The call takes effect, and the caller stands still for so long before it sees the answer.
    FreezeAfter(Duration),
}

impl Effect {
    /// Whether the answer still reaches the caller, however late.
    pub(crate) const fn lets_answer(self) -> bool {
        match self {
            Self::ServerErrorAfterApply(_) | Self::ResetAfterApply | Self::Silence { .. } | Self::CrashAfter => false,
            Self::Throttle
            | Self::ServerError(_)
            | Self::ResetBeforeApply
            | Self::Deny
            | Self::Conflict
            | Self::Partial
            | Self::CrashBefore
            | Self::FreezeBefore(_)
            | Self::FreezeAfter(_) => true,
        }
    }
}

/// A rule of what goes wrong, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    effect: Effect,
    service: Option<Service>,
    action: Option<String>,
    account: Option<AccountId>,
    region: Option<Region>,
    skip: u64,
    times: u64,
}

impl Fault {
    /// Hits the next call, whatever it is.
    #[must_use]
    pub const fn new(effect: Effect) -> Self {
        Self {
            effect,
            service: None,
            action: None,
            account: None,
            region: None,
            skip: 0,
            times: 1,
        }
    }

    /// Only calls of this service.
    #[must_use]
    pub const fn service(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// Only calls of this operation, `CopyImage`.
    #[must_use]
    pub fn on(mut self, action: &str) -> Self {
        self.action = Some(action.to_owned());
        self
    }

    /// Only calls in this account.
    #[must_use]
    pub const fn account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Only calls in this Region.
    #[must_use]
    pub const fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Lets so many matching calls pass first: `after(n)` for every n hits a workflow at each of its calls in turn.
    #[must_use]
    pub const fn after(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// Hits so many calls, then ends.
    #[must_use]
    pub const fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Hits every matching call until the faults are cleared.
    #[must_use]
    pub const fn always(self) -> Self {
        self.times(u64::MAX)
    }

    fn matches(&self, service: Service, action: &str, target: Target) -> bool {
        let Self {
            effect: _,
            service: only,
            action: name,
            account,
            region,
            skip: _,
            times: _,
        } = self;
        only.is_none_or(|only| only == service)
            && name.as_deref().is_none_or(|name| name == action)
            && account.is_none_or(|account| account == target.account)
            && region.is_none_or(|region| region == target.region)
    }
}

/// The faults still to come.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.rules.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// What hits this call. Every matching rule counts it, the first that is due decides.
    pub(crate) fn hit(&mut self, service: Service, action: &str, target: Target) -> Option<Effect> {
        let mut hit = None;
        for rule in self
            .rules
            .iter_mut()
            .filter(|rule| rule.matches(service, action, target))
        {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if rule.times > 0 && hit.is_none() {
                rule.times -= u64::from(rule.times != u64::MAX);
                hit = Some(rule.effect);
            }
        }
        self.rules.retain(|rule| rule.times > 0);
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_calls_it_names_and_then_ends() {
        let mut faults = Faults::default();
        let target = Target {
            account: AccountId::new(1),
            region: "eu-west-1".parse().unwrap(),
        };
        faults.add(Fault::new(Effect::Throttle).on("CopyImage").after(1).times(2));
        let hits: Vec<bool> = ["CopyImage", "CopyImage", "DescribeImages", "CopyImage", "CopyImage"]
            .map(|action| faults.hit(Service::Ec2, action, target).is_some())
            .into();
        assert_eq!(hits, [false, true, false, true, false]);
    }
}
