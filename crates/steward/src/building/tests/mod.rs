//! Each rule by itself, on lines that live; then whole years of many lines, and what must be true throughout.

mod again;
mod apart;
mod cascade;
mod clock;
mod coverage;
mod cves;
mod families;
mod following;
mod foreseen;
mod freezing;
mod lives;
mod random;
mod reference;
mod stage;
mod superseded;
mod trouble;
mod year;
