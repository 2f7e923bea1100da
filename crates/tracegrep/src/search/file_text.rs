use super::{
    Progress,
    form::{CUT_OFF, GZIP_MAGIC, utf_16},
    input::FileInput,
};
use log_files::{Content, is_binary, names::Compression};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// How much of a file shows its form.
const HEAD_BYTES: usize = 512;

/// The text of a file, from its start.
pub(super) struct FileText {
    content: Content,
    offset: u64,
    /// The text begins like a gzip file, and is not one as far as it was read.
    begins_like_gzip: bool,
    progress: Progress,
    /// How many bytes of the file the progress does not count yet.
    uncounted: u64,
}

impl FileText {
    pub(super) fn open(file: &FileInput) -> io::Result<Self> {
        let mut text = Self::of(File::open(&file.path)?)?;
        text.progress = file.progress.clone();
        text.uncounted = file.bytes;
        Ok(text)
    }

    /// The text of a file that no progress counts.
    pub(super) fn of(file: File) -> io::Result<Self> {
        Ok(Self {
            content: Content::open(file)?,
            offset: 0,
            begins_like_gzip: false,
            progress: Progress::new(),
            uncounted: 0,
        })
    }

    fn count(&mut self, bytes: u64) {
        let bytes = bytes.min(self.uncounted);
        self.uncounted -= bytes;
        self.progress.add_read(bytes);
    }

    pub(super) fn is_compressed(&self) -> bool {
        self.content.is_compressed()
    }

    pub(super) fn file(&self) -> &File {
        self.content.file()
    }

    /// Continues at this offset of the text, at which the gzip member at `member` begins, if that is known.
    pub(super) fn jump(&mut self, offset: u64, member: Option<u64>) -> io::Result<()> {
        self.offset = offset;
        match member {
            Some(member) => self.content.jump(member, offset),
            None => Ok(()),
        }
    }

    /// Why a file has no text that can be searched, although its name or its first bytes are those of a file with text.
    pub(super) fn unreadable_form(&mut self, path: &Path) -> Option<String> {
        if self.content.is_compressed() {
            return None;
        }
        let mut head = [0; HEAD_BYTES];
        let read = self.content.read_at(0, &mut head).ok()?;
        let head = head.get(..read)?;
        if let Some(reason) = utf_16(head) {
            return Some(reason.to_owned());
        }
        let name = path.file_name()?.to_str()?;
        let compression = Compression::of(name)?;
        let is_text = !is_binary(head) && head.first() != GZIP_MAGIC.first();
        // Two bytes of gzip are a file that is truncated.
        let is_truncated = head == GZIP_MAGIC;
        (!is_text && !is_truncated)
            .then(|| format!("is not {}, although its name says so", compression.name()))
    }

    /// What is wrong with a compressed file, once it has been read to its end.
    pub(super) fn damage(&self) -> Option<&str> {
        let is_cut_off = self.begins_like_gzip && self.offset == GZIP_MAGIC.len() as u64;
        match is_cut_off {
            true => Some(CUT_OFF),
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
        if !self.content.is_compressed() {
            self.count(read as u64);
        }
        Ok(read)
    }
}

impl Drop for FileText {
    /// The rest of the file is not read, or its compressed size is only known as a whole.
    fn drop(&mut self) {
        self.count(u64::MAX);
    }
}
