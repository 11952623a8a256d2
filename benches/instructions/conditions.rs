//! With what was counted: where it is something else, counts may differ by nothing that this program does.

use std::env;
use std::fmt::Write;
use std::process::Command;

/// As which this program tells what processor it sees.
pub(crate) const ROLE: &str = "--processor";

/// With what was counted, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conditions(pub(crate) [(&'static str, String); 4]);

impl Conditions {
    /// What is not as it was when counts were recorded, in words.
    pub(crate) fn changed(&self, now: &Self) -> String {
        let mut words = String::new();
        for ((name, before), (_, now)) in self.0.iter().zip(&now.0) {
            let _ = match before == now {
                true => writeln!(words, "{name}, as when they were recorded: {now}"),
                false => writeln!(words, "{name}: {now}; but they were recorded with {before}, which may be all"),
            };
        }
        words
    }
}

/// What is counted with now.
pub(crate) fn now() -> Result<Conditions, String> {
    let compiler = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = first_line(Command::new(compiler).arg("--version"))?;
    let valgrind = first_line(Command::new("valgrind").arg("--version"))?;
    let processor = first_line(super::counting::under_valgrind("none").arg(ROLE))?;
    // Only glibc has one to tell.
    let libc = first_line(Command::new("getconf").arg("GNU_LIBC_VERSION")).unwrap_or_else(|_| "another".to_owned());
    Ok(Conditions([("compiler", version), ("libc", libc), ("valgrind", valgrind), ("processor", processor)]))
}

/// Tells what of it decides by which instructions the libraries sign and seal.
pub(crate) fn tell() {
    let mut words = vec![env::consts::ARCH];
    #[cfg(target_arch = "x86_64")]
    {
        let has = [
            ("avx2", is_x86_feature_detected!("avx2")),
            ("avx512ifma", is_x86_feature_detected!("avx512ifma")),
            ("sha", is_x86_feature_detected!("sha")),
        ];
        words.extend(has.into_iter().filter(|(_, has)| *has).map(|(name, _)| name));
    }
    println!("{}", words.join(" "));
}

fn first_line(command: &mut Command) -> Result<String, String> {
    let said = super::counting::said(command)?.stdout;
    Ok(String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned())
}
