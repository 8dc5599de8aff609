//! C view of [`crate::cnn`] with int8 numbers.

use super::{Status, cnn};
use crate::cnn::{CnnHeader, CnnSize};

/// See [`cnn::size`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_cnn_int8_size(model: *const u8, len: usize, size: &mut CnnSize) -> Status {
    // SAFETY: the same contract.
    unsafe { cnn::size::<i8>(model, len, size) }
}

/// See [`cnn::init`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_cnn_int8_init(state: *mut CnnHeader, size: &CnnSize, model: *const u8, len: usize) -> Status {
    // SAFETY: the same contract.
    unsafe { cnn::init::<i8>(state, size, model, len) }
}

/// See [`cnn::run`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_cnn_int8_run(state: *mut CnnHeader, model: *const u8, input: *const u8, out: *mut f32) {
    // SAFETY: the same contract.
    unsafe { cnn::run::<i8>(state, model, input, out) }
}
