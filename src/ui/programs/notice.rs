//! A program of the user's that tells him of a line while he looks elsewhere: `notify = ["notify-send", "--", "{nick}",
//! "{text}"]`.

use crossbeam_channel::{Receiver, bounded};

use crate::ui::programs::children::{Call, ChildOutput, Children, Manner};
use crate::ui::programs::program::Program;
use crate::ui::safe::Safe;

/// A person looks at one after the other; what comes faster need not be told.
const RUNNING_MAX: usize = 4;
/// What nobody asks for any more.
const PROBLEMS_MAX: usize = 4;
/// A notice is no place to read in.
const TEXT_COLUMNS: usize = 200;

/// The program, and its runs.
pub(crate) struct Notice {
    /// Its arguments, with placeholders in them.
    arguments: Vec<String>,
    children: Children,
    problems: Receiver<String>,
}

impl Notice {
    /// From the words of the program and its arguments, in which `{nick}`, `{text}` and `{room}` stand for what is to
    /// be told; `None` where there are no words.
    ///
    /// # Errors
    /// Tells why the program cannot be started.
    pub(crate) fn new(words: Vec<String>) -> Result<Option<Self>, String> {
        if words.is_empty() {
            return Ok(None);
        }
        let program = Program::new(words)?;
        program.check()?;
        let (sender, problems) = bounded(PROBLEMS_MAX);
        let manner = Manner { running: RUNNING_MAX, waiting: 0, output: ChildOutput::Discarded };
        let children = Children::new(program.name(), manner, move |problem| drop(sender.try_send(problem)));
        Ok(Some(Self { arguments: program.arguments().to_vec(), children, problems }))
    }

    /// Tells of what somebody of this name said, by its beginning. Never waits; where several notices are still being
    /// told, this one is not. Gives what has gone wrong since the last one, for whoever has the terminal.
    pub(crate) fn tell(&mut self, nick: &Safe, text: &str, room: &Safe) -> Option<String> {
        let text = Safe::excerpt(text, TEXT_COLUMNS);
        let values = [("{nick}", nick.as_str()), ("{text}", text.as_str()), ("{room}", room.as_str())];
        let arguments = self.arguments.iter().map(|argument| filled(argument, &values)).collect();
        self.children.run(Call { arguments, ..Call::default() });
        self.problems.try_recv().ok()
    }
}

/// An argument with the values in place of their names. What stands in a value is no name any more, and no option:
/// whether the program takes an argument for one is decided by what the user wrote at its beginning. Where he wrote
/// nothing there, a blank goes before what looks like one.
fn filled(argument: &str, values: &[(&str, &str)]) -> String {
    let (mut filled, mut rest) = (String::new(), argument);
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let value = values.iter().find_map(|(name, value)| Some((*value, from.strip_prefix(name)?)));
        let (piece, behind) = value.unwrap_or_else(|| from.split_at(1));
        if filled.is_empty() && value.is_some() && piece.starts_with(['-', '+', '@', '/']) {
            filled.push(' ');
        }
        filled.push_str(piece);
        rest = behind;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [(&str, &str); 3] = [("{nick}", "bob"), ("{text}", "{nick}: {x"), ("{room}", "lobby")];

    #[test]
    fn names_are_replaced_once_and_within_words() {
        assert_eq!(filled("{nick} in {room}", &VALUES), "bob in lobby");
        assert_eq!(filled("{text}", &VALUES), "{nick}: {x");
        assert_eq!(filled("--title={nick}{nick}", &VALUES), "--title=bobbob");
        for other in ["", "{", "{nick", "{ nick}", "{{}}", "{NICK}"] {
            assert_eq!(filled(other, &VALUES), other);
        }
    }

    #[test]
    fn nothing_that_a_stranger_writes_becomes_an_option() {
        for text in ["--exec=x", "-", "+x", "@file", "/x"] {
            let values = [("{nick}", ""), ("{text}", text)];
            assert_eq!(filled("{text}", &values), format!(" {text}"));
            assert_eq!(filled("{nick}{text}", &values), format!(" {text}"), "an empty value hides nothing");
            assert_eq!(filled("--body={text}", &values), format!("--body={text}"));
            assert_eq!(filled("<{text}", &values), format!("<{text}"));
        }
        assert_eq!(filled("-{nick}", &VALUES), "-bob", "what the user writes is his");
    }

    #[cfg(unix)]
    #[test]
    fn the_program_is_given_what_can_be_shown() {
        use std::fs;
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("told");
        let script = r#"printf '%s|' "$@" > "$0""#;
        let words = ["sh", "-c", script, file.to_str().unwrap(), "{room}", "{nick}", "{text}"];
        let mut notice = Notice::new(words.map(str::to_owned).to_vec()).unwrap().unwrap();
        let text = format!("-x\u{1b}[2J {}\nmore", "long ".repeat(100));
        let told = notice.tell(&Safe::literal("alice#7f3a"), &text, &Safe::literal("lobby"));
        assert_eq!(told, None);
        notice.children.finish(&crossbeam_channel::never()).unwrap();
        let told = fs::read_to_string(file).unwrap();
        assert!(told.starts_with("lobby|alice#7f3a| -x^[[2J long long ") && told.ends_with("…|"), "{told}");
        assert!((200..230).contains(&told.len()), "{told}");
    }

    #[test]
    fn a_program_that_there_is_not_is_told_at_the_start() {
        assert!(Notice::new(Vec::new()).unwrap().is_none());
        let problem = |name: &str| Notice::new(vec![name.to_owned()]).err().unwrap();
        assert_eq!(
            problem("no-such-program"),
            "cannot start \"no-such-program\": no folder of PATH has a program of that name"
        );
        assert_eq!(problem(""), "it names no program");
    }
}
