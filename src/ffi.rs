//! The C view of the kernels, from which cbindgen makes `emlearn.h`: raw pointers and lengths become slices, errors become
//! a [`Status`], and nothing else happens here.
//!
//! Contract of every function: a pointer is not null, valid for the length that goes with it and aligned for its type, what is written
//! to overlaps nothing else that is passed, and a state was made by the `init` function of its module in a block of at
//! least `size` bytes, aligned to a pointer. The glue in `micropython/` guarantees it.

#![allow(unsafe_code, clippy::missing_safety_doc, missing_docs)]

pub mod arrayutils;
mod cnn;
pub mod cnn_fp32;
pub mod cnn_int8;
pub mod extratrees;
pub mod fft;
pub mod iir;
pub mod iir_q15;
pub mod kmeans;
pub mod linreg;
pub mod logreg;
pub mod neighbors;
pub mod plsr;
pub mod trees;

use crate::Error;
use core::{ffi::c_char, ptr};

/// The message of an [`Error`], or null.
pub type Status = *const c_char;

fn status(result: Result<(), Error>) -> Status {
    result.err().map_or(ptr::null(), |error| error.as_ptr())
}

unsafe fn slice<'a, T>(data: *const T, len: usize) -> &'a [T] {
    // SAFETY: the module's contract.
    unsafe { core::slice::from_raw_parts(data, len) }
}

unsafe fn slice_mut<'a, T>(data: *mut T, len: usize) -> &'a mut [T] {
    // SAFETY: the module's contract.
    unsafe { core::slice::from_raw_parts_mut(data, len) }
}
