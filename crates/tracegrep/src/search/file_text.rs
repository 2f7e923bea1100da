use log_files::Content;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// The text of a file, from its start.
pub(super) struct FileText {
    content: Content,
    offset: u64,
}

impl FileText {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            content: Content::open(File::open(path)?)?,
            offset: 0,
        })
    }

    /// What is wrong with a compressed file, once it has been read to its end.
    pub(super) fn damage(&self) -> Option<&str> {
        self.content.damage()
    }
}

impl Read for FileText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read_at(self.offset, buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}
