# SPDX-License-Identifier: MIT
"""Turns a PyTorch network into an INT8 ONNX file in QDQ form, built node by node so that nothing in the file is an accident.

`trace` walks the network once and gives a flat list of steps (BatchNorm folded, Relu and clips joined to the step before).
That list is run by one small interpreter for everything: `observe` runs it to learn each value's range, `FakeQuant` runs it
with rounding in place so that it can be fine-tuned, and `write_onnx` writes it, quantized when given ranges, else in float.

The arithmetic written: activations uint8, one scale and zero point a value (an upper clip is the end of its range, so no node
for it); weights int8 in -127..127, symmetric, one scale an output channel; biases int32 with scale (input scale * weight scale);
every convolution between a DequantizeLinear and a QuantizeLinear. Steps that only move values (nearest Resize, MaxPool, Flatten)
keep their input's scale.
"""

import operator

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import fx, nn
from torch.fx.experimental.optimization import fuse

MOVES = ("upsample", "maxpool", "flatten")
MODULES = {nn.Conv2d: "conv", nn.ConvTranspose2d: "deconv", nn.Linear: "linear", nn.Upsample: "upsample", nn.MaxPool2d: "maxpool",
           nn.AdaptiveAvgPool2d: "meanpool", nn.Sigmoid: "sigmoid", nn.Flatten: "flatten", nn.ReLU: "relu", nn.ReLU6: "relu6"}
FUNCTIONS = {operator.add: "add", torch.add: "add", torch.cat: "cat", torch.relu: "relu", F.relu: "relu", F.relu6: "relu6",
             torch.sigmoid: "sigmoid", torch.flatten: "flatten"}
CLIPS = {"relu": (0.0, None), "relu6": (0.0, 6.0)}


class Step:
    """One operation: what it is, the module that holds its weights and settings, the values it reads, and its clip."""

    def __init__(self, name, op, layer, inputs):
        self.name, self.op, self.layer, self.inputs, self.clip = name, op, layer, inputs, None

    def run(self, values, weight):
        layer, op = self.layer, self.op
        if op == "conv":
            out = F.conv2d(values[0], weight, layer.bias, layer.stride, layer.padding, layer.dilation, layer.groups)
        elif op == "deconv":
            out = F.conv_transpose2d(values[0], weight, layer.bias, layer.stride, layer.padding, layer.output_padding, layer.groups)
        elif op == "linear":
            out = F.linear(values[0], weight, layer.bias)
        elif op == "add":
            out = values[0] + values[1]
        elif op == "cat":
            out = torch.cat(values, 1)
        elif op == "sigmoid":
            out = torch.sigmoid(values[0])
        elif op == "flatten":
            out = torch.flatten(values[0], 1)
        else:
            out = layer(values[0])
        return out if self.clip is None else out.clamp(*self.clip)


class Traced:
    """The steps of a network in order, its inputs' names and its outputs' names."""

    def __init__(self, inputs, steps, outputs):
        self.inputs, self.steps, self.outputs = inputs, steps, outputs

    def run(self, tensors, weight_of=lambda step: step.layer.weight, after=lambda name, value: value):
        values = {name: after(name, tensor) for name, tensor in zip(self.inputs, tensors)}
        for step in self.steps:
            weight = weight_of(step) if hasattr(step.layer, "weight") else None
            values[step.name] = after(step.name, step.run([values[name] for name in step.inputs], weight))
        return [values[name] for name in self.outputs]


def trace(network, outputs):
    """Walks `network`; its results get the names `outputs`. Refuses, by name, anything it cannot write."""
    graph = fx.symbolic_trace(network)
    if any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules()):
        graph = fuse(network.eval())
    layers, names, inputs, steps, results = dict(graph.named_modules()), {}, [], {}, []
    for node in graph.graph.nodes:
        if node.op == "placeholder":
            inputs.append(node.name)
            names[node] = node.name
        elif node.op == "output":
            found = node.args[0] if isinstance(node.args[0], (tuple, list)) else [node.args[0]]
            results = [names[item] for item in found]
        else:
            layer = layers[node.target] if node.op == "call_module" else None
            op = MODULES.get(type(layer)) if layer is not None else FUNCTIONS.get(node.target)
            if op is None:
                raise ValueError(f"cannot export {node.name}: {layer or node.target} has no INT8 form here")
            sources = node.args[0] if op == "cat" else [arg for arg in node.args if isinstance(arg, fx.Node)]
            if op in CLIPS and len(node.args[0].users) == 1 and names[node.args[0]] in steps:
                names[node] = names[node.args[0]]
                steps[names[node]].clip = CLIPS[op]
            elif op in CLIPS:
                raise ValueError(f"cannot export {node.name}: the value before a Relu must have no other reader")
            else:
                names[node] = node.name
                steps[node.name] = Step(node.name, op, layer, [names[source] for source in sources])
    renamed = dict(zip(results, outputs))
    for step in steps.values():
        step.name = renamed.get(step.name, step.name)
        step.inputs = [renamed.get(name, name) for name in step.inputs]
    return Traced(inputs, list(steps.values()), list(outputs))


def grid(low, high):
    """(scale, zero point) of the uint8 grid that spans low..high and holds 0 exactly."""
    low, high = min(0.0, low), max(0.0, high)
    scale = np.float32(max(high - low, 1e-6) / 255)
    return scale, int(np.clip(round(-low / float(scale)), 0, 255))


def best_range(sample):
    """The range that loses least to rounding and clipping together, looked for between half and all of the extremes."""
    low, high = float(min(0, sample.min())), float(max(0, sample.max()))
    best = (np.inf, (low, high))
    for shrink in np.linspace(0.4, 1, 25):
        scale, zero = grid(low * shrink, high * shrink)
        rounded = ((sample / float(scale)).round() + zero).clamp(0, 255) - zero
        best = min(best, ((rounded * float(scale) - sample).square().mean().item(), (low * shrink, high * shrink)))
    return best[1]


def trim_terms(traced, step, samples, bounds):
    """Takes from the two terms of a clipped sum what the clip removes anyway: with a in 0..6, relu(a + b) needs no b below -6."""
    low, high = bounds
    for term, other in (step.inputs, step.inputs[::-1]):
        if sum(term in reader.inputs for reader in traced.steps) == 1:
            most = None if high is None else high - min(0.0, float(samples[other].min()))
            samples[term] = samples[term].clamp(low - max(0.0, float(samples[other].max())), most)


def observe(traced, batches, fixed=(), keep=40000):
    """Runs the network over tuples of input tensors; returns {value name: (low, high)}. `fixed` ranges are taken as given."""
    samples = {}

    def note(name, value):
        flat = value.flatten()
        samples.setdefault(name, []).append(flat[torch.randint(flat.numel(), (min(keep, flat.numel()),))])
        samples[name].append(torch.stack([flat.min(), flat.max()]))
        return value

    with torch.no_grad():
        for batch in batches:
            traced.run(batch, after=note)
    samples = {name: torch.cat(parts) for name, parts in samples.items()}
    fixed = dict(fixed)
    for step in traced.steps:
        if step.op == "add" and (step.clip or step.name in fixed):
            trim_terms(traced, step, samples, fixed.get(step.name, step.clip))
    ranges = {name: best_range(sample) for name, sample in samples.items()} | fixed
    for step in traced.steps:
        if step.op in MOVES:
            ranges[step.name] = ranges[step.inputs[0]]
    return ranges


def channel_axis(step):
    return 1 if step.op == "deconv" else 0


def weight_scales(step, weight):
    others = [axis for axis in range(weight.dim()) if axis != channel_axis(step)]
    return weight.detach().abs().amax(others).clamp(min=1e-8) / 127


class FakeQuant(nn.Module):
    """The traced network with INT8 rounding in its forward pass and straight-through gradients, for fine-tuning."""

    def __init__(self, traced, ranges):
        super().__init__()
        self.traced, self.grids = traced, {name: grid(*span) for name, span in ranges.items()}
        self.layers = nn.ModuleList(step.layer for step in traced.steps if step.layer is not None)

    def weight(self, step):
        weight = step.layer.weight
        return torch.fake_quantize_per_channel_affine(weight, weight_scales(step, weight), torch.zeros(weight.shape[channel_axis(step)],
                                                      dtype=torch.int32), channel_axis(step), -127, 127)

    def value(self, name, value):
        if name in self.traced.outputs:
            return value
        scale, zero = self.grids[name]
        return torch.fake_quantize_per_tensor_affine(value, float(scale), zero, 0, 255)

    def forward(self, *tensors):
        results = self.traced.run(tensors, self.weight, self.value)
        return results[0] if len(results) == 1 else results


class Writer:
    """Collects ONNX nodes and initializers; `span` is the ranges of all values, or None for a float file."""

    def __init__(self, ranges):
        self.ranges, self.nodes, self.constants = ranges, [], []

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"{output}/{kind}", **attributes))
        return output

    def settle(self, raw, name, last=None):
        """Quantizes and dequantizes the value `raw`; the result is what readers of `name` read."""
        scale, zero = grid(*self.ranges[name])
        parameters = [self.constant(f"{name}/scale", scale), self.constant(f"{name}/zero_point", np.uint8(zero))]
        self.node("QuantizeLinear", [raw, *parameters], f"{name}/q")
        return self.node("DequantizeLinear", [f"{name}/q", *parameters], last or f"{name}/dq")

    def parameters(self, step, source):
        """Names of the step's weight and bias, as dequantized integers or as they are."""
        weight = step.layer.weight.detach()
        bias = step.layer.bias.detach() if step.layer.bias is not None else torch.zeros(weight.shape[channel_axis(step)])
        if self.ranges is None:
            return [self.constant(f"{step.name}/weight", weight.numpy()), self.constant(f"{step.name}/bias", bias.numpy())]
        axis, scales = channel_axis(step), weight_scales(step, weight)
        shape = [-1 if i == axis else 1 for i in range(weight.dim())]
        whole = (weight / scales.view(shape)).round().clamp(-127, 127).to(torch.int8)
        bias_scales = scales.numpy() * grid(*self.ranges[source])[0]
        whole_bias = np.clip(np.rint(bias.numpy().astype(np.float64) / bias_scales), -2**31, 2**31 - 1).astype(np.int32)
        names = []
        for part, array, scale, along in (("weight", whole.numpy(), scales.numpy(), axis), ("bias", whole_bias, bias_scales, 0)):
            stem = f"{step.name}/{part}"
            inputs = [self.constant(f"{stem}_q", array), self.constant(f"{stem}_scale", scale.astype(np.float32)),
                      self.constant(f"{stem}_zero_point", np.zeros(scale.shape, array.dtype))]
            names.append(self.node("DequantizeLinear", inputs, stem, axis=along))
        return names

    def operation(self, step, inputs, output):
        layer, op = step.layer, step.op
        if op in ("conv", "deconv"):
            attributes = dict(kernel_shape=layer.kernel_size, strides=layer.stride, pads=[*layer.padding, *layer.padding],
                              dilations=layer.dilation, group=layer.groups)
            kind = "Conv" if op == "conv" else "ConvTranspose"
            return self.node(kind, inputs + self.parameters(step, step.inputs[0]), output, **attributes)
        if op == "linear":
            return self.node("Gemm", inputs + self.parameters(step, step.inputs[0]), output, transB=1)
        if op == "upsample":
            factor = int(layer.scale_factor)
            scales = self.constant(f"{step.name}/factors", np.float32([1, 1, factor, factor]))
            return self.node("Resize", [*inputs, "", scales], output, mode="nearest", nearest_mode="floor",
                             coordinate_transformation_mode="asymmetric")
        if op == "maxpool":
            side, stride = [(v, v) if isinstance(v, int) else v for v in (layer.kernel_size, layer.stride)]
            pad = (layer.padding,) * 4 if isinstance(layer.padding, int) else (*layer.padding, *layer.padding)
            return self.node("MaxPool", inputs, output, kernel_shape=side, strides=stride, pads=pad)
        plain = {"add": "Add", "cat": "Concat", "sigmoid": "Sigmoid", "flatten": "Flatten", "meanpool": "GlobalAveragePool"}
        return self.node(plain[op], inputs, output, **({"axis": 1} if op in ("cat", "flatten") else {}))

    def step(self, step, read, last):
        inputs = [read[name] for name in step.inputs]
        clip = step.clip
        bare = f"{step.name}/raw" if clip or last or self.ranges else step.name
        value = self.operation(step, inputs, bare)
        if clip == CLIPS["relu"] or clip == CLIPS["relu6"] and self.ranges:
            value = self.node("Relu", [value], f"{step.name}/relu")
        elif clip:
            bounds = [self.constant(f"{step.name}/{side}", np.float32(bound)) for side, bound in zip(("low", "high"), clip)]
            value = self.node("Clip", [value, *bounds], f"{step.name}/clip")
        if self.ranges:
            return self.settle(value, step.name, last)
        return self.node("Identity", [value], last) if last else value


def write_onnx(traced, path, shapes, ranges=None, clip=None, note=""):
    """Writes the file. `shapes` names every input's and output's dimensions; `clip` bounds the outputs of a float file, as the
    fixed output range does in INT8."""
    writer = Writer(ranges)
    read = {name: writer.settle(name, name) if ranges else name for name in traced.inputs}
    for step in traced.steps:
        last = step.name if step.name in traced.outputs else None
        if last and clip and not ranges:
            step.clip, kept = clip, step.clip
            read[step.name] = writer.step(step, read, last)
            step.clip = kept
        else:
            read[step.name] = writer.step(step, read, last)
    ports = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in names]
             for names in (traced.inputs, traced.outputs)]
    graph = helper.make_graph(writer.nodes, "octavo", *ports, writer.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="octavo", doc_string=note, ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def run_onnx(path, *arrays):
    """The file's outputs, executed literally: no graph optimization may fuse or reorder anything."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {port.name: array for port, array in zip(session.get_inputs(), arrays)})
