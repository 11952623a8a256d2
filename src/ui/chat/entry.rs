//! What a line typed in the chat means: something to say, or a command. A command that there is not is never said.

use cooee::wire::{Nick, Text};

use crate::ui::{input, settings};

/// What a typed line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Say { text: Text<'static>, action: bool },
    Names,
    Nick(Nick<'static>),
    Help,
    Quit,
}

/// A command of the chat.
struct Command {
    name: &'static str,
    /// What follows the name.
    usage: &'static str,
    about: &'static str,
    parse: fn(&str) -> Result<Entry, String>,
}

/// The commands of the chat; cooee(1) lists the same.
const COMMANDS: [Command; 6] = [
    Command { name: "help", usage: "", about: "this list", parse: |_| Ok(Entry::Help) },
    Command { name: "me", usage: "TEXT", about: "say what you do: * alice waves", parse: act },
    Command { name: "names", usage: "", about: "who is here", parse: |_| Ok(Entry::Names) },
    Command {
        name: "nick",
        usage: "NAME",
        about: "go by another name",
        parse: |rest| settings::nick(rest).map(Entry::Nick),
    },
    Command { name: "quit", usage: "", about: "leave (also Ctrl-D)", parse: |_| Ok(Entry::Quit) },
    Command { name: "exit", usage: "", about: "the same", parse: |_| Ok(Entry::Quit) },
];

impl Entry {
    /// Reads a typed line; `Ok(None)` where it is empty. The error says what is wrong, and what may be meant.
    pub(crate) fn parse(line: &str) -> Result<Option<Self>, String> {
        let Some(command) = line.strip_prefix('/') else { return said(line) };
        // `//x` says `/x`.
        if command.starts_with('/') {
            return said(command);
        }
        // A block that was pasted is something to say, whatever it begins with.
        if line.contains('\n') {
            return said(line);
        }
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let (command, rest) = (find(name)?, rest.trim());
        if rest.is_empty() && !command.usage.is_empty() {
            return Err(format!("it goes like this: /{} {}", command.name, command.usage));
        }
        (command.parse)(rest).map(Some)
    }
}

/// A line for each command.
pub(crate) fn help() -> impl Iterator<Item = String> {
    COMMANDS.iter().map(|Command { name, usage, about, .. }| format!("  {:<14} {about}", format!("/{name} {usage}")))
}

fn said(line: &str) -> Result<Option<Entry>, String> {
    Ok(input::parse(line)?.map(|text| Entry::Say { text, action: false }))
}

fn act(rest: &str) -> Result<Entry, String> {
    let text = input::parse(rest)?.ok_or("there is nothing to say")?;
    Ok(Entry::Say { text, action: true })
}

/// The command of that name, or the only one that begins with it.
fn find(name: &str) -> Result<&'static Command, String> {
    if name.is_empty() {
        return Err("/ alone is no command; /help lists them".to_owned());
    }
    let begins = |command: &&Command| command.name.starts_with(name);
    let mut found = COMMANDS.iter().filter(begins);
    match (COMMANDS.iter().find(|command| command.name == name), found.next(), found.next()) {
        (Some(command), ..) | (None, Some(command), None) => Ok(command),
        _ => {
            let slips = |command: &&Command| strsim::damerau_levenshtein(command.name, name);
            let alike = |command: &&Command| slips(command) <= 2 && slips(command) < name.chars().count();
            let meant: Vec<String> =
                COMMANDS.iter().filter(|c| begins(c) || alike(c)).map(|c| format!("/{}", c.name)).collect();
            let hint = if meant.is_empty() {
                "/help lists them".to_owned()
            } else {
                format!("Did you mean {}?", meant.join(" or "))
            };
            // What was typed comes from the user's own keyboard, or from what he pasted.
            Err(format!("Unknown command /{}. {hint}", crate::ui::safe::Safe::name(name, "")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &'static str, action: bool) -> Result<Option<Entry>, String> {
        Ok(Some(Entry::Say { text: Text::new(text).unwrap(), action }))
    }

    #[test]
    fn lines_are_said_and_commands_are_done() {
        assert_eq!(Entry::parse("hi / there"), say("hi / there", false));
        assert_eq!(Entry::parse("//etc/hosts is a file"), say("/etc/hosts is a file", false));
        assert_eq!(Entry::parse("/quit\nwas my plan"), say("/quit\nwas my plan", false));
        assert_eq!(Entry::parse("/me waves"), say("waves", true));
        assert_eq!(Entry::parse("/q"), Ok(Some(Entry::Quit)));
        assert_eq!(Entry::parse("/nick  ada "), Ok(Some(Entry::Nick(Nick::new("ada").unwrap()))));
        assert_eq!(Entry::parse("  "), Ok(None));
    }

    #[test]
    fn what_was_mistyped_is_never_said() {
        let problem = |line| Entry::parse(line).unwrap_err();
        assert_eq!(problem("/quti"), "Unknown command /quti. Did you mean /quit?");
        assert_eq!(problem("/n"), "Unknown command /n. Did you mean /names or /nick?");
        assert_eq!(problem("/frobnicate x"), "Unknown command /frobnicate. /help lists them");
        assert_eq!(problem("/ hello"), "/ alone is no command; /help lists them");
        assert_eq!(problem("/nick"), "it goes like this: /nick NAME");
        assert_eq!(problem("/me "), "it goes like this: /me TEXT");
    }
}
