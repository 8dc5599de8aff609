//! C view of [`crate::trees`]. A state is a [`TreesHeader`], then the nodes, the roots and the leaves.

use super::{Status, slice, slice_mut, status};
use crate::trees::{self, Arrays, Model, Storage, TreesHeader, TreesLoader, TreesNode};

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_trees_size(max: &[u32; 3], leaf_bytes: u32) -> usize {
    let &[max_trees, max_nodes, _] = max;
    size_of::<TreesHeader>() + max_nodes as usize * size_of::<TreesNode>() + max_trees as usize * size_of::<u16>() + leaf_bytes as usize
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_init(state: *mut TreesHeader, max: &[u32; 3]) {
    // SAFETY: the state is large enough for its header.
    unsafe { state.write(TreesHeader::new(max)) }
}

#[inline(always)]
unsafe fn model<'a>(state: *mut TreesHeader) -> Model<'a> {
    // SAFETY: a state is a header and the three arrays of `eml_trees_size`, each aligned if the one before it is.
    unsafe {
        let header = &mut *state;
        let [max_trees, max_nodes, _] = header.max;
        let nodes = state.add(1).cast::<TreesNode>();
        let roots = nodes.add(max_nodes as usize).cast::<u16>();
        let leaves = roots.add(max_trees as usize).cast::<u8>();
        let arrays = Arrays {
            nodes: slice_mut(nodes, max_nodes as usize),
            roots: slice_mut(roots, max_trees as usize),
            leaves: slice_mut(leaves, header.leaf_bytes as usize),
        };
        Model { header, arrays }
    }
}

impl Storage for *mut TreesHeader {
    #[inline(always)]
    fn header(&mut self) -> &mut TreesHeader {
        // SAFETY: the module's contract.
        unsafe { &mut **self }
    }

    #[inline(always)]
    fn arrays(&mut self) -> Arrays<'_> {
        // SAFETY: the module's contract.
        unsafe { model(*self).arrays }
    }
}

/// See [`trees::add`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_trees_add(mut state: *mut TreesHeader, name: u32, fields: &[i32; 4]) -> Status {
    status(trees::add(&mut state, name, fields))
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
pub unsafe extern "C" fn eml_trees_load_feed(
    mut state: *mut TreesHeader,
    loader: &mut TreesLoader,
    text: *const u8,
    len: usize,
    end: u32,
) -> Status {
    // SAFETY: the module's contract.
    let text = unsafe { slice(text, len) };
    status(loader.feed(&mut state, text, end))
}
