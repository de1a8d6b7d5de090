//! Images, as EC2 describes them.

use aws_sdk_ec2::types::{BlockDeviceMapping, EbsBlockDevice, Filter, Image};
use steward::lineage::Ancestor;
use steward::{
    AccountId, AmiFacts, AmiId, Architecture, FamilyName, ImageBuildArn, Reading, Region, SnapshotId, Timestamp, Words,
};

use crate::problem::absent;
use crate::{AtTarget, FAMILY, Problem};

/// The tag Image Builder puts on what it makes.
const BUILT_BY: &str = "Ec2ImageBuilderArn";
/// What EC2 answers for an image it does not know, or does not know any more.
pub(crate) const GONE: [&str; 2] = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"];

/// Which images to read. There is no way to ask for images without saying whose or which: one that is found by its name
/// may be anybody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImagesOf {
    /// These, whoever owns them; the answer says who does.
    Ids(Vec<AmiId>),
    /// All that this account owns.
    Owner(AccountId),
    /// Those that this account owns and that say that this build made them. Tags are anybody's to write.
    BuiltBy(AccountId, ImageBuildArn),
    /// Those that this account owns and that our tag says are this family's.
    Family(AccountId, FamilyName),
    /// Those of these that this account owns and that EC2 shows whoever asks.
    Among(AccountId, Vec<AmiId>),
    /// Those that this account owns and that everybody may use.
    Public(AccountId),
    /// Those that this account owns and that have this snapshot behind them.
    WithSnapshot(AccountId, SnapshotId),
}

/// An image in a list that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odd {
    /// Which; none where not even that can be.
    pub ami: Option<AmiId>,
    /// Why.
    pub why: String,
}

impl AtTarget {
    /// Looks at one image. That it could not be looked at is an answer too.
    pub async fn look_at_image(&self, ami: AmiId) -> Reading {
        match self.see_image(ami).await {
            Ok(Some(facts)) => Reading::Seen(Box::new(facts)),
            Ok(None) => Reading::Missing,
            Err(problem) => Reading::Unreadable(problem.to_string()),
        }
    }

    /// Reads one image; none where EC2 does not know it.
    pub async fn see_image(&self, ami: AmiId) -> Result<Option<AmiFacts>, Problem> {
        let images = absent(self.images(&ImagesOf::Ids(vec![ami])).await, &GONE)?;
        Ok(images.into_iter().flatten().find(|facts| facts.ami == ami))
    }

    /// Reads images, deprecated and disabled ones too.
    pub async fn images(&self, of: &ImagesOf) -> Result<Vec<AmiFacts>, Problem> {
        self.described(of, |image| self.facts(image)).await
    }

    /// The same one by one: one that cannot be understood hides no other. Whoever takes what is not listed for gone must not take
    /// one that is odd for it.
    pub async fn images_or_odd(&self, of: &ImagesOf) -> Result<Vec<Result<AmiFacts, Odd>>, Problem> {
        let facts = |image: &Image| {
            let odd = |why| Odd {
                ami: image.image_id().and_then(|id| id.parse().ok()),
                why,
            };
            Ok(self.facts(image).map_err(odd))
        };
        self.described(of, facts).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that describes images, which says whose or which"
    )]
    pub(crate) async fn described<T>(
        &self,
        of: &ImagesOf,
        read: impl Fn(&Image) -> Result<T, String>,
    ) -> Result<Vec<T>, Problem> {
        // EC2 would take a list without ids for no condition at all, and answer with everybody's images.
        if matches!(of, ImagesOf::Ids(ids) if ids.is_empty()) {
            return Ok(Vec::new());
        }
        let doing = of.doing();
        let request = self
            .ec2
            .describe_images()
            .include_deprecated(true)
            .include_disabled(true);
        let request = match of {
            // Pages and ids exclude each other.
            ImagesOf::Ids(ids) => request.set_image_ids(Some(ids.iter().map(ToString::to_string).collect())),
            ImagesOf::Owner(owner) => request.owners(owner.to_string()).max_results(1000),
            ImagesOf::BuiltBy(owner, build) => {
                let by = Filter::builder()
                    .name(format!("tag:{BUILT_BY}"))
                    .values(build.to_string());
                request.owners(owner.to_string()).filters(by.build()).max_results(1000)
            }
            ImagesOf::Family(owner, family) => {
                let of = Filter::builder().name(format!("tag:{FAMILY}")).values(family.as_str());
                request.owners(owner.to_string()).filters(of.build()).max_results(1000)
            }
            ImagesOf::Among(owner, ids) => {
                // By their ids alone one that is not shown would fail the call for the others.
                let ids = ids.iter().map(ToString::to_string).collect();
                let among = Filter::builder().name("image-id").set_values(Some(ids)).build();
                request.owners(owner.to_string()).filters(among).max_results(1000)
            }
            ImagesOf::Public(owner) => {
                let public = Filter::builder().name("is-public").values("true").build();
                request.owners(owner.to_string()).filters(public).max_results(1000)
            }
            ImagesOf::WithSnapshot(owner, snapshot) => {
                let of = Filter::builder().name("block-device-mapping.snapshot-id");
                let of = of.values(snapshot.to_string()).build();
                request.owners(owner.to_string()).filters(of).max_results(1000)
            }
        };
        let (mut images, mut next) = (Vec::new(), None);
        loop {
            self.reads.wait().await;
            let page = Box::pin(request.clone().set_next_token(next).send()).await;
            let page = page.map_err(|error| Problem::of(&doing, self.target, &error))?;
            for image in page.images() {
                images.push(read(image).map_err(|what| Problem::not_understood(&doing, self.target, what))?);
            }
            match page.next_token {
                Some(token) if !token.is_empty() => next = Some(token),
                _ => return Ok(images),
            }
        }
    }

    /// Whose an image is, and by which name EC2 knows a verified provider; none where EC2 does not know the image.
    pub(crate) async fn owner_of(&self, ami: AmiId) -> Result<Option<(AccountId, Option<String>)>, Problem> {
        let owner = |image: &Image| {
            let owner = image.owner_id().unwrap_or_default().parse();
            let owner: AccountId = owner.map_err(|error| format!("a bad owner: {error}"))?;
            Ok((owner, image.image_owner_alias().map(str::to_owned)))
        };
        let owners = absent(self.described(&ImagesOf::Ids(vec![ami]), owner).await, &GONE)?;
        Ok(owners.into_iter().flatten().next())
    }

    /// Reads what EC2 remembers of where an image came from: itself first, its root last. The releases are not looked up.
    pub async fn ancestry(&self, ami: AmiId) -> Result<Option<Vec<Ancestor>>, Problem> {
        let doing = format!("read the ancestry of {ami}");
        self.reads.wait().await;
        let answer = Box::pin(self.ec2.get_image_ancestry().image_id(ami.to_string()).send()).await;
        let answer = answer.map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = absent(answer, &GONE)? else {
            return Ok(None);
        };
        let wrong = |what: String| Problem::not_understood(&doing, self.target, what);
        let mut chain: Vec<Ancestor> = Vec::new();
        for entry in answer.image_ancestry_entries() {
            let source = source(entry.source_image_region(), entry.source_image_id()).map_err(wrong)?;
            let id = entry.image_id().unwrap_or_default();
            let id: AmiId = id.parse().map_err(|error| wrong(format!("a bad id: {error}")))?;
            let region = match chain.last().map(|below| below.source) {
                None => self.target.region(),
                Some(Some((region, named))) if named == id => region,
                Some(_) => return Err(wrong(format!("{id} is not what the image before it came from"))),
            };
            let created = entry.creation_date().map(|at| at.to_millis());
            chain.push(Ancestor {
                region,
                ami: id,
                created: created
                    .and_then(Result::ok)
                    .and_then(|at| Timestamp::from_millisecond(at).ok()),
                alias: entry.image_owner_alias().map(str::to_owned),
                source,
                release: None,
                build: None,
                told: true,
            });
        }
        Ok(Some(chain))
    }

    pub(crate) fn facts(&self, image: &Image) -> Result<AmiFacts, String> {
        let id = image.image_id().ok_or("an image without an id")?;
        let of = |what: &str| format!("{id} has {what}");
        let tag = |key: &str| {
            let tags = image.tags().iter();
            tags.filter(|tag| tag.key() == Some(key)).find_map(|tag| tag.value())
        };
        let volumes = image.block_device_mappings().iter().filter_map(BlockDeviceMapping::ebs);
        let snapshots = volumes.filter_map(EbsBlockDevice::snapshot_id).map(str::parse);
        let state = image.state().ok_or_else(|| of("no state"))?;
        Ok(AmiFacts {
            target: self.target,
            ami: id.parse().map_err(|error| of(&format!("a bad id: {error}")))?,
            owner: image
                .owner_id()
                .ok_or_else(|| of("no owner"))?
                .parse()
                .map_err(|error| of(&format!("a bad owner: {error}")))?,
            state: state
                .as_str()
                .parse()
                .map_err(|error| of(&format!("a bad state: {error}")))?,
            name: image.name().unwrap_or_default().to_owned(),
            created: image
                .creation_date()
                .map(str::parse)
                .transpose()
                .map_err(|error| of(&format!("a bad creation date: {error}")))?,
            architecture: image
                .architecture()
                .and_then(|architecture| architecture.as_str().parse::<Architecture>().ok()),
            // Tags are anybody's to write: one that names no family makes the image nobody's of ours.
            family: tag(FAMILY).and_then(|family| family.parse().ok()),
            claims_build: tag(BUILT_BY).and_then(|arn| arn.parse().ok()),
            snapshots: snapshots
                .collect::<Result<_, _>>()
                .map_err(|error| of(&format!("a bad snapshot id: {error}")))?,
            size: volume_sizes(image).ok_or_else(|| of("a volume of no size"))?,
            watermarks: image
                .image_watermarks()
                .iter()
                .filter_map(|mark| mark.watermark_key())
                .map(Words::from)
                .collect(),
            source: source(image.source_image_region(), image.source_image_id()).map_err(|what| of(&what))?,
            from_instance: image.source_instance_id().is_some_and(|instance| !instance.is_empty()),
        })
    }
}

/// What its volumes hold together, in GiB.
fn volume_sizes(image: &Image) -> Option<u32> {
    let volumes = image.block_device_mappings().iter().filter_map(BlockDeviceMapping::ebs);
    let sizes = volumes.map(|volume| u32::try_from(volume.volume_size().unwrap_or_default()).ok());
    sizes.sum()
}

/// What an image came from. The Region is of the past: one that we do not know is an error and no guess.
pub(crate) fn source(region: Option<&str>, id: Option<&str>) -> Result<Option<(Region, AmiId)>, String> {
    let (Some(region), Some(id)) = (region, id) else {
        return Ok(None);
    };
    let region = region.parse().map_err(|error| format!("a bad source: {error}"))?;
    let id = id.parse().map_err(|error| format!("a bad source: {error}"))?;
    Ok(Some((region, id)))
}

impl ImagesOf {
    pub(crate) fn doing(&self) -> String {
        match self {
            Self::Ids(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("look at {}", ids.join(", "))
            }
            Self::Owner(owner) => format!("list the images of {owner}"),
            Self::Family(owner, family) => format!("list the images of {owner} that are {family}'s"),
            Self::Among(owner, ids) => format!("look which of {} images of {owner} are shown", ids.len()),
            Self::Public(owner) => format!("list the images of {owner} that are public"),
            Self::WithSnapshot(owner, snapshot) => format!("list the images of {owner} with {snapshot} behind them"),
            Self::BuiltBy(owner, build) => format!("list the images of {owner} that {build} made"),
        }
    }
}
