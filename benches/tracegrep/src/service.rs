use std::{
    error::Error,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use tracing_stamp::writer::RollingFile;

/// How long a file may take to be compressed.
const PATIENCE: Duration = Duration::from_secs(600);

/// The files of one service.
pub(crate) struct Service {
    plain: BufWriter<File>,
    rolling: RollingFile,
    folder: PathBuf,
    name: &'static str,
}

impl Service {
    pub(crate) fn open(
        folder: &Path,
        name: &'static str,
        file_bytes: u64,
    ) -> Result<Self, Box<dyn Error>> {
        let plain = File::create(folder.join("plain").join(format!("{name}.jsonl")))?;
        let folder = folder.join("indexed");
        Ok(Self {
            plain: BufWriter::with_capacity(1 << 20, plain),
            rolling: RollingFile::open(folder.join(format!("{name}.jsonl")))?
                .with_max_bytes(file_bytes)
                .with_gzip()
                .with_trace_index(true),
            folder,
            name,
        })
    }

    pub(crate) fn write(&mut self, line: &[u8]) -> Result<(), Box<dyn Error>> {
        self.plain.write_all(line)?;
        self.rolling.write_all(line)?;
        Ok(())
    }

    /// Closes the last file too, and waits until all files are compressed.
    pub(crate) fn finish(self) -> Result<(), Box<dyn Error>> {
        let Self {
            mut plain,
            rolling,
            folder,
            name,
        } = self;
        plain.flush()?;
        // A line that does not fit closes the file before it.
        let mut rolling = rolling.with_max_bytes(1);
        rolling.write_all(b"{}\n")?;
        drop(rolling);
        let start = Instant::now();
        while !is_compressed(&folder, name)? {
            if start.elapsed() > PATIENCE {
                return Err("the files are not compressed".into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        fs::remove_file(folder.join(format!("{name}.jsonl")))?;
        Ok(())
    }
}

/// Whether only the file with the last line is not compressed.
fn is_compressed(folder: &Path, name: &str) -> Result<bool, Box<dyn Error>> {
    let mut others = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?.file_name().to_string_lossy().into_owned();
        others += usize::from(entry.starts_with(name) && !entry.ends_with(".gz"));
    }
    Ok(others == 1)
}
