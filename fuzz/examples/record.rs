//! Plays the scenes, and writes what a fuzzer is to begin with: the scenes themselves, and of all that the nodes send
//! in them one datagram of each shape. Into `corpus`, or the folder that is given.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{env, fs, io};

use cooee_fuzz::{Lan, check_datagram, scenes, shape};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| "corpus".into()));
    let mut shapes = BTreeMap::<_, Rc<[u8]>>::new();
    for (name, steps) in scenes() {
        let mut lan = Lan::new(true);
        lan.live(&steps);
        write(&folder.join("node"), name, &steps.write())?;
        for datagram in lan.sent {
            shapes.entry(shape(&datagram)).or_insert(datagram);
        }
    }
    for (shape, datagram) in &shapes {
        check_datagram(datagram);
        write(&folder.join("wire"), shape, datagram)?;
    }
    println!("{} scenes and {} datagrams are in {}", scenes().len(), shapes.len(), folder.display());
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), bytes)
}
