use std::{
    fs::{File, Metadata, OpenOptions, Permissions},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown},
};

/// Makes opening fail if the last component of the path is a symbolic link, and not wait if it is a named pipe.
pub(crate) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

/// Makes opening not wait if the path is a named pipe.
pub fn non_blocking(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(libc::O_NONBLOCK)
}

/// Lets only the owner read and write a file that is created.
pub(crate) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Removes all permissions of other users from a file.
pub(crate) fn restrict_to_owner(file: &File, metadata: &Metadata) {
    if metadata.mode() & 0o077 != 0 {
        // This fails if the file belongs to another user.
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
}

/// Lets the group of the file `of` read this file, if it may read `of`.
pub fn keep_readable_for_group(file: &File, of: &Metadata) {
    if of.mode() & 0o040 != 0 && fchown(file, None, Some(of.gid())).is_ok() {
        let _ = file.set_permissions(Permissions::from_mode(0o640));
    }
}

/// Gives a file the owner, the group and the mode of the file `of`.
///
/// If neither owner nor group can be changed, the group gets no permissions, since it would be another group. Errors are ignored, because
/// some file systems have no modes.
pub fn copy_owner_and_mode(file: &File, of: &Metadata) {
    let Ok(current) = file.metadata() else {
        return;
    };
    let mut mode = of.mode() & 0o777;
    if (current.uid(), current.gid()) != (of.uid(), of.gid())
        && fchown(file, Some(of.uid()), Some(of.gid())).is_err()
        && fchown(file, None, Some(of.gid())).is_err()
    {
        mode &= !0o070;
    }
    if current.mode() & 0o777 != mode {
        let _ = file.set_permissions(Permissions::from_mode(mode));
    }
}
