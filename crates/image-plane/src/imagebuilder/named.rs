//! What an account keeps under a name of its own and may change at any time: infrastructure and distribution
//! configurations, and pipelines. All three are created, read, listed, updated and deleted here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::arn::{Arn, Kind, named as place, normalise};
use super::check::{self, MOST_TAGS, TagMap};
use super::errors::{depended_on, dry_run, exists, not_found, quota, request as refused};
use super::request::Input;
use super::state::Shelf;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Caller, Target, World};

/// One of them. An update replaces its settings as a whole, and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Named<S> {
    pub(crate) name: String,
    pub(crate) settings: S,
    pub(crate) tags: TagMap,
    pub(crate) created: Time,
    updated: Option<Time>,
}

/// What requests and answers call a kind.
pub(crate) struct Words {
    /// The member that is one of them.
    pub(crate) one: &'static str,
    /// The member that is its ARN.
    pub(crate) arn: &'static str,
    /// The member that lists them.
    pub(crate) list: &'static str,
    /// Its name in errors.
    pub(crate) kind: &'static str,
    /// Several of them in a sentence.
    pub(crate) several: &'static str,
}

/// The settings of a kind, and by them all that sets it apart from the others.
pub(crate) trait Settings: Serialize + Sized + 'static {
    const KIND: Kind;
    const WORDS: Words;
    /// How many an account may have in a Region.
    const MOST: usize;
    const FILTERS: &'static [&'static str] = &["name"];

    /// Reads the members an update shares with a creation, checks what they refer to, and sets the defaults.
    fn read(world: &World, target: Target, members: Map<String, Value>) -> Result<Self, ApiError>;

    fn on(shelf: &Shelf) -> &BTreeMap<String, Named<Self>>;

    fn on_mut(shelf: &mut Shelf) -> &mut BTreeMap<String, Named<Self>>;

    /// What a filter of this name looks at.
    fn values(thing: &Named<Self>, _filter: &str) -> Vec<String> {
        vec![thing.name.clone()]
    }

    /// As a single one is shown.
    fn show(thing: &Named<Self>, _world: &World, target: Target) -> Value {
        thing.describe(target)
    }

    /// As lists show it.
    fn summarise(thing: &Named<Self>, world: &World, target: Target) -> Value {
        Self::show(thing, world, target)
    }

    /// Refuses what a change may not touch.
    fn may_become(&self, _next: &Self) -> Result<(), ApiError> {
        Ok(())
    }

    /// Whether something else on the shelf needs the one with this ARN, so that it cannot be deleted.
    fn in_use(_shelf: &Shelf, _arn: &str) -> bool {
        false
    }
}

impl<S: Settings> Named<S> {
    /// One that nobody has changed since.
    pub(crate) const fn unchanged(name: String, settings: S, created: Time) -> Self {
        Self {
            name,
            settings,
            tags: TagMap::new(),
            created,
            updated: None,
        }
    }

    pub(crate) fn arn(&self, target: Target) -> Arn {
        Arn::of_name(target, S::KIND, &normalise(&self.name))
    }

    pub(crate) fn describe(&self, target: Target) -> Value {
        let mut described = json!(self.settings);
        described["arn"] = json!(self.arn(target).to_string());
        described["name"] = json!(self.name);
        described["tags"] = json!(self.tags);
        described["dateCreated"] = json!(self.created.to_string());
        described["dateUpdated"] = json!(self.updated.map(|at| at.to_string()));
        described
    }

    /// Of the description, these members.
    pub(crate) fn describe_only(&self, target: Target, members: &[&str]) -> Value {
        let described = self.describe(target);
        members
            .iter()
            .map(|member| ((*member).to_owned(), described[*member].clone()))
            .collect()
    }
}

/// What a creation has beside the settings.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    name: String,
    tags: Option<TagMap>,
    dry_run: Option<bool>,
    #[serde(rename = "clientToken")]
    _client_token: String,
}

pub(crate) fn create<S: Settings>(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let mut members = input.members()?;
    let own = ["name", "tags", "dryRun", "clientToken"]
        .into_iter()
        .filter_map(|name| members.remove_entry(name))
        .collect();
    let request: Create = json::rest(own)?;
    check::name(&request.name)?;
    check::tags("tags", request.tags.as_ref(), MOST_TAGS)?;
    let target = caller.target;
    let settings = S::read(world, target, members)?;
    let key = normalise(&request.name);
    let known = S::on(world.builder.shelf(target));
    let arn = Arn::of_name(target, S::KIND, &key);
    if known.contains_key(&key) {
        return Err(exists(S::WORDS.kind, arn));
    }
    if known.len() >= S::MOST {
        let message = format!("You have reached your quota of {} {}.", S::MOST, S::WORDS.several);
        return Err(quota(message));
    }
    if request.dry_run == Some(true) {
        return Err(dry_run());
    }
    let thing = Named {
        name: request.name,
        settings,
        tags: request.tags.unwrap_or_default(),
        created: world.now,
        updated: None,
    };
    S::on_mut(world.builder.shelf_mut(target)).insert(key, thing);
    Ok(json!({ S::WORDS.arn: arn.to_string() }))
}

/// Changes what later builds do. What earlier ones made and distributed stays as it is.
pub(crate) fn update<S: Settings>(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let parameter = S::WORDS.arn;
    let target = caller.target;
    let mut members = input.members()?;
    members.remove("clientToken");
    let Some(Value::String(text)) = members.remove(parameter) else {
        return Err(refused(format!("The required parameter '{parameter}' is missing.")));
    };
    let arn = Arn::read(parameter, &text, S::KIND)?.at_home(target)?;
    let settings = S::read(world, target, members)?;
    let now = world.now;
    let thing = S::on_mut(world.builder.shelf_mut(target))
        .get_mut(&arn.name)
        .ok_or_else(|| not_found(&arn))?;
    thing.settings.may_become(&settings)?;
    thing.settings = settings;
    thing.updated = Some(now);
    Ok(json!({ parameter: arn.to_string() }))
}

fn find<'a, S: Settings>(world: &'a World, target: Target, input: &Input) -> Result<(Arn, &'a Named<S>), ApiError> {
    let parameter = S::WORDS.arn;
    let arn = Arn::read(parameter, input.query(parameter)?, S::KIND)?.at_home(target)?;
    let thing = S::on(world.builder.shelf(target)).get(&arn.name);
    thing.ok_or_else(|| not_found(&arn)).map(|thing| (arn.clone(), thing))
}

pub(crate) fn get<S: Settings>(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (_, thing) = find::<S>(world, caller.target, input)?;
    Ok(json!({ S::WORDS.one: S::show(thing, world, caller.target) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {}

pub(crate) fn list<S: Settings>(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, List {}) = input.listing(S::FILTERS)?;
    let known = S::on(world.builder.shelf(caller.target));
    let items = known.iter().map(|(key, thing)| (place(key), thing));
    let page = paging.cut(world, items, |thing, filter| S::values(thing, filter))?;
    let list: Vec<Value> = page
        .items
        .into_iter()
        .map(|thing| S::summarise(thing, world, caller.target))
        .collect();
    Ok(json!({ S::WORDS.list: list, "nextToken": page.next }))
}

pub(crate) fn delete<S: Settings>(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (arn, _) = find::<S>(world, caller.target, input)?;
    let text = arn.to_string();
    if S::in_use(world.builder.shelf(caller.target), &text) {
        return Err(depended_on(text));
    }
    S::on_mut(world.builder.shelf_mut(caller.target)).remove(&arn.name);
    Ok(json!({ S::WORDS.arn: text }))
}
