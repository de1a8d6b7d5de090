//! What persons ask of channels and that waits: asked, waited for, withdrawn.

use std::time::Duration;

use steward::channels::{Answer, Moved, Request, decide_request, history_of};
use steward::{ChannelName, FamilyName, Timestamp, Words};
use steward_aws::{Problem, Record};

use crate::channels::{Asked, asked, known};
use crate::failure::Failure;
use crate::given::Withdraw;
use crate::hub::Hub;
use crate::terminal::agreed;
use crate::titled::{listed, titles};
use crate::word::{self, reason};

/// How often somebody who waits looks how far it is.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// For so long it is said of what is over.
const NEWS: steward::Duration = steward::Duration::days(7);

/// Asks that a channel go to what is to be restored first.
pub(crate) async fn ask(
    record: &Record,
    family: &Asked,
    channel: &ChannelName,
    request: Request,
    (yes, wait): (bool, bool),
) -> Result<String, Failure> {
    let name = &family.manifest.family;
    let to = listed(titles(record, &request.wanted).await?.values());
    let question = format!(
        "{to} is disabled. Once you ask for it, its images in the hub's account are enabled and shared as the manifest says, \
         and {channel} of {name} moves to it then."
    );
    agreed(yes, &question)?;
    record.ask(name, channel, &request).await?;
    if wait {
        return wait_for(record, name, (channel, &request), &to).await;
    }
    Ok(format!(
        "{channel} of {name} moves to {to} once that is restored, which begins with the next sweep and is given up after a \
         day. `steward channels {name}` says how far it is, `steward withdraw {name} --channel {channel}` takes it back."
    ))
}

/// Waits until a person's move answers it, or it is over.
async fn wait_for(
    record: &Record,
    family: &FamilyName,
    (channel, request): (&ChannelName, &Request),
    to: &str,
) -> Result<String, Failure> {
    let (mut now, mut told) = (request.at, None);
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        now = now.checked_add(LOOK_AGAIN).unwrap_or(now);
        let held = record.requests(family).await?;
        let Some(kept) = held.get(channel).filter(|held| held.at == request.at) else {
            return Err(Failure::Mistake(format!(
                "somebody asked something else of {channel} of {family} meanwhile."
            )));
        };
        let channels = record.channels(family).await?;
        if let Some(moved) = request.answer(history_of(&channels, channel)) {
            return Ok(answered(moved, (family, channel), to));
        }
        if let Some(over) = kept.over(now) {
            return Err(Failure::Mistake(format!(
                "{channel} of {family} was not moved to {to}: {over}."
            )));
        }
        let asked = asked(record, family).await?;
        let waits = waits(record, &asked, channel, now).await?;
        if let Some(waits) = waits.filter(|waits| told.as_ref() != Some(waits)) {
            say(&waits);
            told = Some(waits);
        }
    }
}

fn answered(moved: &Moved, (family, channel): (&FamilyName, &ChannelName), to: &str) -> String {
    format!(
        "{channel} of {family} moved at {}, because: {}. It was asked to go to {to}; `steward channels {family} {channel}` lists its \
         moves.",
        moved.at, moved.why
    )
}

#[expect(clippy::print_stderr, reason = "a command that waits says for what")]
fn say(waits: &Words) {
    eprintln!("steward: {waits}.");
}

/// Takes back what was asked of a channel. What was enabled by then stays so.
pub(crate) async fn withdraw(hub: &Hub, given: &Withdraw) -> Result<String, Failure> {
    let Withdraw {
        family,
        channel,
        because,
    } = given;
    let family: FamilyName = word::parse(family, "family name")?;
    let why = reason(because)?;
    let (caller, record) = hub.open().await?;
    let asked = asked(&record, &family).await?;
    let channel = known(&asked.manifest, &asked.held, channel)?;
    let now = hub.now()?;
    let open = asked.held.open_requests(&asked.manifest, now);
    let nothing = || Failure::Mistake(format!("nothing that was asked of {channel} of {family} waits."));
    let request = open.get(&channel).ok_or_else(nothing)?;
    let over = Words::from(format!("{} withdrew it: {why}", caller.arn));
    if !record.end_request(&family, (&channel, request), &over, now).await? {
        return Err(Failure::Mistake(format!(
            "somebody asked something else of {channel} of {family} a moment ago."
        )));
    }
    Ok(format!(
        "Withdrawn: {channel} of {family} stays where it is, and nothing more is enabled for it. What was enabled by now stays so."
    ))
}

/// What is asked of a channel and waits, or came to nothing lately, in a line.
pub(crate) async fn line(
    record: &Record,
    asked: &Asked,
    channel: &ChannelName,
    now: Timestamp,
) -> Result<Option<String>, Failure> {
    let Some(request) = asked.held.requests.get(channel) else {
        return Ok(None);
    };
    let is_old = request.at.checked_add(NEWS).is_some_and(|until| until <= now);
    if is_old || request.answer(history_of(&asked.held.channels, channel)).is_some() {
        return Ok(None);
    }
    let to = listed(titles(record, &request.wanted).await?.values());
    let becomes = match request.over(now) {
        Some(over) => format!("that is over: {over}"),
        None => match waits(record, asked, channel, now).await? {
            Some(waits) => format!("it is being restored: {waits}"),
            None => String::from("it moves with the next sweep"),
        },
    };
    Ok(Some(format!(
        "{} asked at {} that it go to {to} ({}); {becomes}",
        request.who, request.at, request.why
    )))
}

/// What an open request waits for; none: there is none, or it waits for the next sweep alone.
async fn waits(
    record: &Record,
    asked: &Asked,
    channel: &ChannelName,
    now: Timestamp,
) -> Result<Option<Words>, Problem> {
    let Some(request) = asked.held.open_requests(&asked.manifest, now).remove(channel) else {
        return Ok(None);
    };
    let mut releases = asked.releases.clone();
    record.mark_revoked(&mut releases, &request.wanted, now).await?;
    let facts = asked.held.facts(&asked.manifest, &releases, now);
    Ok(match decide_request(facts, channel, &request) {
        Answer::Waits(why) => Some(why),
        Answer::Refused(refusal) => Some(Words::from(refusal.to_string())),
        Answer::Moves(_) | Answer::Met => None,
    })
}
