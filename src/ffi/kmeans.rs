//! C view of [`crate::kmeans`].

use super::{Status, slice, status};
use crate::kmeans::{euclidean_argmin, step};
use core::cell::Cell;

/// An array of bytes. It begins like MicroPython's `mp_buffer_info_t`.
#[repr(C)]
pub struct KmeansBytes {
    data: *mut u8,
    len: usize,
    typecode: i32,
}

impl KmeansBytes {
    #[inline(never)]
    unsafe fn cells(&self) -> &[Cell<u8>] {
        // SAFETY: the module's contract.
        unsafe { slice(self.data.cast(), self.len) }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_kmeans_euclidean_argmin(bytes: &[KmeansBytes; 2], result: &mut [u32; 2]) -> Status {
    let [vectors, point] = bytes;
    // SAFETY: the module's contract.
    let (vectors, point) = unsafe { (vectors.cells(), point.cells()) };
    status(euclidean_argmin(vectors, point).map(|nearest| *result = nearest))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_kmeans_step(bytes: &[KmeansBytes; 3], features: usize, moves: bool, changes: &mut u32) -> Status {
    let [values, centroids, assignments] = bytes;
    // SAFETY: the module's contract.
    let (values, centroids, assignments) = unsafe { (values.cells(), centroids.cells(), assignments.cells()) };
    status(step(values, centroids, assignments, features, moves).map(|n| *changes = n))
}
