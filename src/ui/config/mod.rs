//! The settings that a user keeps in a file: `config.toml`, described in cooee(5).
//!
//! The text is read in two steps: [`Document`] finds the settings in it and where they stand, [`Values`] checks what
//! they mean. [`settle`] then takes, of flag, variable, file and default, the strongest for each.

mod document;
mod file;
mod key;
mod precedence;
mod source;
mod values;

use self::document::{Document, Mistake};
pub(crate) use self::file::Place;
pub(crate) use self::key::Key;
pub(crate) use self::precedence::settle;
pub(crate) use self::source::{Source, Sourced, Sources};
pub(crate) use self::values::Values;
use super::ending::{Ending, warn};
use super::folders;

/// What a user keeps in the file, and where it was looked for.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) place: Place,
    pub(crate) values: Values,
}

impl Config {
    /// Reads the file. What is passed over in it is told on stderr.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or a value in it is not allowed.
    pub(crate) fn read() -> Result<Self, Ending> {
        let Some(folder) = folders::config() else { return Ok(Self::empty(Place::Nowhere)) };
        let path = folder.join("config.toml");
        let Some(text) = file::read(&path).map_err(Ending::Usage)? else {
            return Ok(Self::empty(Place::Missing(path)));
        };
        let (values, unknown) =
            understand(&text).map_err(|mistake| Ending::Usage(format!("{} {mistake}", path.display())))?;
        unknown.iter().for_each(|mistake| warn(&format!("{} {mistake}", path.display())));
        Ok(Self { place: Place::Found(path), values })
    }

    /// That of somebody who keeps none.
    fn empty(place: Place) -> Self {
        Self { place, values: Values::default() }
    }
}

/// What a text says, and what is passed over in it.
pub(crate) fn understand(text: &str) -> Result<(Values, Vec<Mistake>), Mistake> {
    let document = Document::parse(text)?;
    Ok((Values::new(&document)?, document.unknown))
}

#[cfg(test)]
mod tests;
