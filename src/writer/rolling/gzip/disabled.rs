use std::{io, path::Path};

/// Has no effect. It is never called, as no setting turns compression on without the feature.
pub(in super::super) fn compress(_: &Path) -> io::Result<()> {
    Ok(())
}
