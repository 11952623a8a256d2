//! A public key in a form that people compare and files keep.

use core::fmt;
use core::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::PublicKey;

/// The first 16 bytes of SHA-256 over a public key, shown as eight groups of four hex digits.
///
/// Nobody can make a second key with the fingerprint of a given one: that takes 2^128 tries. Whoever makes very many
/// keys of his own can find two with the same fingerprint, and gains nothing by it, as both are his.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

/// A text that is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a fingerprint is eight groups of four hex digits, such as 7f3a-91c2-…")]
pub struct FingerprintError;

impl Fingerprint {
    /// The fingerprint of a key.
    pub fn of(key: &PublicKey) -> Self {
        let hash = Sha256::digest(key.0);
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        Self(first)
    }

    /// Its first group, which tells two of one name apart; whoever wants to be sure compares all.
    pub const fn first_group(self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, [high, low]) in self.0.as_chunks::<2>().0.iter().enumerate() {
            let hyphen = if number > 0 { "-" } else { "" };
            write!(f, "{hyphen}{high:02x}{low:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let mut bytes = [0; 16];
        let mut groups = text.split('-');
        for pair in bytes.as_chunks_mut::<2>().0 {
            let group = groups.next().filter(|group| group.len() == 4 && group.bytes().all(|b| b.is_ascii_hexdigit()));
            *pair =
                u16::from_str_radix(group.ok_or(FingerprintError)?, 16).map_err(|_| FingerprintError)?.to_be_bytes();
        }
        if groups.next().is_some() { Err(FingerprintError) } else { Ok(Self(bytes)) }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn what_is_shown_is_read_again() {
        let fingerprint = Fingerprint::of(&PublicKey([7; 32]));
        let shown = fingerprint.to_string();
        assert_eq!((shown.len(), shown.parse()), (39, Ok(fingerprint)));
        assert_eq!(shown[..4], std::format!("{:04x}", fingerprint.first_group()));
        for bad in [
            "",
            &shown[1..],
            &shown[..38],
            &shown.replace('-', ":"),
            &(shown.clone() + "-0000"),
            &shown.replacen(&shown[..1], "+", 1),
        ] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(FingerprintError), "{bad}");
        }
    }

    /// The first bytes of SHA-256 over 32 zero bytes, as `head -c32 /dev/zero | sha256sum` prints them.
    #[test]
    fn it_is_the_beginning_of_a_sha_256() {
        assert_eq!(Fingerprint::of(&PublicKey([0; 32])).to_string(), "6668-7aad-f862-bd77-6c8f-c18b-8e9f-8e20");
    }
}
