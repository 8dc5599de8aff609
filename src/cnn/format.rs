//! The `.tmdl` format, little-endian: a header, then layers one after the other, each a head and a body.

use super::{
    CnnHeader,
    number::{Number, Quantum, activation},
};
use crate::Error;
use core::cell::Cell;

/// The most layers that a model may have.
pub const MAX_LAYERS: u16 = 255;

/// More bytes than memory has. Sizes below fit 32 bits.
const MAX_MEMORY: u64 = 1 << 31;

const MAGIC: u32 = u32::from_le_bytes(*b"MAIX");
const HEADER_SIZE: usize = 64;
const HEAD_SIZE: usize = 48;
const BODY_SIZE: usize = 32;

/// What layers do.
pub mod kind {
    pub const CONVOLUTION: u16 = 0;
    pub const POOL: u16 = 1;
    pub const FULLY_CONNECTED: u16 = 2;
    pub const SOFTMAX: u16 = 3;
    pub const RESHAPE: u16 = 4;
    pub const DEPTHWISE: u16 = 5;
    pub const ADD: u16 = 6;
}

/// What the geometry of a convolution consists of.
pub mod geometry {
    pub const KERNEL_W: usize = 0;
    pub const KERNEL_H: usize = 1;
    pub const STRIDE_W: usize = 2;
    pub const STRIDE_H: usize = 3;
    pub const DILATIONS: usize = 4;
    pub const ACTIVATION: usize = 6;
    pub const PAD_TOP: usize = 8;
    pub const PAD_LEFT: usize = 10;
    pub const PAD_RIGHT: usize = 11;
}

/// Where in the work buffer a tensor is, and its shape.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tensor {
    pub offset: u32,
    pub len: u32,
    pub h: u16,
    pub w: u16,
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
        part(work, self.offset, self.len)
    }

    /// Reads any shape as a row.
    fn flatten(&mut self) {
        (self.h, self.w, self.c) = (1, 1, self.len);
    }

    /// Whether it can be read as `other`, which is of the same shape or a row.
    fn is_read_as(&self, other: &Tensor) -> bool {
        self.len == other.len && (self.c == other.c && self.w == other.w || other.c == other.len)
    }
}

/// What is to be done in a layer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layer {
    pub(super) input: Tensor,
    pub(super) output: Tensor,
    pub(super) input_quantum: Quantum,
    pub(super) output_quantum: Quantum,
    pub(super) kind: u16,
    /// The patch of a convolution is one place of the input as it lies there.
    pub(super) is_pointwise: bool,
    /// Of a convolution, in the order of the format.
    pub(super) geometry: [u8; 12],
    /// Number of weights for an output channel.
    pub(super) kernel_len: u32,
    /// Number of output channels from a part of a patch that has as many values.
    pub(super) group_outputs: u32,
    /// Bytes from a channel's scale to the next one's: 0 if there is one for all.
    pub(super) scale_step: u32,
    /// Where in the model arrays begin.
    pub(super) scales: u32,
    pub(super) weights: u32,
    pub(super) biases: u32,
    /// The other input of an addition.
    pub(super) second: u32,
    pub(super) second_quantum: Quantum,
}

impl Layer {
    fn patch_len(&self) -> u32 {
        let [kernel_w, kernel_h] = [self.geometry[geometry::KERNEL_W], self.geometry[geometry::KERNEL_H]];
        u32::from(kernel_w) * u32::from(kernel_h) * self.input.c
    }

    pub(super) fn activation(&self) -> u16 {
        u16_at(&self.geometry, geometry::ACTIVATION)
    }
}

// With a constant place these become one load, and the indices are known to be right.
#[inline(always)]
fn u16_at<const N: usize>(bytes: &[u8; N], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

#[inline(always)]
fn u32_at<const N: usize>(bytes: &[u8; N], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// A layer in the model. What is wrong with it is noted, and reading goes on.
struct Reader<'a> {
    /// All of it.
    bytes: &'a [u8],
    /// Where in the model it begins.
    start: u32,
    /// Values in the work buffer.
    work_len: u32,
    is_valid: bool,
}

impl Reader<'_> {
    fn expect(&mut self, is_valid: bool) {
        self.is_valid &= is_valid;
    }

    /// Where in the work buffer `len` values begin that must lie there, `offset` bytes from its start.
    #[inline(never)]
    fn values<T>(&mut self, offset: u32, len: u64) -> u32 {
        let size = size_of::<T>() as u32;
        self.expect(offset.is_multiple_of(size) && u64::from(offset / size) + len <= self.work_len.into());
        offset / size
    }

    /// Where in the model an array begins that must lie in the layer, `offset` bytes from its start.
    #[inline(never)]
    fn array(&mut self, offset: u32, size: u64) -> u32 {
        self.expect(size.wrapping_add(offset.into()) <= self.bytes.len() as u64);
        self.start.wrapping_add(offset)
    }

    /// Dims are their number (1 to 3), height, width and channels.
    #[inline(never)]
    fn tensor<T>(&mut self, tensor: &mut Tensor, dims: &[u8; 8], offset: u32) {
        let (n, h, w, c) = (u16_at(dims, 0), u16_at(dims, 2), u16_at(dims, 4), u16_at(dims, 6));
        let len = u64::from(u32::from(h) * u32::from(w)) * u64::from(c);
        self.expect(len != 0 && (n == 3 || h == 1 && (n == 2 || n == 1 && w == 1)));
        *tensor = Tensor {
            offset: self.values::<T>(offset, len),
            len: len as u32,
            h,
            w,
            c: c.into(),
        };
    }

    /// Scale and zero point; floats have none.
    #[inline(never)]
    fn quantum<T: Number>(&mut self, bytes: &[u8; 8]) -> Quantum {
        let (scale, zero_point) = (u32_at(bytes, 0), u32_at(bytes, 4) as i32);
        let is_normal_and_positive = scale.wrapping_sub(0x0080_0000) < 0x7f00_0000;
        self.expect(!T::QUANTISED || is_normal_and_positive && i8::try_from(zero_point).is_ok());
        Quantum {
            scale: f32::from_bits(scale),
            zero_point,
        }
    }

    /// Kernels of this size and stride must have so many places along an axis: 0 for the width, 1 for the height.
    #[inline(never)]
    fn places(&mut self, geometry: &[u8; 12], axis: usize, len: u16, places: u16) {
        use geometry::*;
        let axis = axis & 1;
        let [kernel, stride] = [u32::from(geometry[KERNEL_W + axis]), u32::from(geometry[STRIDE_W + axis])];
        let padding = u32::from(geometry[PAD_LEFT - 2 * axis]) + u32::from(geometry[PAD_RIGHT - 2 * axis]);
        let used = u32::from(places).wrapping_sub(1).wrapping_mul(stride).wrapping_add(kernel);
        self.expect(kernel != 0 && (u32::from(len) + padding).wrapping_sub(used) < stride);
    }

    /// `arrays` is where scales, weights and biases are.
    #[inline(never)]
    fn convolution<T: Number>(&mut self, layer: &mut Layer, multiplier: u32, arrays: &[u8; 12]) {
        use geometry::*;
        let geometry = &layer.geometry;
        self.places(geometry, 0, layer.input.w, layer.output.w);
        self.places(geometry, 1, layer.input.h, layer.output.h);
        self.expect(u16_at(geometry, DILATIONS) == 0x0101 && layer.activation() <= activation::SIGN_BIT);
        let kernel = u32::from(geometry[KERNEL_W]) * u32::from(geometry[KERNEL_H]);
        layer.is_pointwise = kernel == 1 && u32_at(geometry, PAD_TOP) == 0;
        let outputs = layer.output.c;
        layer.kernel_len = kernel;
        layer.group_outputs = multiplier;
        if layer.kind != kind::DEPTHWISE {
            self.expect(multiplier == 0);
            layer.kernel_len *= layer.input.c;
            layer.group_outputs = outputs;
        } else {
            self.expect(u64::from(layer.input.c) * u64::from(multiplier) == u64::from(outputs));
        }
        let kernel_size = u64::from(layer.kernel_len) * size_of::<T>() as u64;
        layer.weights = self.array(u32_at(arrays, 4), kernel_size.wrapping_mul(outputs.into()));
        layer.biases = self.array(u32_at(arrays, 8), u64::from(outputs) * 4);
        if T::QUANTISED {
            layer.scale_step = if layer.kind == kind::FULLY_CONNECTED { 0 } else { 4 };
            let last = u64::from(layer.scale_step) * u64::from(outputs.wrapping_sub(1));
            layer.scales = self.array(u32_at(arrays, 0), last + 4);
        }
    }

    fn layer<T: Number>(&mut self, head: &[u8; HEAD_SIZE], layer: &mut Layer) -> Option<()> {
        let body = self.bytes.get(HEAD_SIZE..)?;
        layer.kind = u16_at(head, 0);
        self.tensor::<T>(&mut layer.input, head[16..24].first_chunk()?, u32_at(head, 8));
        self.tensor::<T>(&mut layer.output, head[24..32].first_chunk()?, u32_at(head, 12));
        layer.input_quantum = self.quantum::<T>(head[32..40].first_chunk()?);
        layer.output_quantum = self.quantum::<T>(head[40..48].first_chunk()?);
        let (input, output) = (&mut layer.input, &mut layer.output);
        let same_shape = input.is_read_as(output) && input.w == output.w;
        match layer.kind {
            kind::CONVOLUTION | kind::DEPTHWISE => {
                let body: &[u8; BODY_SIZE] = body.first_chunk()?;
                layer.geometry = *body.first_chunk()?;
                self.convolution::<T>(layer, u32_at(body, 12), body.last_chunk()?);
            }
            kind::FULLY_CONNECTED => {
                // A convolution of one place with as many channels as there are inputs.
                input.flatten();
                output.flatten();
                layer.geometry = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
                self.convolution::<T>(layer, 0, body.first_chunk()?);
            }
            kind::POOL => self.expect(output.len == input.c),
            kind::SOFTMAX => self.expect(same_shape),
            kind::RESHAPE => self.expect((input.offset, input.len) == (output.offset, output.len)),
            kind::ADD => {
                let body: &[u8; 12] = body.first_chunk()?;
                self.expect(same_shape);
                layer.second = self.values::<T>(u32_at(body, 0), layer.input.len.into());
                layer.second_quantum = self.quantum::<T>(body.last_chunk()?);
            }
            _ => return None,
        }
        Some(())
    }
}

/// Whether a tensor at this offset is what the last layer to write there, or else the network's input, left.
#[inline(never)]
fn is_connected(earlier: &[Layer], offset: u32, tensor: &Tensor) -> bool {
    // From the last on, which mostly is the one: else loading were quadratic in the number of layers.
    let source = match earlier.iter().rfind(|layer| layer.output.offset == offset) {
        Some(layer) => &layer.output,
        None => earlier.first().map_or(tensor, |layer| &layer.input),
    };
    source.offset == offset && source.is_read_as(tensor)
}

/// The number of layers of a model, for the length of a plan. The layers are still to be validated.
pub fn count_layers<T: Number>(model: &[u8]) -> Result<usize, Error> {
    // With the head of the first layer.
    let head = model.first_chunk::<{ HEADER_SIZE + HEAD_SIZE }>().ok_or(Error::NO_MODEL)?;
    let n_layers = u16_at(head, 10);
    let one_input_one_output = 0x0001_0001;
    // Height, width and channels of the input are said twice.
    let difference = u32_at(head, 0) ^ MAGIC
        | u32::from(head[4] ^ T::TYPE)
        | u32_at(head, 6) ^ one_input_one_output
        | u32_at(head, 22) ^ u32_at(head, HEADER_SIZE + 18)
        | u32::from(u16_at(head, 26) ^ u16_at(head, HEADER_SIZE + 22));
    if difference == 0 && n_layers.wrapping_sub(1) < MAX_LAYERS {
        Ok(n_layers.into())
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

    fn load_layers<T: Number>(&mut self, model: &[u8], layers: &mut [Layer]) -> Option<()> {
        let head: &[u8; HEADER_SIZE] = model.first_chunk()?;
        self.model_len = model.len();
        self.work_len = u32_at(head, 12) / size_of::<T>() as u32;
        let mut start = HEADER_SIZE;
        for i in 0..layers.len() {
            let (earlier, now) = layers.split_at_mut_checked(i)?;
            let is_last = now.len() == 1;
            start += self.load_layer::<T>(model.get(start..)?, start, earlier, now.first_mut()?, is_last)?;
        }
        let work_size = (u64::from(self.work_len) + u64::from(self.patch_len)) * size_of::<T>() as u64;
        let size = work_size + u64::from(self.n_ratios) * size_of::<T::Ratio>() as u64;
        self.memory_size = size as usize;
        (size < MAX_MEMORY).then_some(())
    }

    /// Validates the layer that begins with these bytes, and fills it in. Returns its size.
    #[inline(never)]
    fn load_layer<T: Number>(&mut self, bytes: &[u8], start: usize, earlier: &[Layer], layer: &mut Layer, is_last: bool) -> Option<usize> {
        self.place += 1;
        let head: &[u8; HEAD_SIZE] = bytes.first_chunk()?;
        let mut reader = Reader {
            bytes: bytes.get(..u32_at(head, 4) as usize)?,
            start: start as u32,
            work_len: self.work_len,
            is_valid: u16_at(head, 2) == u16::from(is_last),
        };
        reader.layer::<T>(head, layer)?;
        reader.expect(is_connected(earlier, layer.input.offset, &layer.input));
        if layer.kind == kind::ADD {
            reader.expect(is_connected(earlier, layer.second, &layer.input));
        }
        if !layer.is_pointwise {
            self.patch_len = self.patch_len.max(layer.patch_len());
        }
        if layer.kernel_len != 0 {
            self.n_ratios = self.n_ratios.max(layer.output.c);
        }
        if earlier.is_empty() {
            self.input_len = layer.input.len;
        }
        self.output_len = layer.output.len;
        self.output_dims = [u16_at(head, 24), u16_at(head, 26), u16_at(head, 28), u16_at(head, 30)];
        reader.is_valid.then_some(reader.bytes.len())
    }
}
