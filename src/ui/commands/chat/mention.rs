//! Is somebody spoken to? By his nick, or by a word that he watches for, wherever it stands in a text.

use unicode_segmentation::UnicodeSegmentation;

use crate::ui::safe::{Safe, caseless};

/// The words by which somebody is spoken to.
#[derive(Clone, Debug, Default)]
pub(super) struct Mention {
    words: Vec<String>,
}

impl Mention {
    /// One's nick, and the words of one's own choice.
    pub(super) fn new(nick: &Safe, highlight: &[String]) -> Self {
        let words = highlight.iter().map(|word| caseless(word.trim()));
        let words = [caseless(nick.as_str())].into_iter().chain(words);
        Self { words: words.filter(|word| !word.is_empty()).collect() }
    }

    /// Whether one of the words stands in what is shown of a text, as a whole word, in capitals or not.
    pub(super) fn is_in(&self, text: &Safe) -> bool {
        let text = caseless(text.as_str());
        self.words.iter().any(|word| stands_in(&text, word))
    }
}

fn stands_in(text: &str, word: &str) -> bool {
    let mut found = text.match_indices(word).peekable();
    if found.peek().is_none() {
        return false;
    }
    // Japanese and Chinese have no spaces between words: what begins or ends one there, Unicode tells (UAX 29).
    let mut bounds: Vec<usize> = text.split_word_bound_indices().map(|(at, _)| at).collect();
    bounds.push(text.len());
    let is_bound = |at: usize| bounds.binary_search(&at).is_ok();
    found.any(|(start, word)| {
        let (before, after) = (text[..start].chars().next_back(), text[start + word.len()..].chars().next());
        // `alice's` is one word to Unicode, and yet means alice.
        let begins = is_bound(start) || before.is_none_or(|c| !is_of_word(c));
        let ends = is_bound(start + word.len()) || after.is_none_or(|c| !is_of_word(c));
        begins && ends
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentioned(nick: &'static str, text: &str) -> bool {
        Mention::new(&Safe::literal(nick), &[]).is_in(&Safe::text(text))
    }

    #[test]
    fn a_nick_is_found_as_a_whole_word_in_capitals_or_not() {
        for text in
            ["alice", "ALICE: lunch?", "ask alice, she knows", "it is alice's", "(alice)", "\"Alice\"", "x\nalice"]
        {
            assert!(mentioned("alice", text), "{text}");
        }
        for text in ["malice", "alicent", "alice_b", "my_alice", "al ice", ""] {
            assert!(!mentioned("alice", text), "{text}");
        }
        assert!(mentioned("alice", "malice, alice"), "behind a part of a word");
    }

    #[test]
    fn scripts_without_spaces_and_with_other_capitals() {
        assert!(mentioned("田中", "田中さん、昼ご飯?"));
        assert!(mentioned("Straße", "die STRASSE ruft"));
        assert!(mentioned("🦊", "ask 🦊!"));
        assert!(mentioned("_ada", "hi _ada"));
    }

    #[test]
    fn words_of_ones_own_choice_count_too() {
        let mention = Mention::new(&Safe::literal("alice"), &["fire drill".to_owned(), " ".to_owned()]);
        assert!(mention.is_in(&Safe::text("The Fire Drill begins")));
        assert!(!mention.is_in(&Safe::text("the fire drills")));
        assert!(!mention.is_in(&Safe::text("nothing of that")));
    }
}
