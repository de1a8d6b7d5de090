//! What will fail, and what would put it right: in targets, for audiences, of keys and names, and by others at work.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use steward::consumers::Viewed;
use steward::distribution::{COPY_ROLE, Finding, Grantee, MemberFinding, Reach, ResolvedAudience};
use steward::manifest::{Distribute, Manifest, PublishTo, shared_pointers};
use steward::others::{DistributionSeen, LifecyclePolicySeen, others_at_work};
use steward::publication::{
    PublicationFinding, Published, Readers, following_templates, has_parameters, parameters_outside,
    publication_targets, writable_parameters,
};
use steward::{AccountId, FamilyName, Target, Timestamp, Words};
use steward_aws::{Caller, HeldAudience, Problem, Record};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::preflight::{Examined, Found, Planned, Told, examine, mark};
use crate::said::Said;
use crate::terminal::one_line;
use crate::titled::Titled;
use crate::{json, word};

/// What nobody looks at here, so that nobody takes silence for health.
const NOT_LOOKED_AT: [&str; 3] = [
    "what members see, but by what the hub's functions saw there last: members let in nobody else",
    "how many images and parameters an account may have, and has: AWS refuses one too many, and the look after that says so",
    "lifecycle policies in other Regions than the hub's: what Image Builder builds is in that one",
];

/// The same, where nobody says which topic is meant.
const NO_TOPIC: &str =
    "whether anybody is told before an image goes for good: name the stack's output ReleasesTopic by --topic";

/// Something that is wrong, or may be.
#[derive(Clone, Debug, Serialize)]
struct Ailment {
    part: Part,
    family: FamilyName,
    /// Where; none: wherever the family is.
    target: Option<Target>,
    /// Of which releases, where it is some of them.
    releases: Vec<Titled>,
    #[serde(flatten)]
    told: Told,
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Targets,
    Keys,
    Names,
    Audience,
    People,
    Others,
}

/// All of it.
#[derive(Serialize)]
struct Shown {
    ailments: Vec<Ailment>,
    not_looked_at: Vec<&'static str>,
}

/// Looks at one family, or at all.
pub(crate) async fn doctor(
    hub: &Hub,
    family: Option<&str>,
    topic: Option<&str>,
    format: Format,
) -> Result<Said, Failure> {
    let family: Option<FamilyName> = family.map(|family| word::parse(family, "family name")).transpose()?;
    let (caller, record, examined) = Box::pin(examine(hub, family.as_ref())).await?;
    let others = others(&caller).await;
    let untold = match topic {
        Some(topic) => untold(&caller, topic).await,
        None => None,
    };
    let held = record.holding_beside(&BTreeSet::new()).await?;
    let mut ailments = Vec::new();
    for Examined { family, found } in examined {
        match found {
            Err(why) => ailments.push(Ailment::of(Part::Audience, &family, None, why.to_string(), true)),
            Ok(found) => {
                in_targets(&family, &found, &mut ailments);
                of_names(&caller, &record, &found.manifest, &found.audience, &mut ailments).await?;
                ailments.extend(of_other_families(&found.manifest, &held));
                of_audience(&caller, &record, &found.manifest, &found.audience, &mut ailments).await?;
            }
        }
        let goes = held
            .iter()
            .any(|manifest| manifest.family == family && manifest.retain.is_some());
        let untold = untold.as_ref().filter(|_| goes);
        ailments.extend(untold.map(|(says, trouble)| Ailment::of(Part::People, &family, None, says.clone(), *trouble)));
        by_others(&record, &family, &others, &mut ailments).await?;
    }
    ailments.sort_by_key(|ailment| ailment.part);
    let right = ailments.iter().all(|ailment| !ailment.told.trouble);
    let shown = Shown {
        ailments,
        not_looked_at: NOT_LOOKED_AT
            .into_iter()
            .chain(topic.is_none().then_some(NO_TOPIC))
            .collect(),
    };
    let text = match format {
        Format::Json => json::text(&shown),
        Format::Text => text(&shown, right),
    };
    Ok(Said::new(&text, right))
}

/// What the plans of targets find: each once, however many releases it is of.
fn in_targets(family: &FamilyName, found: &Found, ailments: &mut Vec<Ailment>) {
    let mut known: BTreeMap<(Target, String), Ailment> = BTreeMap::new();
    for Planned {
        titled,
        target,
        findings,
        ..
    } in &found.targets
    {
        for told in findings {
            let part = if told.is_of_a_key { Part::Keys } else { Part::Targets };
            let ailment = known.entry((*target, told.says.clone())).or_insert_with(|| Ailment {
                part,
                family: family.clone(),
                target: Some(*target),
                releases: Vec::new(),
                told: told.clone(),
            });
            ailment.releases.push(titled.clone());
        }
    }
    ailments.extend(known.into_values());
    for (target, makers) in &found.makers {
        ailments.extend(makers.iter().map(|maker| {
            let says = maker.to_string();
            Ailment::of(Part::Others, family, Some(*target), says, maker.is_sure())
        }));
    }
    in_members(family, found, ailments);
    for (target, why) in &found.unread {
        let says = format!("could not be looked at: {why}");
        ailments.push(Ailment::of(Part::Targets, family, Some(*target), says, true));
    }
}

/// What the hub's functions saw last in the members that are to own copies: once, however many releases it is of.
fn in_members(family: &FamilyName, found: &Found, ailments: &mut Vec<Ailment>) {
    let mut seen: BTreeMap<(Target, &Words), (Timestamp, bool)> = BTreeMap::new();
    let mut looked: BTreeSet<AccountId> = BTreeSet::new();
    for (target, stood) in found.stood.values().flatten() {
        if !found.members.contains(target) {
            continue;
        }
        looked.insert(target.account());
        let fails = !stood.settled && !stood.under_way && stood.reach != Reach::Usable;
        for finding in &stood.findings {
            let (last, trouble) = seen.entry((*target, finding)).or_insert((stood.looked, fails));
            *last = stood.looked.max(*last);
            *trouble |= fails;
        }
    }
    ailments.extend(seen.into_iter().map(|((target, finding), (last, trouble))| {
        let says = format!("{finding} (seen {last})");
        Ailment::of(Part::Targets, family, Some(target), says, trouble)
    }));
    let members: BTreeSet<AccountId> = found.members.iter().map(|target| target.account()).collect();
    ailments.extend(members.difference(&looked).map(|account| {
        let says = format!(
            "no function of the hub has looked into {account} yet, which is to own copies: it does once the hub has its own there; deploy infra/member.yaml in it before, whose role {COPY_ROLE} trusts the hub"
        );
        Ailment::of(Part::Targets, family, None, says, false)
    }));
}

/// The parameters and launch templates of the hub's own account, before anything is written to them.
async fn of_names(
    caller: &Caller,
    record: &Record,
    manifest: &Manifest,
    audience: &HeldAudience,
    ailments: &mut Vec<Ailment>,
) -> Result<(), Failure> {
    let nobody = BTreeSet::new();
    let readers = Readers {
        audience: audience.known_readers().unwrap_or(&nobody),
        owners: &audience.owners,
    };
    for target in publication_targets(manifest, caller.hub, readers) {
        if target.account() != caller.hub.account() {
            continue;
        }
        let at = caller.at(target.region());
        let mut findings = Vec::new();
        if has_parameters(manifest, caller.hub, readers, target) {
            let under = audience.publish_under.as_ref();
            findings.extend(parameters_outside(manifest, under));
            let mut seen = at.published(&writable_parameters(manifest, under)).await;
            let published = record.published_in(&manifest.family, target).await?;
            let wrote = published.map(|published| published.wrote).unwrap_or_default();
            let of_family = (&manifest.family, target.region());
            record.tell_others(of_family, &wrote, &mut seen).await?;
            findings.extend(seen.iter().filter_map(|(name, seen)| seen.finding(name)));
        }
        let templates = following_templates(manifest, target).into_keys().collect();
        let family = &manifest.family;
        let seen = at.following(&templates, family).await;
        findings.extend(
            seen.iter()
                .filter_map(|(template, seen)| seen.finding(template, family, target)),
        );
        let ailment = |finding: &PublicationFinding| {
            Ailment::of(
                Part::Names,
                family,
                Some(target),
                finding.to_string(),
                !finding.is_a_note(),
            )
        };
        ailments.extend(findings.iter().map(ailment));
    }
    Ok(())
}

/// The parameters and launch templates that another family writes too.
fn of_other_families(manifest: &Manifest, held: &[Manifest]) -> impl Iterator<Item = Ailment> {
    let shared = shared_pointers(manifest, held).into_iter();
    shared.map(|shared| Ailment::of(Part::Names, &manifest.family, None, shared.to_string(), true))
}

/// What the hub's functions saw last in the accounts that channels are published to: whether they are let in, and whether an image
/// shows there.
async fn of_audience(
    caller: &Caller,
    record: &Record,
    manifest: &Manifest,
    audience: &HeldAudience,
    ailments: &mut Vec<Ailment>,
) -> Result<(), Failure> {
    let Manifest { family, distribute, .. } = manifest;
    ailments.extend(
        named_for_nothing(distribute, caller.hub.account(), audience).map(|finding| {
            let trouble = finding.is_trouble();
            Ailment::of(Part::Audience, family, None, finding.to_string(), trouble)
        }),
    );
    ailments.extend(of_consumers(family, &record.viewed(family).await?));
    let published = record.published(family).await?;
    ailments.extend(of_left(caller, manifest, audience, &published));
    let is_published = distribute
        .publish
        .as_ref()
        .is_some_and(|publish| publish.to.contains(&PublishTo::Audience));
    if !is_published {
        return Ok(());
    }
    let Some(known) = audience.known_readers() else {
        let says = "which accounts are its audience is not known, and channels are published in none of them until it is: let the hub read the organization, as infra/management.yaml does";
        ailments.push(Ailment::of(Part::Audience, family, None, says.to_owned(), true));
        return Ok(());
    };
    let readers = Readers {
        audience: known,
        owners: &audience.owners,
    };
    let mut unseen: BTreeSet<AccountId> = BTreeSet::new();
    for target in publication_targets(manifest, caller.hub, readers) {
        if target.account() == caller.hub.account() {
            continue;
        }
        match published.get(&target) {
            None => {
                unseen.insert(target.account());
            }
            Some(published) => ailments.extend(published.findings.iter().map(|finding| {
                let says = format!("{finding} (seen {})", published.looked);
                Ailment::of(Part::Audience, family, Some(target), says, true)
            })),
        }
    }
    for account in unseen {
        let says = format!(
            "no function of the hub has looked into {account} yet, which it does once a channel points to something: deploy infra/member.yaml there before"
        );
        ailments.push(Ailment::of(Part::Audience, family, None, says, false));
    }
    Ok(())
}

/// What was published and is declared no more, as the hub's functions saw it last. Who reads a family must be known to tell that
/// of a member.
fn of_left(
    caller: &Caller,
    manifest: &Manifest,
    audience: &HeldAudience,
    published: &BTreeMap<Target, Published>,
) -> Vec<Ailment> {
    let nobody = BTreeSet::new();
    let known = audience.known_readers();
    let readers = Readers {
        audience: known.unwrap_or(&nobody),
        owners: &audience.owners,
    };
    let mut ailments = Vec::new();
    for (target, published) in published {
        if target.account() != caller.hub.account() && known.is_none() {
            continue;
        }
        let here = has_parameters(manifest, caller.hub, readers, *target);
        let findings = published.left_findings(published.left(manifest, *target, here));
        ailments.extend(findings.iter().map(|finding| {
            let says = format!("{finding} (seen {})", published.looked);
            Ailment::of(Part::Names, &manifest.family, Some(*target), says, !finding.is_a_note())
        }));
    }
    ailments
}

/// Accounts that a manifest names and that get nothing: what their organization says of them, the hub looked up.
fn named_for_nothing(
    distribute: &Distribute,
    hub: AccountId,
    audience: &HeldAudience,
) -> impl Iterator<Item = Finding> {
    let HeldAudience {
        audience: ResolvedAudience { images, .. },
        owners,
        ..
    } = audience;
    let is_shut = |account: &&AccountId| **account != hub && !images.contains(&Grantee::Account(**account));
    let shut = distribute.share_with.accounts.iter().filter(is_shut);
    let gets_none = distribute.copy_to.iter().filter(|account| !owners.contains(account));
    let owner = move |account: &AccountId| match *account {
        account if account == hub => MemberFinding::IsHub(account),
        account => MemberFinding::OutOfUseSomehow(account),
    };
    let shut: Vec<Finding> = shut.copied().map(Finding::AccountClosed).collect();
    let owners: Vec<Finding> = gets_none.map(owner).map(Finding::from).collect();
    shut.into_iter().chain(owners)
}

/// What the hub's functions saw last of what consumers see: each sentence once, however many Regions it is of.
fn of_consumers(family: &FamilyName, viewed: &BTreeMap<Target, Viewed>) -> Vec<Ailment> {
    let mut seen: BTreeMap<(AccountId, &Words), (BTreeSet<Target>, Timestamp, bool)> = BTreeMap::new();
    for (target, viewed) in viewed {
        let fails = !viewed.settled && !viewed.under_way;
        for finding in &viewed.findings {
            let of_it = seen.entry((target.account(), finding));
            let (targets, last, trouble) = of_it.or_insert((BTreeSet::new(), viewed.looked, fails));
            targets.insert(*target);
            *last = viewed.looked.max(*last);
            *trouble |= fails;
        }
    }
    let seen = seen.into_iter().map(|((_, finding), (targets, last, trouble))| {
        let (one, of) = match targets.len() {
            1 => (targets.first().copied(), String::new()),
            many => (None, format!("in {many} Regions, ")),
        };
        let says = format!("{finding} ({of}seen {last})");
        Ailment::of(Part::Audience, family, one, says, trouble)
    });
    seen.collect()
}

/// That nobody is told of what goes for good, or that nobody knows; and whether it is sure.
async fn untold(caller: &Caller, topic: &str) -> Option<(String, bool)> {
    match caller.topic(topic).subscribers().await {
        Ok(0) => Some((
            format!("nobody is subscribed to {topic}: nobody hears of it before an image goes for good"),
            true,
        )),
        Ok(_) => None,
        Err(problem) => Some((
            format!("whether anybody is told before an image goes for good could not be read: {problem}"),
            false,
        )),
    }
}

/// Who else is at work in Image Builder, or why nobody knows.
async fn others(caller: &Caller) -> Result<(Vec<LifecyclePolicySeen>, Vec<DistributionSeen>), Problem> {
    let at = caller.at_hub();
    Ok((at.lifecycle_policies().await?, at.distributions_of_ours().await?))
}

async fn by_others(
    record: &Record,
    family: &FamilyName,
    others: &Result<(Vec<LifecyclePolicySeen>, Vec<DistributionSeen>), Problem>,
    ailments: &mut Vec<Ailment>,
) -> Result<(), Failure> {
    let (policies, distributions) = match others {
        Ok(others) => others,
        Err(problem) => {
            let says = format!("who else is at work in Image Builder could not be read: {problem}");
            ailments.push(Ailment::of(Part::Others, family, None, says, false));
            return Ok(());
        }
    };
    let releases = record.releases_of(family).await?;
    let recipes = releases.iter().filter_map(|(_, card)| card.recipe.as_ref());
    let recipes = recipes.map(|recipe| recipe.name().to_string()).collect();
    let at_work = others_at_work(family, &recipes, policies, distributions);
    let ailment = |other: &steward::others::OtherAtWork| {
        Ailment::of(Part::Others, family, None, other.to_string(), other.is_sure())
    };
    ailments.extend(at_work.iter().map(ailment));
    Ok(())
}

impl Ailment {
    fn of(part: Part, family: &FamilyName, target: Option<Target>, says: String, trouble: bool) -> Self {
        Self {
            part,
            family: family.clone(),
            target,
            releases: Vec::new(),
            told: Told {
                says,
                trouble,
                statement: None,
                is_of_a_key: false,
            },
        }
    }
}

impl Part {
    const fn title(self) -> &'static str {
        match self {
            Self::Targets => "Targets",
            Self::Keys => "Keys",
            Self::Names => "Parameters and launch templates",
            Self::Audience => "Audience",
            Self::People => "Who is told",
            Self::Others => "Others at work",
        }
    }
}

fn text(shown: &Shown, right: bool) -> String {
    let mut text = String::new();
    let mut part = None;
    for ailment in &shown.ailments {
        if part != Some(ailment.part) {
            let _ = writeln!(text, "{}", ailment.part.title());
            part = Some(ailment.part);
        }
        let Ailment {
            part: _,
            family,
            target,
            releases,
            told,
        } = ailment;
        let place = target.map_or_else(String::new, |target| format!(" in {target}"));
        let of = match releases.as_slice() {
            [] => String::new(),
            [one] => format!(", {one}"),
            [one, more @ ..] => format!(", {one} and {} more", more.len()),
        };
        let mark = mark(told.trouble);
        let _ = writeln!(text, "  {mark} {family}{place}{of}: {}", one_line(&told.says));
        // What is too long for a sentence.
        if let Some(statement) = told
            .statement
            .as_ref()
            .filter(|statement| !told.says.contains(*statement))
        {
            let _ = writeln!(text, "    {statement}");
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(if right {
        "Nothing is known that will fail."
    } else {
        "`!` fails until somebody does something."
    });
    text.push_str(" Not looked at:");
    for what in &shown.not_looked_at {
        let _ = write!(text, "\n  · {what}");
    }
    text
}
