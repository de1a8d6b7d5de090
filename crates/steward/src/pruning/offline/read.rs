use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::families::Families;
use super::fleet::Fleet;
use super::image::FleetImage;
use super::raw::{RawImage, RawReference, RawSource};
use crate::{AccountId, AmiId, Region, Target, Words};

/// Why recorded data was refused, and where in it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FleetError(String);

/// Reads what was recorded of a target, image by image: no more of each is kept than these families ask.
pub fn read_fleet<'a>(json: impl Read, families: &Families<'a>) -> Result<Fleet<'a>, FleetError> {
    let mut reader = serde_json::Deserializer::from_reader(json);
    let fleet = FleetSeed(families).deserialize(&mut reader);
    let fleet = fleet.and_then(|fleet| reader.end().map(|()| fleet));
    fleet.map_err(|error| FleetError(error.to_string()))
}

struct FleetSeed<'f, 'a>(&'f Families<'a>);

#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Account,
    Region,
    Images,
    References,
    Evidence,
}

impl Field {
    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Region => "region",
            Self::Images => "images",
            Self::References => "references",
            Self::Evidence => "evidence",
        }
    }
}

impl<'de, 'a> DeserializeSeed<'de> for FleetSeed<'_, 'a> {
    type Value = Fleet<'a>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fleet<'a>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, 'a> Visitor<'de> for FleetSeed<'_, 'a> {
    type Value = Fleet<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was recorded: {\"account\", \"region\", \"images\", \"references\", \"evidence\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fleet<'a>, A::Error> {
        let (mut account, mut region) = (None, None);
        let (mut images, mut references, mut evidence) = (None, None, None);
        while let Some(field) = map.next_key()? {
            let is_again = match field {
                Field::Account => account.replace(map.next_value::<AccountId>()?).is_some(),
                Field::Region => region.replace(map.next_value::<Region>()?).is_some(),
                Field::Images => {
                    let each = Each::new("images", |raw: RawImage| raw.kept(self.0));
                    images.replace(map.next_value_seed(each)?).is_some()
                }
                Field::References => {
                    let each = Each::new("references", |raw: RawReference| (raw.image, raw.by));
                    references.replace(map.next_value_seed(each)?).is_some()
                }
                Field::Evidence => {
                    let each = Each::new("evidence", RawSource::read);
                    evidence.replace(map.next_value_seed(each)?).is_some()
                }
            };
            if is_again {
                return Err(A::Error::duplicate_field(field.name()));
            }
        }
        let missing = |field: Field| A::Error::missing_field(field.name());
        let account = account.ok_or_else(|| missing(Field::Account))?;
        let region = region.ok_or_else(|| missing(Field::Region))?;
        let images: Vec<FleetImage<'_>> = images.ok_or_else(|| missing(Field::Images))?;
        let references: Vec<(AmiId, Words)> = references.ok_or_else(|| missing(Field::References))?;
        let mut by_image: BTreeMap<AmiId, Vec<Words>> = BTreeMap::new();
        for (image, by) in references {
            by_image.entry(image).or_default().push(by);
        }
        Ok(Fleet {
            target: Target::new(account, region),
            images: each_once(images).map_err(A::Error::custom)?,
            references: by_image,
            evidence: evidence.ok_or_else(|| missing(Field::Evidence))?,
        })
    }
}

/// One image may be on two pages: it is one image, if both say the same.
fn each_once(mut images: Vec<FleetImage<'_>>) -> Result<Vec<FleetImage<'_>>, String> {
    images.sort_by_key(|image| image.ami);
    images.dedup();
    let twice = images.windows(2).find(|pair| pair[0].ami == pair[1].ami);
    match twice {
        Some(pair) => Err(format!("images: {} is there twice, and not the same", pair[0].ami)),
        None => Ok(images),
    }
}

/// A list that is read one by one: only what is made of each stays, and an error in one says which.
struct Each<R, F> {
    path: &'static str,
    make: F,
    raw: PhantomData<R>,
}

impl<R, F> Each<R, F> {
    const fn new(path: &'static str, make: F) -> Self {
        let raw = PhantomData;
        Self { path, make, raw }
    }
}

impl<'de, R: Deserialize<'de>, M, F: Fn(R) -> M> DeserializeSeed<'de> for Each<R, F> {
    type Value = Vec<M>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<M>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, R: Deserialize<'de>, M, F: Fn(R) -> M> Visitor<'de> for Each<R, F> {
    type Value = Vec<M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the list of {}", self.path)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<M>, A::Error> {
        let Self { path, make, raw: _ } = self;
        let mut made = Vec::new();
        loop {
            let next = list.next_element();
            match next.map_err(|error| A::Error::custom(format_args!("{path}[{}]: {error}", made.len())))? {
                Some(raw) => made.push(make(raw)),
                None => return Ok(made),
            }
        }
    }
}
