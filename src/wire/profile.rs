//! What a run tells of itself, for others to show.

use super::{HostName, Nick, ProgramVersion, Status};

/// What a run tells of itself, for others to show. None of it is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile<'a> {
    /// The name that it goes by.
    pub nick: Nick<'a>,
    /// The name of its machine; may be empty.
    pub host: HostName<'a>,
    /// The version of its program; may be empty.
    pub version: ProgramVersion<'a>,
    /// What it lets others know of itself; mostly empty.
    pub status: Status<'a>,
}

impl Profile<'_> {
    /// The same, no longer tied to the bytes that it was read from.
    pub fn into_owned(self) -> Profile<'static> {
        let Self { nick, host, version, status } = self;
        Profile {
            nick: nick.into_owned(),
            host: host.into_owned(),
            version: version.into_owned(),
            status: status.into_owned(),
        }
    }
}
