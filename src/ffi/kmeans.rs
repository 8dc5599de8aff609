//! C view of [`crate::kmeans`].

use super::{Status, slice, status};
use crate::kmeans::{KmeansFound, step};
use core::cell::Cell;

/// An array of bytes. It begins like MicroPython's `mp_buffer_info_t`.
#[repr(C)]
pub struct KmeansBytes {
    data: *mut u8,
    len: usize,
    typecode: i32,
}

impl KmeansBytes {
    unsafe fn cells(&self) -> &[Cell<u8>] {
        // SAFETY: the module's contract; what is in cells may overlap.
        unsafe { slice(self.data.cast(), self.len) }
    }
}

/// The arrays are values, centroids and assignments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_kmeans_step(
    arrays: &[KmeansBytes; 3],
    features: usize,
    max_clusters: usize,
    moves: bool,
    found: &mut KmeansFound,
) -> Status {
    let [values, centroids, assignments] = arrays;
    // SAFETY: the module's contract.
    let (values, centroids, assignments) = unsafe { (values.cells(), centroids.cells(), assignments.cells()) };
    status(step(values, centroids, assignments, features, max_clusters, moves).map(|result| *found = result))
}
