//! What a line typed in the chat means: something to say, or a command. A command that there is not is never said.

use cooee::wire::{Nick, RoomName, Status, Text};

use crate::ui::{input, settings};

/// What a typed line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Say {
        text: Text<'static>,
        action: bool,
    },
    /// Say it to whoever is meant by these words alone.
    Tell {
        whom: String,
        text: Text<'static>,
    },
    /// Say it to whoever last said something to this run alone.
    Answer(Text<'static>),
    Names,
    /// A row of a table for each who is here, or for those alone whom the words mean.
    Who(Option<String>),
    Nick(Nick<'static>),
    /// One is away, and why; an empty status, that one is back.
    Away(Status<'static>),
    /// How long does a datagram take to everybody and back, or to those alone whom the words mean?
    Ping(Option<String>),
    /// What is known of somebody: of whoever is meant by these words, as by those below.
    Whois(String),
    /// He is who he says.
    Verify(String),
    Unverify(String),
    /// Nothing of him is to be shown.
    Ignore(String),
    Unignore(String),
    /// Who is ignored?
    Ignored,
    /// All commands, or what is to be known of this one.
    Help(Option<&'static Command>),
    /// Leave this room and enter that; without a name, tell which there are.
    Room(Option<RoomName<'static>>),
    /// Why is nobody heard, or not everybody?
    Doctor,
    Clear,
    /// The last so many lines that have this word in them.
    Last {
        count: usize,
        word: String,
    },
    Quit,
}

/// A command of the chat.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What follows the name.
    usage: &'static str,
    about: &'static str,
    parse: fn(&str) -> Result<Entry, String>,
}

impl PartialEq for Command {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Command {}

/// What follows these is for one alone: by no slip is it to be said to all.
const PRIVATE: [&str; 2] = ["msg", "r"];

/// The commands of the chat; cooee(1) lists the same.
const COMMANDS: [Command; 20] = [
    Command { name: "help", usage: "[COMMAND]", about: "this list, or about one of it", parse: help },
    Command { name: "me", usage: "TEXT", about: "say what you do: * alice waves", parse: act },
    Command { name: "msg", usage: "NICK TEXT", about: "say it to one alone", parse: tell },
    Command { name: "r", usage: "TEXT", about: "answer whoever said it to you alone", parse: answer },
    Command { name: "names", usage: "", about: "who is here", parse: |_| Ok(Entry::Names) },
    Command {
        name: "who",
        usage: "[NICK]",
        about: "the same as a table: address, link, last heard",
        parse: |rest| Ok(Entry::Who(optional(rest))),
    },
    Command {
        name: "nick",
        usage: "NAME",
        about: "go by another name",
        parse: |rest| settings::nick(rest).map(Entry::Nick),
    },
    Command { name: "away", usage: "[TEXT]", about: "tell others that you are away; alone: back", parse: away },
    Command {
        name: "ping",
        usage: "[NICK]",
        about: "how long it takes to somebody and back",
        parse: |rest| Ok(Entry::Ping(optional(rest))),
    },
    Command {
        name: "whois",
        usage: "NICK",
        about: "who somebody is: key, machine, address",
        parse: |rest| Ok(Entry::Whois(rest.to_owned())),
    },
    Command {
        name: "verify",
        usage: "NICK",
        about: "you have compared fingerprints: it is really he",
        parse: |rest| Ok(Entry::Verify(rest.to_owned())),
    },
    Command {
        name: "unverify",
        usage: "NICK",
        about: "take that back",
        parse: |rest| Ok(Entry::Unverify(rest.to_owned())),
    },
    Command {
        name: "ignore",
        usage: "[NICK]",
        about: "show nothing of somebody; alone: who is ignored",
        parse: |rest| Ok(if rest.is_empty() { Entry::Ignored } else { Entry::Ignore(rest.to_owned()) }),
    },
    Command {
        name: "unignore",
        usage: "NICK",
        about: "show him again",
        parse: |rest| Ok(Entry::Unignore(rest.to_owned())),
    },
    Command { name: "room", usage: "[NAME]", about: "go over to that room; alone: which there are", parse: room },
    Command {
        name: "doctor",
        usage: "",
        about: "find out why nobody is heard, or not everybody",
        parse: |_| Ok(Entry::Doctor),
    },
    Command {
        name: "clear",
        usage: "",
        about: "clear the screen; what is above it stays",
        parse: |_| Ok(Entry::Clear),
    },
    Command { name: "last", usage: "[N] [WORD]", about: "the last 20 lines, or N, with a word in them", parse: last },
    Command { name: "quit", usage: "", about: "leave (also Ctrl-D)", parse: |_| Ok(Entry::Quit) },
    Command { name: "exit", usage: "", about: "the same", parse: |_| Ok(Entry::Quit) },
];

impl Entry {
    /// Whether it says something, which is shown as such.
    pub(crate) const fn is_said(&self) -> bool {
        matches!(self, Self::Say { .. } | Self::Tell { .. } | Self::Answer(_))
    }

    /// Reads a typed line; `Ok(None)` where it is empty. The error says what is wrong, and what may be meant.
    pub(crate) fn parse(line: &str) -> Result<Option<Self>, String> {
        let line = if is_private(line.trim_start()) { line.trim_start() } else { line };
        let Some(command) = line.strip_prefix('/') else { return said(line) };
        // `//x` says `/x`.
        if command.starts_with('/') {
            return said(command);
        }
        // A block that was pasted is something to say, whatever it begins with, unless it is for one alone.
        if line.contains('\n') && !is_private(line) {
            return said(line);
        }
        let (name, rest) = first_word(command);
        let (command, rest) = (find(name)?, rest.trim());
        let is_needed = !command.usage.is_empty() && !command.usage.starts_with('[');
        if rest.is_empty() && is_needed {
            return Err(format!("it goes like this: {}", command.form()));
        }
        (command.parse)(rest).map(Some)
    }
}

impl Command {
    /// The commands of the chat.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        COMMANDS.iter()
    }

    /// `/nick NAME      go by another name`.
    pub(crate) fn row(&self) -> String {
        format!("  {:<17} {}", self.form(), self.about)
    }

    /// `/nick NAME`: how it is typed.
    fn form(&self) -> String {
        format!("/{} {}", self.name, self.usage).trim_end().to_owned()
    }
}

fn help(rest: &str) -> Result<Entry, String> {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    Ok(Entry::Help(if name.is_empty() { None } else { Some(find(name)?) }))
}

fn away(rest: &str) -> Result<Entry, String> {
    Status::new(rest.to_owned()).map(Entry::Away).map_err(|error| format!("the text {error}"))
}

fn room(rest: &str) -> Result<Entry, String> {
    let name = optional(rest).map(RoomName::new).transpose();
    name.map(Entry::Room).map_err(|error| format!("the room's name {error}"))
}

fn optional(rest: &str) -> Option<String> {
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The commands that begin like this.
pub(crate) fn names_like(beginning: &str) -> impl Iterator<Item = &'static str> {
    let beginning = beginning.to_lowercase();
    COMMANDS.iter().map(|command| command.name).filter(move |name| name.starts_with(&beginning))
}

fn said(line: &str) -> Result<Option<Entry>, String> {
    Ok(input::parse(line)?.map(|text| Entry::Say { text, action: false }))
}

fn act(rest: &str) -> Result<Entry, String> {
    let text = input::parse(rest)?.ok_or("there is nothing to say")?;
    Ok(Entry::Say { text, action: true })
}

fn tell(rest: &str) -> Result<Entry, String> {
    let (whom, text) = first_word(rest);
    let text = input::parse(text)?.ok_or("it goes like this: /msg NICK TEXT")?;
    Ok(Entry::Tell { whom: whom.to_owned(), text })
}

fn answer(rest: &str) -> Result<Entry, String> {
    Ok(Entry::Answer(input::parse(rest)?.ok_or("there is nothing to say")?))
}

fn last(rest: &str) -> Result<Entry, String> {
    /// A screen full.
    const COUNT: usize = 20;
    let (first, word) = first_word(rest);
    Ok(match first.parse() {
        Ok(count) => Entry::Last { count, word: word.to_owned() },
        Err(_) => Entry::Last { count: COUNT, word: rest.to_owned() },
    })
}

/// The first word, and what follows it.
fn first_word(words: &str) -> (&str, &str) {
    let (first, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    (first, rest.trim_start())
}

/// Whether it begins with a command that says something to one alone, or with what may be meant for one.
pub(crate) fn is_private(line: &str) -> bool {
    let command = line.strip_prefix('/').filter(|command| !command.starts_with('/'));
    command.map(first_word).is_some_and(|(name, _)| match find(name) {
        Ok(command) => PRIVATE.contains(&command.name),
        Err(_) => PRIVATE.iter().any(|private| may_mean(name, private)),
    })
}

/// The command of that name, or the only one that begins with it.
fn find(name: &str) -> Result<&'static Command, String> {
    if name.is_empty() {
        return Err("/ alone is no command; /help lists them".to_owned());
    }
    let mut found = COMMANDS.iter().filter(|command| command.name.starts_with(name));
    match (COMMANDS.iter().find(|command| command.name == name), found.next(), found.next()) {
        (Some(command), ..) | (None, Some(command), None) => Ok(command),
        _ => {
            let meant = COMMANDS.iter().filter(|command| may_mean(name, command.name));
            let meant: Vec<String> = meant.map(|command| format!("/{}", command.name)).collect();
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

/// Whether the name is the beginning of the command's, or that with a slip or two.
fn may_mean(name: &str, command: &str) -> bool {
    let slips = strsim::damerau_levenshtein(command, name);
    !name.is_empty() && (command.starts_with(name) || slips <= 2 && slips < name.chars().count())
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
        assert_eq!(Entry::parse("/whois  two words "), Ok(Some(Entry::Whois("two words".to_owned()))));
        assert_eq!(Entry::parse("/ignore bob"), Ok(Some(Entry::Ignore("bob".to_owned()))));
        assert_eq!(Entry::parse("/ignore "), Ok(Some(Entry::Ignored)));
        assert_eq!(Entry::parse("  "), Ok(None));
    }

    #[test]
    fn what_may_follow_a_command_may_be_missing() {
        assert_eq!(Entry::parse("/help"), Ok(Some(Entry::Help(None))));
        let about = |line| match Entry::parse(line) {
            Ok(Some(Entry::Help(Some(command)))) => command.row(),
            other => format!("{other:?}"),
        };
        assert_eq!(about("/help nick"), "  /nick NAME        go by another name");
        assert_eq!(about("/help /q"), "  /quit             leave (also Ctrl-D)");
        assert_eq!(Entry::parse("/help nik").unwrap_err(), "Unknown command /nik. Did you mean /nick?");
        assert_eq!(Entry::parse("/who"), Ok(Some(Entry::Who(None))));
        assert_eq!(Entry::parse("/who bob"), Ok(Some(Entry::Who(Some("bob".to_owned())))));
        assert_eq!(Entry::parse("/room"), Ok(Some(Entry::Room(None))));
        assert_eq!(Entry::parse("/room two words"), Ok(Some(Entry::Room(Some(RoomName::new("two words").unwrap())))));
        assert_eq!(
            Entry::parse(&format!("/room {}", "x".repeat(65))).unwrap_err(),
            "the room's name has 65 bytes; 64 are the most"
        );
    }

    #[test]
    fn what_is_for_one_alone_is_never_said_to_all() {
        let told = |whom: &str, text: &'static str| {
            Ok(Some(Entry::Tell { whom: whom.to_owned(), text: Text::new(text).unwrap() }))
        };
        assert_eq!(Entry::parse("/msg bob  the key"), told("bob", "the key"));
        assert_eq!(Entry::parse("/ms alice#7f3a hi"), told("alice#7f3a", "hi"));
        assert_eq!(Entry::parse("  /msg bob hi"), told("bob", "hi"), "with blanks in front of it");
        assert_eq!(Entry::parse("/msg bob first\n  second\n"), told("bob", "first\n  second"), "pasted behind it");
        assert_eq!(Entry::parse("/msg bob\nfirst"), told("bob", "first"));
        assert_eq!(Entry::parse("/msg bob /me waves"), told("bob", "/me waves"));
        assert_eq!(Entry::parse("/r yes\nor no"), Ok(Some(Entry::Answer(Text::new("yes\nor no").unwrap()))));
        for slip in ["/m bob hi", "/mgs bob first\nsecond", " /msgg bob hi", "\t/m bob first\nsecond", "/msg bob", "/r"]
        {
            assert!(Entry::parse(slip).is_err(), "{slip:?}");
        }
        assert_eq!(Entry::parse("//msg bob hi"), say("/msg bob hi", false));
        assert_eq!(Entry::parse(" /etc/hosts"), say(" /etc/hosts", false));
        assert_eq!(Entry::parse("/* x\n y */"), say("/* x\n y */", false));
    }

    #[test]
    fn what_was_mistyped_is_never_said() {
        let problem = |line| Entry::parse(line).unwrap_err();
        assert_eq!(problem("/quti"), "Unknown command /quti. Did you mean /quit?");
        assert_eq!(problem("/n"), "Unknown command /n. Did you mean /names or /nick?");
        assert_eq!(problem("/frobnicate x"), "Unknown command /frobnicate. /help lists them");
        assert_eq!(problem("/ hello"), "/ alone is no command; /help lists them");
        assert_eq!(problem("/nick"), "it goes like this: /nick NAME");
        assert_eq!(problem("/verify"), "it goes like this: /verify NICK");
        assert_eq!(problem("/un bob"), "Unknown command /un. Did you mean /unverify or /unignore?");
        assert_eq!(problem("/m bob hi"), "Unknown command /m. Did you mean /me or /msg?");
        assert_eq!(problem("/msg bob "), "it goes like this: /msg NICK TEXT");
        assert_eq!(problem("/me "), "it goes like this: /me TEXT");
    }
}
