//! With real programs: what they are given, how many there are, and that none is left behind.

#![cfg(unix)]

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{never, unbounded};
use tempfile::TempDir;

use super::*;

const LIMIT: Duration = Duration::from_secs(30);

fn manner(running: usize, waiting: usize) -> Manner {
    Manner { running, waiting, output: ChildOutput::Discarded }
}

/// Runs of a program, and what is told of them.
fn children(program: &str, manner: Manner) -> (Children, Receiver<String>) {
    let (sender, told) = unbounded();
    (Children::new(program, manner, move |words| drop(sender.send(words))), told)
}

/// A call of `sh` with a script, which is given the folder as `$0`.
fn script(folder: &Path, script: &str) -> Call {
    let arguments = ["-c", script, folder.to_str().unwrap()].map(str::to_owned).to_vec();
    Call { arguments, ..Call::default() }
}

fn finish(children: Children) {
    children.finish(&never()).unwrap();
}

#[test]
fn it_is_given_arguments_variables_and_all_of_stdin() {
    let folder = TempDir::new().unwrap();
    let (mut children, told) = children("sh", manner(2, 2));
    // More than a pipe holds.
    let long = "x".repeat(300_000);
    let environment = vec![("COOEE_LINE_TEXT".to_owned(), "a 'b' $c\n".to_owned())];
    let call = script(folder.path(), r#"printf %s "$COOEE_LINE_TEXT" > "$0/text"; cat > "$0/stdin""#);
    children.run(Call { environment, stdin: long.clone().into_bytes(), ..call });
    finish(children);
    assert_eq!(fs::read_to_string(folder.path().join("text")).unwrap(), "a 'b' $c\n");
    assert!(fs::read_to_string(folder.path().join("stdin")).unwrap() == long);
    assert_eq!(told.try_iter().count(), 0);
}

/// A named pipe from which each of several scripts reads a line before it goes on.
struct Gate(File);

impl Gate {
    /// The script that waits for it, in the folder `$0`.
    const WAIT: &str = r#"read word < "$0/gate""#;

    fn shut(folder: &Path) -> Self {
        let path = folder.join("gate");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        // Open at both ends, so that neither side waits for the other to open it.
        Self(File::options().read(true).write(true).open(path).unwrap())
    }

    fn let_pass(&mut self, count: usize) {
        self.0.write_all("go\n".repeat(count).as_bytes()).unwrap();
    }
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let look_after = Duration::from_millis(5);
    for _ in 0..LIMIT.as_millis() / look_after.as_millis() {
        if is_so() {
            return;
        }
        // Files wake nobody; to look is the only way.
        let _ = never::<()>().recv_timeout(look_after);
    }
    panic!("not within {LIMIT:?}: {what}");
}

#[test]
fn a_slow_one_holds_nothing_back_and_the_end_waits_for_it() {
    let folder = TempDir::new().unwrap();
    let [slow, quick] = ["slow", "quick"].map(|name| folder.path().join(name));
    let mut gate = Gate::shut(folder.path());
    let (mut children, _told) = children("sh", manner(2, 8));
    children.run(script(folder.path(), &format!(r#"{}; echo x > "$0/slow""#, Gate::WAIT)));
    children.run(script(folder.path(), r#"echo x > "$0/quick""#));
    wait_until("the second has run", || quick.exists());
    let ended = thread::spawn(move || finish(children));
    assert!(!ended.is_finished() && !slow.exists());
    gate.let_pass(1);
    ended.join().unwrap();
    assert!(slow.exists());
}

#[test]
fn no_more_run_than_may_and_what_is_too_much_is_told_once_and_in_sum() {
    let folder = TempDir::new().unwrap();
    let mut gate = Gate::shut(folder.path());
    let (mut children, told) = children("sh", manner(2, 3));
    let count = r#"mkdir "$0/run.$$"; ls -d "$0"/run.* | wc -l >> "$0/counts""#;
    let counted = format!(r#"{count}; {}; rmdir "$0/run.$$""#, Gate::WAIT);
    (0..10).for_each(|_| children.run(script(folder.path(), &counted)));
    assert_eq!(
        told.recv_timeout(LIMIT).unwrap(),
        "sh is too slow: 2 run at once and 3 more wait; until some have ended, it is not started again"
    );
    let counts = || fs::read_to_string(folder.path().join("counts")).unwrap_or_default();
    wait_until("two run", || counts().lines().count() == 2);
    gate.let_pass(5);
    finish(children);
    let counts: Vec<u32> = counts().lines().map(|count| count.trim().parse().unwrap()).collect();
    assert!(counts.len() == 5 && counts.iter().all(|count| *count <= 2), "{counts:?}");
    assert_eq!(told.try_iter().collect::<Vec<_>>(), ["sh was not started 5 times: it was too slow"]);
}

#[test]
fn too_many_bytes_do_not_wait() {
    let folder = TempDir::new().unwrap();
    let mut gate = Gate::shut(folder.path());
    let (mut children, told) = children("sh", manner(1, 1000));
    let huge = || Call { stdin: vec![b'x'; BYTES_MAX / 4], ..script(folder.path(), Gate::WAIT) };
    (0..5).for_each(|_| children.run(huge()));
    assert!(told.recv_timeout(LIMIT).unwrap().starts_with("sh is too slow"));
    gate.let_pass(3);
    finish(children);
    assert_eq!(told.try_iter().collect::<Vec<_>>(), ["sh was not started 2 times: it was too slow"]);
}

#[test]
fn failures_are_told_ever_more_rarely() {
    let folder = TempDir::new().unwrap();
    let (mut children, told) = children("sh", manner(1, 20));
    (0..9).for_each(|_| children.run(script(folder.path(), "exit 3")));
    finish(children);
    let expected = [
        "sh failed (exit status: 3)",
        "sh failed (exit status: 3); it has failed 2 times",
        "sh failed (exit status: 3); it has failed 4 times",
        "sh failed (exit status: 3); it has failed 8 times",
    ];
    assert_eq!(told.try_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn what_cannot_be_started_is_told_once() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("program");
    fs::write(&file, "").unwrap();
    let (mut children, told) = children(file.to_str().unwrap(), manner(2, 20));
    (0..9).for_each(|_| children.run(Call::default()));
    finish(children);
    let told: Vec<String> = told.try_iter().collect();
    assert!(told.len() == 1 && told[0].starts_with("cannot start /"), "{told:?}");
}

#[test]
fn a_signal_ends_the_wait_and_leaves_them_to_themselves() {
    let folder = TempDir::new().unwrap();
    let mut gate = Gate::shut(folder.path());
    let (mut children, _told) = children("sh", manner(1, 1));
    children.run(script(folder.path(), &format!(r#"{}; echo x > "$0/after""#, Gate::WAIT)));
    let (sender, signals) = bounded(1);
    sender.send(15).unwrap();
    assert!(matches!(children.finish(&signals), Err(Ending::Signal(15))));
    gate.let_pass(1);
    wait_until("it has gone on", || folder.path().join("after").exists());
}
