//! C view of [`crate::trees`]. A state is a [`TreesHeader`], then the nodes, the roots and the leaves.

use super::{Status, slice, slice_mut, status};
use crate::trees::{Arrays, Model, TreesHeader, TreesLoader, TreesNode};

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_trees_size(max_trees: u32, max_nodes: u32, leaf_bytes: u32) -> usize {
    size_of::<TreesHeader>() + max_nodes as usize * size_of::<TreesNode>() + max_trees as usize * size_of::<u16>() + leaf_bytes as usize
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_init(state: *mut TreesHeader, max_trees: u32, max_nodes: u32, max_leaves: u32) {
    // SAFETY: the state is large enough for its header.
    unsafe { state.write(TreesHeader::new(max_trees, max_nodes, max_leaves)) }
}

#[inline(never)]
unsafe fn model<'a>(state: *mut TreesHeader) -> Model<'a> {
    // SAFETY: a state is a header and the three arrays of `eml_trees_size`, each aligned if the one before it is.
    unsafe {
        let header = &mut *state;
        let nodes = state.add(1).cast::<TreesNode>();
        let roots = nodes.add(header.max_nodes as usize).cast::<u16>();
        let leaves = roots.add(header.max_trees as usize).cast::<u8>();
        let arrays = Arrays {
            nodes: slice_mut(nodes, header.max_nodes as usize),
            roots: slice_mut(roots, header.max_trees as usize),
            leaves: slice_mut(leaves, header.leaf_bytes as usize),
        };
        Model { header, arrays }
    }
}

/// Adds a record of the text format, named by its letter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_add(state: *mut TreesHeader, name: u32, fields: &[i32; 4], n_fields: u32) -> Status {
    // SAFETY: the module's contract.
    status(unsafe { model(state) }.add(name, fields, n_fields))
}

/// `features` has the model's `n_features` values, `out` its `n_outputs`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_predict(state: *mut TreesHeader, features: *const i16, out: *mut f32) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        let mut model = model(state);
        let (features, out) = (
            slice(features, model.header.shape.features.count as usize),
            slice_mut(out, model.header.shape.outputs.count as usize),
        );
        status(model.predict(features, out))
    }
}

/// See [`TreesLoader::feed`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_load_feed(state: *mut TreesHeader, loader: &mut TreesLoader, text: *const u8, len: usize) -> Status {
    // SAFETY: the module's contract.
    let (mut model, text) = unsafe { (model(state), slice(text, len)) };
    status(loader.feed(&mut model, text))
}
