use super::gzip_pipe::GZIP_MAGIC;
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
    /// The text begins like a gzip file, and is not one as far as it was read.
    begins_like_gzip: bool,
}

impl FileText {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            content: Content::open(File::open(path)?)?,
            offset: 0,
            begins_like_gzip: false,
        })
    }

    /// What is wrong with a compressed file, once it has been read to its end.
    pub(super) fn damage(&self) -> Option<&str> {
        let is_cut_off = self.begins_like_gzip && self.offset == GZIP_MAGIC.len() as u64;
        match is_cut_off {
            true => Some("the compressed file is truncated at byte 2"),
            false => self.content.damage(),
        }
    }
}

impl Read for FileText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read_at(self.offset, buffer)?;
        if self.offset == 0 {
            self.begins_like_gzip =
                !self.content.is_compressed() && buffer.starts_with(&GZIP_MAGIC) && read == 2;
        }
        self.offset += read as u64;
        Ok(read)
    }
}
