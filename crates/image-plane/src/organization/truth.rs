//! Who uses an image, worked out from the description alone. It is slow and plain, so that it can be believed.

use std::collections::BTreeSet;

use super::{
    Chosen, GroupSource, InstanceStanding, Organization, ParameterVersion, SpotStanding, TemplateUse, TemplateVersion,
    User, Who,
};
use crate::ids::ImageId;
use crate::world::Target;

impl Organization {
    /// What uses an image, and so keeps it.
    pub fn users_of(&self, image: ImageId) -> impl Iterator<Item = &User> {
        let named = self.users.iter().filter(move |user| user.image == Some(image));
        named.filter(|user| self.is_use(user))
    }

    /// Every image that something uses, of whatever owner.
    #[must_use]
    pub fn used_images(&self) -> BTreeSet<ImageId> {
        let uses = self.users.iter().filter(|user| self.is_use(user));
        uses.filter_map(|user| user.image).collect()
    }

    /// Whether something that names an image counts as a use of it.
    #[must_use]
    pub fn is_use(&self, user: &User) -> bool {
        user.image.is_some() && self.is_alive(user)
    }

    fn is_alive(&self, user: &User) -> bool {
        if self.account(user.home.account).is_some_and(|account| account.suspended) {
            return false;
        }
        match &user.who {
            Who::Instance { standing, .. } => *standing != InstanceStanding::Terminated,
            Who::Configuration { .. } | Who::Group { .. } | Who::Pipeline { .. } => true,
            Who::Recipe { .. } => false,
            Who::Fleet { ended, .. } | Who::SpotFleet { ended, .. } => !ended,
            Who::SpotRequest { standing, .. } => matches!(standing, SpotStanding::Active | SpotStanding::Open),
            Who::TemplateVersion(version) => {
                version.is_default || version.is_latest || self.is_pinned(user.home, version)
            }
            Who::Parameter(version) => version.is_current || self.is_resolved(user.home, version),
        }
    }

    /// Whether something alive names this very version of a template.
    fn is_pinned(&self, home: Target, version: &TemplateVersion) -> bool {
        let here = self.users.iter().filter(|other| other.home == home);
        here.filter(|other| template_of(&other.who).is_some_and(|named| pins(named, version)))
            .any(|other| self.is_alive(other))
    }

    /// Whether a template version that counts names this very version of a parameter.
    fn is_resolved(&self, home: Target, version: &ParameterVersion) -> bool {
        let here = self.users.iter().filter(|other| other.home == home);
        here.filter(|other| match &other.who {
            Who::TemplateVersion(template) => template.parameter.as_deref().is_some_and(|named| names(named, version)),
            _ => false,
        })
        .any(|other| self.is_alive(other))
    }
}

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

fn pins(named: &TemplateUse, version: &TemplateVersion) -> bool {
    named.template == version.template && named.version == Chosen::Number(version.number)
}

fn names(reference: &str, version: &ParameterVersion) -> bool {
    let selector = reference
        .strip_prefix(&*version.name)
        .and_then(|rest| rest.strip_prefix(':'));
    selector.is_some_and(|selector| {
        selector == version.number.to_string() || version.label.as_deref().is_some_and(|label| label == selector)
    })
}
