//! What a run tells of itself, in one piece of memory.

use alloc::boxed::Box;
use alloc::string::String;

use crate::wire::{HostName, NameError, Nick, Profile, ProgramVersion, Status};

/// A [`Profile`] in one piece, as there are thousands of them, each shown seldom: three characters that tell how long
/// nick, host and version are, then these, then the status. None of the three has more than 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PackedProfile(Box<str>);

const LENGTHS: usize = 3;

impl PackedProfile {
    pub(super) fn of(profile: &Profile<'_>) -> Self {
        let texts = texts(profile);
        let mut packed = String::with_capacity(LENGTHS + texts.iter().map(|text| text.len()).sum::<usize>());
        packed.extend(lengths(&texts).map(char::from));
        texts.iter().for_each(|text| packed.push_str(text));
        Self(packed.into_boxed_str())
    }

    /// Whether this is what it was packed from.
    pub(super) fn is(&self, profile: &Profile<'_>) -> bool {
        let texts = texts(profile);
        let (packed_lengths, mut rest) = self.0.as_bytes().split_at(LENGTHS);
        packed_lengths == lengths(&texts)
            && texts.iter().all(|text| match rest.split_at_checked(text.len()) {
                Some((first, behind)) => {
                    rest = behind;
                    first == text.as_bytes()
                }
                None => false,
            })
            && rest.is_empty()
    }

    pub(super) fn nick(&self) -> Nick<'static> {
        let [nick, ..] = self.texts();
        legal(Nick::new(String::from(nick)))
    }

    pub(super) fn unpack(&self) -> Profile<'static> {
        let [nick, host, version, status] = self.texts().map(String::from);
        Profile {
            nick: legal(Nick::new(nick)),
            host: legal(HostName::new(host)),
            version: legal(ProgramVersion::new(version)),
            status: legal(Status::new(status)),
        }
    }

    fn texts(&self) -> [&str; 4] {
        let (lengths, texts) = self.0.split_at(LENGTHS);
        let length = |number: usize| usize::from(lengths.as_bytes()[number]);
        let (nick, behind) = texts.split_at(length(0));
        let (host, behind) = behind.split_at(length(1));
        let (version, status) = behind.split_at(length(2));
        [nick, host, version, status]
    }
}

fn texts<'a>(profile: &'a Profile<'_>) -> [&'a str; 4] {
    [profile.nick.as_str(), profile.host.as_str(), profile.version.as_str(), profile.status.as_str()]
}

fn lengths([nick, host, version, _]: &[&str; 4]) -> [u8; LENGTHS] {
    [nick, host, version].map(|text| u8::try_from(text.len()).unwrap_or(u8::MAX))
}

/// What was legal when it was packed is so still.
fn legal<T>(text: Result<T, NameError>) -> T {
    text.unwrap_or_else(|_| unreachable!("it was one before"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(nick: &str, host: &str, version: &str, status: &str) -> Profile<'static> {
        Profile {
            nick: Nick::new(String::from(nick)).unwrap(),
            host: HostName::new(String::from(host)).unwrap(),
            version: ProgramVersion::new(String::from(version)).unwrap(),
            status: Status::new(String::from(status)).unwrap(),
        }
    }

    #[test]
    fn what_was_packed_is_unpacked_and_nothing_else_is_taken_for_it() {
        let longest = profile(&"é".repeat(32), &"h".repeat(64), &"v".repeat(32), &"😀".repeat(32));
        let profiles = [
            longest,
            profile("al", "ice", "", ""),
            profile("alice", "", "", ""),
            profile("al", "ic", "e", ""),
            profile("al", "ic", "", "e"),
            profile("al", "ice", "", "e"),
        ];
        for one in &profiles {
            let packed = PackedProfile::of(one);
            assert_eq!((&packed.unpack(), &packed.nick()), (one, &one.nick));
            assert!(profiles.iter().all(|other| packed.is(other) == (one == other)), "{packed:?}");
        }
    }
}
