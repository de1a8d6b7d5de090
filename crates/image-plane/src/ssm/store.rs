//! Every parameter of the world, with its versions: what the Parameter Store answers from, and what `ssm:` parents and
//! `resolve:ssm:` launches mean.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::name::{Reference, Selector, arn, tail};
use super::values::{DataType, Kind, Tier};
use crate::ids::AccountId;
use crate::region::Region;
use crate::time::Time;
use crate::world::Target;

/// The Parameter Store keeps so many versions of a parameter.
const MOST_VERSIONS: usize = 100;

/// Whose parameters, and where. Public ones (`/aws/service/…`) belong to no account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Home {
    pub(super) account: Option<AccountId>,
    pub(super) region: Region,
}

impl Home {
    pub(super) const fn of(target: Target) -> Self {
        Self {
            account: Some(target.account),
            region: target.region,
        }
    }

    pub(super) const fn public(region: Region) -> Self {
        Self { account: None, region }
    }
}

/// One version of a parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Version {
    pub(super) value: String,
    pub(super) kind: Kind,
    pub(super) data_type: DataType,
    pub(super) tier: Tier,
    /// The key of a secure string, as its writer named it, and its ARN where it is a customer's.
    pub(super) key: Option<(String, Option<String>)>,
    pub(super) description: Option<String>,
    pub(super) pattern: Option<String>,
    pub(super) labels: BTreeSet<String>,
    pub(super) at: Time,
    /// The ARN of who wrote it; nobody's business where it is public.
    pub(super) by: Option<String>,
}

impl Version {
    /// A plain text.
    fn plain(value: &str, at: Time, by: Option<String>) -> Self {
        Self {
            value: value.to_owned(),
            kind: Kind::String,
            data_type: DataType::Text,
            tier: Tier::Standard,
            key: None,
            description: None,
            pattern: None,
            labels: BTreeSet::new(),
            at,
            by,
        }
    }
}

/// A parameter. One whose first version is still being checked has none yet, and nobody sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Parameter {
    /// As its creator wrote it, with or without a slash in front.
    pub(super) name: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) versions: BTreeMap<u64, Version>,
    /// The newest number that was given out.
    last: u64,
    /// Tells it from a later parameter of the same name.
    birth: u64,
}

impl Parameter {
    /// The version that reads without a selector show.
    pub(super) fn current(&self) -> Option<(u64, &Version)> {
        self.versions
            .last_key_value()
            .map(|(number, version)| (*number, version))
    }

    /// The version a selector means.
    pub(super) fn select(&self, selector: Option<Selector<'_>>) -> Option<(u64, &Version)> {
        match selector {
            None => self.current(),
            Some(Selector::Version(number)) => Some((number, self.versions.get(&number)?)),
            Some(Selector::Label(label)) => {
                let mut versions = self.versions.iter();
                let found = versions.find(|(_, version)| version.labels.contains(label));
                found.map(|(number, version)| (*number, version))
            }
        }
    }

    /// The oldest version, where its label keeps the next one from being written.
    pub(super) fn blocked_by(&self) -> Option<u64> {
        let (oldest, version) = self.versions.first_key_value()?;
        let full = self.versions.len() >= MOST_VERSIONS;
        (full && !version.labels.is_empty()).then_some(*oldest)
    }

    /// Puts labels on a version, away from those that have them.
    pub(super) fn label(&mut self, number: u64, labels: &[String]) {
        for (other, version) in &mut self.versions {
            if *other == number {
                version.labels.extend(labels.iter().cloned());
            } else {
                version.labels.retain(|label| !labels.contains(label));
            }
        }
    }

    fn add(&mut self, number: u64, version: Version) {
        self.versions.insert(number, version);
        if self.versions.len() > MOST_VERSIONS {
            self.versions.pop_first();
        }
    }
}

/// A version that has its number and is not there yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Waiting {
    pub(super) home: Home,
    pub(super) name: String,
    pub(super) number: u64,
    pub(super) version: Version,
    birth: u64,
}

/// Every parameter of the world, by where it is and its name without the slash in front.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    homes: BTreeMap<Home, BTreeMap<String, Parameter>>,
    waiting: BTreeMap<u64, Waiting>,
    counted: u64,
}

impl Parameters {
    /// Writes the next version of a plain text, past every rule, and says which it is.
    pub(crate) fn put(&mut self, target: Target, name: &str, value: &str, at: Time) -> usize {
        let by = format!("arn:{}:iam::{}:root", target.region.partition(), target.account);
        self.write_plain(Home::of(target), name, Version::plain(value, at, Some(by)))
    }

    /// The same for a parameter everybody may read.
    pub(crate) fn put_public(&mut self, region: Region, name: &str, value: &str, at: Time) {
        self.write_plain(Home::public(region), name, Version::plain(value, at, None));
    }

    /// Labels a version, past every rule; false where there is no such version.
    pub(crate) fn label(&mut self, target: Target, name: &str, version: usize, label: &str) -> bool {
        let number = u64::try_from(version).unwrap_or(u64::MAX);
        match self.find_mut(&Reference::name(target, name)) {
            Some(parameter) if parameter.versions.contains_key(&number) => {
                parameter.label(number, &[label.to_owned()]);
                true
            }
            _ => false,
        }
    }

    /// The newest value of `/name`, or the one of `/name:version` or `/name:label`; the name may be an ARN.
    pub(crate) fn value(&self, target: Target, reference: &str) -> Option<&str> {
        let reference = Reference::read(target, reference).ok()?;
        let (_, version) = self.find(&reference)?.select(reference.selector)?;
        Some(&version.value)
    }

    /// The ARN and the newest value of each parameter of an account's own that is there to name an image.
    pub(crate) fn of_images(&self, target: Target) -> impl Iterator<Item = (String, &str)> {
        let home = Home::of(target);
        let all = self.homes.get(&home).into_iter().flat_map(BTreeMap::values);
        all.filter_map(move |parameter| {
            let (_, version) = parameter.current()?;
            (version.data_type == DataType::Image).then(|| (arn(home, &parameter.name), version.value.as_str()))
        })
    }

    /// The parameter a reference means.
    pub(super) fn find(&self, reference: &Reference<'_>) -> Option<&Parameter> {
        let parameter = self.homes.get(&reference.home)?.get(reference.tail)?;
        reference.means(parameter).then_some(parameter)
    }

    pub(super) fn find_mut(&mut self, reference: &Reference<'_>) -> Option<&mut Parameter> {
        let parameter = self.homes.get_mut(&reference.home)?.get_mut(reference.tail)?;
        reference.means(parameter).then_some(parameter)
    }

    /// The parameter that has this name, however it spells the slash in front.
    pub(super) fn named(&self, home: Home, name: &str) -> Option<&Parameter> {
        let parameter = self.homes.get(&home)?.get(tail(name))?;
        (!parameter.versions.is_empty()).then_some(parameter)
    }

    /// How many parameters of this tier there are.
    pub(super) fn count(&self, home: Home, tier: Tier) -> usize {
        let all = self.homes.get(&home).into_iter().flat_map(BTreeMap::values);
        all.filter_map(Parameter::current)
            .filter(|(_, version)| version.tier == tier)
            .count()
    }

    /// Up to so many names without the slash in front, in their order, that begin like this and come after that one.
    pub(super) fn tails(&self, home: Home, prefix: &str, after: Option<&str>, most: usize) -> Vec<&str> {
        let start = match after.filter(|after| *after >= prefix) {
            Some(after) => Bound::Excluded(after),
            None => Bound::Included(prefix),
        };
        let all = self.homes.get(&home).into_iter();
        all.flat_map(|all| all.range::<str, _>((start, Bound::Unbounded)))
            .map(|(tail, _)| tail.as_str())
            .take_while(|tail| tail.starts_with(prefix))
            .take(most)
            .collect()
    }

    /// The parameter of one of these names, if anybody sees it.
    pub(super) fn at(&self, home: Home, tail: &str) -> Option<&Parameter> {
        self.homes.get(&home)?.get(tail)
    }

    /// Gives out the next number of a parameter, which comes into being, unseen, where there was none.
    pub(super) fn number(&mut self, home: Home, name: &str) -> u64 {
        let parameter = self.entry(home, name);
        parameter.last += 1;
        parameter.last
    }

    /// Makes a version current, unless a newer one is.
    pub(super) fn commit(&mut self, home: Home, name: &str, number: u64, version: Version) {
        self.entry(home, name).add(number, version);
    }

    pub(super) fn tag(&mut self, home: Home, name: &str, tags: BTreeMap<String, String>) {
        self.entry(home, name).tags = tags;
    }

    /// Keeps a version for its check, and says under which id.
    pub(super) fn wait(&mut self, home: Home, name: &str, number: u64, version: Version) -> u64 {
        let birth = self.entry(home, name).birth;
        self.counted += 1;
        let waiting = Waiting {
            home,
            name: name.to_owned(),
            number,
            version,
            birth,
        };
        self.waiting.insert(self.counted, waiting);
        self.counted
    }

    /// Takes a version out for its check; nothing where its parameter was deleted meanwhile.
    pub(super) fn take_waiting(&mut self, id: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&id)?;
        let parameter = self.homes.get(&waiting.home)?.get(tail(&waiting.name))?;
        (parameter.birth == waiting.birth).then_some(waiting)
    }

    /// Forgets a parameter that never got a version, where none is on its way any more.
    pub(super) fn forget_unborn(&mut self, waiting: &Waiting) {
        let more = self.waiting.values().any(|other| other.birth == waiting.birth);
        if !more && self.named(waiting.home, &waiting.name).is_none() {
            self.remove(waiting.home, &waiting.name);
        }
    }

    pub(super) fn remove(&mut self, home: Home, name: &str) -> Option<Parameter> {
        self.homes.get_mut(&home)?.remove(tail(name))
    }

    fn write_plain(&mut self, home: Home, name: &str, version: Version) -> usize {
        let number = self.number(home, name);
        self.commit(home, name, number, version);
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    fn entry(&mut self, home: Home, name: &str) -> &mut Parameter {
        let parameters = self.homes.entry(home).or_default();
        parameters.entry(tail(name).to_owned()).or_insert_with(|| {
            self.counted += 1;
            Parameter {
                name: name.to_owned(),
                tags: BTreeMap::new(),
                versions: BTreeMap::new(),
                last: 0,
                birth: self.counted,
            }
        })
    }
}
