//! What a panic does. It is a mistake in the program, in whichever thread: it is told, and the program ends.

use std::panic;
use std::process;

/// As a Rust program ends whose main thread has panicked.
const EXIT_CODE: i32 = 101;

/// Has a panic end the program from now on by an exit. The release is built without unwinding: there it would be an
/// abort, which may leave a core file, with the keys in it.
pub(crate) fn end_by_exit() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        tell(info);
        process::exit(EXIT_CODE);
    }));
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;
    use std::thread;

    use super::*;

    const ROLE: &str = "COOEE_TEST_PANICS";

    #[test]
    fn one_in_any_thread_ends_the_program() {
        if env::var_os(ROLE).is_some() {
            end_by_exit();
            let _ = thread::spawn(|| panic!("a mistake")).join();
            process::exit(0);
        }
        let mut again = Command::new(env::current_exe().unwrap());
        again.args(["--exact", "ui::panicking::tests::one_in_any_thread_ends_the_program", "--nocapture"]);
        let ended = again.env(ROLE, "").output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.code() == Some(EXIT_CODE) && told.contains("a mistake"), "{ended:?}");
    }
}
