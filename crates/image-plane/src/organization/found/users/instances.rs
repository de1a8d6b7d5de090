//! Instances.

use std::sync::Arc;
use std::time::Duration;

use super::super::super::dice::Dice;
use super::super::super::{Chosen, InstanceStanding, TemplateUse, Who};
use super::Founding;
use crate::ec2::Due;
use crate::ec2::image::Image;
use crate::ec2::instance::InstanceState;
use crate::ec2::launch::LAUNCH_SHOWS;
use crate::ec2::place_instance::NewInstance;
use crate::ec2::tags::Tags;
use crate::ids::InstanceId;
use crate::time::Time;
use crate::world::{self, Target};

impl Founding<'_> {
    pub(super) fn instances(&mut self) {
        let mut dice = self.dice.of("instances");
        for _ in 0..self.settings.users.instances {
            let Some((place, home)) = self.usable(&mut dice) else {
                return;
            };
            let standing = if dice.chance(700) {
                InstanceStanding::Running
            } else {
                InstanceStanding::Stopped
            };
            self.instance(home, place, standing, None, &mut dice);
        }
    }

    /// Puts an instance of an image that is there into a target.
    pub(super) fn instance(
        &mut self,
        home: Target,
        place: usize,
        standing: InstanceStanding,
        from: Option<TemplateUse>,
        dice: &mut Dice,
    ) -> InstanceId {
        let placement = &self.made.placements[place];
        let remembered = self.world.remembered_image(placement.home.region, placement.ami);
        self.instance_of(home, place, remembered.as_ref(), (standing, from), dice)
    }

    /// Puts an instance of an image as it was into a target.
    pub(super) fn instance_of(
        &mut self,
        home: Target,
        place: usize,
        remembered: Option<&Arc<Image>>,
        (standing, from): (InstanceStanding, Option<TemplateUse>),
        dice: &mut Dice,
    ) -> InstanceId {
        let id = InstanceId::draw(&mut dice.random);
        let Some(template) = remembered else {
            return id;
        };
        let placement = &self.made.placements[place];
        // An image from the future was launched all the same.
        let launched = self.between(placement.created.min(self.made.founded), dice);
        let mut tags = Tags::default();
        if let Some(named) = &from {
            tags.set("aws:ec2launchtemplate:id", &named.template);
            if let Chosen::Number(number) = named.version {
                tags.set("aws:ec2launchtemplate:version", &number.to_string());
            }
            self.pin(named);
        }
        let state = match standing {
            InstanceStanding::Running => InstanceState::Running,
            InstanceStanding::Stopped => InstanceState::Stopped,
            InstanceStanding::Terminated => InstanceState::Terminated,
        };
        let kind = self.kind(place);
        let new = NewInstance {
            id,
            image: self.made.placements[place].ami,
            template: Arc::clone(template),
            kind,
            state,
            launched,
            tags,
        };
        self.world.place_instance(home, new);
        self.show_launch(place, launched);
        let from = from.map(Box::new);
        self.note(home, Who::Instance { id, standing, from }, Some(place));
        id
    }

    /// Lets an image's owner see a launch: now, or when it is a day old.
    fn show_launch(&mut self, at: usize, launched: Time) {
        let now = self.made.founded;
        let placement = &mut self.made.placements[at];
        let shows = launched + LAUNCH_SHOWS;
        let (target, id) = (placement.home, placement.ami);
        if shows > now {
            let due = world::Due::Ec2(Due::LaunchShows { target, id, launched });
            self.world.plan(shows.since(now), due);
        } else if placement.last_launched < Some(launched) {
            placement.last_launched = Some(launched);
            let plane = self.world.ec2.plane(target.region);
            if let Some(image) = plane.edit_image(id, now, Duration::ZERO) {
                image.launched = Some(launched);
            }
        }
    }
}
