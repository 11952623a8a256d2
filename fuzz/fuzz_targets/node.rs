//! Whatever happens on a LAN, no node falls, floods, spins or sends what nobody can read.
#![no_main]

use cooee_fuzz::{Lan, Steps};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|steps: Steps| Lan::new(false).live(&steps));
