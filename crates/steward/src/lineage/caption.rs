use serde::Deserialize;

use crate::{Architecture, CanonicalName, FamilyName};

/// As much of a release as a list of many shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Caption {
    /// Its one name.
    pub name: CanonicalName,
    /// Its family.
    pub family: Option<FamilyName>,
    /// What it runs on.
    pub architecture: Option<Architecture>,
}

impl Caption {
    /// The members that it is read from.
    pub const MEMBERS: [&str; 3] = ["name", "family", "architecture"];

    /// Of a release of which the name is all that is known.
    pub const fn unknown(name: CanonicalName) -> Self {
        Self {
            name,
            family: None,
            architecture: None,
        }
    }

    /// What people call it.
    pub fn title(&self) -> String {
        title(&self.name, self.family.as_ref())
    }
}

/// `web/1.4.2/7`, or an image and its Region.
pub(super) fn title(name: &CanonicalName, family: Option<&FamilyName>) -> String {
    match (name, family) {
        (CanonicalName::Build(build), Some(family)) => format!("{family}/{}", build.version()),
        (CanonicalName::Build(build), None) => format!("{}/{}", build.name(), build.version()),
        (CanonicalName::Ami { region, id }, _) => format!("{id} in {region}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::graph::tests::graph;

    #[test]
    fn a_release_is_called_the_same_in_a_long_list_as_on_its_card() {
        for card in graph().releases.into_values() {
            let mut members = serde_json::to_value(&card).unwrap();
            let members = members.as_object_mut().unwrap();
            members.retain(|member, _| Caption::MEMBERS.contains(&member.as_str()));
            let caption: Caption = serde_json::from_value(members.clone().into()).unwrap();
            assert_eq!(caption.title(), card.title());
            assert_eq!(caption.name, card.name);
            assert_eq!((caption.family, caption.architecture), (card.family, card.architecture));
        }
    }
}
