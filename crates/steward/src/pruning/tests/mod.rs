mod checking;
mod climbing;
mod evidence;
mod going;
mod keeping;
mod limits;
mod stage;
