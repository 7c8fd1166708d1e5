//! Where the data set is looked for: what a person wishes, the environment and the platform decide.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use directories::BaseDirs;

/// The environment variable that stands in for `--data`.
pub const VARIABLE: &str = "STEEPEST_DATA";
/// The word, in place of a folder, for the stand-in.
const SYNTHETIC: &str = "synthetic";

/// What a person asks for with `--data`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum DataWish {
    /// What [`VARIABLE`] says; else the files in the platform's cache folder, or the stand-in if they are not there.
    #[default]
    Default,
    /// The files in this folder.
    Folder(PathBuf),
    /// The synthetic stand-in.
    Synthetic,
}

/// There is no folder without a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("found nothing, expected a folder or the word `synthetic`")]
pub struct EmptyWish;

impl FromStr for DataWish {
    type Err = EmptyWish;

    fn from_str(text: &str) -> Result<DataWish, EmptyWish> {
        match text {
            "" => Err(EmptyWish),
            SYNTHETIC => Ok(DataWish::Synthetic),
            folder => Ok(DataWish::Folder(PathBuf::from(folder))),
        }
    }
}

/// Where a wish leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder that was named, in which the files must be.
    Named(PathBuf),
    /// The default folder, in which the files may be.
    Cache(PathBuf),
    /// The stand-in was asked for.
    Synthetic,
    /// No folder was named, and the platform has no cache folder: the stand-in.
    Nowhere,
}

impl DataWish {
    /// Where this leads on this machine. Nothing else of `mnist` asks the environment or the platform.
    pub fn place(&self) -> Place {
        let cache = || BaseDirs::new().map(|folders| folders.cache_dir().to_owned());
        choose(self, std::env::var_os(VARIABLE), cache)
    }
}

/// `variable` is [`VARIABLE`]'s value; an empty one counts as none. `cache` is the platform's cache folder.
fn choose(
    wish: &DataWish,
    variable: Option<OsString>,
    cache: impl FnOnce() -> Option<PathBuf>,
) -> Place {
    match (wish, variable) {
        (DataWish::Synthetic, _) => Place::Synthetic,
        (DataWish::Folder(folder), _) => Place::Named(folder.clone()),
        (DataWish::Default, Some(word)) if word == SYNTHETIC => Place::Synthetic,
        (DataWish::Default, Some(folder)) if !folder.is_empty() => {
            Place::Named(PathBuf::from(folder))
        }
        (DataWish::Default, _) => cache().map_or(Place::Nowhere, |cache| {
            Place::Cache(cache.join("steepest").join("mnist"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(wish: &DataWish, variable: Option<&str>) -> Place {
        let cache = || Some(PathBuf::from("cache"));
        choose(wish, variable.map(OsString::from), cache)
    }

    #[test]
    fn the_flag_goes_before_the_variable_and_that_before_the_cache() {
        let folder = DataWish::Folder(PathBuf::from("here"));
        let named = |name: &str| Place::Named(PathBuf::from(name));
        let cache = Place::Cache(PathBuf::from("cache").join("steepest").join("mnist"));
        for (wish, variable, expected) in [
            (&folder, None, named("here")),
            (&folder, Some("there"), named("here")),
            (&folder, Some("synthetic"), named("here")),
            (&DataWish::Synthetic, Some("there"), Place::Synthetic),
            (&DataWish::Default, Some("there"), named("there")),
            (&DataWish::Default, Some("synthetic"), Place::Synthetic),
            (&DataWish::Default, Some(""), cache.clone()),
            (&DataWish::Default, None, cache),
        ] {
            assert_eq!(chosen(wish, variable), expected, "{wish:?} {variable:?}");
        }
        let nowhere = choose(&DataWish::Default, None, || None);
        assert_eq!(nowhere, Place::Nowhere);
    }

    #[test]
    fn a_wish_is_a_folder_or_the_word() {
        assert_eq!("synthetic".parse(), Ok(DataWish::Synthetic));
        let folder = DataWish::Folder(PathBuf::from("./synthetic"));
        assert_eq!("./synthetic".parse(), Ok(folder));
        assert_eq!("".parse::<DataWish>(), Err(EmptyWish));
    }
}
