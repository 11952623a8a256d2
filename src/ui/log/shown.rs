//! What was logged, as it was shown when it came.

use super::{Logged, Reader, Speakers};
use crate::ui::day::day_line;
use crate::ui::ending::Ending;
use crate::ui::look::Look;
use crate::ui::timestamp::local_day;

/// Shows what is asked for, with a line of so many columns in front of what was said on another day.
pub(crate) fn show(
    reader: &mut Reader,
    look: &Look,
    speakers: &mut Speakers,
    day_columns: usize,
    show: &mut dyn FnMut(&str) -> Result<(), Ending>,
) -> Result<(), Ending> {
    let mut day = None;
    reader.read(&mut |logged: &Logged<'_>, _| {
        let today = local_day(logged.time());
        if day.replace(today) != Some(today) {
            show(&day_line(logged.time(), day_columns))?;
        }
        show(&look.logged(logged, speakers))
    })
}
