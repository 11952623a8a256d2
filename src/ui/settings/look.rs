//! How the user wants lines to look.

use crate::ui::time_format::TimeFormat;

/// How the user wants lines to look.
#[derive(Clone, Debug)]
pub(crate) struct LookSettings {
    /// Whether nicks have colours, where there are colours at all.
    pub(crate) nick_colors: bool,
    /// The time in front of lines.
    pub(crate) timestamp: TimeFormat,
}

impl LookSettings {
    pub(crate) const DEFAULT: Self = Self { nick_colors: true, timestamp: TimeFormat::DEFAULT };
}
