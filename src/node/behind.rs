//! Whether who has another digest is only behind. While people talk, most that differ are: a line is on its way to them,
//! or it was on its way here when they told theirs.

use alloc::vec::Vec;

use crate::wire::{Digest, Run, Seq};

/// Who is behind may lack the last lines of one of so many authors,
const AUTHORS: usize = 16;
/// and so many of these, as a pipe says hundreds a second,
const LINES_OF_ONE: u32 = 256;
/// or of each of the first few authors
const FEW_AUTHORS: usize = 6;
/// a few.
const FEW_LINES: u32 = 2;

/// Whether `theirs` is the digest of a run that knows of no line that one whose digest is `ours` does not know of, and is
/// behind by a few lines at most. `authors` are those in `ours` with their highest lines, whoever was heard last first.
pub(super) fn is_behind(theirs: Digest, ours: Digest, authors: impl Iterator<Item = (Run, Seq)>) -> bool {
    let authors: Vec<(Run, Seq)> = authors.take(AUTHORS).collect();
    let lacks_of_one = |&(author, highest): &(Run, Seq)| {
        (1..=LINES_OF_ONE.min(highest.number())).any(|lines| ours.lacking(author, highest, lines) == theirs)
    };
    authors.iter().any(lacks_of_one) || lacks_few(theirs, ours, authors.get(..FEW_AUTHORS).unwrap_or(&authors))
}

/// Whether any numbers of lines, up to [`FEW_LINES`] of each author, make the difference.
fn lacks_few(theirs: Digest, ours: Digest, authors: &[(Run, Seq)]) -> bool {
    let Some((&(author, highest), others)) = authors.split_first() else { return theirs == ours };
    (0..=FEW_LINES.min(highest.number())).any(|lines| lacks_few(theirs, ours.lacking(author, highest, lines), others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Epoch, PeerId};

    fn held(number: u64, highest: u32) -> (Run, Seq) {
        (Run { peer: PeerId(number), epoch: Epoch(1) }, Seq::new(highest).unwrap())
    }

    /// A hundred authors, the first to be heard last.
    fn ours() -> Vec<(Run, Seq)> {
        (1..=100).map(|number| held(number, 1000)).collect()
    }

    fn are_behind(change: impl FnOnce(&mut Vec<(Run, Seq)>)) -> bool {
        let (ours, mut theirs) = (ours(), ours());
        change(&mut theirs);
        let [theirs, digest] = [&theirs, &ours].map(|held| Digest::of(held.iter().copied()));
        is_behind(theirs, digest, ours.into_iter())
    }

    #[test]
    fn who_lacks_some_last_lines_is_behind() {
        assert!(are_behind(|theirs| theirs[0] = held(1, 999)));
        assert!(are_behind(|theirs| theirs[15] = held(16, 1000 - LINES_OF_ONE)), "a pipe");
        assert!(are_behind(|theirs| (0..6).for_each(|n| theirs[n] = held(n as u64 + 1, 998 + n as u32 % 2))), "people");
        assert!(are_behind(|_| ()), "nor does who lacks nothing know more");
    }

    #[test]
    fn who_knows_more_or_lacks_much_is_not() {
        assert!(!are_behind(|theirs| theirs[0] = held(1, 1001)), "he knows more");
        assert!(!are_behind(|theirs| theirs.push(held(101, 1))), "he knows an author more");
        assert!(!are_behind(|theirs| (theirs[0], theirs[1]) = (held(1, 999), held(2, 1001))), "he knows more and less");
        assert!(!are_behind(|theirs| theirs[0] = held(1, 999 - LINES_OF_ONE)), "he lacks much");
        assert!(!are_behind(|theirs| theirs.truncate(50)), "he lacks authors");
    }

    #[test]
    fn who_has_nothing_yet_of_somebody_is_behind() {
        let ours = [held(1, 2), held(2, 7)];
        let theirs = Digest::of([held(2, 7)].into_iter());
        assert!(is_behind(theirs, Digest::of(ours.into_iter()), ours.into_iter()));
    }
}
