//! The log of what is seen: for people, who want to know later what was said.
//!
//! It lies in a folder for each room, a file for each day, an object a line: the same that `listen --json` prints.
//! Several runs write to it at once, and anybody who may can edit it. So each line is written in one piece, whatever
//! stands before it; and whoever reads it takes each line for a stranger's text, and what two runs have written twice
//! for once.

mod logged;
mod pace;
mod place;
mod queue;
mod reader;
mod seen;
mod shown;
mod since;
mod speakers;
mod writer;

pub(crate) use self::logged::{Logged, LoggedGap, LoggedLine};
pub(crate) use self::place::folder;
pub(crate) use self::queue::Log;
pub(crate) use self::reader::{Query, Reader};
pub(crate) use self::shown::show;
pub(crate) use self::since::Since;
pub(crate) use self::speakers::Speakers;
