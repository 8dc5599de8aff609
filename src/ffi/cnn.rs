//! What [`super::cnn_int8`] and [`super::cnn_fp32`] have in common. A state is a [`CnnHeader`] and the plan.

pub(crate) mod inner;

use super::{Status, slice, status};
use crate::cnn::{CnnHeader, CnnSize, Layer, Network, Number, count_layers};
use core::{
    cell::Cell,
    slice::{from_raw_parts, from_raw_parts_mut},
};

/// Tells the size of a model's state.
#[inline(always)]
pub unsafe fn size<T: Number>(model: *const u8, len: usize, size: &mut CnnSize) -> Status {
    // SAFETY: the module's contract.
    let n_layers = count_layers::<T>(unsafe { slice(model, len) });
    status(n_layers.map(|n_layers| {
        let bytes = size_of::<CnnHeader>() + n_layers * size_of::<Layer>();
        *size = CnnSize { bytes, n_layers };
    }))
}

unsafe fn plan<'a>(state: *mut CnnHeader) -> &'a mut [Layer] {
    // SAFETY: the plan is behind the header, whose size is a multiple of a layer's alignment.
    unsafe { from_raw_parts_mut(state.add(1).cast(), (*state).n_layers) }
}

/// Initialises a state of the size that [`size`] told. It then needs `memory` of `memory_size` bytes.
#[inline(always)]
pub unsafe fn init<T: Number>(state: *mut CnnHeader, size: &CnnSize, model: *const u8, len: usize) -> Status {
    // SAFETY: the module's contract; zeros are a header and layers.
    unsafe {
        state.cast::<u8>().write_bytes(0, size.bytes);
        (*state).n_layers = size.n_layers;
        status((*state).load::<T>(slice(model, len), plan(state)))
    }
}

/// `model` has the length that was loaded, `input` and `out` have those that the header tells. Any of them may overlap.
pub unsafe fn run<T: Number>(state: *mut CnnHeader, model: *const u8, input: *const u8, out: *mut f32) {
    // SAFETY: the module's contract, and nothing is empty in a valid model. What `out` may overlap isn't used once that is borrowed.
    unsafe {
        let header = &*state;
        let ratios = header.memory.cast::<Cell<T::Ratio>>();
        let work = ratios.add(header.n_ratios as usize).cast::<Cell<T>>();
        let network = Network {
            model: from_raw_parts(model, header.model_len),
            layers: plan(state),
            ratios: from_raw_parts(ratios, header.n_ratios as usize),
            work: from_raw_parts(work, (header.work_len + header.patch_len) as usize),
            patch: header.work_len,
        };
        network.set_input(from_raw_parts(input, header.input_len as usize));
        let last = network.forward();
        network.output(last, from_raw_parts_mut(out, header.output_len as usize));
    }
}
