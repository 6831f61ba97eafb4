# SPDX-License-Identifier: MIT
"""Writes models/page_clean.onnx (INT8) and models/page_clean_fp32.onnx (not kept in git) from a checkpoint, and measures both.

    python -m training.page_clean.export bank_folder checkpoint.pt models [--tune MINUTES] [--pairs tests/data/page_clean]

`--tune` fine-tunes with the INT8 rounding in place before writing (the float file then holds the tuned weights too); `--pairs`
writes two held-out tiles with the float network's answers, for tests that compare INT8 with the original.
"""

import argparse
import hashlib
import pathlib

import numpy as np
import torch
from PIL import Image

from training.export_qdq import FakeQuant, observe, run_onnx, trace, write_onnx
from training.page_clean.dataset import Crops, held_out
from training.page_clean.network import PageClean, cost, reach
from training.page_clean.train import psnr, train

SHAPES = {"tile": ["N", 3, "H", "W"], "clean": ["N", 3, "H", "W"]}
FIXED = {"tile": (0.0, 1.0), "clean": (0.0, 1.0)}


def calibration(bank, batches=12):
    loader = torch.utils.data.DataLoader(Crops(bank, 192, 77), batch_size=8)
    return [(photo.float() / 255,) for (photo, _), _ in zip(loader, range(batches))]


def save_image(path, tensor):
    Image.fromarray(np.uint8(tensor.clamp(0, 1).permute(1, 2, 0).numpy() * 255 + 0.5)).save(path, optimize=True)


def main():
    parser = argparse.ArgumentParser(description="Export the page cleaner")
    parser.add_argument("bank")
    parser.add_argument("checkpoint")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tune", type=float, default=0.0, metavar="MINUTES")
    parser.add_argument("--pairs", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    network = PageClean().eval()
    network.load_state_dict(torch.load(args.checkpoint))
    batches = calibration(args.bank)
    traced = trace(network, ["clean"])
    ranges = observe(traced, batches, FIXED)
    if args.tune:
        loader = torch.utils.data.DataLoader(Crops(args.bank, 160, 78), batch_size=16, num_workers=1)
        tuned = train(FakeQuant(traced, ranges), loader, args.tune * 60, 2e-4, args.checkpoint + ".tuned")
        traced = tuned.traced
        for step in traced.steps:
            if step.layer is not None:
                getattr(network, step.name).load_state_dict(step.layer.state_dict())
    small, large = args.folder / "page_clean.onnx", args.folder / "page_clean_fp32.onnx"
    write_onnx(traced, small, SHAPES, ranges, note="Octavo page cleaner, INT8")
    write_onnx(trace(network, ["clean"]), large, SHAPES, clip=(0.0, 1.0), note="Octavo page cleaner, float original")
    photo, clean = held_out(48)
    with torch.no_grad():
        exact = network(photo).clamp(0, 1)
    int8, fp32 = [torch.from_numpy(run_onnx(path, photo.numpy())[0]) for path in (small, large)]
    macs, parameters = cost(network)
    print(f"photo vs clean      {psnr(photo, clean):.2f} dB")
    print(f"fp32 vs clean       {psnr(exact, clean):.2f} dB")
    print(f"INT8 vs clean       {psnr(int8, clean):.2f} dB")
    print(f"INT8 vs fp32        {psnr(int8, exact):.2f} dB, worst tile {min(psnr(a, b) for a, b in zip(int8, exact)):.2f} dB")
    print(f"fp32 file vs torch  {(fp32 - exact).abs().max():.1e}")
    print(f"{macs / 1e6:.0f} MMAC a 256x256 tile, {parameters} parameters, radius {reach()} px, {small.stat().st_size} bytes")
    print(f"sha256 {hashlib.sha256(small.read_bytes()).hexdigest()}")
    if args.pairs:
        args.pairs.mkdir(parents=True, exist_ok=True)
        for number in range(2):
            save_image(args.pairs / f"photo{number}.png", photo[number])
            save_image(args.pairs / f"fp32_{number}.png", exact[number])


if __name__ == "__main__":
    main()
