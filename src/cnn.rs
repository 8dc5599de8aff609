//! Convolutional networks in TinyMaix's `.tmdl` format, int8 or float32.
//!
//! A model stays where it lies. [`CnnHeader::load`] validates all of it and copies what is needed to find one's way in it into
//! a plan, a [`Layer`] each; afterwards the model's content may change results, but not what is read or written.
//! Tensors are height x width x channel. They lie in one work buffer, as the model says, and may overlap there.

mod format;
mod layers;
mod number;

use core::{cell::Cell, ffi::c_void};
pub use format::{Layer, count_layers};
use layers::Task;
pub use number::Number;

/// What a header and a plan take.
#[repr(C)]
#[derive(Default)]
pub struct CnnSize {
    /// Bytes of both.
    pub bytes: usize,
    /// Number of layers.
    pub n_layers: usize,
}

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
    pub n_layers: usize,
    /// Length of the input.
    pub input_len: u32,
    /// Length of the output.
    pub output_len: u32,
    /// Number of ratios: output channels of the convolution that has most.
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
    /// The model that was loaded, as long as it was then.
    pub model: &'a [u8],
    /// One for each layer of the model.
    pub layers: &'a [Layer],
    /// Room for what the scales of a layer amount to.
    pub ratios: &'a [Cell<T::Ratio>],
    /// The work buffer and a patch.
    pub work: &'a [Cell<T>],
    /// Where in that the patch begins.
    pub patch: u32,
}

impl<T: Number> Network<'_, T> {
    /// Sets the input: a byte for each value, 0 to 255.
    pub fn set_input(&self, input: &[u8]) {
        if let Some(layer) = self.layers.first() {
            for (value, &byte) in layer.input().values(self.work).iter().zip(input) {
                value.set(T::from_byte(byte));
            }
        }
    }

    /// Runs all layers. Gives the last.
    pub fn forward(&self) -> Option<&Layer> {
        let mut last = None;
        for layer in self.layers {
            let finish = T::finish(layer);
            Task {
                network: self,
                layer,
                finish,
                biases: &[],
                output: 0,
            }
            .run();
            last = Some(layer);
        }
        last
    }

    /// Gets the output, that of the last layer, as real numbers.
    pub fn output(&self, layer: Option<&Layer>, out: &mut [f32]) {
        if let Some(layer) = layer {
            for (out, value) in out.iter_mut().zip(layer.output().values(self.work)) {
                *out = value.get().to_real(layer.output().place.quantum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{boxed::Box, fs, vec, vec::Vec};

    fn model(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/cnn");
        fs::read(std::format!("{folder}/{name}.tmdl")).expect("the model is there")
    }

    /// Loads a model and runs it on an image of equal bytes; its outputs, unless it is refused or very large.
    fn run<T: Number>(model: &[u8], byte: u8) -> Option<Vec<f32>> {
        let mut layers = vec![Layer::default(); count_layers::<T>(model).ok()?];
        let mut header = CnnHeader {
            owner: core::ptr::null(),
            memory: core::ptr::null_mut(),
            memory_size: 0,
            model_len: 0,
            n_layers: 0,
            input_len: 0,
            output_len: 0,
            n_ratios: 0,
            work_len: 0,
            patch_len: 0,
            place: 0,
            output_dims: [0; 4],
        };
        header.load::<T>(model, &mut layers).ok()?;
        if header.memory_size > 1 << 20 {
            return None;
        }
        let cells = |n: u32| (0..n).map(|_| Cell::new(T::default())).collect::<Box<[_]>>();
        let ratios: Vec<_> = (0..header.n_ratios).map(|_| Cell::new(T::Ratio::default())).collect();
        let network = Network {
            model,
            layers: &layers,
            ratios: &ratios,
            work: &cells(header.work_len + header.patch_len),
            patch: header.work_len,
        };
        network.set_input(&vec![byte; header.input_len as usize]);
        let last = network.forward();
        let mut out = vec![0.0; header.output_len as usize];
        network.output(last, &mut out);
        Some(out)
    }

    #[test]
    fn models_run() {
        for name in ["plain", "residual"] {
            for byte in [0, 100, 255] {
                let quantised = run::<i8>(&model(&std::format!("{name}_int8")), byte).expect("valid");
                let real = run::<f32>(&model(&std::format!("{name}_fp32")), byte).expect("valid");
                assert_eq!((quantised.len(), real.len()), (10, 10));
                assert!((real.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                assert!((quantised.iter().sum::<f32>() - 1.0).abs() < 10.0 / 256.0);
            }
        }
    }

    #[test]
    fn number_types_are_told_apart() {
        assert!(run::<f32>(&model("plain_int8"), 0).is_none());
        assert!(run::<i8>(&model("plain_fp32"), 0).is_none());
    }

    proptest! {
        #[test]
        fn changed_models_do_no_harm(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), in_head: bool) {
            for name in ["plain_int8", "residual_int8", "plain_fp32", "residual_fp32"] {
                let mut model = model(name);
                for (place, byte) in &changes {
                    let len = if in_head { 200 } else { model.len() };
                    model[place.index(len)] = *byte;
                }
                run::<i8>(&model, 77);
                run::<f32>(&model, 77);
            }
        }

        #[test]
        fn cut_models_are_refused(len in any::<prop::sample::Index>()) {
            for name in ["plain_int8", "residual_fp32"] {
                let model = model(name);
                let cut = &model[..len.index(model.len())];
                prop_assert!(run::<i8>(cut, 0).is_none() && run::<f32>(cut, 0).is_none());
            }
        }
    }
}
