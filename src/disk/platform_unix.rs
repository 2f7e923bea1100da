use std::{
    fs::{File, Metadata, OpenOptions, Permissions},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown},
};

/// Opening fails where the path's last part is a symbolic link, and does not wait where it is a named pipe.
pub(crate) fn not_following(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

/// Opening does not wait where the path is a named pipe.
pub(crate) fn not_blocking(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(libc::O_NONBLOCK)
}

/// A file that is made is for its owner alone.
pub(super) fn for_the_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Takes everybody else's rights to a file away.
pub(super) fn restrict_to_owner(file: &File, metadata: &Metadata) {
    if metadata.mode() & 0o077 != 0 {
        // Not permitted where the file is another user's.
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
}

/// Lets the group of another file read this one too, if it may read that.
#[cfg(feature = "ship")]
pub(crate) fn keep_readable_for_group(file: &File, of: &Metadata) {
    if of.mode() & 0o040 != 0 && fchown(file, None, Some(of.gid())).is_ok() {
        let _ = file.set_permissions(Permissions::from_mode(0o640));
    }
}

/// Gives a file the owner, the group and the mode of another. Where the owner or the group cannot be given away, the rights of the
/// group are not given either: they would be another group's. Some file systems know no modes, so no error stops anything.
pub(crate) fn keep_owner_and_mode(file: &File, of: &Metadata) {
    let Ok(has) = file.metadata() else {
        return;
    };
    let mut mode = of.mode() & 0o777;
    if (has.uid(), has.gid()) != (of.uid(), of.gid())
        && fchown(file, Some(of.uid()), Some(of.gid())).is_err()
        && fchown(file, None, Some(of.gid())).is_err()
    {
        mode &= !0o070;
    }
    if has.mode() & 0o777 != mode {
        let _ = file.set_permissions(Permissions::from_mode(mode));
    }
}
