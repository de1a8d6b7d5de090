use super::document::{List, Map, record};
use super::words::{LaunchTemplateId, ParameterTemplate, PublishTo, TagKey, TagValue};
use crate::{AccountId, FamilyName, KmsKeyRef, OrganizationArn, OrganizationalUnitArn, Partition, Region};

record! {
    /// Where releases go, who may use them, and how they are found.
    pub struct Distribute: Default {
        /// The Regions of the hub that hold a copy; the one where it is built does anyhow.
        default regions: Map<Region, RegionCopy, 50>,
        /// Accounts that own a copy, in each of these Regions, made from the hub's copy there. Whom a family is shared with
        /// uses the hub's copies; what an account owns it shares itself.
        default copy_to: List<AccountId, 0, 1536>,
        /// Who may use the hub's copies.
        default share_with: Audience,
        /// Grants that nobody declared are removed; `false` only reports them.
        default exclusive: bool = true,
        /// Tags of each image and its snapshots.
        default tags: Map<TagKey, TagValue, 40>,
        /// Where channels are published.
        optional publish: Publish,
    }
}

impl Distribute {
    /// The partition of AWS that it lies in, with what of it says so; none where nothing does.
    pub fn lies_in(&self) -> Option<(String, Partition)> {
        let Self {
            regions,
            copy_to: _,
            share_with,
            exclusive: _,
            tags: _,
            publish,
        } = self;
        let templates = publish.iter().flat_map(|publish| publish.launch_templates.iter());
        let regions = regions.keys().copied().chain(templates.map(|template| template.region));
        let regions = regions.map(|region| (region.to_string(), region.partition()));
        let units = share_with.units.iter();
        let units = units.map(|unit| (unit.to_string(), unit.partition()));
        let organizations = share_with.organizations.iter();
        let organizations = organizations.map(|organization| (organization.to_string(), organization.partition()));
        regions.chain(units).chain(organizations).next()
    }
}

record! {
    /// A Region's copy.
    pub struct RegionCopy {
        /// The key its snapshots are encrypted by. An alias is looked up in the account that will own the copy; an ARN means
        /// that very key.
        optional kms_key: KmsKeyRef,
        /// Whether a release is finished only when it is here. `false`: it may fail without holding the release up.
        default required: bool = true,
    }
}

record! {
    /// Who may use a release.
    pub struct Audience: Default {
        /// Accounts.
        default accounts: List<AccountId, 0, 1000>,
        /// Organizational units, with those within them.
        default units: List<OrganizationalUnitArn, 0, 25>,
        /// Whole organizations.
        default organizations: List<OrganizationArn, 0, 25>,
        /// Everybody. Not for encrypted images, and only where `everybody_may_use` says it once more.
        default public: bool = false,
        /// The family's name, where it is meant that it is public.
        optional everybody_may_use: FamilyName,
        /// Whether they may copy it too, not only launch it: then its snapshots are shared as well.
        default may_copy: bool = false,
    }
}

impl Audience {
    /// Whether nobody but the images' owner may use them.
    pub fn is_nobody(&self) -> bool {
        let Self {
            accounts,
            units,
            organizations,
            public,
            everybody_may_use: _,
            may_copy: _,
        } = self;
        accounts.is_empty() && units.is_empty() && organizations.is_empty() && !public
    }
}

record! {
    /// How channels are published.
    pub struct Publish {
        /// The parameter of each channel, of the data type aws:ec2:image.
        optional parameter: ParameterTemplate,
        /// Where that parameter is.
        default to: List<PublishTo, 1, 2> = hub(),
        /// Launch templates that get a new version. Each one's owner agrees by our tag on it.
        default launch_templates: List<LaunchTemplate, 0, 100>,
    }
}

fn hub() -> List<PublishTo, 1, 2> {
    List::one(PublishTo::Hub)
}

record! {
    /// A launch template that follows a channel.
    pub struct LaunchTemplate {
        /// Its id.
        required id: LaunchTemplateId,
        /// Whose it is.
        required account: AccountId,
        /// Where it is.
        required region: Region,
        /// Whether the new version becomes the default.
        default set_default: bool = false,
    }
}
