//! What groups and fleets name, as the pure crate knows it.

use steward::evidence::{Hop, ImageName, Launch, Launched, TemplateBy, VersionBy};

/// A launch template as any of the services names it.
pub(super) struct Specification<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) version: Option<&'a str>,
}

impl Specification<'_> {
    pub(super) fn launched(&self) -> Result<Launched, String> {
        let by = match (self.id, self.name) {
            (Some(id), _) => TemplateBy::Id(id.parse().map_err(|error| format!("a bad launch template: {error}"))?),
            (None, Some(name)) => TemplateBy::Name(name.to_owned()),
            (None, None) => return Err(String::from("a launch template without id and name")),
        };
        let version = VersionBy::read(self.version)?;
        Ok(Launched::Template { by, version })
    }
}

/// The launch of an image, unless nothing could be launched from what is named.
pub(super) fn image(named: Option<&str>, within: Option<Hop>) -> Option<Launch> {
    let what = Launched::Image(ImageName::read(named?)?);
    Some(Launch { within, what })
}
