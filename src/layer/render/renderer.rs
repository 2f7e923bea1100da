use super::{callsite::Callsite, format::Format, settings::LineSettings};
use crate::{burst::Limits, stats::Stats};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tracing_core::Metadata;

/// Renders lines from events and spans. It gets the ids of a line from its caller, and does not know where they come from.
pub(in crate::layer) struct Renderer {
    /// Distinguishes the renderers of a process in thread-locals.
    pub(super) id: u64,
    pub(in crate::layer) format: Format,
    pub(super) stats: Stats,
    /// `None` if the lines of call sites are not limited.
    pub(in crate::layer) limits: Option<Arc<Limits>>,
    /// By the address of their metadata, which lives as long as the process.
    callsites: RwLock<HashMap<usize, Arc<Callsite>>>,
}

impl Renderer {
    pub(in crate::layer) fn new(settings: LineSettings, stats: Stats) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT_ID.fetch_add(1, Relaxed),
            format: Format::new(settings),
            stats,
            limits: None,
            callsites: RwLock::default(),
        }
    }

    /// The same renderer with other settings.
    pub(in crate::layer) fn with(self, change: impl FnOnce(&mut LineSettings)) -> Self {
        let mut settings = self.format.settings;
        change(&mut settings);
        Self {
            limits: self.limits,
            ..Self::new(settings, self.stats)
        }
    }

    /// The same renderer with other limits.
    pub(in crate::layer) fn with_limits(self, limits: Arc<Limits>) -> Self {
        Self {
            limits: Some(limits),
            ..Self::new(self.format.settings, self.stats)
        }
    }

    #[inline]
    pub(in crate::layer) fn settings(&self) -> &LineSettings {
        &self.format.settings
    }

    pub(super) fn callsite(&self, metadata: &'static Metadata<'static>) -> Arc<Callsite> {
        let address = std::ptr::from_ref(metadata) as usize;
        let known = self
            .callsites
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(callsite) = known.get(&address) {
            return Arc::clone(callsite);
        }
        drop(known);
        if metadata.is_span() {
            self.stats.note_span(metadata.name());
        }
        let callsite = Callsite::new(&self.format, self.limits.as_deref(), metadata);
        let mut known = self
            .callsites
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(address).or_insert_with(|| Arc::new(callsite)))
    }
}
