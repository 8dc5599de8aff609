//! C view of [`crate::neighbors`]. A state is a [`NeighborsHeader`], then the ranks, the labels, the query and the items.

use super::{Status, slice, slice_mut, status};
use crate::neighbors::{Model, NeighborsHeader, NeighborsResult};

/// Bytes that a state takes, which begins with this header; more than there can be if that is too many to count.
#[unsafe(no_mangle)]
pub extern "C" fn eml_neighbors_size(max_items: u32, n_features: u32, k: u32, header: &mut NeighborsHeader) -> usize {
    *header = NeighborsHeader::new(max_items, n_features, k);
    let values = u64::from(max_items) + u64::from(n_features) * (u64::from(max_items) + 1);
    let ranks = u64::from(header.max_ranks) * size_of::<u64>() as u64;
    usize::try_from(size_of::<NeighborsHeader>() as u64 + ranks + 2 * values).unwrap_or(usize::MAX / 2)
}

unsafe fn ranks(state: *mut NeighborsHeader) -> *mut u64 {
    // SAFETY: a state is a header and the arrays of `eml_neighbors_size`.
    unsafe { state.add(1).cast() }
}

/// Where the values of an item are, or, before them at -1, those of the query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_neighbors_row(state: *mut NeighborsHeader, index: i32) -> *mut i16 {
    // SAFETY: as in `ranks`, and the item exists.
    unsafe {
        let header = &*state;
        let labels = ranks(state).add(header.max_ranks as usize).cast::<i16>();
        let query = labels.add(header.max_items as usize);
        query.add((index + 1) as usize * header.n_features as usize)
    }
}

#[inline(never)]
unsafe fn model<'a>(state: *mut NeighborsHeader) -> Model<'a> {
    // SAFETY: as in `ranks`; each array is aligned if the one before it is.
    unsafe {
        let header = &mut *state;
        let max_items = header.max_items as usize;
        let query = eml_neighbors_row(state, -1);
        Model {
            ranks: slice_mut(ranks(state), header.max_ranks as usize),
            labels: slice_mut(query.sub(max_items), max_items),
            rows: slice(query, (max_items + 1) * header.n_features as usize),
            header,
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_neighbors_add(state: *mut NeighborsHeader, label: i16, index: &mut u32) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(model(state).add(label).map(|result| *index = result)) }
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
