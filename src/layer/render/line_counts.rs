use super::renderer::Renderer;
use crate::stats::Count;

/// How many renderers' counts a thread keeps at most.
const KEPT: usize = 8;

/// How many lines with ids this thread has rendered, for each of the renderers that it used last.
#[derive(Default)]
pub(super) struct LineCounts {
    of: Vec<(u64, Count)>,
}

impl LineCounts {
    /// Counts a line.
    #[inline]
    pub(super) fn count_stamped(&mut self, renderer: &Renderer) {
        match self.of.first_mut() {
            Some((id, count)) if *id == renderer.id => count.increment(),
            _ => self.count_of_other(renderer),
        }
    }

    /// Counts a line of another renderer than the last one.
    #[inline(never)]
    fn count_of_other(&mut self, renderer: &Renderer) {
        match self.of.iter().position(|(id, _)| *id == renderer.id) {
            Some(index) => self.of.swap(0, index),
            None => {
                self.of.truncate(KEPT - 1);
                let count = renderer.stats.new_count_of_stamped();
                self.of.insert(0, (renderer.id, count));
            }
        }
        self.of[0].1.increment();
    }
}
