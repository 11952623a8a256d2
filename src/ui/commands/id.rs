//! `cooee id`: by which key others know this installation.

use crate::ui::arguments::IdOptions;
use crate::ui::ending::Ending;
use crate::ui::json::{self, IdObject};
use crate::ui::output::Output;
use crate::ui::settings::Settings;

/// Prints the fingerprint of the key that a run has.
pub(crate) fn id(settings: &Settings, options: &IdOptions, output: &mut Output) -> Result<(), Ending> {
    let fingerprint = settings.identity.key()?.public().fingerprint();
    if options.json {
        let file = settings.identity.file()?;
        return json::print(&IdObject::new(fingerprint, file.as_deref()), output);
    }
    output.line(&fingerprint.to_string())
}
