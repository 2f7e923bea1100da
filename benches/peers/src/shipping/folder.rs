//! The folder of a child, and the label that identifies its lines.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The label that distinguishes the lines of one process from all others.
pub const LABEL: &str = "run";
pub const FILE: &str = "lines.jsonl";

/// Returns the value of that label, which is the folder's name.
pub fn label(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The folder with a child's files, removed on drop.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Result<Self, String> {
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).map_err(|error| error.to_string())?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs one child to its end.
pub fn child(name: &str, lines: usize, folder: &Path) -> Vec<f64> {
    let program = env::current_exe().expect("this program has a path");
    let output = Command::new(program)
        .args(["ship", name, &lines.to_string()])
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()
        .expect("the child runs");
    assert!(output.status.success(), "{name} failed");
    String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .map(|number| number.parse().expect("a number"))
        .collect()
}
