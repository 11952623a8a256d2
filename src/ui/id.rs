//! `cooee id`: by which key others know this installation.

use super::arguments::IdOptions;
use super::ending::Ending;
use super::json::{self, IdObject};
use super::output::Output;
use super::settings::Settings;

/// Prints the fingerprint of the key that a run has.
pub(crate) fn id(settings: &Settings, options: &IdOptions, output: &mut Output) -> Result<(), Ending> {
    let fingerprint = settings.identity.key()?.public().fingerprint();
    if options.json {
        let file = settings.identity.file()?;
        return json::print(&IdObject::new(fingerprint, file.as_deref()), output);
    }
    output.line(&fingerprint.to_string())
}
