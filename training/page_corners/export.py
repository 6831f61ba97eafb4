# SPDX-License-Identifier: MIT
"""Turn a checkpoint into models/page_corners.onnx, an INT8 QDQ file, fine-tuning with the rounding in place first.

    nice python -m training.page_corners.export <set folder> <checkpoint.pt> <model.onnx> [--tune MINUTES]
"""

import argparse
import hashlib
import pathlib

import numpy as np
import torch
from torch import nn

from training.export_qdq import FakeQuant, Step, Traced, observe, trace, write_onnx
from training.page_corners.dataset import batch, load_set
from training.page_corners.model import PageCorners, count_macs
from training.page_corners.train import train

LOGITS, ANSWERS = ["corner_logits", "help_logits", "presence_logits"], ["heatmaps", "presence"]
SHAPES = {"image": ["N", 3, 256, 256], "heatmaps": ["N", 4, 64, 64], "presence": ["N", 1]}
FIXED = {"image": (0.0, 1.0), "heatmaps": (0.0, 255 / 256), "presence": (0.0, 255 / 256)}
LEAST_LOGIT = -8.0  # a probability of 0.0003: anything below is as good as zero, and the grid is finer for it


class Logits(nn.Module):
    """The network with all its logits as outputs, in the form that fine-tuning wants."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        return self.model.logits(image)


def answering(traced):
    """The traced logits without the helping maps, and with the probabilities that the file shall answer."""
    steps = [step for step in traced.steps if step.name != "help_logits"]
    steps += [Step("heatmaps", "sigmoid", None, ["corner_logits"]), Step("presence", "sigmoid", None, ["presence_logits"])]
    return Traced(traced.inputs, steps, ANSWERS)


def main():
    parser = argparse.ArgumentParser(description="Export the page finder")
    parser.add_argument("folder")
    parser.add_argument("checkpoint")
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--tune", type=float, default=0.0, metavar="MINUTES")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rng = np.random.default_rng(7)
    chunks = load_set(args.folder)
    batches = [(batch(rng, chunks, 32, fresh=number % 2 == 1)[0],) for number in range(12)]
    model = PageCorners()
    model.load_state_dict(torch.load(args.checkpoint))
    model.eval()
    traced = trace(Logits(model), LOGITS)
    ranges = observe(traced, batches, FIXED)
    ranges["corner_logits"] = (LEAST_LOGIT, ranges["corner_logits"][1])
    if args.tune:
        rounded = FakeQuant(traced, ranges)
        traced = train(rounded, rounded, args.folder, args.tune, 2e-4, lambda mean: None, half=False, seed=2).traced
    traced = answering(traced)
    write_onnx(traced, args.model, SHAPES, ranges, note="Octavo page finder, INT8: four corner maps and presence")
    blob = args.model.read_bytes()
    parameters = sum(part.numel() for step in traced.steps if step.layer is not None for part in step.layer.parameters())
    macs = count_macs(model) - model.help.weight.numel() * 64 * 64
    print(f"{macs / 1e6:.1f} MMAC, {parameters} parameters, {len(blob)} bytes, sha256 {hashlib.sha256(blob).hexdigest()}")


if __name__ == "__main__":
    main()
