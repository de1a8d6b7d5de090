//! One account in one Region: its tables as they are, and as a reader sees them who does not insist.

use std::collections::BTreeMap;
use std::time::Duration;

use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::{Database, Item};
use serde_json::Value;

use super::address::Address;
use super::description::Table;
use super::expiry::{self, Expiry};
use super::follower::Follower;
use super::settings::TableSettings;
use super::tokens::Tokens;
use crate::random::Random;
use crate::time::Time;
use crate::world::Target;
use crate::world::agenda::Agenda;

/// More than this the follower is not told without catching up, so that writes nobody reads do not pile up.
const FAR_BEHIND: usize = 1000;

/// What a call brings along: the time, chance, and the knobs.
#[derive(Debug)]
pub(super) struct Moment<'a> {
    pub(super) now: Time,
    pub(super) random: &'a mut Random,
    pub(super) settings: TableSettings,
}

impl Moment<'_> {
    /// A duration from zero up to this.
    pub(super) fn draw_up_to(&mut self, most: Duration) -> Duration {
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.random.below(millis.saturating_add(1)))
    }
}

/// The tables of an account in a Region.
pub(super) struct Place {
    pub(super) home: Target,
    pub(super) leader: Database,
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) tokens: Tokens,
    /// There is none while every read is to be current.
    follower: Option<Follower>,
    expiries: Agenda<Expiry>,
}

impl Place {
    pub(super) fn new(home: Target) -> dynoxide::Result<Self> {
        Ok(Self {
            home,
            leader: Database::memory()?,
            tables: BTreeMap::new(),
            tokens: Tokens::default(),
            follower: None,
            expiries: Agenda::default(),
        })
    }

    /// Deletes what expires up to now.
    pub(super) fn settle(&mut self, moment: &mut Moment<'_>) -> dynoxide::Result<()> {
        while let Some((at, Expiry { address, named })) = self.expiries.pop_due(moment.now) {
            let Some(attribute) = self
                .tables
                .get(&address.table)
                .and_then(|table| table.expires_by.as_deref())
            else {
                continue;
            };
            let still = address
                .look(&self.leader)?
                .and_then(|item| expiry::of(&item, attribute, at));
            if still.is_some_and(|(time, _)| time == named) {
                address.clone().set(&self.leader, None)?;
                self.spread(
                    vec![address],
                    &mut Moment {
                        now: at,
                        random: &mut *moment.random,
                        settings: moment.settings,
                    },
                )?;
            }
        }
        Ok(())
    }

    /// Brings a follower into being where reads may be stale, and lets it go where they may not.
    pub(super) fn follow(&mut self, settings: TableSettings) -> dynoxide::Result<()> {
        if settings.read_lag.is_zero() {
            self.follower = None;
        } else if self.follower.is_none() {
            let database = Database::memory()?;
            for (name, table) in &self.tables {
                create(&database, &table.definition)?;
                database.import_items(name, self.items(name)?, dynoxide::ImportOptions::default())?;
            }
            self.follower = Some(Follower::new(database));
        }
        Ok(())
    }

    /// Where a read is answered from: a consistent one by the leader, any other by whoever is asked.
    pub(super) fn reader(&mut self, consistent: bool, moment: &mut Moment<'_>) -> dynoxide::Result<&Database> {
        match &mut self.follower {
            Some(follower) if !consistent && moment.random.chance(500) => {
                follower.caught_up(moment.now, moment.settings.read_lag)
            }
            _ => Ok(&self.leader),
        }
    }

    /// Whether anybody needs to know what a write came to.
    pub(super) fn watched(&self) -> bool {
        self.follower.is_some() || self.tables.values().any(|table| table.expires_by.is_some())
    }

    /// Tells the follower what became of these items, all at once, and plans when they expire.
    pub(super) fn spread(&mut self, touched: Vec<Address>, moment: &mut Moment<'_>) -> dynoxide::Result<()> {
        if !self.watched() {
            return Ok(());
        }
        let lag = moment.settings.read_lag;
        let delay = if self.follower.is_some() {
            moment.draw_up_to(lag)
        } else {
            Duration::ZERO
        };
        for address in touched {
            let item = address.look(&self.leader)?;
            if let Some(item) = &item {
                self.expire(&address, item, moment);
            }
            if let Some(follower) = &mut self.follower {
                follower.tell(address, item, moment.now, delay);
            }
        }
        if let Some(follower) = &mut self.follower
            && follower.behind() > FAR_BEHIND
        {
            follower.caught_up(moment.now, lag)?;
        }
        Ok(())
    }

    /// A table came into being, everywhere at once.
    pub(super) fn add(&mut self, name: String, table: Table) -> dynoxide::Result<()> {
        if let Some(follower) = &self.follower {
            create(follower.database(), &table.definition)?;
        }
        self.tables.insert(name, table);
        Ok(())
    }

    /// A table went, everywhere at once.
    pub(super) fn remove(&mut self, name: &str) -> dynoxide::Result<()> {
        self.tables.remove(name);
        if let Some(follower) = &mut self.follower {
            follower.forget(name);
            let request = dynoxide::actions::delete_table::DeleteTableRequest {
                table_name: name.to_owned(),
            };
            follower.database().delete_table(request)?;
        }
        Ok(())
    }

    /// From now on the items of a table expire by this attribute, or do not.
    pub(super) fn expire_by(
        &mut self,
        name: &str,
        attribute: Option<String>,
        moment: &mut Moment<'_>,
    ) -> dynoxide::Result<()> {
        let Some(table) = self.tables.get_mut(name) else {
            return Ok(());
        };
        table.expires_by = attribute;
        let names = table.key.clone();
        for item in self.items(name)? {
            self.expire(&Address::of(name, &item, &names), &item, moment);
        }
        Ok(())
    }

    /// The names of a table's key attributes; none where there is no such table.
    pub(super) fn key_names(&self, table: &str) -> Vec<String> {
        self.tables
            .get(table)
            .map(|table| table.key.clone())
            .unwrap_or_default()
    }

    /// Every item of a table as it is now, in the order of a scan.
    pub(super) fn items(&self, table: &str) -> dynoxide::Result<Vec<Item>> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let request = ScanRequest {
                table_name: table.to_owned(),
                consistent_read: Some(true),
                exclusive_start_key: from,
                ..ScanRequest::default()
            };
            let page = self.leader.scan(request)?;
            items.extend(page.items.into_iter().flatten());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    fn expire(&mut self, address: &Address, item: &Item, moment: &mut Moment<'_>) {
        let attribute = self
            .tables
            .get(&address.table)
            .and_then(|table| table.expires_by.as_deref());
        if let Some((named, from)) = attribute.and_then(|attribute| expiry::of(item, attribute, moment.now)) {
            let at = from + moment.draw_up_to(moment.settings.expiry_lag);
            self.expiries.plan(
                at,
                Expiry {
                    address: address.clone(),
                    named,
                },
            );
        }
    }
}

/// Makes a table from a definition that was accepted before.
fn create(database: &Database, definition: &str) -> dynoxide::Result<()> {
    let request: CreateTableRequest = serde_json::from_str(definition)
        .map_err(|error| dynoxide::DynoxideError::InternalServerError(error.to_string()))?;
    database.create_table(request).map(drop)
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            home,
            leader: _,
            tables,
            tokens,
            follower,
            expiries,
        } = self;
        f.debug_struct("Place")
            .field("home", home)
            .field("tables", tables)
            .field("tokens", tokens)
            .field("follower", follower)
            .field("expiries", expiries)
            .finish_non_exhaustive()
    }
}

/// An item as the wire has it.
pub(super) fn printed(item: &Item) -> Value {
    let mut value = serde_json::to_value(item).unwrap_or_default();
    value.sort_all_objects();
    value
}
