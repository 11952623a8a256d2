//! Texts with limits: once made, they are legal, so nothing downstream has to look again.
//!
//! Each borrows from a datagram where it can and owns its text where it must.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use thiserror::Error;

/// Why a text cannot be a nick, a room's name and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// Too many bytes of UTF-8.
    #[error("has {len} bytes; {max} are the most")]
    TooLong {
        /// How many it has.
        len: usize,
        /// How many it may have.
        max: usize,
    },
    /// A character of Unicode's category Cc (C0, DEL, C1), which could steer a terminal.
    #[error("has control characters in it")]
    Control,
}

macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $min:literal..=$max:literal bytes, $control:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name<'a>(Cow<'a, str>);

        impl<'a> $name<'a> {
            /// The most bytes of UTF-8 that it may have.
            pub const MAX: usize = $max;

            /// Takes a text that keeps to the limits.
            ///
            /// # Errors
            /// Says which limit it does not keep to.
            pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, NameError> {
                let text = text.into();
                check(&text, $min, $max, Control::$control)?;
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The same, no longer tied to the bytes that it was read from.
            pub fn into_owned(self) -> $name<'static> {
                $name(Cow::Owned(self.0.into_owned()))
            }
        }

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name<'_>> for String {
            fn from(name: $name<'_>) -> Self {
                name.0.into_owned()
            }
        }
    };
}

bounded_text! {
    /// The name that a peer goes by: 1 to 64 bytes, no control characters. Not unique, and not to be trusted.
    Nick, 1..=64 bytes, Refused
}
bounded_text! {
    /// The name of a room: 1 to 64 bytes, no control characters. Two names are one room when they are equal to
    /// the byte.
    RoomName, 1..=64 bytes, Refused
}
bounded_text! {
    /// The name of a peer's machine: up to 64 bytes, no control characters.
    HostName, 0..=64 bytes, Refused
}
bounded_text! {
    /// The version of a peer's program: up to 32 bytes, no control characters.
    ProgramVersion, 0..=32 bytes, Refused
}
bounded_text! {
    /// What a peer lets others know of itself ("lunch"): up to 128 bytes, no control characters.
    Status, 0..=128 bytes, Refused
}
bounded_text! {
    /// What somebody says at once: 1 to 65,536 bytes of any UTF-8. It may hold anything, so it may go to a terminal
    /// only through a gate. It travels in as many [`Part`]s as it takes.
    Text, 1..=65_536 bytes, Allowed
}
bounded_text! {
    /// As much of a [`Text`] as one line carries: 1 to 880 bytes of any UTF-8.
    Part, 1..=880 bytes, Allowed
}

impl From<Part<'_>> for Text<'static> {
    fn from(part: Part<'_>) -> Self {
        Self(Cow::Owned(part.0.into_owned()))
    }
}

impl Text<'_> {
    /// The text in parts, each as long as can be; mostly it is one.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut rest = self.as_str();
        core::iter::from_fn(move || {
            let end = (0..=Part::MAX.min(rest.len())).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
            let (part, behind) = rest.split_at(end);
            rest = behind;
            (!part.is_empty()).then_some(Part(Cow::Borrowed(part)))
        })
    }
}

impl Default for Status<'_> {
    /// No status.
    fn default() -> Self {
        Self(Cow::Borrowed(""))
    }
}

impl Default for HostName<'_> {
    /// A machine that does not tell its name.
    fn default() -> Self {
        Self(Cow::Borrowed(""))
    }
}

#[derive(PartialEq, Eq)]
enum Control {
    Allowed,
    Refused,
}

fn check(text: &str, min: usize, max: usize, control: Control) -> Result<(), NameError> {
    if text.len() < min {
        Err(NameError::Empty)
    } else if text.len() > max {
        Err(NameError::TooLong { len: text.len(), max })
    } else if control == Control::Refused && text.chars().any(char::is_control) {
        Err(NameError::Control)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn limits_hold_to_the_byte() {
        assert_eq!(Nick::new(""), Err(NameError::Empty));
        assert!(Nick::new("é".repeat(32)).is_ok());
        assert_eq!(Nick::new("é".repeat(32) + "x"), Err(NameError::TooLong { len: 65, max: 64 }));
        assert!(HostName::new("").is_ok());
    }

    #[test]
    fn control_characters_are_refused_where_names_are_shown() {
        for bad in ["\0", "a\nb", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{9b}1m"] {
            assert_eq!(Nick::new(bad), Err(NameError::Control), "{bad:?}");
            assert!(Text::new(bad).is_ok(), "{bad:?}");
        }
        assert_eq!(Nick::new("a\tb").unwrap_err().to_string(), "has control characters in it");
    }

    #[test]
    fn a_text_goes_in_parts_that_make_it_up() {
        assert_eq!(Text::new("short").unwrap().parts().count(), 1);
        // Three bytes a character: 293 of them leave a byte of a part, and 4 bytes do not divide 878.
        for text in ["田".repeat(1000), "x".repeat(Text::MAX), "😀".repeat(300) + "é"] {
            let text = Text::new(text).unwrap();
            let parts: std::vec::Vec<_> = text.parts().collect();
            assert!(parts.iter().all(|part| part.as_str().len() <= Part::MAX));
            assert!(parts[..parts.len() - 1].iter().all(|part| part.as_str().len() > Part::MAX - 4));
            assert_eq!(parts.iter().map(Part::as_str).collect::<String>(), text.as_str());
        }
    }
}
