//! The datagrams that were checked last: what comes again by another card, or by the other family, need not be.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Datagrams of which the signature was right: at most [`COUNT_MAX`](Self::COUNT_MAX), of 1,200 bytes each; the oldest
/// goes first. A copy by another link comes right behind, so that few are enough, and to compare bytes costs a
/// hundredth of what a signature does.
#[derive(Debug, Default)]
pub(super) struct Checked {
    datagrams: VecDeque<Vec<u8>>,
}

impl Checked {
    const COUNT_MAX: usize = 32;

    /// Whether just these bytes were checked.
    pub(super) fn holds(&self, datagram: &[u8]) -> bool {
        self.datagrams.iter().rev().any(|checked| checked == datagram)
    }

    /// These bytes were checked, and right.
    pub(super) fn note(&mut self, datagram: &[u8]) {
        let oldest = if self.datagrams.len() < Self::COUNT_MAX { None } else { self.datagrams.pop_front() };
        let mut bytes = oldest.unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(datagram);
        self.datagrams.push_back(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_checked_last_is_known_to_the_byte() {
        let mut checked = Checked::default();
        assert!(!checked.holds(b"x") && !checked.holds(b""));
        checked.note(b"one");
        assert!(checked.holds(b"one") && !checked.holds(b"on") && !checked.holds(b"onE"));
        (0..Checked::COUNT_MAX).for_each(|number| checked.note(&[number as u8; 9]));
        assert!(!checked.holds(b"one"), "the oldest has gone");
        assert!((0..Checked::COUNT_MAX).all(|number| checked.holds(&[number as u8; 9])));
        assert_eq!(checked.datagrams.len(), Checked::COUNT_MAX);
    }
}
