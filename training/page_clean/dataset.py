# SPDX-License-Identifier: MIT
"""Endless (photo, clean) crops for the page cleaner, cut from a bank of rendered pages.

Rendering a page costs half a second and degrading a crop some milliseconds, so pages are drawn once into a folder of .npy
files and read back through memory maps. Seeds from HELD_OUT on are never trained on.

    python -m training.page_clean.dataset bank_folder [pages]
"""

import pathlib
import sys
import warnings

import cv2
import numpy as np
import torch

from training.page_clean.degrade import chance, photograph
from training.pages import picture, render_page, tinted

cv2.setNumThreads(1)  # OpenCV's own threads do not survive the fork that starts a loader's worker
HELD_OUT = 1_000_000
MARGIN = 16


def sheet_size(rng):
    """Pixels of an A4 page at 90..200 dpi, or of a receipt."""
    if chance(rng, 0.12):
        return int(rng.integers(400, 700)), int(rng.integers(900, 1500))
    width = int(rng.uniform(750, 1650))
    return width, int(width * 1.414)


def page_at(seed):
    rng = np.random.default_rng(seed)
    return render_page(rng, *sheet_size(rng))


def render_bank(folder, count, first=0):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, first + count):
        path = folder / f"{seed:07d}.npy"
        if not path.exists():
            np.save(folder / "partial.npy", page_at(seed))
            (folder / "partial.npy").rename(path)


def cut(rng, page, size):
    """A square crop, turned and scaled a little, that rarely shows nothing but blank paper."""
    for _ in range(4):
        zoom = rng.uniform(0.65, 1.35) if chance(rng, 0.5) else 1.0
        angle = np.deg2rad(rng.normal() * 2) if chance(rng, 0.5) else 0.0
        span = int(size * (1 / zoom + abs(np.sin(angle)))) + 2
        top = int(rng.integers(0, max(1, page.shape[0] - span)))
        left = int(rng.integers(0, max(1, page.shape[1] - span)))
        crop = np.ascontiguousarray(page[top:top + span, left:left + span])
        if crop.min() < 128 or chance(rng, 0.15):
            break
    cosine, sine, middle = np.cos(angle) * zoom, np.sin(angle) * zoom, (span - 1) / 2
    matrix = np.float32([[cosine, sine, size / 2 - (cosine + sine) * middle], [-sine, cosine, size / 2 - (cosine - sine) * middle]])
    crop = cv2.GaussianBlur(crop, (0, 0), 0.45 / zoom) if zoom < 0.95 else crop
    crop = cv2.warpAffine(crop, matrix, (size, size), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    if chance(rng, 0.02):
        crop = 255 - crop
    return np.rot90(crop, int(rng.choice([0, 0, 0, 1, 2, 3]))).copy()


def with_picture(rng, clean):
    """Lays a photo-like picture, or now and then a plain coloured box, over part of a crop: what a cleaner is tempted to bleach."""
    size = clean.shape[0]
    width, height = (int(rng.uniform(0.2, 1.1) * size) for _ in range(2))
    left, top = (int(rng.uniform(-0.2, 1) * size) for _ in range(2))
    window = (slice(max(0, top), max(0, top) + height), slice(max(0, left), max(0, left) + width))
    shape = clean[window].shape
    if min(shape[:2]) > 8:
        clean[window] = tinted(rng) if chance(rng, 0.2) else picture(rng, shape[1], shape[0])
    return clean


def pair(rng, pages, size):
    """One (photo, clean) couple of uint8 [size,size,3]; a wider crop is degraded so that no effect starts at its border."""
    wide = size + 2 * MARGIN
    clean = cut(rng, pages[int(rng.integers(len(pages)))], wide)
    clean = with_picture(rng, clean) if chance(rng, 0.15) else clean
    back = cut(rng, pages[int(rng.integers(len(pages)))], wide) if chance(rng, 0.35) else None
    photo = photograph(rng, clean, back)
    inner = slice(MARGIN, MARGIN + size)
    return np.ascontiguousarray(photo[inner, inner]), np.ascontiguousarray(clean[inner, inner])


def to_tensor(image):
    return torch.from_numpy(image).permute(2, 0, 1)


class Crops(torch.utils.data.IterableDataset):
    """Endless random couples as uint8 [3,size,size] tensors. Degrading costs more than learning, so each couple is used about
    `echo` times, cut elsewhere and mirrored anew, from a pool that is renewed all the time."""

    def __init__(self, folder, size, seed, echo=3, pool=600):
        self.folder, self.size, self.seed, self.echo, self.pool = folder, size, seed, echo, pool

    def __iter__(self):
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        pages = [np.load(path, mmap_mode="r") for path in sorted(pathlib.Path(self.folder).glob("0*.npy"))]
        pool, play = [], self.size // 5
        while True:
            if len(pool) < self.pool:
                pool.append(pair(rng, pages, self.size + play))
                slot = len(pool) - 1
            else:
                slot = int(rng.integers(self.pool))
                if chance(rng, 1 / self.echo):
                    pool[slot] = pair(rng, pages, self.size + play)
            top, left, mirror = rng.integers(0, play + 1, 3)
            window = (slice(top, top + self.size), slice(left, left + self.size))
            couple = [image[window][:, ::-1 if mirror % 2 else 1] for image in pool[slot]]
            yield tuple(to_tensor(np.ascontiguousarray(image)) for image in couple)


def held_out(count, size=256, seed=HELD_OUT, pages=6):
    """The same couples on every call, from pages outside every bank: float tensors in 0..1."""
    rng = np.random.default_rng(seed)
    sheets = [page_at(HELD_OUT + i) for i in range(pages)]
    couples = [pair(rng, sheets, size) for _ in range(count)]
    return [torch.stack([to_tensor(couple[side]) for couple in couples]).float() / 255 for side in (0, 1)]


if __name__ == "__main__":
    render_bank(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 160)
