//! What [`super::cnn_int8`] and [`super::cnn_fp32`] have in common. A state is a [`CnnHeader`] and the plan.

pub(crate) mod inner;

use super::{Status, slice, status};
use crate::cnn::{CnnHeader, Layer, Network, Number, count_layers};
use core::{
    cell::Cell,
    slice::{from_raw_parts, from_raw_parts_mut},
};

fn state_size(n_layers: usize) -> usize {
    size_of::<CnnHeader>() + n_layers * size_of::<Layer>()
}

/// Tells the size of a model's state.
pub unsafe fn size<T: Number>(model: *const u8, len: usize, size: &mut usize) -> Status {
    // SAFETY: the module's contract.
    let n_layers = count_layers::<T>(unsafe { slice(model, len) });
    status(n_layers.map(|n| *size = state_size(n)))
}

unsafe fn plan<'a>(state: *mut CnnHeader) -> &'a mut [Layer] {
    // SAFETY: the plan is behind the header, whose size is a multiple of a layer's alignment.
    unsafe { from_raw_parts_mut(state.add(1).cast(), (*state).n_layers as usize) }
}

/// Initialises a state of `size` bytes. It then needs `memory` of `memory_size` bytes.
pub unsafe fn init<T: Number>(state: *mut CnnHeader, size: usize, model: *const u8, len: usize) -> Status {
    // SAFETY: the module's contract; zeros are a header and layers.
    unsafe {
        state.cast::<u8>().write_bytes(0, size);
        while state_size((*state).n_layers as usize) < size {
            (*state).n_layers += 1;
        }
        status((*state).load::<T>(slice(model, len), plan(state)))
    }
}

/// `model` has the length that was loaded, `input` and `out` have those that the header tells. Any of them may overlap.
pub unsafe fn run<T: Number>(state: *mut CnnHeader, model: *const u8, input: *const u8, out: *mut f32) {
    // SAFETY: the module's contract, and nothing is empty in a valid model. One at a time of what may overlap is borrowed.
    unsafe {
        let header = &*state;
        let ratios = header.memory.cast::<Cell<T::Ratio>>();
        let work = ratios.add(header.n_ratios as usize).cast::<Cell<T>>();
        let network = Network {
            header,
            layers: plan(state),
            ratios: from_raw_parts(ratios, header.n_ratios as usize),
            work: from_raw_parts(work, (header.work_len + header.patch_len) as usize),
        };
        network.set_input(from_raw_parts(input, header.input_len as usize));
        network.forward(from_raw_parts(model, header.model_len));
        network.output(from_raw_parts_mut(out, header.output_len as usize));
    }
}
