//! The condition keys, and where each finds its value in a request.

use std::borrow::Cow;

use super::evaluate::Request;
use crate::world::accounts::Membership;

/// A condition key. Names of keys, and of the tags in them, are compared without regard to case, as IAM does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Key {
    ExternalId,
    PassedToService,
    CalledVia,
    PrincipalArn,
    PrincipalAccount,
    PrincipalOrgId,
    PrincipalOrgPaths,
    RequestedRegion,
    ResourceTag(String),
    RequestTag(String),
    TagKeys,
    /// EC2's own name for the resource's tag; no other service has it.
    Ec2ResourceTag(String),
    Ec2Owner,
    Ec2CreateAction,
    KmsCallerAccount,
    KmsViaService,
    KmsGrantIsForAwsResource,
    KmsGrantOperations,
    KmsGranteePrincipal,
    KmsRequestAlias,
    KmsResourceAliases,
}

impl Key {
    /// `None` for a key the evaluator has no value for.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (name, tag) = match name.split_once('/') {
            Some((name, tag)) if !tag.is_empty() => (name, Some(tag.to_owned())),
            Some(_) => return None,
            None => (name, None),
        };
        Some(match (name.to_ascii_lowercase().as_str(), tag) {
            ("sts:externalid", None) => Self::ExternalId,
            ("iam:passedtoservice", None) => Self::PassedToService,
            ("aws:calledvia", None) => Self::CalledVia,
            ("aws:principalarn", None) => Self::PrincipalArn,
            ("aws:principalaccount", None) => Self::PrincipalAccount,
            ("aws:principalorgid", None) => Self::PrincipalOrgId,
            ("aws:principalorgpaths", None) => Self::PrincipalOrgPaths,
            ("aws:requestedregion", None) => Self::RequestedRegion,
            ("aws:resourcetag", Some(tag)) => Self::ResourceTag(tag),
            ("aws:requesttag", Some(tag)) => Self::RequestTag(tag),
            ("aws:tagkeys", None) => Self::TagKeys,
            ("ec2:resourcetag", Some(tag)) => Self::Ec2ResourceTag(tag),
            ("ec2:owner", None) => Self::Ec2Owner,
            ("ec2:createaction", None) => Self::Ec2CreateAction,
            ("kms:calleraccount", None) => Self::KmsCallerAccount,
            ("kms:viaservice", None) => Self::KmsViaService,
            ("kms:grantisforawsresource", None) => Self::KmsGrantIsForAwsResource,
            ("kms:grantoperations", None) => Self::KmsGrantOperations,
            ("kms:granteeprincipal", None) => Self::KmsGranteePrincipal,
            ("kms:requestalias", None) => Self::KmsRequestAlias,
            ("kms:resourcealiases", None) => Self::KmsResourceAliases,
            _ => return None,
        })
    }

    /// Whether a request can hold several values of it, so that a condition must say if it means any or all.
    pub(super) fn multivalued(&self) -> bool {
        matches!(
            self,
            Self::CalledVia
                | Self::PrincipalOrgPaths
                | Self::TagKeys
                | Self::KmsGrantOperations
                | Self::KmsResourceAliases
        )
    }

    /// The values in this request; none where the key is absent from it.
    pub(super) fn values<'a>(&self, request: &Request<'a>) -> Vec<Cow<'a, str>> {
        let principal = request.principal;
        let one = |value: Option<&'a str>| value.map(Cow::Borrowed).into_iter().collect();
        let all = |values: &'a [String]| values.iter().map(|value| Cow::Borrowed(value.as_str())).collect();
        let (resource, key_use) = (request.resource, request.key_use);
        let tag = |key: &str| {
            resource
                .and_then(|resource| lookup(resource.tags.iter(), key))
                .map(|value| Cow::Borrowed(value.as_str()))
        };
        match self {
            Self::ExternalId => one(request.external_id),
            Self::PassedToService => one(request.passed_to),
            Self::CalledVia => one(request.called_via),
            Self::PrincipalArn => one(Some(&principal.arn)),
            Self::PrincipalAccount => vec![Cow::Owned(principal.account.to_string())],
            Self::PrincipalOrgId => one(principal.membership.map(Membership::organization_id)),
            Self::PrincipalOrgPaths => principal
                .membership
                .map(|place| Cow::Owned(place.path(principal.root)))
                .into_iter()
                .collect(),
            Self::RequestedRegion => one(Some(request.region.name())),
            Self::ResourceTag(key) => tag(key).into_iter().collect(),
            Self::Ec2ResourceTag(key) if request.is_ec2() => tag(key).into_iter().collect(),
            Self::Ec2Owner if request.is_ec2() => one(resource.and_then(|resource| resource.owner.as_deref())),
            Self::Ec2CreateAction if request.is_ec2() => one(request.create_action),
            Self::KmsCallerAccount if request.is_kms() => vec![Cow::Owned(principal.account.to_string())],
            Self::Ec2ResourceTag(_) | Self::Ec2Owner | Self::Ec2CreateAction | Self::KmsCallerAccount => Vec::new(),
            Self::KmsViaService => one(key_use.via.as_deref()),
            Self::KmsGrantIsForAwsResource => key_use
                .for_aws_resource
                .map(|it| Cow::Owned(it.to_string()))
                .into_iter()
                .collect(),
            Self::KmsGrantOperations => all(&key_use.grant_operations),
            Self::KmsGranteePrincipal => one(key_use.grantee.as_deref()),
            Self::KmsRequestAlias => one(key_use.request_alias.as_deref()),
            Self::KmsResourceAliases => all(&key_use.aliases),
            Self::RequestTag(key) => one(lookup(request.tags.iter(), key).and_then(Option::as_deref)),
            Self::TagKeys => request.tags.keys().map(|key| Cow::Borrowed(key.as_str())).collect(),
        }
    }
}

/// The value of a tag: of exactly this key, else of one that differs in case only.
fn lookup<'a, V>(mut tags: impl Iterator<Item = (&'a String, &'a V)> + Clone, key: &str) -> Option<&'a V> {
    let exact = tags.clone().find(|(name, _)| *name == key);
    exact
        .or_else(|| tags.find(|(name, _)| name.eq_ignore_ascii_case(key)))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_nobody_has_a_value_for_is_not_known() {
        for name in [
            "aws:SourceIp",
            "aws:ResourceTag",
            "aws:ResourceTag/",
            "aws:TagKeys/x",
            "ec2:ImageID",
            "",
        ] {
            assert_eq!(Key::parse(name), None, "{name}");
        }
        assert_eq!(
            Key::parse("AWS:resourcetag/a/B"),
            Some(Key::ResourceTag(String::from("a/B")))
        );
    }
}
