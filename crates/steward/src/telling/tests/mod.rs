mod looks;
mod properties;
mod stage;
