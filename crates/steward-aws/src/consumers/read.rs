use std::collections::{BTreeMap, BTreeSet};

use steward::consumers::{OwnersImage, auto_scaling_in, grant_name};
use steward::distribution::{Encryption, ImageThere};
use steward::{AccountId, AmiId, FamilyName, KmsKeyRef, Target};

use crate::tags::tags_of;
use crate::{AtTarget, ImagesOf, Problem};

/// So many values EC2 takes in a filter.
const IN_ONE_FILTER: usize = 200;

impl AtTarget {
    /// The images of a family that the account owns there, as far as it matters to who sees them.
    pub async fn owners_images(&self, family: &FamilyName) -> Result<BTreeMap<AmiId, OwnersImage>, Problem> {
        let images = self.images_of_family(family).await?.into_iter();
        Ok(images.map(|(ami, image)| (ami, owners_image(image))).collect())
    }

    /// Those of an owner's images that EC2 shows the account, with the tags that it sees on them.
    pub async fn shown(
        &self,
        owner: AccountId,
        images: &BTreeSet<AmiId>,
    ) -> Result<BTreeMap<AmiId, BTreeMap<String, String>>, Problem> {
        let images: Vec<AmiId> = images.iter().copied().collect();
        let mut shown = BTreeMap::new();
        for some in images.chunks(IN_ONE_FILTER) {
            let of = ImagesOf::Among(owner, some.to_vec());
            let found = self.described(&of, |image| {
                let ami = image.image_id().unwrap_or_default();
                let ami = ami.parse().map_err(|error| format!("a bad id: {error}"))?;
                Ok((ami, tags_of(image.tags())))
            });
            shown.extend(found.await?);
        }
        Ok(shown)
    }

    /// The grants on a key, here where it is, that let Auto Scaling of a consumer launch a family's images.
    pub async fn auto_scaling_grants(
        &self,
        key: &KmsKeyRef,
        consumer: Target,
        family: &FamilyName,
    ) -> Result<BTreeSet<String>, Problem> {
        self.grants_to(key, auto_scaling_in(consumer), &grant_name(family))
            .await
    }
}

fn owners_image(image: ImageThere) -> OwnersImage {
    let mut owners = OwnersImage {
        tags: image.tags,
        ..OwnersImage::default()
    };
    for snapshot in image.snapshots.into_values() {
        match snapshot.encryption {
            // What AWS's own encrypts is shared with nobody.
            Encryption::None | Encryption::DefaultKey => {}
            Encryption::Key(key) => drop(owners.keys.insert(key)),
            Encryption::Unseen { key, why: _ } => drop(owners.unseen.insert(key)),
        }
    }
    owners
}
