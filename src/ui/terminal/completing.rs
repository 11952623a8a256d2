//! What the Tab key does: it puts in what may be meant, and, pressed again, what else may be.

use super::buffer::Buffer;

/// Who knows what may be meant by what is typed.
pub(crate) trait Completions {
    /// What may be meant by the end of the text in front of the cursor; `None` where nothing comes to mind.
    fn complete(&self, before_cursor: &str) -> Option<Completion>;
}

/// What may be meant by the end of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Completion {
    /// The byte at which what is replaced begins; it ends where the text does.
    pub(crate) start: usize,
    /// What it is replaced by, what is most likely meant first.
    pub(crate) candidates: Vec<String>,
}

/// A completion as long as nothing but Tab is pressed.
#[derive(Debug)]
pub(super) struct Cycle {
    completion: Completion,
    /// Which candidate is in.
    at: usize,
}

impl Cycle {
    /// Puts the first candidate in; `None` if there is none.
    pub(super) fn begin(buffer: &mut Buffer, completions: &dyn Completions) -> Option<Self> {
        let completion = completions.complete(buffer.before_cursor())?;
        let cycle = Self { completion, at: 0 };
        cycle.put_in(buffer).then_some(cycle)
    }

    /// Puts another candidate in: the next, or the one before.
    pub(super) fn go_on(&mut self, buffer: &mut Buffer, is_forward: bool) {
        let count = self.completion.candidates.len();
        self.at = (self.at + if is_forward { 1 } else { count - 1 }) % count;
        self.put_in(buffer);
    }

    fn put_in(&self, buffer: &mut Buffer) -> bool {
        let (start, end) = (self.completion.start, buffer.cursor());
        let Some(candidate) = self.completion.candidates.get(self.at) else { return false };
        let is_in_it = buffer.before_cursor().is_char_boundary(start);
        if is_in_it {
            buffer.replace(start..end, candidate);
        }
        is_in_it
    }
}
