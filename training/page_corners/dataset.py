# SPDX-License-Identifier: MIT
"""Serves the stored pictures to training, each time a little different, with the maps the network shall draw.

Every picture may be mirrored and turned (the corners change their names accordingly), cut down, recoloured, blurred and made
noisy, so that a set of some ten thousand never repeats itself.
"""

import functools
import pathlib

import cv2
import numpy as np
import torch

SIDE, CELLS, SPREAD = 256, 64, 1.1


def load_set(folder, first=0, last=8999):
    """The finished chunks numbered first..last, as a list of (pictures [n,256,256,3] mapped from disk, corners [n,4,2])."""
    chunks = []
    for path in sorted(pathlib.Path(folder).glob("pictures_*.npy")):
        number = int(path.stem.split("_")[1])
        if first <= number <= last:
            chunks.append((np.load(path, mmap_mode="r"), np.load(path.with_name(f"corners_{number:04}.npy"))))
    return chunks


def turn(rng, picture, corners):
    """One of the eight symmetries of the square, mostly only the mirror."""
    if rng.random() < 0.5:
        picture, corners = picture[:, ::-1], ([1, 0] + corners * [-1, 1])[[1, 0, 3, 2]]
    if rng.random() < 0.15:
        picture, corners = picture[::-1], ([0, 1] + corners * [1, -1])[[3, 2, 1, 0]]
    if rng.random() < 0.15:
        picture, corners = picture.transpose(1, 0, 2), corners[:, ::-1][[0, 3, 2, 1]]
    return picture, corners


def cut(rng, picture, corners):
    """A window of the picture, blown up again; it seldom loses a corner on purpose."""
    scale = rng.uniform(0.72, 1.0, 2)
    low, high = np.zeros(2), 1 - scale
    if np.isfinite(corners).all() and rng.random() < 0.93:
        low = np.clip(np.maximum(low, corners.max(0) + 0.006 - scale), 0, high)
        high = np.clip(corners.min(0) - 0.006, low, high)
    start = low + rng.random(2) * (high - low)
    fit = np.float32([[1 / scale[0], 0, -start[0] / scale[0] * SIDE + 0.5 / scale[0] - 0.5],
                      [0, 1 / scale[1], -start[1] / scale[1] * SIDE + 0.5 / scale[1] - 0.5]])
    return cv2.warpAffine(np.ascontiguousarray(picture), fit, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), (corners - start) / scale


@functools.lru_cache(maxsize=1)
def grain_bank():
    """A large patch of sensor noise to cut from: drawing it afresh would cost more than all else together."""
    return np.random.default_rng(5).standard_normal((2 * SIDE, 2 * SIDE, 3), dtype=np.float32)


def recolour(rng, picture):
    """uint8 -> float32 in 0..1, [256,256,3], under another lamp, lens and sensor."""
    picture = np.ascontiguousarray(picture)
    if rng.random() < 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.3))
    if rng.random() < 0.15:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    curve = np.arange(256, dtype=np.float32)[:, None] / 255
    curve = np.clip(curve * np.float32(rng.uniform(0.7, 1.3) * np.exp(rng.normal(0, 0.08, 3))), 0, 1) ** np.float32(np.exp(rng.normal(0, 0.2)))
    curve = curve * np.float32(rng.uniform(0.8, 1)) + np.float32(rng.choice([0, 0, rng.uniform(0, 0.12)]))
    image = cv2.LUT(picture, curve[:, None])
    if rng.random() < 0.5:
        y, x = rng.integers(0, SIDE, 2)
        image = cv2.scaleAdd(grain_bank()[y : y + SIDE, x : x + SIDE], rng.uniform(0, 0.035), image)
    return np.clip(image, 0, 1, out=image)


def drawings(corners):
    """Corner maps [4,64,64], area and outline [2,64,64], for corners as fractions."""
    peaks, helps = np.zeros((4, CELLS, CELLS), np.float32), np.zeros((2, CELLS, CELLS), np.uint8)
    if not np.isfinite(corners).all():
        return peaks, helps.astype(np.float32)
    centres = np.arange(CELLS, dtype=np.float32) + 0.5
    for peak, (x, y) in zip(peaks, corners * CELLS):
        if 0 <= x <= CELLS and 0 <= y <= CELLS:
            peak[:] = np.outer(np.exp(-((centres - y) ** 2) / (2 * SPREAD**2)), np.exp(-((centres - x) ** 2) / (2 * SPREAD**2)))
    outline = np.round((np.clip(corners, -3, 4) * CELLS - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(helps[0], [outline], 255, cv2.LINE_AA, 4)
    cv2.polylines(helps[1], [outline], True, 255, 1, cv2.LINE_AA, 4)
    return peaks, helps.astype(np.float32) / 255


def is_present(corners):
    """1 whole page, 0 none or cut, and a weight that is 0 where a corner is just outside and nobody could tell."""
    if not np.isfinite(corners).all():
        return 0.0, 1.0
    out = np.maximum(-corners, corners - 1).max()
    return float(out <= 0), float(out <= 0 or out > 0.012)


def batch(rng, chunks, count, fresh=True):
    """Random pictures as torch tensors: image, peaks, helps, corners, presence, weight of presence."""
    sizes = np.array([len(corners) for _, corners in chunks])
    rows = []
    for _ in range(count):
        pictures, corners = chunks[rng.choice(len(chunks), p=sizes / sizes.sum())]
        index = rng.integers(len(corners))
        picture, quad = np.asarray(pictures[index]), corners[index].astype(np.float64)
        if fresh:
            picture, quad = turn(rng, picture, quad)
            picture, quad = cut(rng, picture, quad) if rng.random() < 0.5 else (picture, quad)
            image = recolour(rng, picture)
        else:
            image = np.float32(picture) / 255
        rows.append((image, *drawings(quad), quad, *is_present(quad)))
    image, *targets = [torch.from_numpy(np.stack(column).astype(np.float32, copy=False)) for column in zip(*rows)]
    return [image.permute(0, 3, 1, 2), *targets]
