//! Why a datagram was not let in.

use thiserror::Error;

/// The reason for which a datagram was refused; each is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[repr(u8)]
pub enum Error {
    /// Fewer bytes than a header has.
    #[error("shorter than a header")]
    Short,
    /// More bytes than a datagram may have.
    #[error("longer than 1,200 bytes")]
    Long,
    /// It does not begin with `COOE`: another program's datagram.
    #[error("another program's datagram")]
    Magic,
    /// A version of the protocol that this program does not speak.
    #[error("another version of the protocol")]
    Version,
    /// A kind of datagram that this program does not know.
    #[error("unknown kind")]
    Kind,
    /// Said to be of an open room, and sealed.
    #[error("sealed, in an open room")]
    Sealed,
    /// Said to be of a sealed room, and not sealed.
    #[error("not sealed, in a sealed room")]
    Unsealed,
    /// Sealed with another passphrase, or changed since.
    #[error("seal is broken")]
    Seal,
    /// Said to be signed, but too short for a signature.
    #[error("too short for its signature")]
    Trailer,
    /// Not signed, though whoever is said to have written it signs all that he writes.
    #[error("not signed")]
    Unsigned,
    /// Signed with another key than that of the peer who is said to have written it.
    #[error("signed by somebody else")]
    PeerId,
    /// Changed since it was signed, or never signed with that key.
    #[error("signature is wrong")]
    Signature,
    /// The body ends too early, or a length in it is more than there is.
    #[error("body ends too early")]
    Truncated,
    /// Bytes are left over behind the body.
    #[error("bytes behind the body")]
    TrailingBytes,
    /// A number or a truth value in the body is written as none can be.
    #[error("body cannot be read")]
    Malformed,
    /// A text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// A nick that is empty, over 64 bytes, or has control characters.
    #[error("bad nick")]
    Nick,
    /// A host name that is over 64 bytes or has control characters.
    #[error("bad host name")]
    HostName,
    /// A program version that is over 32 bytes or has control characters.
    #[error("bad program version")]
    ProgramVersion,
    /// A status text that is over 128 bytes or has control characters.
    #[error("bad status text")]
    Status,
    /// A unicast port of 0, of the sender or of somebody that he tells of.
    #[error("bad port")]
    Port,
    /// A beacon interval outside of 1 s to 10 min.
    #[error("bad beacon interval")]
    Interval,
    /// A list of heard runs that is too long, or ends within a run.
    #[error("bad list of heard runs")]
    Heard,
    /// A beacon's name of its room that is not the one of the room id, or that tells what a sealed room is called.
    #[error("bad name of the room")]
    Room,
    /// A list of addresses that is too long, or ends within one.
    #[error("bad list of addresses")]
    Addresses,
    /// A line's text that is empty or over 880 bytes.
    #[error("bad text")]
    Text,
    /// A line number of 0, or lines that would be numbered past the last number.
    #[error("bad line number")]
    Seq,
    /// A line datagram without a line.
    #[error("no line in it")]
    NoLine,
    /// A range of lines that begins with 0 or behind its end.
    #[error("bad range of lines")]
    Range,
}

impl Error {
    /// Every reason, in the order of its number (`error as usize`).
    pub const ALL: [Self; 29] = [
        Self::Short,
        Self::Long,
        Self::Magic,
        Self::Version,
        Self::Kind,
        Self::Sealed,
        Self::Unsealed,
        Self::Seal,
        Self::Trailer,
        Self::Unsigned,
        Self::PeerId,
        Self::Signature,
        Self::Truncated,
        Self::TrailingBytes,
        Self::Malformed,
        Self::Utf8,
        Self::Nick,
        Self::HostName,
        Self::ProgramVersion,
        Self::Status,
        Self::Port,
        Self::Interval,
        Self::Heard,
        Self::Room,
        Self::Addresses,
        Self::Text,
        Self::Seq,
        Self::NoLine,
        Self::Range,
    ];
}

/// What postcard says when it cannot read on, in our words.
impl From<postcard::Error> for Error {
    fn from(error: postcard::Error) -> Self {
        match error {
            postcard::Error::DeserializeUnexpectedEnd => Self::Truncated,
            postcard::Error::DeserializeBadUtf8 => Self::Utf8,
            _ => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn every_reason_is_listed_at_its_own_number() {
        for (number, error) in Error::ALL.into_iter().enumerate() {
            assert_eq!(error as usize, number);
        }
        assert_eq!(Error::Range as usize + 1, Error::ALL.len(), "the last reason is not the last of the list");
    }
}
