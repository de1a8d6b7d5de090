//! What a family's manifest says of how it is built, and why, as the simulation knows it.

use std::time::Duration;

use image_plane::Time;
use stage::aws::hours;

use crate::dice::Dice;

/// The family that others are built on.
pub(crate) const BASE: &str = "base";
/// The hour of the day at which each schedule is due.
pub(crate) const DUE: &str = "T04:00:00";

/// How a family is built, and what starts builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Building {
    /// The channel of the base that it is built on; none: it is built on what a parameter names.
    pub(crate) on: Option<&'static str>,
    /// GiB of its volume.
    pub(crate) size: usize,
    /// Due each day, whether anything changed or only where something did; none: never.
    pub(crate) schedule: Option<bool>,
    /// Built again at this age of the newest, in hours.
    max_age: Option<u64>,
    /// In minutes.
    debounce: u64,
    /// The first and the last day on which only a person and what a scan found build.
    pub(crate) freeze: Option<[String; 2]>,
}

impl Building {
    /// The base, and two that are built on it.
    pub(crate) fn of(dice: &mut Dice, number: usize) -> Self {
        let (on, schedule, max_age) = match number {
            0 => (None, Some(false), Some(*dice.pick(&[40, 60, 100]))),
            1 => (Some("stable"), Some(true), None),
            _ => (Some("candidate"), None, Some(*dice.pick(&[40, 60, 100]))),
        };
        Self {
            on,
            size: 8,
            schedule,
            max_age,
            debounce: *dice.pick(&[0, 5, 15]),
            freeze: None,
        }
    }

    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.max_age.map(hours)
    }

    /// Whether it is a day of the freeze.
    pub(crate) fn is_frozen(&self, at: Time) -> bool {
        let day = day(at);
        self.freeze
            .as_ref()
            .is_some_and(|[from, to]| *from <= day && day <= *to)
    }

    /// The name of the parameter that says what it is built on.
    pub(crate) fn parameter(&self, architecture: &str) -> String {
        match self.on {
            None => format!("/base/{architecture}"),
            Some(channel) => format!("/golden/{BASE}/{architecture}/{channel}"),
        }
    }

    /// As a manifest says it.
    pub(crate) fn says(&self) -> String {
        let Self {
            on,
            size,
            schedule,
            max_age,
            debounce,
            freeze,
        } = self;
        let parent = on.map_or_else(
            || String::from("{ parameter: \"/base/{architecture}\", owner: self }"),
            |channel| format!("{{ family: {BASE}, channel: {channel} }}"),
        );
        let schedule = schedule.map_or_else(String::new, |always| {
            format!("schedule: {{ cron: \"0 4 * * ? *\", always: {always} }}, ")
        });
        let age = max_age.map_or_else(String::new, |hours| format!("max_age: {hours}h, "));
        let freeze = freeze.as_ref().map_or_else(String::new, |[from, to]| {
            format!("freeze: [ {{ from: {from}, to: {to}, timezone: UTC, except: [cve, manual] }} ], ")
        });
        let base = if on.is_none() { "base: 1h, " } else { "" };
        format!(
            "build:\n  parent: {parent}\n  components: [ {{ arn: \"arn:aws:imagebuilder:eu-west-1:111122223333:component/agent/x.x.x\" }} \
             ]\n  volumes: [ {{ device: /dev/xvda, size_gb: {size}, type: gp3 }} ]\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: ImageBuilder }}\n  scanning: {{}}\ntriggers: {{ {schedule}{age}{freeze}{base}\
             cve: {{ at_least: high }}, \
             debounce: {debounce}m }}\n"
        )
    }
}

/// `2026-01-05`.
pub(crate) fn day(at: Time) -> String {
    at.to_string().chars().take(10).collect()
}
