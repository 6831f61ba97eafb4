# SPDX-License-Identifier: MIT
"""Take many photographs and keep them as the network sees them: 256x256, with their corners.

Each picture is kept two or three times: whole, cut down to the page plus a margin as a second look at a found page would
cut it, and sometimes cut at random so that a corner is lost. A set is a folder of chunks; more chunks may be added while
training runs.

    nice python -m training.page_corners.make_set <pages folder> <set folder> <first chunk> <chunks> [share of crowded desks] [of bare ones]
"""

import os
import pathlib
import sys

import cv2
import numpy as np

from training.page_corners.page_pool import PagePool
from training.page_corners.photo import photograph

PHOTOS_PER_CHUNK = 250
SIDE = 256


def squash(picture, window):
    """Area-average a window (x0, y0, x1, y1, whole pixels inside the picture) to the network's square."""
    x0, y0, x1, y1 = window
    return cv2.resize(picture[y0:y1, x0:x1], (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def second_look(rng, picture, quad):
    """The window a second pass would cut: the box of the corners, each side let out by about a fifth, imprecisely."""
    low, high = quad.min(0), quad.max(0)
    spread = high - low
    wobble = rng.choice([0.03, 0.08])
    start = low - spread * (rng.uniform(0.1, 0.28) + rng.normal(0, wobble, 2))
    end = high + spread * (rng.uniform(0.1, 0.28) + rng.normal(0, wobble, 2))
    start = np.clip(np.floor(start), 0, None).astype(int)
    end = np.minimum(np.ceil(end), picture.shape[1::-1]).astype(int)
    return int(start[0]), int(start[1]), int(end[0]), int(end[1])


def stray_look(rng, picture):
    """Any window: it often cuts the page, which must then not be reported."""
    height, width = picture.shape[:2]
    w, h = int(width * rng.uniform(0.35, 0.9)), int(height * rng.uniform(0.35, 0.9))
    x, y = rng.integers(0, width - w + 1), rng.integers(0, height - h + 1)
    return int(x), int(y), int(x + w), int(y + h)


def in_window(quad, window):
    """Corners as fractions of the window; NaN where there is no page."""
    if quad is None:
        return np.full((4, 2), np.nan, np.float32)
    return np.float32((quad - window[:2]) / (np.array(window[2:]) - window[:2]))


def one_chunk(pool, chunk, crowding, bare):
    pictures, corners = [], []
    for index in range(PHOTOS_PER_CHUNK):
        rng = np.random.default_rng([chunk, index])
        kind = rng.choice(["page", "partial", "empty"], p=[0.92 - bare, 0.08, bare])
        picture, quad = photograph(rng, pool.take, kind=kind, crowding=crowding)
        height, width = picture.shape[:2]
        windows = [(0, 0, width, height)]
        if kind == "page":
            windows.append(second_look(rng, picture, quad))
        if rng.random() < 0.15:
            windows.append(stray_look(rng, picture))
        for window in windows:
            pictures.append(squash(picture, window))
            corners.append(in_window(quad, window))
    return np.stack(pictures), np.stack(corners)


def main():
    pool, folder, first, count = PagePool(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    crowding = float(sys.argv[5]) if len(sys.argv) > 5 else 0.0
    bare = float(sys.argv[6]) if len(sys.argv) > 6 else 0.12
    cv2.setNumThreads(1)
    folder.mkdir(parents=True, exist_ok=True)
    for chunk in range(first, first + count):
        pictures, corners = one_chunk(pool, chunk, crowding, bare)
        np.save(folder / f"corners_{chunk:04}.npy", corners)
        np.save(folder / f"part_{chunk:04}.npy", pictures)
        os.replace(folder / f"part_{chunk:04}.npy", folder / f"pictures_{chunk:04}.npy")


if __name__ == "__main__":
    main()
