//! The folder that outlives clones: tools that are installed once.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Where the cache is, by these variables of the environment.
pub(crate) fn locate(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, Failure> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(cache) = set("IMAGE_STEWARD_CACHE") {
        return Ok(cache);
    }
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .map(|caches| caches.join("image-steward"))
        .ok_or(Failure::NoCache)
}

/// Keeps other runs from installing into the cache until the returned file is dropped.
pub(crate) fn lock(cache: &Path) -> Result<File, Failure> {
    fs::create_dir_all(cache).map_err(Failure::of_file(cache))?;
    let path = cache.join("lock");
    let file = File::create(&path).map_err(Failure::of_file(&path))?;
    file.lock().map_err(Failure::of_file(&path))?;
    Ok(file)
}

/// Removes a folder that may not be there.
pub(crate) fn clear(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::of_file(folder)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(environment: &[(&str, &str)]) -> Option<PathBuf> {
        locate(|name| {
            environment
                .iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| value.into())
        })
        .ok()
    }

    #[test]
    fn our_own_variable_wins_and_is_taken_as_it_is() {
        let environment = [
            ("IMAGE_STEWARD_CACHE", "/ours"),
            ("XDG_CACHE_HOME", "/xdg"),
            ("HOME", "/home/ada"),
        ];
        assert_eq!(located(&environment), Some(PathBuf::from("/ours")));
    }

    #[test]
    fn without_it_the_cache_is_where_the_desktop_keeps_caches() {
        let environment = [("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/ada")];
        assert_eq!(located(&environment), Some(PathBuf::from("/xdg/image-steward")));
        assert_eq!(
            located(&[("HOME", "/home/ada")]),
            Some(PathBuf::from("/home/ada/.cache/image-steward"))
        );
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let environment = [
            ("IMAGE_STEWARD_CACHE", ""),
            ("XDG_CACHE_HOME", ""),
            ("HOME", "/home/ada"),
        ];
        assert_eq!(
            located(&environment),
            Some(PathBuf::from("/home/ada/.cache/image-steward"))
        );
    }

    #[test]
    fn no_home_and_no_variable_is_a_failure_and_not_a_guess() {
        assert_eq!(located(&[]), None);
    }
}
