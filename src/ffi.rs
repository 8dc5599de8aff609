//! The C view of the kernels, from which cbindgen makes `emlearn.h`: raw pointers and lengths become slices, errors become
//! a [`Status`].
//!
//! As the only module with unsafe code, it also has what kernels of safe code can't do, or not fast enough: [`cnn::inner`]
//! loops, [`unchecked`] access and arrays whose type is known at run time only.
//!
//! Contract of every C function: a pointer is not null, valid for the length that goes with it and aligned for its type, what
//! is written to overlaps nothing else that is passed, and a state was made by the `init` function of its module in a block of
//! at least `size` bytes, aligned to a pointer. The glue in `micropython/` guarantees it.

#![allow(unsafe_code, clippy::missing_safety_doc, missing_docs)]

pub mod arrayutils;
pub(crate) mod cnn;
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
pub(crate) mod unchecked;

use crate::Error;
use core::{
    ffi::{CStr, c_char},
    ptr::{self, NonNull},
};

/// Kernels can't panic. Should one learn to, this symbol is missing and no module links.
#[cfg(all(feature = "staticlib", not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: never executed, since a program that could reach it does not link.
    unsafe extern "C" {
        safe fn emlearn_kernels_must_not_panic() -> !;
    }
    emlearn_kernels_must_not_panic()
}

/// The message of an [`Error`], or null.
pub type Status = *const c_char;

/// A constant text in one word, where a reference takes two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message(NonNull<c_char>);

impl Message {
    /// From what ends with a zero byte, the only one.
    pub const fn new(text: &'static [u8]) -> Message {
        match CStr::from_bytes_with_nul(text) {
            Ok(text) => Message(NonNull::new(text.as_ptr().cast_mut()).unwrap()),
            Err(_) => panic!("a text ends with a zero byte"),
        }
    }

    pub fn get(self) -> &'static CStr {
        // SAFETY: `new` has seen it.
        unsafe { CStr::from_ptr(self.as_ptr()) }
    }

    pub fn as_ptr(self) -> *const c_char {
        self.0.as_ptr()
    }
}

// SAFETY: it refers to a constant.
unsafe impl Send for Message {}
// SAFETY: it refers to a constant.
unsafe impl Sync for Message {}

fn status(result: Result<(), Error>) -> Status {
    result.err().map_or(ptr::null(), |error| error.0.as_ptr())
}

unsafe fn slice<'a, T>(data: *const T, len: usize) -> &'a [T] {
    // SAFETY: the module's contract.
    unsafe { core::slice::from_raw_parts(data, len) }
}

unsafe fn slice_mut<'a, T>(data: *mut T, len: usize) -> &'a mut [T] {
    // SAFETY: the module's contract.
    unsafe { core::slice::from_raw_parts_mut(data, len) }
}

/// Zeroes by the C library, which `fill` does not use when size matters.
pub(crate) fn clear(out: &mut [f32]) {
    // SAFETY: a float may have any bits.
    unsafe { out.as_mut_ptr().write_bytes(0, out.len()) }
}
