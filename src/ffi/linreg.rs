//! C view of [`crate::linreg`]. A state is a header, the weights and as many gradients.

use super::{Status, slice, slice_mut, status};
use crate::linreg::{LinregHeader, LinregSettings, Model};

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_linreg_size(n_features: usize) -> usize {
    size_of::<LinregHeader>() + 2 * n_features * size_of::<f32>()
}

unsafe fn model<'a>(state: *mut LinregHeader) -> Model<'a> {
    // SAFETY: a state is a header and two arrays of its length.
    unsafe {
        let n = (*state).n_features as usize;
        let weights = state.add(1).cast::<f32>();
        Model {
            header: &mut *state,
            weights: slice_mut(weights, n),
            gradients: slice_mut(weights.add(n), n),
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_init(state: *mut LinregHeader, n_features: u32, settings: &LinregSettings) -> Status {
    // SAFETY: the state is large enough.
    unsafe {
        state.write(LinregHeader {
            n_features,
            ..LinregHeader::default()
        });
        status(model(state).init(*settings))
    }
}

/// The model's weights, `n_features` of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_weights(state: *mut LinregHeader) -> *mut f32 {
    // SAFETY: weights follow the header.
    unsafe { state.add(1).cast() }
}

/// `x` has `n_features` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_predict(state: *mut LinregHeader, x: *const f32, result: &mut f32) {
    // SAFETY: the module's contract.
    unsafe { *result = model(state).predict(slice(x, (*state).n_features as usize)) }
}

/// `x` has `n_features` values for each of `y`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_step(state: *mut LinregHeader, x: *const f32, y: *const f32, n_rows: usize) {
    // SAFETY: the module's contract.
    unsafe { model(state).step(slice(x, n_rows * (*state).n_features as usize), slice(y, n_rows)) }
}

/// `x` has `n_features` values for each of `y`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_score_mse(state: *mut LinregHeader, x: *const f32, y: *const f32, n_rows: usize, result: &mut f32) {
    // SAFETY: the module's contract.
    unsafe { *result = model(state).score_mse(slice(x, n_rows * (*state).n_features as usize), slice(y, n_rows)) }
}
