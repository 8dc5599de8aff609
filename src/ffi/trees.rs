//! C view of [`crate::trees`].

use super::{Status, slice, slice_mut, status};
use crate::trees::{self, Arrays, Model, Storage, TreesEnd, TreesHeader, TreesKind, TreesLoader, TreesNode};

/// A model; nodes and roots are behind it.
#[repr(C)]
pub struct TreesState {
    /// Sizes and state.
    pub header: TreesHeader,
    /// `header.leaf_bytes` bytes, of the caller's.
    pub leaves: *mut u8,
}

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_trees_size(max: &[u32; 3]) -> usize {
    let &[max_trees, max_nodes, _] = max;
    size_of::<TreesState>() + max_nodes as usize * size_of::<TreesNode>() + max_trees as usize * size_of::<u16>()
}

/// `leaves` has a byte for each leaf.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_init(state: *mut TreesState, max: &[u32; 3], leaves: *mut u8) {
    // SAFETY: the state is large enough for its header, which may be all zeros.
    let state = unsafe {
        state.write_bytes(0, 1);
        &mut *state
    };
    state.header.begin(max);
    state.leaves = leaves;
}

/// The arrays of a state, of which the shape is borrowed elsewhere.
struct Beside(*mut TreesState);

impl Storage for Beside {
    #[inline(always)]
    fn arrays(&mut self) -> Arrays<'_> {
        // SAFETY: nodes and roots are behind a state of `eml_trees_size`, each aligned if the one before it is.
        unsafe {
            let [max_trees, max_nodes, _] = (*self.0).header.max;
            let nodes = self.0.add(1).cast::<TreesNode>();
            let roots = nodes.add(max_nodes as usize).cast::<u16>();
            Arrays {
                nodes: slice_mut(nodes, max_nodes as usize),
                roots: slice_mut(roots, max_trees as usize),
                leaves: slice_mut((*self.0).leaves, (*self.0).header.leaf_bytes as usize),
            }
        }
    }

    #[inline(always)]
    fn max_leaves(&self) -> u32 {
        // SAFETY: the module's contract.
        unsafe { (*self.0).header.max[2] }
    }
}

/// See [`Model::add`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_add(state: *mut TreesState, name: u32, fields: &[i32; 4]) -> Status {
    // SAFETY: the module's contract.
    let shape = unsafe { &mut (*state).header.shape };
    status(trees::add(&mut Beside(state), shape, name, fields))
}

/// `features` has the model's `n_features` values, `out` its `n_outputs`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_predict(state: *mut TreesState, features: *const i16, out: *mut f32) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        let mut beside = Beside(state);
        let mut model = Model {
            header: &mut (*state).header,
            arrays: beside.arrays(),
        };
        let (features, out) = (
            slice(features, model.header.shape.count(TreesKind::Features) as usize),
            slice_mut(out, model.header.shape.count(TreesKind::Outputs) as usize),
        );
        status(model.predict(features, out))
    }
}

/// See [`TreesLoader::feed`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_load(
    state: *mut TreesState,
    loader: &mut TreesLoader,
    text: *const u8,
    len: usize,
    end: TreesEnd,
) -> Status {
    // SAFETY: the module's contract.
    let (shape, text) = unsafe { (&mut (*state).header.shape, slice(text, len)) };
    status(loader.feed(&mut Beside(state), shape, text, end))
}
