//! What the files hold at the end.

use super::{
    key::Key,
    place::{self, Fate, Place, ROLLING},
};
use flate2::read::MultiGzDecoder;
use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{BufRead as _, BufReader, Read},
    path::Path,
};

/// How many lines of each key the files hold. For numbered lines this is 1, although a copied file may hold them again.
pub(super) struct Written(pub(super) HashMap<Key, u64>);

impl Written {
    /// Reads all files below all places.
    pub(super) fn read(root: &Path) -> Self {
        let mut written = Self(HashMap::new());
        for place in &place::ALL {
            written.read_folder(&place.folder(root));
        }
        written
    }

    fn read_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).expect("the folder exists") {
            let path = entry.expect("the entry is read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                self.read_folder(&path);
            } else if !name.starts_with('.') && !name.ends_with(".tmp") {
                self.read_file(&path);
            }
        }
    }

    fn read_file(&mut self, path: &Path) {
        let file = File::open(path).expect("the file opens");
        let is_compressed = path.extension().is_some_and(|extension| extension == "gz");
        let reader: Box<dyn Read> = match is_compressed {
            true => Box::new(MultiGzDecoder::new(file)),
            false => Box::new(file),
        };
        for line in BufReader::new(reader).split(b'\n') {
            let line = line.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let line = String::from_utf8(line).expect("the line is a string");
            if let Some(key) = Key::find(&line) {
                let count = self.0.entry(key).or_insert(0);
                *count = if key.is_of_equal_lines() {
                    *count + 1
                } else {
                    1
                };
            }
        }
    }

    /// Returns how many lines were written to files that are only renamed, or that this crate rotates, but are in none of them. There must be
    /// none, or else the test or this crate has lost lines before they could be shipped.
    pub(super) fn gaps(&self) -> u64 {
        let mut series: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for key in self.0.keys().filter(|key| !key.is_of_equal_lines()) {
            let place = Place::of(key.place());
            let is_complete =
                place.is_some_and(|place| place.fate == Fate::Renamed || *place == ROLLING);
            if is_complete {
                let (count, length) = series.entry(key.series()).or_default();
                *count += 1;
                *length = (*length).max(key.number() + 1);
            }
        }
        series.values().map(|(count, length)| length - count).sum()
    }
}
