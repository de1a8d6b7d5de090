//! Tags of EC2's, put on what is there.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::Tag;

use crate::{AtTarget, Problem};

impl AtTarget {
    /// Puts these tags on these things. Others that they have stay.
    pub(crate) async fn create_tags<T: ToString>(
        &self,
        on: &BTreeSet<T>,
        tags: Vec<Tag>,
        doing: &str,
    ) -> Result<(), Problem> {
        let on = on.iter().map(ToString::to_string).collect();
        let request = self.ec2.create_tags().set_resources(Some(on)).set_tags(Some(tags));
        self.answered(doing, request.send()).await.map(drop)
    }
}

/// Tags as EC2 takes them.
pub(crate) fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

/// Tags as EC2 gives them.
pub(crate) fn tags_of(tags: &[Tag]) -> BTreeMap<String, String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    tags.iter().map(|tag| (text(tag.key()), text(tag.value()))).collect()
}
