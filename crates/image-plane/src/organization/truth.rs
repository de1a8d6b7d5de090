//! Who uses an image, worked out from the description alone, and plainly, so that it can be believed.

use std::collections::BTreeSet;

use super::{
    Chosen, GroupSource, InstanceStanding, Organization, ParameterVersion, SpotStanding, TemplateUse, TemplateVersion,
    User, Who,
};
use crate::ids::{AccountId, ImageId};
use crate::world::Target;

impl Organization {
    /// Everything that names an image and counts as a use of it.
    pub fn uses(&self) -> impl Iterator<Item = &User> {
        let named = Named::by(self);
        let counting = self.users.iter().filter(move |user| named.counts(user));
        counting.filter(|user| user.image.is_some())
    }

    /// What uses an image, and so keeps it.
    pub fn users_of(&self, image: ImageId) -> impl Iterator<Item = &User> {
        self.uses().filter(move |user| user.image == Some(image))
    }

    /// Every image that something uses, of whatever owner.
    #[must_use]
    pub fn used_images(&self) -> BTreeSet<ImageId> {
        self.uses().filter_map(|user| user.image).collect()
    }
}

/// What is named by those who count.
struct Named<'a> {
    closed: BTreeSet<AccountId>,
    /// Versions of templates, by number.
    versions: BTreeSet<(Target, &'a str, u64)>,
    /// Parameters, with the selector behind their name.
    parameters: BTreeSet<(Target, &'a str)>,
}

impl<'a> Named<'a> {
    fn by(organization: &'a Organization) -> Self {
        let accounts = organization.accounts.iter();
        let mut this = Self {
            closed: accounts
                .filter(|account| account.suspended)
                .map(|account| account.id)
                .collect(),
            versions: BTreeSet::new(),
            parameters: BTreeSet::new(),
        };
        // Versions are named by what stands by itself, and parameters by versions: in this order no one is missed.
        for user in &organization.users {
            if let Some(TemplateUse {
                template,
                version: Chosen::Number(number),
            }) = template_of(&user.who).filter(|_| this.counts(user))
            {
                this.versions.insert((user.home, template, *number));
            }
        }
        for user in &organization.users {
            if let Who::TemplateVersion(version) = &user.who
                && let Some(parameter) = version.parameter.as_deref()
                && this.counts(user)
            {
                this.parameters.insert((user.home, parameter));
            }
        }
        this
    }

    fn counts(&self, user: &User) -> bool {
        if self.closed.contains(&user.home.account) {
            return false;
        }
        match &user.who {
            Who::Instance { standing, .. } => *standing != InstanceStanding::Terminated,
            Who::Configuration { .. } | Who::Group { .. } | Who::Pipeline { .. } => true,
            Who::Recipe { .. } => false,
            Who::Fleet { ended, .. } | Who::SpotFleet { ended, .. } => !ended,
            Who::SpotRequest { standing, .. } => matches!(standing, SpotStanding::Active | SpotStanding::Open),
            Who::TemplateVersion(version) => {
                version.is_default || version.is_latest || self.names_version(user.home, version)
            }
            Who::Parameter(version) => version.is_current || self.names_value(user.home, version),
        }
    }

    fn names_version(&self, home: Target, version: &TemplateVersion) -> bool {
        self.versions.contains(&(home, &*version.template, version.number))
    }

    fn names_value(&self, home: Target, version: &ParameterVersion) -> bool {
        let selectors = [
            Some(version.number.to_string()),
            version.label.as_deref().map(str::to_owned),
        ];
        let mut references = selectors
            .iter()
            .flatten()
            .map(|selector| format!("{}:{selector}", version.name));
        references.any(|reference| self.parameters.contains(&(home, reference.as_str())))
    }
}

/// The template that something launches from. A group counts by it even while the template is gone.
fn template_of(who: &Who) -> Option<&TemplateUse> {
    match who {
        Who::Instance { from, .. } => from.as_deref(),
        Who::Fleet { from, .. } => Some(from),
        Who::Group { source, .. } => match source {
            GroupSource::Template(named) | GroupSource::Mixed(named) | GroupSource::OverrideTemplate(named) => {
                Some(named)
            }
            GroupSource::Configuration(_) | GroupSource::OverrideImage => None,
        },
        _ => None,
    }
}
