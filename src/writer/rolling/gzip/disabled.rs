use std::{io, path::Path};

/// Has no effect. It is never called, as no setting turns compression on without the feature.
pub(in super::super) fn compress(_: &Path, _is_indexed: bool) -> io::Result<()> {
    Ok(())
}

/// Has no effect.
pub(in super::super) fn remove_orphans(_folder: &Path) -> io::Result<()> {
    Ok(())
}
