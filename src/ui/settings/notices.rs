//! What the user wants to be called for, and how.

/// What the user wants to be called for, and how.
#[derive(Clone, Debug)]
pub(crate) struct NoticeSettings {
    /// Whether the terminal's bell rings.
    pub(crate) bell: bool,
    pub(crate) highlight: Highlight,
    pub(crate) notify: Notify,
}

/// Words that call the user as his nick does; at most 64 of at most 64 bytes, as each is looked for in each line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Highlight(Vec<String>);

impl Highlight {
    /// Takes the words; the error says what is wrong with them.
    pub(crate) fn new(words: Vec<String>) -> Result<Self, String> {
        const COUNT_MAX: usize = 64;
        const LEN_MAX: usize = 64;
        if words.len() > COUNT_MAX {
            return Err(format!("has {} words; {COUNT_MAX} are the most", words.len()));
        }
        if words.iter().any(|word| word.trim().is_empty()) {
            return Err("has an empty word in it".to_owned());
        }
        if let Some(word) = words.iter().find(|word| word.len() > LEN_MAX) {
            return Err(format!("has a word of {} bytes in it; {LEN_MAX} are the most", word.len()));
        }
        Ok(Self(words))
    }

    /// The words, as they were written.
    pub(crate) fn words(&self) -> &[String] {
        &self.0
    }
}

/// What happens besides the bell when the user is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notify {
    /// Nothing.
    Off,
    /// The terminal shows a notice of its own.
    Terminal,
    /// A program is run.
    Command(NotifyCommand),
}

/// What stands for something of the line.
const PLACES: [&str; 3] = ["{nick}", "{text}", "{room}"];

/// A program with its arguments, in which `{nick}`, `{text}` and `{room}` stand for those of the line. It is run
/// without a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotifyCommand(Vec<String>);

impl Notify {
    /// Runs that program, named by the first word; without words, it is the terminal's own notice. The error says what
    /// is wrong with them.
    pub(crate) fn command(words: Vec<String>) -> Result<Self, String> {
        match words.first() {
            None => Ok(Self::Terminal),
            Some(program) if program.trim().is_empty() => {
                Err("its first word, the program to run, is empty".to_owned())
            }
            // Others choose nicks and texts: not what is run.
            Some(program) if PLACES.iter().any(|place| program.contains(place)) => {
                Err(format!("its first word, the program to run, must not have {} in it", PLACES.join(" or ")))
            }
            Some(_) => Ok(Self::Command(NotifyCommand(words))),
        }
    }
}

impl NotifyCommand {
    /// The program and its arguments, as they were written; at least one word.
    pub(crate) fn words(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn words_that_call_are_bounded() {
        assert_eq!(Highlight::new(words(&["tea", "two words"])).unwrap().words(), ["tea", "two words"]);
        assert!(Highlight::new(vec!["x".repeat(64); 64]).is_ok());
        assert_eq!(Highlight::new(words(&["x"; 65])).unwrap_err(), "has 65 words; 64 are the most");
        let long = vec!["x".repeat(65)];
        assert_eq!(Highlight::new(long).unwrap_err(), "has a word of 65 bytes in it; 64 are the most");
        assert_eq!(Highlight::new(words(&["tea", " "])).unwrap_err(), "has an empty word in it");
    }

    #[test]
    fn what_is_run_is_not_for_others_to_choose() {
        assert_eq!(Notify::command(Vec::new()), Ok(Notify::Terminal));
        let command = words(&["say", "{nick}: {text}", "", "{}"]);
        assert_eq!(Notify::command(command.clone()), Ok(Notify::Command(NotifyCommand(command))));
        for program in ["{nick}", "/bin/{text}", "say-{room}"] {
            assert!(Notify::command(words(&[program])).unwrap_err().contains("must not have {nick} or"), "{program}");
        }
    }
}
