//! The `.tmdl` format, little-endian: a header, then layers one after the other, each a head and a body.

use super::{
    CnnHeader,
    number::{Number, Quantum, activation},
};
use crate::Error;
use core::cell::Cell;

/// The most layers that a model may have.
pub const MAX_LAYERS: u32 = 255;

/// Less than so many are the values of the work buffer, those of a patch and the ratios: together they take less than 2^31 bytes.
const MAX_LEN: u32 = 1 << 27;

const MAGIC: u32 = u32::from_le_bytes(*b"MAIX");
const HEADER_SIZE: usize = 64;
const HEAD_SIZE: usize = 48;

/// The head and the body of a layer, as words: kind, and whether it is the last one; size; offsets of input and output (2 and 3),
/// their dims (4 to 7: number of dims, height, width, channels), their scales and zero points (8 to 11); and then
/// - of a convolution, geometry (12), dilations and activation, padding, multiplier (15), a spare word, offsets of arrays (17 to 19);
/// - of a fully connected layer, offsets of arrays (12 to 14);
/// - of an addition, offset, scale and zero point of its other input (12 to 14).
type Words = [u32; 20];

/// What layers do.
pub mod kind {
    pub const CONVOLUTION: u32 = 0;
    pub const POOL: u32 = 1;
    pub const FULLY_CONNECTED: u32 = 2;
    pub const SOFTMAX: u32 = 3;
    pub const RESHAPE: u32 = 4;
    pub const DEPTHWISE: u32 = 5;
    pub const ADD: u32 = 6;
}

/// Where in the work buffer numbers begin, and what they stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub offset: u32,
    pub quantum: Quantum,
}

/// A tensor in the work buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tensor {
    pub place: Place,
    pub len: u32,
    pub h: u32,
    pub w: u32,
    pub c: u32,
}

/// Part of a slice, nothing if it is not all there.
#[inline(never)]
pub fn part<T>(all: &[T], start: u32, len: u32) -> &[T] {
    let rest = all.get(start as usize..).unwrap_or_default();
    rest.get(..len as usize).unwrap_or_default()
}

impl Tensor {
    /// Its values.
    pub fn values<'a, T>(&self, work: &'a [Cell<T>]) -> &'a [Cell<T>] {
        part(work, self.place.offset, self.len)
    }

    /// Reads any shape as a row.
    fn flatten(&mut self) {
        (self.h, self.w, self.c) = (1, 1, self.len);
    }

    /// 0 if it can be read as `other`, which is of the same shape or a row.
    #[inline(never)]
    fn difference(&self, other: &Tensor) -> u32 {
        let same_shape = self.c ^ other.c | self.w ^ other.w;
        self.len ^ other.len | same_shape.min(other.c ^ other.len)
    }
}

/// What is to be done in a layer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layer {
    /// Input and output.
    pub(super) tensors: [Tensor; 2],
    /// The other input of an addition.
    pub(super) second: Place,
    pub(super) kind: u32,
    /// Width and height of a convolution's kernel, then of its stride.
    pub(super) geometry: [u8; 4],
    /// Top, bottom, left, right.
    pub(super) padding: [u8; 4],
    pub(super) activation: u32,
    /// 0 if the patch of a convolution is one place of the input as it lies there.
    pub(super) gathers: u32,
    /// Number of weights for an output channel.
    pub(super) kernel_len: u32,
    /// Number of output channels from a part of a patch that has as many values.
    pub(super) group_outputs: u32,
    /// Where in the model scales, weights and biases begin.
    pub(super) arrays: [u32; 3],
    /// Bytes from a channel's scale to the next one's: 0 if there is one for all.
    pub(super) scale_step: u32,
}

impl Layer {
    pub(super) fn input(&self) -> &Tensor {
        &self.tensors[0]
    }

    pub(super) fn output(&self) -> &Tensor {
        &self.tensors[1]
    }
}

// What checks find is a number, 0 if all is right: to gather those takes less code than to branch or to make truth values.

/// Reads as many words as there are bytes and room for.
#[inline(never)]
fn read(bytes: &[u8], words: &mut [u32]) {
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
}

/// 0 if kernels of this size and stride have so many places along an axis of a padded input. Size, stride and padding before and
/// after are the lowest bytes.
#[inline(never)]
fn misfit(kernel: u32, stride: u32, padding: u32, len: u32, places: u32) -> u32 {
    let [kernel, stride] = [kernel & 0xff, stride & 0xff];
    let padded = len + (padding & 0xff) + (padding >> 8 & 0xff);
    let rest = padded
        .wrapping_sub(places.wrapping_sub(1).wrapping_mul(stride))
        .wrapping_sub(kernel);
    // None of these may be negative.
    (rest | stride.wrapping_sub(1).wrapping_sub(rest) | kernel.wrapping_sub(1)) >> 31
}

/// 0 if a tensor at this offset is what the last layer to write there, or else the network's input, left.
#[inline(never)]
fn disconnection(earlier: &[Layer], offset: u32, tensor: &Tensor) -> u32 {
    // From the last on, which mostly is the one: else loading were quadratic in the number of layers.
    let source = match earlier.iter().rfind(|layer| layer.output().place.offset == offset) {
        Some(layer) => layer.output(),
        None => earlier.first().map_or(tensor, |layer| layer.input()),
    };
    source.place.offset ^ offset | source.difference(tensor)
}

/// A product in its lower and its upper half.
#[inline(always)]
fn product(a: u32, b: u32) -> [u32; 2] {
    let product = u64::from(a) * u64::from(b);
    [product as u32, (product >> 32) as u32]
}

/// The number of layers of a model, for the length of a plan. The layers are still to be validated.
pub fn count_layers<T: Number>(model: &[u8]) -> Result<usize, Error> {
    // With the head of the first layer.
    let mut words = [0; (HEADER_SIZE + HEAD_SIZE) / 4];
    read(model, &mut words);
    let n_layers = words[2] >> 16;
    // There is one input and one output. Height, width and channels of the input are said twice.
    let difference = words[0] ^ MAGIC
        | (words[1] ^ 1 << 16 ^ u32::from(T::TYPE)) & 0xffff_00ff
        | (words[2] ^ 1) & 0xffff
        | (words[5] ^ words[20]) >> 16
        | words[6] ^ words[21];
    if model.len() >= size_of_val(&words) && difference == 0 && n_layers.wrapping_sub(1) < MAX_LAYERS {
        Ok(n_layers as usize)
    } else {
        Err(Error::NO_MODEL)
    }
}

impl CnnHeader {
    /// Validates a model and fills in the plan, which is as long as the model has layers and zero before, as this is.
    /// `place` ends as the number of the layer that is malformed.
    pub fn load<T: Number>(&mut self, model: &[u8], layers: &mut [Layer]) -> Result<(), Error> {
        self.load_layers::<T>(model, layers).ok_or(Error::MALFORMED_LAYER)
    }

    #[inline(always)]
    fn load_layers<T: Number>(&mut self, model: &[u8], layers: &mut [Layer]) -> Option<()> {
        // The header, then the head and the body of a layer.
        let mut words: Words = [0; 20];
        read(model, &mut words);
        self.model_len = model.len();
        self.work_len = words[3] / size_of::<T>() as u32;
        let mut start = HEADER_SIZE;
        for i in 0..layers.len() {
            self.place = i as u32 + 1;
            let (earlier, rest) = layers.split_at_mut_checked(i)?;
            let (layer, later) = rest.split_first_mut()?;
            let bytes = model.get(start..)?;
            read(bytes, &mut words);
            let size = bytes.get(..words[1] as usize)?.len();
            // What says that it is the last one goes, if it is; anything else makes its kind unknown.
            words[0] = words[0].wrapping_sub(u32::from(later.is_empty()) << 16);
            let mut wrong =
                self.load_layer::<T>(&words, start as u32, layer) | disconnection(earlier, layer.input().place.offset, layer.input());
            if layer.kind == kind::ADD {
                wrong |= disconnection(earlier, layer.second.offset, layer.input());
            }
            if wrong != 0 {
                return None;
            }
            self.output_len = layer.output().len;
            self.output_dims = [words[6] as u16, (words[6] >> 16) as u16, words[7] as u16, (words[7] >> 16) as u16];
            start += size;
        }
        self.input_len = layers.first()?.input().len;
        self.memory_size =
            (self.work_len as usize + self.patch_len as usize) * size_of::<T>() + self.n_ratios as usize * size_of::<T::Ratio>();
        (self.work_len | self.patch_len | self.n_ratios < MAX_LEN).then_some(())
    }

    /// Validates the layer that begins at `start`, and fills it in: 0 if it is right in itself.
    #[inline(never)]
    fn load_layer<T: Number>(&mut self, words: &Words, start: u32, layer: &mut Layer) -> u32 {
        layer.kind = words[0];
        let mut wrong = 0;
        for j in 0..2 {
            let tensor = &mut layer.tensors[j];
            let dims = [words[4 + 2 * j], words[5 + 2 * j]];
            let [n, h, w, c] = [dims[0] & 0xffff, dims[0] >> 16, dims[1] & 0xffff, dims[1] >> 16];
            (tensor.h, tensor.w, tensor.c) = (h, w, c);
            let [len, overflow] = product(h * w, c);
            tensor.len = len;
            wrong |= overflow;
            if len == 0 || n != 3 && (h != 1 || n != 2 && (n != 1 || w != 1)) {
                wrong = 1;
            }
            wrong |= self.locate::<T>(&mut tensor.place, words[2 + j], len, [words[8 + 2 * j], words[9 + 2 * j]]);
        }
        let [input, output] = &mut layer.tensors;
        let mut needed = HEAD_SIZE;
        wrong |= match layer.kind {
            kind::CONVOLUTION | kind::DEPTHWISE | kind::FULLY_CONNECTED => {
                let mut wrong = 0;
                let mut arrays = 12;
                if layer.kind == kind::FULLY_CONNECTED {
                    // A convolution of one place with as many channels as there are inputs.
                    needed += 12;
                    input.flatten();
                    output.flatten();
                    layer.kernel_len = input.len;
                    layer.group_outputs = output.len;
                } else {
                    needed += 32;
                    arrays = 17;
                    layer.scale_step = 4;
                    wrong = self.load_geometry(words, layer);
                }
                let outputs = layer.output().c;
                self.n_ratios = self.n_ratios.max(outputs);
                let [n_weights, overflow] = product(layer.kernel_len, outputs);
                wrong |= overflow;
                let n_scales = if layer.kind == kind::FULLY_CONNECTED { 1 } else { outputs };
                let lens = [n_scales, n_weights, outputs];
                // Floats have no scales.
                let mut j = usize::from(!T::QUANTISED);
                while let (Some(&len), Some(&offset)) = (lens.get(j), words.get(arrays + j)) {
                    layer.arrays[j] = start.wrapping_add(offset);
                    let item = if j == 1 { size_of::<T>() as u32 } else { 4 };
                    if words[1] < offset || (words[1] - offset) / item < len {
                        wrong = 1;
                    }
                    j += 1;
                }
                wrong
            }
            kind::POOL => output.len ^ input.c,
            kind::RESHAPE => input.place.offset ^ output.place.offset | input.len ^ output.len,
            kind::SOFTMAX | kind::ADD => {
                let mut wrong = input.difference(output) | input.w ^ output.w;
                if layer.kind == kind::ADD {
                    needed += 12;
                    wrong |= self.locate::<T>(&mut layer.second, words[12], input.len, [words[13], words[14]]);
                }
                wrong
            }
            _ => 1,
        };
        if (words[1] as usize) < needed {
            wrong = 1;
        }
        wrong
    }

    /// The part of this that is about kernels and their places.
    #[inline(always)]
    fn load_geometry(&mut self, words: &Words, layer: &mut Layer) -> u32 {
        layer.geometry = words[12].to_le_bytes();
        layer.padding = words[14].to_le_bytes();
        let [kernel_w, kernel_h, ..] = layer.geometry;
        let kernel = u32::from(kernel_w) * u32::from(kernel_h);
        // Dilations other than 1 make the activation unknown.
        layer.activation = words[13].wrapping_sub(0x0101).rotate_right(16);
        layer.gathers = kernel ^ 1 | words[14];
        layer.kernel_len = kernel * layer.input().c;
        if layer.gathers != 0 {
            self.patch_len = self.patch_len.max(layer.kernel_len);
        }
        layer.group_outputs = layer.output().c;
        let mut wrong = words[15];
        if layer.kind == kind::DEPTHWISE {
            layer.kernel_len = kernel;
            layer.group_outputs = words[15];
            let [channels, overflow] = product(layer.input().c, words[15]);
            wrong = overflow | channels ^ layer.output().c;
        }
        if layer.activation > activation::SIGN_BIT {
            wrong = 1;
        }
        wrong
            | misfit(words[12], words[12] >> 16, words[14] >> 16, layer.input().w, layer.output().w)
            | misfit(words[12] >> 8, words[12] >> 24, words[14], layer.input().h, layer.output().h)
    }

    /// 0 if `len` values lie in the work buffer, `offset` bytes from its start; those of integers have scale and zero point.
    #[inline(never)]
    fn locate<T: Number>(&self, place: &mut Place, offset: u32, len: u32, [scale, zero_point]: [u32; 2]) -> u32 {
        let size = size_of::<T>() as u32;
        place.offset = offset / size;
        place.quantum = Quantum {
            scale: f32::from_bits(scale),
            zero_point: zero_point as i32,
        };
        if T::QUANTISED && (scale.wrapping_sub(0x0080_0000) >= 0x7f00_0000 || zero_point.wrapping_add(128) >= 256) {
            return 1;
        }
        if len > self.work_len || place.offset > self.work_len - len {
            return 1;
        }
        offset % size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_that_fit(kernel: u8, stride: u8, padding: [u8; 2], len in 1..=u16::MAX, places in 1..=u16::MAX, is_near: bool, noise: u16) {
            let padded = u32::from(len) + u32::from(padding[0]) + u32::from(padding[1]);
            let fitting = padded.checked_sub(kernel.into()).and_then(|rest| Some(rest.checked_div(stride.into())? + 1)).filter(|_| kernel != 0);
            let places = if is_near { fitting.unwrap_or(1) } else { places.into() };
            let with_noise = |low: u32| low | u32::from(noise) << 16;
            let [kernel, stride, padding] = [kernel.into(), stride.into(), u16::from_le_bytes(padding).into()].map(with_noise);
            let found = misfit(kernel, stride, padding, len.into(), places);
            prop_assert_eq!(found == 0, fitting == Some(places));
        }
    }
}
