//! C view of [`crate::plsr`]. A state is a [`PlsrHeader`], then the arrays of a [`Model`] in their order.

use super::{Status, slice, slice_mut, status};
use crate::plsr::{Model, PlsrHeader};

/// Bytes that a state takes; more than there can be if that is too many to count.
#[unsafe(no_mangle)]
pub extern "C" fn eml_plsr_size(n_samples: u32, n_features: u32, n_components: u32) -> usize {
    let rows = u64::from(n_samples) + 2 * u64::from(n_components) + 4;
    let values = rows * u64::from(n_features) + 2 * u64::from(n_samples);
    usize::try_from(size_of::<PlsrHeader>() as u64 + 4 * values).unwrap_or(usize::MAX / 2)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_plsr_init(state: *mut PlsrHeader, n_samples: u32, n_features: u32, n_components: u32) {
    // SAFETY: the state is large enough for its header.
    unsafe { state.write(PlsrHeader::new(n_samples, n_features, n_components)) }
}

#[inline(never)]
unsafe fn model<'a>(state: *mut PlsrHeader) -> Model<'a> {
    // SAFETY: a state is a header and the arrays, as `eml_plsr_size` counts them; any bytes are floats.
    unsafe {
        let header = &mut *state;
        let (n_samples, n_features) = (header.n_samples as usize, header.n_features as usize);
        let n_weights = header.n_components as usize * n_features;
        let mut data: *mut f32 = state.add(1).cast();
        let mut next = |len| {
            let array = slice_mut(data, len);
            data = data.add(len);
            array
        };
        Model {
            header,
            x: next(n_samples * n_features),
            y: next(n_samples),
            scores: next(n_samples),
            weights: next(n_weights),
            loadings: next(n_weights),
            mean: next(n_features),
            squares: next(n_features),
            coefficients: next(n_features),
            direction: next(n_features),
        }
    }
}

/// `x` has `n_samples` rows of `n_features` values, `y` a value for each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_plsr_start(state: *mut PlsrHeader, x: *const f32, y: *const f32) {
    // SAFETY: the module's contract.
    unsafe {
        let mut model = model(state);
        model.start(slice(x, model.x.len()), slice(y, model.y.len()));
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_plsr_step(state: *mut PlsrHeader) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(model(state).step()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_plsr_finalize_component(state: *mut PlsrHeader) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(model(state).finalize_component()) }
}

/// `x` has the model's `n_features` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_plsr_predict(state: *mut PlsrHeader, x: *const f32, y: &mut f32) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        let x = slice(x, (*state).n_features as usize);
        status(model(state).predict(x).map(|result| *y = result))
    }
}
