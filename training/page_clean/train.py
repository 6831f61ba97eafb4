# SPDX-License-Identifier: MIT
"""Trains the page cleaner on a bank of rendered pages, for a given number of minutes, on one processor core.

    python -m training.page_clean.train bank_folder checkpoint.pt --minutes 90 [--resume]

The loss is one-sided where the clip to 0..1 will finish the work: a pixel that must be white may overshoot, one that must be
black may undershoot. That lets the network push paper safely past white instead of balancing on the edge, which is also what
makes the INT8 version robust. Gradients of the picture count too, so that strokes stay crisp.
"""

import argparse
import math
import time

import torch

from training.page_clean.dataset import Crops, held_out
from training.page_clean.network import PageClean


def miss(output, clean):
    """How far each value is from the target once clipped, but with a slope wherever moving would help."""
    error = output - clean
    error = torch.where(clean > 0.998, error.clamp(max=0), error)
    return torch.where(clean < 0.002, error.clamp(min=0), error)


def loss_of(output, clean):
    error = miss(output, clean)
    level = torch.sqrt(error.square() + 1e-4).mean() - 1e-2
    edges = (error[..., 1:] - error[..., :-1]).abs().mean() + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return level + 0.5 * edges


def psnr(output, clean):
    return -10 * math.log10((output.clamp(0, 1) - clean).square().mean().item())


def train(network, loader, seconds, rate, checkpoint, brief=False, report_every=500):
    """One cosine from `rate` to nothing over the time given; keeps an average of the weights and saves that.
    `brief` computes in bfloat16 where that does no harm, which is twice as fast on processors that have it."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4)
    average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998))
    photo_test, clean_test = held_out(24)
    start, steps, total = time.time(), 0, 0.0
    for photo, clean in loader:
        spent = (time.time() - start) / seconds
        if spent >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, steps / 200) * (0.5 + 0.5 * math.cos(math.pi * spent)) + 1e-6
        with torch.autocast("cpu", torch.bfloat16, enabled=brief):
            output = network(photo.float() / 255)
        loss = loss_of(output.float(), clean.float() / 255)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(network)
        steps, total = steps + 1, total + loss.item()
        if steps % report_every == 0:
            with torch.no_grad():
                quality = psnr(average.module(photo_test), clean_test)
            torch.save(average.module.state_dict(), checkpoint)
            print(f"{steps} steps  {time.time() - start:.0f} s  loss {total / report_every:.5f}  held-out {quality:.2f} dB", flush=True)
            total = 0.0
    torch.save(average.module.state_dict(), checkpoint)
    return average.module


def main():
    parser = argparse.ArgumentParser(description="Train the page cleaner")
    parser.add_argument("bank")
    parser.add_argument("checkpoint")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=160)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--brief", action="store_true", help="compute in bfloat16")
    parser.add_argument("--resume", action="store_true", help="start from the checkpoint's weights")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    network = PageClean()
    if args.resume:
        network.load_state_dict(torch.load(args.checkpoint))
    loader = torch.utils.data.DataLoader(Crops(args.bank, args.crop, args.seed), batch_size=args.batch, num_workers=1,
                                         prefetch_factor=4)
    train(network, loader, args.minutes * 60, args.rate, args.checkpoint, args.brief)


if __name__ == "__main__":
    main()
