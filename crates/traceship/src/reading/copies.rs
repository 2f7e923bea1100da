//! Notes where copies of contents end, so that they are recognised although the contents have grown and their own file is emptied.

use super::{compare, follower::Follower, recognize::FirstLine};
use crate::{cursor::Mark, lineage::Lineage};
use log_files::{Content, discover::FoundFile};
use std::io;

impl Follower {
    /// Notes where a copy of contents that are being sent ends. Their own file may be emptied before they are confirmed.
    pub(super) fn note_copy_of_sent(
        &mut self,
        lineage: Lineage,
        file: &FoundFile,
        content: &mut Content,
        first_line: &FirstLine,
    ) -> io::Result<()> {
        let mark = self.cursor.get(lineage);
        if let Some(mark) = mark.filter(|mark| !mark.has_copy_of(file.bytes)) {
            let beginning = compare::common_beginning(content, mark)?;
            self.note_copy(lineage, file, content, first_line, &beginning)?;
        }
        Ok(())
    }

    /// Compares the rest of a file with the contents' own file. If the own file begins with all of it, notes its length and returns it.
    pub(super) fn note_copy(
        &mut self,
        lineage: Lineage,
        file: &FoundFile,
        content: &mut Content,
        first_line: &FirstLine,
        beginning: &compare::CommonBeginning,
    ) -> io::Result<Option<u64>> {
        let original = self.original_of(lineage);
        let may_be_copy = original
            .is_some_and(|original| first_line.has_id || original.has_rotated_version(file));
        let is_like =
            |mark: &Mark| beginning.is_whole_file || beginning.confirmed.offset >= mark.offset();
        if !may_be_copy
            || !first_line.is_distinct()
            || !self.cursor.get(lineage).is_some_and(is_like)
            || !self.is_opened(lineage)
        {
            return Ok(None);
        }
        let own = self.files.get_mut(&lineage);
        let Some(own) = own.filter(|own| !own.is_compressed()) else {
            return Ok(None);
        };
        let end = own.end_of_copy(content, beginning.confirmed)?;
        let end = end.filter(|end| end.offset >= first_line.bytes);
        // The own file may have been replaced while it was compared.
        let Some(end) = end.filter(|_| self.is_opened(lineage)) else {
            return Ok(None);
        };
        let mark = self.cursor.get(lineage);
        if mark.is_some_and(|mark| !mark.copies.contains(&end)) {
            self.cursor.change(lineage, |mark| mark.add_copy(end));
        }
        Ok(Some(end.offset))
    }

    /// Opens a file, and returns whether it can be read and still has the contents of its mark. If not, the next look at it notices that.
    fn is_opened(&mut self, lineage: Lineage) -> bool {
        matches!(self.open(lineage), Ok(true))
    }
}
