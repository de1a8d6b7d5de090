//! Deciding: what a policy says to a request.

use std::collections::BTreeMap;

use super::document::{Document, Patterns, Statement};
use super::pattern;
use super::principal::Principal;
use crate::ids::AccountId;
use crate::region::Region;
use crate::sts::Resource;
use crate::world::accounts::Membership;

/// Who asks, as policies see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::sts) struct Subject<'a> {
    pub(in crate::sts) account: AccountId,
    /// The ARN of the root or of the role, never of a session: what `aws:PrincipalArn` compares.
    pub(in crate::sts) arn: String,
    pub(in crate::sts) role_id: Option<&'a str>,
    pub(in crate::sts) membership: Option<&'a Membership>,
    /// `r-ab12` of the account's organization, where it is this world's.
    pub(in crate::sts) root: Option<&'a str>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(in crate::sts) struct Request<'a> {
    /// `ec2:describeimages`: in lower case.
    pub(in crate::sts) action: &'a str,
    pub(in crate::sts) region: Region,
    pub(in crate::sts) principal: &'a Subject<'a>,
    /// `None` where the action is on nothing in particular, or nobody said on what.
    pub(in crate::sts) resource: Option<&'a Resource>,
    /// Tags the request would set; a key without a value where it would delete one.
    pub(in crate::sts) tags: &'a BTreeMap<String, Option<String>>,
    pub(in crate::sts) external_id: Option<&'a str>,
    pub(in crate::sts) passed_to: Option<&'a str>,
    pub(in crate::sts) key_use: &'a KeyUse,
    pub(in crate::sts) called_via: Option<&'a str>,
    pub(in crate::sts) create_action: Option<&'a str>,
}

impl Request<'_> {
    pub(super) fn is_ec2(&self) -> bool {
        self.action.starts_with("ec2:")
    }

    pub(super) fn is_kms(&self) -> bool {
        self.action.starts_with("kms:")
    }
}

/// What KMS alone tells policies of a request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct KeyUse {
    /// `ec2.eu-west-1.amazonaws.com`, where that service asks in the principal's name.
    pub(crate) via: Option<String>,
    /// Of operations on grants: whether a service asks in the principal's name.
    pub(crate) for_aws_resource: Option<bool>,
    /// What a new grant would allow, and to whom.
    pub(crate) grant_operations: Vec<String>,
    pub(crate) grantee: Option<String>,
    /// The alias the request named the key by, and all that the key has.
    pub(crate) request_alias: Option<String>,
    pub(crate) aliases: Vec<String>,
}

/// What policies say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sts) enum Verdict {
    /// A Deny speaks of it: final, whatever else is said anywhere.
    Denied,
    Allowed,
    /// Nothing speaks of it, which is a no unless something else allows it.
    Silent,
}

/// What all of these policies say together.
pub(in crate::sts) fn verdict<'d>(documents: impl IntoIterator<Item = &'d Document>, request: &Request<'_>) -> Verdict {
    let mut verdict = Verdict::Silent;
    for statement in documents.into_iter().flat_map(|document| &document.statements) {
        if statement.speaks_of(request) {
            if !statement.allows {
                return Verdict::Denied;
            }
            verdict = Verdict::Allowed;
        }
    }
    verdict
}

/// How far a policy of a role, a key or an organization trusts the one who asks, the strongest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Trust {
    /// A Deny speaks of it.
    Denied,
    No,
    /// Its account, which must let it ask.
    Account,
    /// Its role, by name: within the account that is permission enough, unless its session is limited.
    Role,
    /// Everyone: within the account that is permission enough, even for a limited session.
    Everyone,
}

impl Document {
    /// How far this policy trusts the one who asks.
    pub(in crate::sts) fn trusts(&self, request: &Request<'_>) -> Trust {
        let mut trust = Trust::No;
        for statement in self.statements.iter().filter(|statement| statement.speaks_of(request)) {
            for principal in statement
                .principals
                .iter()
                .filter(|principal| principal.covers(request.principal))
            {
                if !statement.allows {
                    return Trust::Denied;
                }
                trust = trust.max(match principal {
                    Principal::Everyone => Trust::Everyone,
                    Principal::Role(_) => Trust::Role,
                    Principal::Account(_) => Trust::Account,
                    Principal::Service => Trust::No,
                });
            }
        }
        trust
    }
}

impl Statement {
    /// Whether it is about this action and resource, and its conditions hold; principals apart.
    fn speaks_of(&self, request: &Request<'_>) -> bool {
        // An action on no particular resource is on `*`, which only the pattern `*` matches.
        let resource = request.resource.map_or("*", |resource| &resource.arn);
        self.actions.cover(request.action)
            && self
                .resources
                .as_ref()
                .is_none_or(|resources| resources.cover(resource))
            && self.conditions.iter().all(|condition| condition.holds(request))
    }
}

impl Patterns {
    /// Every `*` reaches beyond colons. AWS says so only of one that ends a part of an ARN; nobody writes the others.
    fn cover(&self, text: &str) -> bool {
        self.negated != self.any_of.iter().any(|one| pattern::matches(one, text))
    }
}
