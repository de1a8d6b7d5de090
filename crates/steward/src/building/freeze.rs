use super::schedule::zone;
use crate::Timestamp;
use crate::manifest::{Freeze, ReasonKind};

/// Until when nothing is built for such a reason; none: it may be. Windows that follow one another are one.
pub(super) fn frozen_until(freezes: &[Freeze], kind: ReasonKind, now: Timestamp) -> Option<Timestamp> {
    let windows: Vec<_> = windows(freezes, kind).collect();
    let mut until = now;
    while let Some((_, end)) = windows.iter().find(|(from, end)| *from <= until && until < *end) {
        until = *end;
    }
    (until > now).then_some(until)
}

fn windows(freezes: &[Freeze], kind: ReasonKind) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let holds = move |freeze: &&Freeze| !freeze.except.contains(&kind);
    freezes.iter().filter(holds).filter_map(window)
}

/// From the first moment of its first day to the first after its last.
fn window(freeze: &Freeze) -> Option<(Timestamp, Timestamp)> {
    let Freeze {
        from,
        to,
        timezone,
        except: _,
    } = freeze;
    let zone = zone(timezone)?;
    let start = |date: jiff::civil::Date| {
        let at = date.to_zoned(zone.clone()).ok()?.timestamp();
        Timestamp::from_millisecond(at.as_millisecond()).ok()
    };
    Some((start(from.date())?, start(to.date().tomorrow().ok()?)?))
}
