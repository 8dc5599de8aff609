//! C view of [`crate::extratrees`]. A state is an [`ExtratreesState`], then the nodes, roots, rows, features, ranges and counts.

use super::{Status, slice, slice_mut, status};
use crate::extratrees::{Counts, ExtratreesHeader, ExtratreesNode, ExtratreesSettings, Model, Training};
use core::ffi::c_void;

/// What a state begins with.
#[repr(C)]
pub struct ExtratreesState {
    header: ExtratreesHeader,
    /// For the glue, which keeps here what a training needs.
    train: *mut c_void,
    x: *mut c_void,
    y: *mut c_void,
}

fn n_ranges(settings: &ExtratreesSettings) -> usize {
    if settings.use_global_feature_range {
        settings.n_features as usize
    } else {
        0
    }
}

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_extratrees_size(settings: &ExtratreesSettings) -> usize {
    size_of::<ExtratreesState>()
        + settings.max_nodes as usize * size_of::<ExtratreesNode>()
        + (settings.n_trees + settings.max_samples + settings.n_features) as usize * size_of::<u16>()
        + n_ranges(settings) * size_of::<[i16; 2]>()
        + settings.n_classes as usize * size_of::<Counts>()
}

/// Writes all of `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_extratrees_init(state: *mut ExtratreesState, settings: &ExtratreesSettings) {
    // SAFETY: the state is large enough.
    unsafe {
        state.cast::<u8>().write_bytes(0, eml_extratrees_size(settings));
        (*state).header = ExtratreesHeader::new(settings);
    }
}

unsafe fn roots(state: *mut ExtratreesState) -> *mut u16 {
    // SAFETY: a state is an `ExtratreesState` and the arrays of `eml_extratrees_size`, each aligned if the one before it is.
    unsafe {
        let nodes = state.add(1).cast::<ExtratreesNode>();
        nodes.add((*state).header.settings.max_nodes as usize).cast()
    }
}

#[inline(never)]
unsafe fn training<'a>(state: *mut ExtratreesState) -> Training<'a> {
    // SAFETY: as in `roots`.
    unsafe {
        let model = model(state);
        let settings = &model.header.settings;
        let rows = roots(state).add(settings.n_trees as usize);
        let features = rows.add(settings.max_samples as usize);
        let ranges = features.add(settings.n_features as usize).cast::<[i16; 2]>();
        let counts = ranges.add(n_ranges(settings)).cast::<Counts>();
        Training {
            rows: slice_mut(rows, settings.max_samples as usize),
            features: slice_mut(features, settings.n_features as usize),
            ranges: slice_mut(ranges, n_ranges(settings)),
            counts: slice_mut(counts, settings.n_classes as usize),
            model,
        }
    }
}

#[inline(never)]
unsafe fn model<'a>(state: *mut ExtratreesState) -> Model<'a> {
    // SAFETY: as in `roots`.
    unsafe {
        let header = &mut (*state).header;
        let nodes = state.add(1).cast::<ExtratreesNode>();
        Model {
            nodes: slice_mut(nodes, header.settings.max_nodes as usize),
            roots: slice_mut(roots(state), header.settings.n_trees as usize),
            header,
        }
    }
}

/// See [`Training::train_init`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_extratrees_train_init(
    state: *mut ExtratreesState,
    x: *const i16,
    x_len: usize,
    y: *const i16,
    y_len: usize,
) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(training(state).train_init(slice(x, x_len), slice(y, y_len))) }
}

/// See [`Training::train_step`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_extratrees_train_step(
    state: *mut ExtratreesState,
    x: *const i16,
    x_len: usize,
    y: *const i16,
    y_len: usize,
    is_trained: &mut bool,
) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        status(
            training(state)
                .train_step(slice(x, x_len), slice(y, y_len))
                .map(|result| *is_trained = result),
        )
    }
}

/// `features` has the model's `n_features` values, `probabilities` its `n_classes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_extratrees_predict(
    state: *mut ExtratreesState,
    features: *const i16,
    probabilities: *mut f32,
    class: &mut u32,
) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        let settings = (*state).header.settings;
        let (features, probabilities) = (
            slice(features, settings.n_features as usize),
            slice_mut(probabilities, settings.n_classes as usize),
        );
        status(model(state).predict(features, probabilities).map(|result| *class = result))
    }
}

/// See [`Model::root`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_extratrees_root(state: *mut ExtratreesState, tree: u32, root: &mut u32) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(model(state).root(tree).map(|result| *root = result)) }
}

/// See [`Model::node`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_extratrees_node(state: *mut ExtratreesState, index: u32, node: &mut [i32; 4]) -> Status {
    // SAFETY: the module's contract.
    unsafe { status(model(state).node(index).map(|result| *node = result)) }
}
