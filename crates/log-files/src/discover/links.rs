//! Symbolic links, and whether they may be followed.
//!
//! A user who can write to a folder of logs could plant a link there to a file that only the shipper may read, such as `/etc/shadow`. A
//! link is therefore followed if its target is in the folder too, or if everything belongs to the owner of the folder: the link, the links
//! on the way to the target, and the target. Links on the way may also belong to root.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The file or folder to which a link leads.
#[derive(Debug)]
pub(super) struct Target {
    /// Without symbolic links.
    pub(super) path: PathBuf,
    pub(super) is_trusted: bool,
}

impl Target {
    /// Follows the link with this name in a folder.
    pub(super) fn of(folder: &Path, name: &Path) -> io::Result<Self> {
        let folder = fs::canonicalize(folder)?;
        let mut target = Self::resolve(&folder, name)?;
        target.is_trusted |= target.path.starts_with(&folder);
        Ok(target)
    }

    /// Resolves a path step by step, so that the path whose owners were checked is the path that is returned.
    #[cfg(unix)]
    fn resolve(folder: &Path, name: &Path) -> io::Result<Self> {
        use std::{
            ffi::OsString,
            os::unix::fs::MetadataExt as _,
            path::{Component, MAIN_SEPARATOR_STR},
        };
        /// A path with more symbolic links than this is a loop, as on Linux.
        const MAX_LINKS: usize = 40;

        let owner = fs::metadata(folder)?.uid();
        let mut path = folder.to_owned();
        let mut rest: Vec<OsString> = vec![name.into()];
        let mut links = 0;
        let mut is_trusted = true;
        while let Some(next) = rest.pop() {
            match Path::new(&next).components().next() {
                Some(Component::RootDir) => path = PathBuf::from(MAIN_SEPARATOR_STR),
                Some(Component::ParentDir) => drop(path.pop()),
                Some(Component::Normal(name)) => {
                    let at = path.join(name);
                    let metadata = fs::symlink_metadata(&at)?;
                    if !metadata.is_symlink() {
                        path = at;
                        continue;
                    }
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::other("too many symbolic links"));
                    }
                    is_trusted &= [owner, 0].contains(&metadata.uid());
                    let target = fs::read_link(&at)?;
                    let parts = target.components().rev();
                    rest.extend(parts.map(|part| part.as_os_str().to_owned()));
                }
                Some(Component::CurDir | Component::Prefix(_)) | None => {}
            }
        }
        is_trusted &= fs::symlink_metadata(&path)?.uid() == owner;
        Ok(Self { path, is_trusted })
    }

    /// Owners are not known here.
    #[cfg(not(unix))]
    fn resolve(folder: &Path, name: &Path) -> io::Result<Self> {
        Ok(Self {
            path: fs::canonicalize(folder.join(name))?,
            is_trusted: false,
        })
    }
}
