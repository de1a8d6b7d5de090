//! Where the process of a function ends.

use std::fmt;

use image_plane::{Effect, Fault, ImagePlane};

/// A process that ends right before or after one of its calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crash {
    kind: CrashKind,
    /// How many calls it has made by then.
    skip: u64,
}

/// On which side of which calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrashKind {
    pub(crate) effect: Effect,
    /// Of the table's calls, or of all others.
    pub(crate) of_tables: bool,
}

impl CrashKind {
    pub(crate) fn at(self, skip: u64) -> Crash {
        Crash { kind: self, skip }
    }
}

impl Crash {
    /// Each kind there is.
    pub(crate) const KINDS: [CrashKind; 4] = [
        CrashKind {
            effect: Effect::CrashBefore,
            of_tables: false,
        },
        CrashKind {
            effect: Effect::CrashBefore,
            of_tables: true,
        },
        CrashKind {
            effect: Effect::CrashAfter,
            of_tables: false,
        },
        CrashKind {
            effect: Effect::CrashAfter,
            of_tables: true,
        },
    ];

    /// Lets it come.
    pub(crate) fn strike(self, plane: &ImagePlane) {
        let fault = Fault::new(self.kind.effect).after(self.skip);
        if self.kind.of_tables {
            plane.with_tables(|tables| tables.inject(fault));
        } else {
            plane.with(|world| world.inject(fault));
        }
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CrashKind { effect, of_tables } = self.kind;
        write!(f, "{effect:?} of tables {of_tables} at call {}", self.skip)
    }
}
