//! `listen --exec`: a program of the user's, run once for each line that is heard.

use crossbeam_channel::Receiver;
use serde_json::Value;

use crate::ui::ending::{Ending, warn};
use crate::ui::json::{self, LineObject};
use crate::ui::programs::children::{Call, ChildOutput, Children, Manner};
use crate::ui::programs::program::Program;
use crate::ui::safe::Safe;

/// Enough for what waits for a network or a lock, and few enough for any machine.
const RUNNING_MAX: usize = 16;
/// Some seconds of the fastest talk.
const WAITING_MAX: usize = 1024;
/// In front of each variable. Those that begin otherwise, as `COOEE_NICK`, would tell a `cooee` that the program starts
/// who it is.
const VARIABLES: &str = "COOEE_LINE_";

/// The program, and its runs.
pub(crate) struct LineCommand {
    arguments: Vec<String>,
    children: Children,
}

impl LineCommand {
    /// # Errors
    /// When there is no such program.
    pub(crate) fn new(program: &Program) -> Result<Self, Ending> {
        program.check().map_err(|problem| Ending::Usage(format!("{problem} (--exec)")))?;
        let manner = Manner { running: RUNNING_MAX, waiting: WAITING_MAX, output: ChildOutput::Stderr };
        let children = Children::new(program.name(), manner, |problem| warn(&problem));
        Ok(Self { arguments: program.arguments().to_vec(), children })
    }

    /// Runs it for a line, whose author is called by this name. It reads the object; each key is a variable too.
    pub(crate) fn run(&mut self, object: &LineObject, name: &Safe) -> Result<(), Ending> {
        let mut environment = variables(object)?;
        environment.push((format!("{VARIABLES}NAME"), name.to_string()));
        let stdin = json::line(object)?.into_bytes();
        self.children.run(Call { arguments: self.arguments.clone(), environment, stdin });
        Ok(())
    }

    /// Lets all that was begun come to its end, unless a signal has ended the command, or ends it now.
    pub(crate) fn finish(self, done: Result<(), Ending>, signals: &Receiver<i32>) -> Result<(), Ending> {
        match done {
            Err(Ending::Signal(_)) => done,
            done => self.children.finish(signals).and(done),
        }
    }
}

/// `COOEE_LINE_TEXT` and so on: a variable for each key, empty for null.
fn variables(object: &LineObject) -> Result<Vec<(String, String)>, Ending> {
    let object = serde_json::to_value(object).map_err(|error| Ending::No(format!("cannot write JSON: {error}")))?;
    let keys = object.as_object().into_iter().flatten();
    Ok(keys.map(|(key, value)| (VARIABLES.to_owned() + &key.to_uppercase(), variable(value))).collect())
}

/// A value as a variable holds it. There can be no NUL in one: U+FFFD stands for it.
fn variable(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace('\0', "\u{fffd}"),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cooee::node::{Arrival, HeardLine};
    use cooee::time::UnixMillis;
    use cooee::wire::{RoomName, Seq, Text};

    use super::*;
    use crate::ui::people::names::Standing;
    use crate::ui::sample;

    #[test]
    fn each_key_is_a_variable() {
        let peer = sample::peer(1, "bob");
        let line = HeardLine {
            author: peer.run,
            signer: None,
            nick: peer.profile.nick,
            seq: Seq::FIRST,
            action: false,
            text: Text::new("a\0b\n\"$(c)\"").unwrap(),
            said: UnixMillis(0),
            arrival: Arrival::InTime,
            link: peer.link,
            from: peer.address,
        };
        let room = RoomName::new("lobby").unwrap();
        let object =
            LineObject::new(&line, true, Standing::default(), &room, &Safe::literal("eth0"), UnixMillis(1_000));
        let variables: BTreeMap<String, String> = variables(&object).unwrap().into_iter().collect();
        let expected = [
            ("ACTION", "false"),
            ("ADDRESS", "192.0.2.7:26634"),
            ("EPOCH", "00000001"),
            ("FINGERPRINT", ""),
            ("HISTORY", "false"),
            ("LATE", "false"),
            ("LINK", "eth0"),
            ("NICK", "bob"),
            ("PEER", "0000000000000001"),
            ("PRIVATE", "true"),
            ("ROOM", "lobby"),
            ("SAID", "1970-01-01T00:00:00.000Z"),
            ("SELF", "false"),
            ("SEQ", "1"),
            ("TEXT", "a\u{fffd}b\n\"$(c)\""),
            ("TIME", "1970-01-01T00:00:01.000Z"),
            ("TO", ""),
            ("TO_FINGERPRINT", ""),
            ("TYPE", "line"),
            ("VERIFIED", "false"),
        ];
        assert_eq!(variables, expected.map(|(key, value)| (format!("COOEE_LINE_{key}"), value.to_owned())).into());
    }
}
