//! C view of [`crate::linreg`]. A state is a [`LinregHeader`], then the weights and as many gradients.

use super::{Status, slice, slice_mut, status};
use crate::linreg::{LinregHeader, Model};

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_linreg_size(n_features: u32) -> usize {
    size_of::<LinregHeader>() + 2 * n_features as usize * size_of::<f32>()
}

/// `parameters` are alpha, l1_ratio and the learning rate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_init(state: *mut LinregHeader, n_features: u32, parameters: &[f32; 3]) {
    // SAFETY: the state is large enough for its header and the weights.
    unsafe {
        state.write(LinregHeader::new(n_features, *parameters));
        slice_mut(eml_linreg_weights(state), n_features as usize).fill(0.0);
    }
}

/// The `n_features` weights.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_weights(state: *mut LinregHeader) -> *mut f32 {
    // SAFETY: the module's contract.
    unsafe { state.add(1).cast() }
}

#[inline(never)]
unsafe fn model<'a>(state: *mut LinregHeader) -> Model<'a> {
    // SAFETY: a state is a header and the arrays of `eml_linreg_size`.
    unsafe {
        let header = &mut *state;
        let n = header.n_features as usize;
        let weights = eml_linreg_weights(state);
        Model {
            weights: slice_mut(weights, n),
            gradients: slice_mut(weights.add(n), n),
            header,
        }
    }
}

/// `x` has the model's `n_features` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_predict(state: *mut LinregHeader, x: *const f32, y: &mut f32) {
    // SAFETY: the module's contract.
    unsafe { *y = model(state).predict(slice(x, (*state).n_features as usize)) }
}

/// One step, or if not, the mean squared error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_linreg_run(
    state: *mut LinregHeader,
    x: *const f32,
    x_len: usize,
    y: *const f32,
    y_len: usize,
    is_step: bool,
    mean: &mut f32,
) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        status(
            model(state)
                .run(slice(x, x_len), slice(y, y_len), is_step)
                .map(|result| *mean = result),
        )
    }
}
