//! The switch, thrown between invocations and in the middle of one.

use std::time::Duration;

use image_plane::{Effect, Fault};
use steward_aws::Switch;

use crate::site::Site;

impl Site {
    /// Throws the switch, or releases it.
    pub(crate) async fn throw(&mut self, paused: bool) {
        let words: &[&str] = if paused {
            &["pause", "--because", "somebody thinks so"]
        } else {
            &["resume", "--because", "somebody else thinks so"]
        };
        let spoken = self.steward(words).await;
        assert_eq!(spoken.code, 0, "{}", spoken.err);
        self.paused = paused;
    }

    /// Throws the switch while a function stands still before one of its calls, or after.
    pub(crate) async fn throw_meanwhile<T>(&mut self, work: impl Future<Output = T>) -> T {
        let pause = Duration::from_secs(20);
        let effect = *self
            .dice
            .pick(&[Effect::FreezeBefore(pause), Effect::FreezeAfter(pause)]);
        let call = u64::try_from(self.dice.below(40)).unwrap();
        self.plane().with(|world| world.inject(Fault::new(effect).after(call)));
        let record = &self.record;
        let since = self.aws.plane.now().to_string().parse().unwrap();
        let switch = Switch {
            paused: true,
            who: String::from("ann"),
            why: String::from("a bad base"),
            since,
        };
        let throw = async {
            tokio::time::sleep(pause / 2).await;
            record.throw(&switch).await.unwrap();
            self.aws.plane.now()
        };
        let (ended, thrown) = tokio::join!(work, throw);
        self.judge.thrown = Some(thrown);
        self.paused = true;
        self.say(format!(
            "somebody threw the switch at {thrown}, {effect:?} at call {call}"
        ));
        ended
    }
}
