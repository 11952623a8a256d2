//! What a run holds, told in 8 bytes.

use super::hash::hash;
use super::{Run, Seq};

/// Equal for two runs that hold the same lines, and otherwise almost never; 0 for a run that holds none.
///
/// It is the exclusive or of a hash of each author and the highest number that is held of his lines, so it does not
/// depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(pub u64);

impl Digest {
    /// The digest of authors and their highest lines.
    pub fn of(held: impl Iterator<Item = (Run, Seq)>) -> Self {
        Self(held.map(|(author, highest)| hash(author, highest.number())).fold(0, |all, one| all ^ one))
    }

    /// What is left of it where the last lines of an author in it, so many of them, are not known of.
    pub fn lacking(self, author: Run, highest: Seq, lines: u32) -> Self {
        let left = Seq::new(highest.number().saturating_sub(lines));
        let left = left.map_or(0, |left| hash(author, left.number()));
        Self(self.0 ^ hash(author, highest.number()) ^ left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    #[test]
    fn order_does_not_matter_and_a_line_more_does() {
        let held = |peer, seq| (Run { peer: PeerId(peer), epoch: Epoch(1) }, Seq::new(seq).unwrap());
        let digest = Digest::of([held(1, 5), held(2, 9)].into_iter());
        assert_eq!(Digest::of([held(2, 9), held(1, 5)].into_iter()), digest);
        assert_ne!(Digest::of([held(2, 9), held(1, 6)].into_iter()), digest);
        assert_eq!(Digest::of([].into_iter()), Digest(0));
    }
}
