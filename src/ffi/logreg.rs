//! C view of [`crate::logreg`]. A state is a [`LogregHeader`], then the biases, the weights and as many gradients.

use super::{Status, slice, slice_mut, status};
use crate::logreg::{LogregHeader, Model};

/// An array of the caller's.
#[repr(C)]
pub struct LogregArray {
    data: *mut f32,
    len: usize,
}

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_logreg_size(n_features: u32, n_classes: u32) -> usize {
    let n_classes = n_classes as usize;
    size_of::<LogregHeader>() + (n_classes + 2 * n_classes * n_features as usize) * size_of::<f32>()
}

/// `parameters` are the learning rate, lambda_l2 and lambda_l1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_logreg_init(state: *mut LogregHeader, n_features: u32, n_classes: u32, parameters: &[f32; 3]) {
    // SAFETY: the state is large enough for its header, the biases and the weights.
    unsafe {
        state.write(LogregHeader::new(n_features, n_classes, *parameters));
        let model = model(state);
        model.biases.fill(0.0);
        model.weights.fill(0.0);
    }
}

/// The `n_classes` biases, behind which the weights are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_logreg_biases(state: *mut LogregHeader) -> *mut f32 {
    // SAFETY: the module's contract.
    unsafe { state.add(1).cast() }
}

#[inline(never)]
unsafe fn model<'a>(state: *mut LogregHeader) -> Model<'a> {
    // SAFETY: a state is a header and the arrays of `eml_logreg_size`.
    unsafe {
        let header = &*state;
        let n_classes = header.n_classes as usize;
        let n_weights = n_classes * header.n_features as usize;
        let biases = eml_logreg_biases(state);
        let weights = biases.add(n_classes);
        Model {
            header,
            biases: slice_mut(biases, n_classes),
            weights: slice_mut(weights, n_weights),
            gradients: slice_mut(weights.add(n_weights), n_weights),
        }
    }
}

unsafe fn read<'a>(array: &LogregArray) -> &'a [f32] {
    // SAFETY: the module's contract.
    unsafe { slice(array.data, array.len) }
}

unsafe fn write<'a>(array: &LogregArray) -> &'a mut [f32] {
    // SAFETY: the module's contract.
    unsafe { slice_mut(array.data, array.len) }
}

/// The arrays are `n_features` values, the probabilities and the logits. Returns the class.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_logreg_predict(state: *mut LogregHeader, arrays: &[LogregArray; 3]) -> usize {
    let [x, probabilities, logits] = arrays;
    // SAFETY: the module's contract.
    unsafe { model(state).predict(read(x), write(logits), write(probabilities)).class }
}

/// The arrays are X, y, and of `n_classes` values logits, probabilities and gradients of the biases. A step, or, if the last
/// array is empty, the loss.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_logreg_run(state: *mut LogregHeader, arrays: &[LogregArray; 5], loss: &mut f32) -> Status {
    let [x, y, logits, probabilities, bias_gradients] = arrays;
    // SAFETY: the module's contract.
    unsafe {
        status(
            model(state)
                .run(read(x), read(y), write(logits), write(probabilities), write(bias_gradients))
                .map(|result| *loss = result),
        )
    }
}
