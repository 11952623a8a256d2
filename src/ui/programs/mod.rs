//! Programs of the user's that are run for a line: without a shell, and never more than a few at once.

mod children;
pub(super) mod line_command;
pub(super) mod notice;
pub(super) mod program;
