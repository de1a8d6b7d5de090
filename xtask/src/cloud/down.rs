use super::ground::Ground;
use super::server;
use crate::cache;
use crate::failure::Failure;
use crate::progress::Steps;
use crate::workshop::Workshop;

/// Ends the cloud and removes all it wrote. What was built stays for the next time.
pub(crate) fn down(workshop: &Workshop, port: u16) -> Result<(), Failure> {
    remove(&Ground::of_people(workshop, port))
}

/// Ends a cloud and removes all it wrote.
pub(crate) fn remove(ground: &Ground) -> Result<(), Failure> {
    if !ground.folder.exists() {
        println!("There is no local cloud.");
        return Ok(());
    }
    end(ground)?;
    cache::clear(&ground.folder)
}

/// Ends the cloud's programs; what they wrote stays.
pub(crate) fn end(ground: &Ground) -> Result<(), Failure> {
    let mut steps = Steps::new(1, &ground.log("down"))?;
    steps.step("ending the local cloud", |progress| server::stop(ground, progress))
}
