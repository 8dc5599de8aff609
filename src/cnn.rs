//! Convolutional networks in TinyMaix's `.tmdl` format, int8 or float32.
//!
//! A model stays where it lies. [`CnnHeader::load`] validates all of it and copies what is needed to find one's way in it into
//! a plan, a [`Layer`] each; afterwards the model's content may change results, but not what is read or written.
//! Tensors are height x width x channel. They lie in one work buffer, as the model says, and may overlap there.

mod format;
mod inner;
mod layers;
mod math;
mod number;

use core::{cell::Cell, ffi::c_void};
pub use format::{Layer, count_layers};
use layers::Task;
pub use number::Number;

/// Sizes of a [`Network`].
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CnnHeader {
    /// The object that owns the model, for the caller.
    pub owner: *const c_void,
    /// Ratios, then the work buffer, then room for a patch of a tensor; for the caller.
    pub memory: *mut c_void,
    /// Bytes of that.
    pub memory_size: usize,
    /// Length of the model.
    pub model_len: usize,
    /// Number of layers.
    pub n_layers: u32,
    /// Length of the input.
    pub input_len: u32,
    /// Length of the output.
    pub output_len: u32,
    /// Number of ratios: scales of the layer that has most.
    pub n_ratios: u32,
    /// Values in the work buffer.
    pub work_len: u32,
    /// Values of the largest patch.
    pub patch_len: u32,
    /// The layer that an error is in, from 1.
    pub place: u32,
    /// Dimensions of the output: how many (the last ones), height, width, channels.
    pub output_dims: [u16; 4],
}

/// A network in memory of the caller's.
pub struct Network<'a, T: Number> {
    /// Sizes.
    pub header: &'a CnnHeader,
    /// One for each layer of the model.
    pub layers: &'a [Layer],
    /// Room for what the scales of a layer amount to.
    pub ratios: &'a [Cell<T::Ratio>],
    /// The work buffer and a patch.
    pub work: &'a [Cell<T>],
}

impl<T: Number> Network<'_, T> {
    /// Sets the input: a byte for each value, 0 to 255.
    pub fn set_input(&self, input: &[u8]) {
        if let Some(layer) = self.layers.first() {
            for (value, &byte) in layer.input.values(self.work).iter().zip(input) {
                value.set(T::from_byte(byte));
            }
        }
    }

    /// Runs all layers. `model` has the length that was loaded.
    pub fn forward(&self, model: &[u8]) {
        for layer in self.layers {
            Task {
                layer,
                model,
                ratios: self.ratios.get(..layer.n_scales as usize).unwrap_or_default(),
                work: self.work,
                patch: self.header.work_len,
                finish: T::finish(layer.input_quantum, layer.output_quantum, layer.activation()),
            }
            .run();
        }
    }

    /// Gets the output as real numbers.
    pub fn output(&self, out: &mut [f32]) {
        if let Some(layer) = self.layers.last() {
            for (out, value) in out.iter_mut().zip(layer.output.values(self.work)) {
                *out = value.get().to_real(layer.output_quantum);
            }
        }
    }
}
