//! C view of [`crate::neighbors`]. A state is a [`NeighborsHeader`], then the ranks, the query and the items.

use super::{Status, slice_mut, status};
use crate::neighbors::{Model, NeighborsHeader, NeighborsResult};

/// Bytes that a state takes, which begins with this header; more than there can be if that is too many to count. Arguments are
/// at most 65535.
#[unsafe(no_mangle)]
pub extern "C" fn eml_neighbors_size(max_items: usize, n_features: usize, k: usize, header: &mut NeighborsHeader) -> usize {
    *header = NeighborsHeader::new(max_items as u16, n_features as u16, k as u16);
    // This fits 32 bits.
    let values = max_items * (n_features + 1) + n_features;
    size_of::<NeighborsHeader>() + max_items * size_of::<u64>() + values.min(usize::MAX / 4) * size_of::<i16>()
}

#[inline(never)]
unsafe fn model<'a>(state: *mut NeighborsHeader) -> Model<'a> {
    // SAFETY: a state is a header and the arrays of `eml_neighbors_size`, each aligned if what is before it is.
    unsafe {
        let header = &mut *state;
        let max_items = usize::from(header.max_items);
        let n_features = usize::from(header.n_features);
        Model {
            ranks: slice_mut(state.add(1).cast(), max_items),
            rows: slice_mut(eml_neighbors_row(state, -1), n_features + max_items * (n_features + 1)),
            header,
        }
    }
}

/// Where the values of an item are, or, before them at -1, those of the query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_neighbors_row(state: *mut NeighborsHeader, index: i32) -> *mut i16 {
    // SAFETY: as in `model`, and the item exists.
    unsafe {
        let ranks: *mut u64 = state.add(1).cast();
        let rows: *mut i16 = ranks.add((*state).max_items.into()).cast();
        rows.add((index + 1) as usize * (usize::from((*state).n_features) + 1))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_neighbors_add(state: *mut NeighborsHeader, label: i32) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(model(state).add(label as i16)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_neighbors_predict(state: *mut NeighborsHeader, label: &mut i32) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(model(state).predict().map(|result| *label = result)) }
}

/// `rank` is less than the header's `n_ranked`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_neighbors_result(state: *mut NeighborsHeader, rank: u32, result: &mut NeighborsResult) {
    // SAFETY: the module's contract.
    *result = unsafe { model(state).result(rank) };
}
