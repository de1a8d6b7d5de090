use super::Rules;
use crate::Duration;
use crate::manifest::words::Wait;
use crate::manifest::{Distribute, Retain};

/// Audiences without a role of ours are asked by usage reports, which lag.
const SHARED_DISABLED: Duration = Duration::days(7);

impl Rules {
    pub(super) fn retain(&mut self, retain: &Retain, distribute: &Distribute) {
        let ladder = &retain.ladder;
        let rungs = [
            ("deprecate", ladder.deprecate),
            ("disable", ladder.disable),
            ("delete", ladder.delete),
        ];
        for pair in rungs.windows(2) {
            let [(before, earlier), (after, later)] = pair else {
                continue;
            };
            let at = ["retain", "ladder", after];
            match (earlier, later) {
                (Wait::Never, Wait::After(_)) => self.error(
                    &at,
                    format!("`{after}` is never reached: `{before}` is not"),
                    format!("say when to {before}, or leave `{after}` out"),
                ),
                (Wait::After(earlier), Wait::After(later)) if later < earlier => {
                    self.error(
                        &at,
                        format!("`{after}` after {later} would come before `{before}` after {earlier}"),
                        "make it the longer one",
                    );
                }
                _ => {}
            }
        }
        if let (Wait::After(disable), Wait::After(delete)) = (ladder.disable, ladder.delete)
            && !distribute.share_with.is_nobody()
            && delete >= disable
            && delete.length() < disable.length() + SHARED_DISABLED.length()
        {
            let what = format!(
                "shared images are deleted {} after they are disabled, must be at least {SHARED_DISABLED}",
                between(disable, delete)
            );
            self.error(
                &["retain", "ladder", "delete"],
                what,
                "who uses a shared image is known only days later",
            );
        }
    }
}

fn between(earlier: Duration, later: Duration) -> String {
    let seconds = later.length().saturating_sub(earlier.length()).as_secs();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds >= length && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}
