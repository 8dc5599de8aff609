//! The layers. In a valid plan every tensor and array is where it should be; otherwise a layer ends early.

use super::{
    Network,
    format::{Layer, Tensor, geometry::*, kind, part},
    number::Number,
};
use crate::{ffi::cnn::inner, math};
use core::cell::Cell;

/// A layer to be run.
pub struct Task<'a, T: Number> {
    pub network: &'a Network<'a, T>,
    pub model: &'a [u8],
    pub layer: &'a Layer,
    pub finish: T::Finish,
}

impl<T: Number> Task<'_, T> {
    pub fn run(&self) {
        match self.layer.kind {
            kind::RESHAPE => {}
            kind::POOL => self.pool(),
            kind::SOFTMAX => self.softmax(),
            kind::ADD => self.add(),
            _ => self.convolve(),
        }
    }

    #[inline(never)]
    fn pool(&self) {
        let (input, output) = (
            self.layer.input.values(self.network.work),
            self.layer.output.values(self.network.work),
        );
        for (channel, out) in output.iter().enumerate() {
            let mut sum = T::Sum::default();
            let mut n = 0;
            let mut at = channel;
            while let Some(value) = input.get(at) {
                sum = T::accumulate(sum, value.get());
                n += 1;
                at += output.len();
            }
            out.set(T::mean(&self.finish, sum, n));
        }
    }

    #[inline(never)]
    fn add(&self) {
        let layer = self.layer;
        let second = layer.second_quantum;
        let ratio = T::ratio(&self.finish, (second.scale / layer.input_quantum.scale).to_le_bytes());
        for i in 0..layer.output.len {
            let at = |offset: u32| self.network.work.get((offset + i) as usize);
            if let (Some(a), Some(b), Some(out)) = (at(layer.input.offset), at(layer.second), at(layer.output.offset)) {
                out.set(T::add(&self.finish, a.get(), b.get(), ratio, second.zero_point));
            }
        }
    }

    /// Over the channels of each place. Exponentials are taken twice, since int8 has no room to keep them.
    #[inline(never)]
    fn softmax(&self) {
        let layer = self.layer;
        let real = |value: &Cell<T>| value.get().to_real(layer.input_quantum);
        let mut place = 0;
        while place < layer.input.len {
            let input = part(self.network.work, layer.input.offset + place, layer.input.c);
            let output = part(self.network.work, layer.output.offset + place, layer.input.c);
            place += layer.input.c;
            let mut max = f32::NEG_INFINITY;
            for value in input {
                let value = real(value);
                if math::is_less(max, value) {
                    max = value;
                }
            }
            let power = |value| math::exp(real(value) - max);
            let mut sum = 0.0;
            for value in input {
                sum += power(value);
            }
            for (value, out) in input.iter().zip(output) {
                out.set(T::from_real(power(value) / sum, layer.output_quantum));
            }
        }
    }

    /// For each place of the output, the patch of the input that the kernel sees there is put in the order of the weights.
    #[inline(never)]
    fn convolve(&self) {
        let layer = self.layer;
        let channels = layer.output.c;
        let mut scale = layer.scales;
        for ratio in self.network.ratios.iter().take(channels as usize) {
            if let Some(bytes) = part(self.model, scale, 4).first_chunk() {
                ratio.set(T::ratio(&self.finish, *bytes));
            }
            scale += layer.scale_step;
        }
        let mut outputs = Outputs {
            finish: &self.finish,
            biases: part(self.model, layer.biases, 4 * channels).as_chunks().0,
            ratios: self.network.ratios,
            values: &[],
        };
        let mut output = layer.output.offset;
        for y in 0..u32::from(layer.output.h) {
            for x in 0..u32::from(layer.output.w) {
                let top = y * u32::from(layer.geometry[STRIDE_H]);
                let left = x * u32::from(layer.geometry[STRIDE_W]);
                let mut patch = self.network.header.work_len;
                if layer.is_pointwise {
                    patch = layer.input.offset + (top * u32::from(layer.input.w) + left) * layer.input.c;
                } else {
                    self.gather(top, left);
                }
                outputs.values = part(self.network.work, output, channels);
                output += channels;
                self.place(patch, &outputs);
            }
        }
    }

    /// All output channels of one place, two at a time.
    #[inline(never)]
    fn place(&self, mut patch: u32, outputs: &Outputs<T>) {
        let layer = self.layer;
        let kernel_size = layer.kernel_len * size_of::<T>() as u32;
        let mut kernels = layer.weights;
        let mut channel = 0;
        while channel < layer.output.c {
            let values = part(self.network.work, patch, layer.kernel_len);
            patch += layer.kernel_len;
            let end = channel + layer.group_outputs;
            while channel < end {
                let n = (end - channel).min(2);
                let [first, second] = T::dot(values, self.model.get(kernels as usize..).unwrap_or_default());
                kernels += n * kernel_size;
                outputs.set(channel, first);
                if n == 2 {
                    outputs.set(channel + 1, second);
                }
                channel += n;
            }
        }
    }

    /// Copies a patch, channel by channel, row by row. What lies outside the input counts as zero.
    #[inline(never)]
    fn gather(&self, top: u32, left: u32) {
        let layer = self.layer;
        let Tensor { w, c, .. } = layer.input;
        let (w, kernel_w, kernel_h) = (
            u32::from(w),
            u32::from(layer.geometry[KERNEL_W]),
            u32::from(layer.geometry[KERNEL_H]),
        );
        let kernel = kernel_w * kernel_h;
        let rows = Inside::new(top, layer.geometry[PAD_TOP], kernel_h, layer.input.h);
        let columns = Inside::new(left, layer.geometry[PAD_LEFT], kernel_w, layer.input.w);
        if rows.len * columns.len < kernel {
            let zero = T::from_real(0.0, layer.input_quantum);
            for value in part(self.network.work, self.network.header.work_len, kernel * c) {
                value.set(zero);
            }
        }
        // A run is values that lie side by side in the input, `step` apart in the patch. With one channel a row is a run.
        let (n_runs, run, step) = if c == 1 { (1, columns.len, 1) } else { (columns.len, c, kernel) };
        for row in 0..rows.len {
            let from = layer.input.offset + ((rows.at + row) * w + columns.at) * c;
            let to = self.network.header.work_len + (rows.start + row) * kernel_w + columns.start;
            inner::spread(self.network.work, from, [n_runs, run], self.network.work, to, step);
        }
    }
}

/// The outputs of a place.
struct Outputs<'a, T: Number> {
    finish: &'a T::Finish,
    biases: &'a [[u8; 4]],
    ratios: &'a [Cell<T::Ratio>],
    values: &'a [Cell<T>],
}

impl<T: Number> Outputs<'_, T> {
    #[inline(never)]
    fn set(&self, channel: u32, sum: T::Sum) {
        let channel = channel as usize;
        if let (Some(out), Some(bias)) = (self.values.get(channel), self.biases.get(channel)) {
            let ratio = self.ratios.get(channel).map(Cell::get).unwrap_or_default();
            out.set(T::output(self.finish, T::add_bias(sum, *bias), ratio));
        }
    }
}

/// The part of a kernel that lies inside the input, along one axis.
struct Inside {
    /// Where in the kernel it begins.
    start: u32,
    /// Where in the input it begins.
    at: u32,
    len: u32,
}

impl Inside {
    #[inline(never)]
    fn new(start: u32, pad: u8, kernel: u32, len: u16) -> Inside {
        let pad = u32::from(pad);
        let first = pad.saturating_sub(start).min(kernel);
        let end = (u32::from(len) + pad).saturating_sub(start).min(kernel);
        Inside {
            start: first,
            at: (start + first).wrapping_sub(pad),
            len: end.saturating_sub(first),
        }
    }
}
