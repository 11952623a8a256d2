//! An installation's key as a text that a file keeps.

use alloc::string::String;
use core::fmt::Write;

use thiserror::Error;
use zeroize::Zeroizing;

use super::SecretKey;

/// What stands in front of the key's digits: how it signs.
const KIND: &str = "ed25519";
const COMMENT: &str = "# The secret key of an installation of cooee. Whoever has it can speak in its name.";

/// Why a text is no identity. Nothing of the text is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// It has more bytes than an identity needs.
    #[error("it has more than {max} bytes", max = SecretKey::FILE_MAX)]
    TooLong,
    /// A line is neither a key nor a comment; the first such line, from 1.
    #[error("line {0} is not \"ed25519\", a space and 64 hex digits")]
    Line(usize),
    /// There is no key in it.
    #[error("there is no key in it")]
    NoKey,
    /// There is more than one key in it.
    #[error("there is more than one key in it")]
    ManyKeys,
}

impl SecretKey {
    /// Most bytes of a text that is read as an identity: one has some 160, and a person may add comments.
    pub const FILE_MAX: usize = 4096;

    /// The key as a text: a comment, and a line of the word `ed25519` and 64 hex digits.
    pub fn to_file(&self) -> Zeroizing<String> {
        // Made as long as it gets at once: a text that grows leaves copies of itself behind.
        let mut text = Zeroizing::new(String::with_capacity(COMMENT.len() + KIND.len() + 2 * Self::LEN + 3));
        let bytes = self.to_bytes();
        let _ = write!(text, "{COMMENT}\n{KIND} ");
        for byte in bytes.iter() {
            // A string takes everything.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
        text
    }

    /// Reads such a text. Blank lines, and those that begin with `#`, are passed over.
    ///
    /// # Errors
    /// When there is not exactly one key in it, or anything else.
    pub fn from_file(text: &[u8]) -> Result<Self, IdentityError> {
        if text.len() > Self::FILE_MAX {
            return Err(IdentityError::TooLong);
        }
        let mut key = None;
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let bytes = parse_line(line).ok_or(IdentityError::Line(number))?;
            if key.replace(bytes).is_some() {
                return Err(IdentityError::ManyKeys);
            }
        }
        key.map(|bytes| Self::from_bytes(&bytes)).ok_or(IdentityError::NoKey)
    }
}

fn parse_line(line: &[u8]) -> Option<Zeroizing<[u8; SecretKey::LEN]>> {
    let digits = line.strip_prefix(KIND.as_bytes())?.strip_prefix(b" ")?.trim_ascii_start();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let mut bytes = Zeroizing::new([0; SecretKey::LEN]);
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = SecretKey::from_bytes(&[0xa7; 32]).to_file();
        assert_eq!(text.lines().nth(1), Some(&*format!("ed25519 {}", "a7".repeat(32))));
        assert_eq!(text.len(), text.capacity(), "it did not grow");
        for text in [text.to_string(), text.replace('\n', "\r\n\n"), text.to_uppercase().replace("ED", "ed")] {
            assert_eq!(*SecretKey::from_file(text.as_bytes()).unwrap().to_bytes(), [0xa7; 32], "{text}");
        }
    }

    #[test]
    fn what_is_no_identity_is_refused_and_not_repeated() {
        let line = format!("ed25519 {}\n", "a7".repeat(32));
        let read = |text: &str| SecretKey::from_file(text.as_bytes()).map(|_| ()).unwrap_err();
        assert_eq!(read(""), IdentityError::NoKey);
        assert_eq!(read("# ed25519\n"), IdentityError::NoKey);
        assert_eq!(read(&(line.clone() + &line)), IdentityError::ManyKeys);
        assert_eq!(read(&"#".repeat(5000)), IdentityError::TooLong);
        for bad in [&line[1..], &line[..70], &line.replacen("a7", "+7", 1), &line.replacen("a7", "a7a7", 1), "secret"] {
            let error = read(&format!("# one\n{bad}"));
            assert_eq!(error, IdentityError::Line(2), "{bad}");
            assert!(!format!("{error} {error:?}").contains("a7"));
        }
        assert_eq!(SecretKey::from_file(b"\xff").map(|_| ()), Err(IdentityError::Line(1)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = SecretKey::from_file(&bytes);
        }
    }
}
