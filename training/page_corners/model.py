# SPDX-License-Identifier: MIT
"""The page finder: an hourglass small enough for a phone's browser, about 55 million multiply-adds.

Going down, a 256x256 picture becomes 8x8 cells of 128 channels, where every cell sees the whole frame: that is where "which
of these rectangles is the page" is decided. Coming up to 64x64, finer features are added back, because "where exactly is
the corner" can only be read off the fine ones. All channel counts are multiples of 16 and all wide arithmetic is dense 1x1 or
3x3, which is what integer kernels like best; depthwise filters at coarse scales buy reach for next to nothing.

While training, the network also draws the page's area and its outline. Those two maps are thrown away on export: they are
there because they teach every pixel what a page is, where four corners teach only four.
"""

import torch
from torch import nn

CORNER_MAPS, HELP_MAPS = 4, 2


def unit(inputs, outputs, kernel=1, stride=1, groups=1, relu=True):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, nn.ReLU()) if relu else nn.Sequential(*layers)


def reach(channels, outputs, kernel=3, stride=1):
    """A depthwise filter, then a dense mix."""
    return nn.Sequential(unit(channels, channels, kernel, stride, channels, relu=False), unit(channels, outputs))


class Residual(nn.Module):
    def __init__(self, channels, kernel=3):
        super().__init__()
        self.body = nn.Sequential(unit(channels, channels, kernel, 1, channels, relu=False), unit(channels, channels, relu=False))

    def forward(self, x):
        return torch.relu(x + self.body(x))


class PageCorners(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = unit(3, 16, 3, 2)
        self.to64 = unit(16, 32, 3, 2)
        self.to32 = nn.Sequential(reach(32, 64, 3, 2), Residual(64))
        self.to16 = nn.Sequential(reach(64, 96, 3, 2), Residual(96), Residual(96))
        self.to8 = nn.Sequential(reach(96, 128, 3, 2), Residual(128, 5), Residual(128, 5), Residual(128, 5))
        self.from8, self.skip16 = unit(128, 64, relu=False), unit(96, 64, relu=False)
        self.from16 = unit(64, 64, relu=False)
        self.from32 = reach(64, 32)
        self.fine = reach(32, 32)
        self.corners, self.help = nn.Conv2d(32, CORNER_MAPS, 1), nn.Conv2d(32, HELP_MAPS, 1)
        self.gather, self.judge = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), nn.Linear(128, 1)
        self.twice = nn.Upsample(scale_factor=2, mode="nearest")
        nn.init.constant_(self.corners.bias, -4.0)

    def features(self, image):
        """The finest features [N,32,64,64], and the presence logit [N,1]."""
        at64 = self.to64(self.stem(image))
        at32 = self.to32(at64)
        at16 = self.to16(at32)
        at8 = self.to8(at16)
        up16 = torch.relu(self.twice(self.from8(at8)) + self.skip16(at16))
        up32 = torch.relu(self.twice(self.from16(up16)) + at32)
        up64 = torch.relu(self.twice(self.from32(up32)) + at64)
        return self.fine(up64), self.judge(self.gather(at8))

    def logits(self, image):
        """Logits of the corner maps, of the two helping maps (area, outline) and of presence: what training looks at."""
        fine, presence = self.features(image)
        return self.corners(fine), self.help(fine), presence

    def forward(self, image):
        """What the exported network answers: corner probabilities [N,4,64,64] and presence [N,1]."""
        fine, presence = self.features(image)
        return torch.sigmoid(self.corners(fine)), torch.sigmoid(presence)


def count_macs(model, side=256):
    """Multiply-adds of one picture, counted by running it."""
    total = []

    def note(layer, inputs, output):
        weights = layer.weight.numel()
        total.append(weights * (output.shape[2] * output.shape[3] if output.dim() == 4 else 1))
    hooks = [layer.register_forward_hook(note) for layer in model.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return sum(total)
