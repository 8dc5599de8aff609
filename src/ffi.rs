//! The C view of the kernels, from which cbindgen makes `emlearn.h`: raw pointers and lengths become slices, errors become
//! a [`Status`], and nothing else happens here.
//!
//! Contract of every function: a pointer is valid for the length that goes with it and aligned for its type, what is written
//! to overlaps nothing else that is passed, and a state was made by the `init` function of its module in a block of at
//! least `size` bytes, aligned to a pointer. The glue in `micropython/` guarantees it.

#![allow(unsafe_code, clippy::missing_safety_doc, missing_docs)]

mod cnn;
pub mod cnn_fp32;
pub mod cnn_int8;
pub mod trees;

use crate::Error;
use core::{ffi::c_char, ptr};

/// The message of an [`Error`], or null.
pub type Status = *const c_char;

fn status(result: Result<(), Error>) -> Status {
    result.err().map_or(ptr::null(), |error| error.as_ptr())
}

/// A slice of the caller's, whose pointer may be anything where it is empty.
unsafe fn slice<'a, T>(data: *const T, len: usize) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the module's contract.
    unsafe { core::slice::from_raw_parts(data, len) }
}

/// As [`slice`], to be written to.
unsafe fn slice_mut<'a, T>(data: *mut T, len: usize) -> &'a mut [T] {
    if len == 0 {
        return &mut [];
    }
    // SAFETY: the module's contract.
    unsafe { core::slice::from_raw_parts_mut(data, len) }
}
