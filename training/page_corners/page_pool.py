# SPDX-License-Identifier: MIT
"""A drawer full of clean pages, drawn once and laid on many desks.

Drawing a sheet costs more than photographing it, and at 256x256 nobody can read it. So a few hundred sheets are drawn by
`training/pages.py` in several formats, shrunk, and kept as PNG files.

    python -m training.page_corners.page_pool <folder> <count> [first seed]
"""

import pathlib
import sys

import cv2
import numpy as np

from training.desks import stand_in_page
from training.pages import render_page

FORMATS = [(1240, 1754), (1275, 1650), (1754, 1240), (700, 1754), (1000, 1400), (1400, 1400)]
SHARES = [0.5, 0.15, 0.12, 0.12, 0.06, 0.05]
KEPT_EXTENT = 720


def fill_drawer(folder, count, first):
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, first + count):
        rng = np.random.default_rng(seed)
        page = render_page(rng, *FORMATS[rng.choice(len(FORMATS), p=SHARES)])
        scale = KEPT_EXTENT / max(page.shape[:2])
        page = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{seed:05}.png"), page[..., ::-1])


class PagePool:
    """Hands out pages as float32 RGB 0..1: drawn sheets, mixed with covers, cards and coloured paper."""

    def __init__(self, folder):
        self.pages = [cv2.imread(str(path))[..., ::-1] for path in sorted(pathlib.Path(folder).glob("*.png"))]

    def take(self, rng, plainly=False):
        if not plainly and rng.random() < 0.18:
            return stand_in_page(rng)
        page = np.float32(self.pages[rng.integers(len(self.pages))]) / 255
        if rng.random() < 0.06:
            page = 1 - page * rng.uniform(0.75, 1)
        paper = 1 - rng.uniform(0, 0.1) * rng.random(3) if rng.random() < 0.8 else rng.uniform(0.7, 1, 3)
        return np.float32(page * paper)


if __name__ == "__main__":
    fill_drawer(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
