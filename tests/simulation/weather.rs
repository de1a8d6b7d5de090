//! What goes wrong by itself: for a while wherever something is called, or at one call of one invocation.

use std::time::Duration;

use image_plane::{Effect, EventFaults, Fault, ImagePlane, Region, Service, Time};
use stage::aws::{HUB, minutes};

use crate::company::Company;
use crate::dice::Dice;
use crate::site::Site;

/// One call in an invocation is among so many at most.
const FURTHEST: usize = 70;

/// What whoever retires images calls beside.
const RETIRING: [&str; 8] = [
    "DeregisterImage",
    "DescribeInstances",
    "DescribeLaunchTemplateVersions",
    "DisableImage",
    "EnableImage",
    "EnableImageDeprecation",
    "DescribeParameters",
    "Publish",
];

/// What whoever builds calls beside.
const BUILDING: [&str; 5] = [
    "StartImagePipelineExecution",
    "StartImagePipelineExecution",
    "GetImagePipeline",
    "GetImageRecipe",
    "GetParameters",
];

/// Which door a fault stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Aws,
    Tables,
}

/// A fault that holds for a while.
#[derive(Debug)]
struct Storm {
    until: Time,
    door: Door,
    fault: Fault,
}

/// All that goes wrong.
#[derive(Debug, Default)]
pub(crate) struct Weather {
    storms: Vec<Storm>,
    /// Of a hundred invocations so many are struck.
    pub(crate) strikes: usize,
    /// Whether what was asked for outlasts an invocation.
    pub(crate) persists: bool,
    /// Whether images are retired, too.
    pub(crate) retires: bool,
    /// Whether builds are started for reasons.
    pub(crate) builds: bool,
}

impl Weather {
    /// Lets something go wrong for a while; says what.
    pub(crate) fn brew(&mut self, dice: &mut Dice, company: &Company, now: Time) -> String {
        let regions: Vec<&str> = company.all_regions().collect();
        let region: Region = dice.pick(&regions).parse().unwrap();
        let member = *dice.pick(&company.members);
        let ec2 = [
            "CopyImage",
            "ModifyImageAttribute",
            "ModifySnapshotAttribute",
            "CreateTags",
        ];
        let read = [
            "DescribeImages",
            "DescribeSnapshots",
            "DescribeImageAttribute",
            "DescribeSnapshotAttribute",
        ];
        let mut all = [&ec2[..], &read[..]].concat();
        if self.retires {
            all.extend(RETIRING);
        }
        if self.builds {
            all.extend(BUILDING);
        }
        let of_ec2 = *dice.pick(&all);
        let (says, door, fault) = match dice.below(10) {
            0 => ("throttled", Door::Aws, Fault::new(Effect::Throttle).on(of_ec2)),
            1 => ("denied", Door::Aws, Fault::new(Effect::Deny).on(of_ec2).region(region)),
            2 => (
                "broken",
                Door::Aws,
                Fault::new(Effect::ServerError(503))
                    .service(Service::Ec2)
                    .region(region),
            ),
            3 => (
                "broken after it was done",
                Door::Aws,
                Fault::new(Effect::ServerErrorAfterApply(500)).on(of_ec2),
            ),
            4 => (
                "reset after it was done",
                Door::Aws,
                Fault::new(Effect::ResetAfterApply).on(of_ec2).region(region),
            ),
            5 => (
                "a member lets nobody in",
                Door::Aws,
                Fault::new(Effect::Deny).account(member),
            ),
            6 => (
                "the organization is unreadable",
                Door::Aws,
                Fault::new(Effect::Deny).service(Service::Organizations),
            ),
            7 => (
                "nothing can be sent",
                Door::Aws,
                Fault::new(Effect::Deny).on("SendMessageBatch").account(HUB),
            ),
            8 => (
                "parameters are throttled",
                Door::Aws,
                Fault::new(Effect::Throttle).service(Service::Ssm),
            ),
            _ => ("nothing is told", Door::Aws, Fault::new(Effect::Deny).on("PutEvents")),
        };
        let length = minutes(*dice.pick(&[6, 11, 11, 25, 50]));
        let fault = fault.always();
        let line = format!("for {} minutes {says}: {fault:?}", length.as_secs() / 60);
        self.storms.push(Storm {
            until: now + length,
            door,
            fault,
        });
        line
    }

    /// Lets the sky clear, for good.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What goes wrong in the next invocation; says what strikes one of its calls.
    pub(crate) fn strike(&mut self, dice: &mut Dice, plane: &ImagePlane) -> Vec<String> {
        let now = plane.now();
        self.storms.retain(|storm| now < storm.until);
        let mut said = Vec::new();
        let strikes = match (dice.chance(self.strikes), dice.chance(30)) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        };
        for _ in 0..strikes {
            let (door, fault) = bolt(dice);
            said.push(format!("{door:?} {fault:?}"));
            inject(plane, door, fault);
        }
        for Storm { until: _, door, fault } in &self.storms {
            inject(plane, *door, fault.clone());
        }
        said
    }
}

/// One call, or a few.
fn bolt(dice: &mut Dice) -> (Door, Fault) {
    let door = *dice.pick(&[Door::Aws, Door::Tables]);
    let effect = match dice.below(12) {
        0 | 1 => Effect::CrashBefore,
        2 | 3 => Effect::CrashAfter,
        4 => Effect::ResetAfterApply,
        5 => Effect::ResetBeforeApply,
        6 => Effect::ServerErrorAfterApply(500),
        7 => Effect::ServerError(503),
        8 => Effect::Throttle,
        9 if door == Door::Tables => *dice.pick(&[Effect::Conflict, Effect::Partial]),
        9 => Effect::Deny,
        10 => Effect::Silence {
            applied: dice.chance(50),
        },
        _ => Effect::FreezeAfter(Duration::from_secs(*dice.pick(&[20, 200, 280]))),
    };
    let skip = u64::try_from(dice.below(FURTHEST)).unwrap();
    let times = u64::try_from(*dice.pick(&[1, 1, 3, 9])).unwrap();
    (door, Fault::new(effect).after(skip).times(times))
}

pub(crate) fn inject(plane: &ImagePlane, door: Door, fault: Fault) {
    match door {
        Door::Aws => plane.with(|world| world.inject(fault)),
        Door::Tables => plane.with_tables(|tables| tables.inject(fault)),
    }
}

/// Takes away what an invocation was to meet.
pub(crate) fn calm(plane: &ImagePlane) {
    plane.with(image_plane::World::clear_faults);
    plane.with_tables(image_plane::Tables::clear_faults);
}

impl Site {
    /// Draws what a whole life has: events that are lost and doubled, a table that lags, work that is struck. Says in how many of a
    /// hundred steps a storm comes up.
    pub(crate) fn draw_weather(&mut self, dice: &mut Dice) -> usize {
        self.plane().with(|world| {
            world.set_event_faults(EventFaults {
                lose_per_mille: u16::try_from(*dice.pick(&[0, 100, 1000])).unwrap(),
                double_per_mille: 100,
                delay_up_to: *dice.pick(&[Duration::ZERO, minutes(20)]),
            });
        });
        self.plane().with_tables(|tables| {
            tables.settings_mut().read_lag = *dice.pick(&[Duration::ZERO, Duration::from_secs(1), minutes(1)]);
        });
        self.weather.strikes = *dice.pick(&[0, 10, 30]);
        *dice.pick(&[0, 10, 25])
    }

    /// A storm, in so many of a hundred cases.
    pub(crate) fn may_storm(&mut self, storms: usize, dice: &mut Dice) {
        if dice.chance(storms) {
            let now = self.plane().now();
            let line = self.weather.brew(&mut self.dice, &self.company, now);
            self.say(line);
        }
    }

    /// From here on nothing goes wrong any more.
    pub(crate) fn clear_up(&mut self) {
        self.say("faults stop");
        self.weather.clear();
        self.plane()
            .with(|world| world.set_event_faults(EventFaults::default()));
    }
}
