//! A program of the user's with its arguments, to be started without a shell: nothing that others say can become part
//! of a command.

use std::env;
use std::path::{Path, PathBuf};

use is_executable::is_executable;

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    name: String,
    arguments: Vec<String>,
}

impl Program {
    /// Takes apart what was typed as one word: blanks part words, and quotes and backslashes keep them together, as in
    /// a shell. Nothing else of a shell is known here.
    pub(crate) fn parse(typed: &str) -> Result<Self, String> {
        let words = shlex::split(typed).ok_or_else(|| "a quote or a backslash in it has no end".to_owned())?;
        Self::new(words)
    }

    /// From words that stand for themselves: the program's name, or the path to it, and its arguments.
    pub(crate) fn new(words: Vec<String>) -> Result<Self, String> {
        let mut words = words.into_iter();
        let name = words.next().filter(|name| !name.is_empty()).ok_or_else(|| "it names no program".to_owned())?;
        Ok(Self { name, arguments: words.collect() })
    }

    /// Its name as it was typed.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What it is started with.
    pub(crate) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// Looks whether it could be started now; the error tells why not, and what helps.
    pub(crate) fn check(&self) -> Result<(), String> {
        let cannot = |why: &str| Err(format!("cannot start {:?}: {why}", self.name));
        let path = Path::new(&self.name);
        if path.components().count() == 1 && !self.name.contains(std::path::MAIN_SEPARATOR) {
            let is_there = in_path().any(|folder| is_executable(folder.join(path)));
            return if is_there { Ok(()) } else { cannot("no folder of PATH has a program of that name") };
        }
        match path.metadata() {
            Err(error) => cannot(&error.to_string()),
            Ok(metadata) if !metadata.is_file() => cannot("it is not a file"),
            Ok(_) if !is_executable(path) => cannot("it is not executable; \"chmod +x\" makes it so"),
            Ok(_) => Ok(()),
        }
    }
}

fn in_path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_as_in_a_shell_and_nothing_is_expanded() {
        let program = Program::parse(r#"notify-send  "from cooee" "it's" a\ b $HOME '*' >x"#).unwrap();
        assert_eq!(program.name(), "notify-send");
        assert_eq!(program.arguments(), ["from cooee", "it's", "a b", "$HOME", "*", ">x"]);
        assert_eq!(Program::parse("say 'hi").unwrap_err(), "a quote or a backslash in it has no end");
        for nothing in ["", "  ", "''", "'' x"] {
            assert_eq!(Program::parse(nothing).unwrap_err(), "it names no program");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_started_is_told_with_the_reason() {
        use std::fs;
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("script");
        fs::write(&file, "").unwrap();
        let check = |name: &str| Program::new(vec![name.to_owned()]).unwrap().check();
        assert_eq!((check("sh"), check("/bin/sh")), (Ok(()), Ok(())));
        let problem = |name: &str| check(name).unwrap_err();
        assert_eq!(
            problem("no-such-program"),
            "cannot start \"no-such-program\": no folder of PATH has a program of that name"
        );
        assert!(problem("./no-such-program").contains("No such file"), "{}", problem("./no-such-program"));
        assert!(problem(file.to_str().unwrap()).ends_with("it is not executable; \"chmod +x\" makes it so"));
        assert!(problem(folder.path().to_str().unwrap()).ends_with("it is not a file"));
    }
}
