# SPDX-License-Identifier: MIT
"""The page cleaner: a small residual U-net that sees at most about 40 pixels around each pixel.

It must give the same answer for a page cut into tiles as for the whole page, so nothing in it looks at the whole picture: no
normalisation, no pooling, only convolutions on three scales (1/2, 1/4, 1/8). The scales are joined by additions, which cost an
INT8 runtime nothing to speak of. The network predicts what to add to the photo; where paper must become white it may
overshoot, and the clip to 0..1 at the end (free in INT8: the output's range) makes it exactly white. Activations stop at 6:
with plain Relu some grew to hundreds in training, and eight bits had too few steps left for the rest.
"""

import torch
import torch.nn.functional as F
from torch import nn


class PageClean(nn.Module):
    """[N,3,H,W] in 0..1 -> the same shape, not yet clipped; H and W are multiples of 8."""

    def __init__(self, half=16, quarter=32, eighth=48):
        super().__init__()
        self.stem = nn.Conv2d(3, half, 3, stride=2, padding=1)
        self.down4 = nn.Conv2d(half, quarter, 3, stride=2, padding=1)
        self.look4 = nn.Conv2d(quarter, quarter, 3, padding=1)
        self.down8 = nn.Conv2d(quarter, eighth, 2, stride=2)
        self.look8a = nn.Conv2d(eighth, eighth, 3, padding=1)
        self.look8b = nn.Conv2d(eighth, eighth, 3, padding=1)
        self.up4 = nn.ConvTranspose2d(eighth, quarter, 2, stride=2)
        self.join4 = nn.Conv2d(quarter, quarter, 3, padding=1)
        self.up2 = nn.ConvTranspose2d(quarter, half, 2, stride=2)
        self.join2 = nn.Conv2d(half, half, 3, padding=1)
        self.out = nn.ConvTranspose2d(half, 3, 2, stride=2)
        for layer in self.children():
            nn.init.kaiming_normal_(layer.weight, mode="fan_in", nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        for layer in (self.look4, self.look8a, self.look8b, self.join4, self.join2):
            layer.weight.data.mul_(0.5)
        for layer in (self.up4, self.up2, self.out):
            nn.init.normal_(layer.weight, std=0.5 / layer.in_channels ** 0.5)

    def forward(self, tile):
        half = F.relu6(self.stem(tile))
        quarter = F.relu6(self.down4(half))
        quarter = F.relu6(quarter + self.look4(quarter))
        eighth = F.relu6(self.down8(quarter))
        eighth = F.relu6(eighth + self.look8a(eighth))
        eighth = F.relu6(eighth + self.look8b(eighth))
        quarter = F.relu6(quarter + self.up4(eighth))
        quarter = F.relu6(quarter + self.join4(quarter))
        half = F.relu6(half + self.up2(quarter))
        half = F.relu6(half + self.join2(half))
        return tile + self.out(half)


def reach(size=256):
    """The receptive field's radius in pixels, found by asking which inputs can move an output at all."""
    probe = PageClean()
    for layer in probe.children():
        nn.init.constant_(layer.weight, 1e-3)
    radius = 0
    for row in range(size // 2, size // 2 + 8):
        tile = torch.rand(1, 3, size, size, requires_grad=True)
        probe(tile)[0, 0, row, row].backward()
        touched = torch.nonzero(tile.grad[0].abs().sum(0))
        radius = max(radius, int((touched - row).abs().max()))
    return radius


def cost(network, size=256):
    """(multiply-accumulates for one tile, parameters)."""
    total = 0

    def count(layer, _, output):
        nonlocal total
        if isinstance(layer, nn.ConvTranspose2d):
            total += layer.weight.numel() * output.shape[2] * output.shape[3] // 4
        else:
            total += layer.weight.numel() * output.shape[2] * output.shape[3]

    hooks = [layer.register_forward_hook(count) for layer in network.children()]
    with torch.no_grad():
        network(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return total, sum(p.numel() for p in network.parameters())
