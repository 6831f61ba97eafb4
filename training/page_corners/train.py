# SPDX-License-Identifier: MIT
"""Train the page finder for a given number of minutes, on one core if need be.

    nice python -m training.page_corners.train <set folder> <checkpoint.pt> --minutes 60 [--start other.pt] [--rate 2e-3]

Four things are learnt together: the corner maps (cross entropy against small bells around the corners), the corners themselves (the
mean of the map near the truth, so that positions finer than a cell are right), the helping maps, and presence. A running mean of
the weights is what gets saved.
"""

import argparse
import copy
import time

import numpy as np
import torch
import torch.nn.functional as F

from training.page_corners.dataset import CELLS, batch, load_set
from training.page_corners.model import PageCorners

NEAR = 3


def near_mean(maps, corners):
    """Mean position, in cells, of each map within NEAR cells of the true corner, and whether that corner is in the picture."""
    centres = torch.arange(CELLS, dtype=torch.float32) + 0.5
    x, y = corners[..., 0] * CELLS, corners[..., 1] * CELLS
    inside = ((x > 0) & (x < CELLS) & (y > 0) & (y < CELLS)).float()
    across = (torch.abs(centres - torch.nan_to_num(x)[..., None]) < NEAR).float()
    down = (torch.abs(centres - torch.nan_to_num(y)[..., None]) < NEAR).float()
    weight = maps * across[..., None, :] * down[..., None]
    total = weight.sum((2, 3)) + 1e-4
    return (weight.sum(2) * centres).sum(-1) / total, (weight.sum(3) * centres).sum(-1) / total, x, y, inside


def losses(outputs, targets):
    peaks_logits, help_logits, presence_logits = [part.float() for part in outputs]
    peaks, helps, corners, presence, weight = targets
    peak_loss = (F.binary_cross_entropy_with_logits(peaks_logits, peaks, reduction="none") * (1 + 8 * peaks)).sum((1, 2, 3)).mean() / 40
    help_loss = F.binary_cross_entropy_with_logits(help_logits, helps, weight=torch.tensor([1.0, 3.0]).view(1, 2, 1, 1))
    judge_loss = (F.binary_cross_entropy_with_logits(presence_logits[:, 0], presence, reduction="none") * weight).mean()
    found_x, found_y, x, y, inside = near_mean(torch.sigmoid(peaks_logits), corners)
    distance = torch.abs(found_x - torch.nan_to_num(x)) + torch.abs(found_y - torch.nan_to_num(y))
    place_loss = (distance * inside).sum() / (inside.sum() + 1)
    return {"peak": peak_loss, "help": help_loss, "judge": 0.5 * judge_loss, "place": 0.5 * place_loss}


def follow(mean, model, step):
    """Let the running mean follow the weights."""
    pace = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        for kept, new in zip(mean.state_dict().values(), model.state_dict().values()):
            kept.lerp_(new, 1 - pace) if kept.is_floating_point() else kept.copy_(new)


def train(run, model, folder, minutes, rate, save, count=32, half=True, seed=1):
    """Let `run(image)` (the model's logits, or a rounding stand-in for them) learn; `save(mean)` is called every two minutes."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-3)
    mean = copy.deepcopy(model)
    rng = np.random.default_rng(seed)
    chunks, start, saved, step, sums = load_set(folder), time.time(), time.time(), 0, {}
    while (done := (time.time() - start) / (60 * minutes)) < 1:
        warm = min(1.0, (step + 1) / 200)
        for group in optimizer.param_groups:
            group["lr"] = rate * warm * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * done)))
        image, *targets = batch(rng, chunks, count)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            outputs = run(image.contiguous(memory_format=torch.channels_last))
        parts = losses(outputs, targets)
        optimizer.zero_grad()
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        follow(mean, model, step)
        step += 1
        for name, part in parts.items():
            sums[name] = sums.get(name, 0.0) + part.item()
        if step % 100 == 0:
            told = " ".join(f"{name} {value / 100:.4f}" for name, value in sums.items())
            print(f"step {step} {(time.time() - start) / 60:.1f} min  {told}  pictures {sum(len(c) for _, c in chunks)}", flush=True)
            sums = {}
        if time.time() - saved > 120:
            save(mean)
            saved, chunks = time.time(), load_set(folder)
    save(mean)
    return mean


def main():
    parser = argparse.ArgumentParser(description="Train the page finder")
    parser.add_argument("folder")
    parser.add_argument("checkpoint")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--start")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = PageCorners().to(memory_format=torch.channels_last)
    if args.start:
        model.load_state_dict(torch.load(args.start))
    model.train()
    train(model.logits, model, args.folder, args.minutes, args.rate, lambda mean: torch.save(mean.state_dict(), args.checkpoint))


if __name__ == "__main__":
    main()
