//! The stores of all layers of the process.

use super::store::HoldStore;
use std::sync::{Arc, PoisonError, RwLock, Weak};

static STORES: RwLock<Vec<Weak<HoldStore>>> = RwLock::new(Vec::new());

pub(crate) fn add(store: &Arc<HoldStore>) {
    let mut stores = STORES.write().unwrap_or_else(PoisonError::into_inner);
    stores.retain(|store| store.strong_count() > 0);
    stores.push(Arc::downgrade(store));
}

pub(super) fn all() -> Vec<Arc<HoldStore>> {
    let stores = STORES.read().unwrap_or_else(PoisonError::into_inner);
    stores.iter().filter_map(Weak::upgrade).collect()
}
