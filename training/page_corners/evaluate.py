# SPDX-License-Identifier: MIT
"""Measure the page finder on real photographs (never trained on) and on held-out synthetic ones, and draw what it found.

    python -m training.page_corners.evaluate <checkpoint.pt or model.onnx> --photos <folder> [--held <set folder>] [--pages <drawer>] [--draw out.jpg]

`--photos` is a folder with docs_gt/smartdoc2015 (frames and ground_truth.csv), docs_gt/synthdocs (a photo and its mask),
docs_photos and docs_negative. `--held` is a set made by make_set.py with chunk numbers from 9000 on.
"""

import argparse
import csv
import pathlib

import cv2
import numpy as np
import torch

from training.export_qdq import run_onnx
from training.page_corners.dataset import load_set
from training.page_corners.decode import decode_corners, find_page, overlap
from training.page_corners.model import PageCorners
from training.page_corners.page_pool import PagePool
from training.page_corners.photo import photograph


def open_network(path):
    """A function from image [N,3,256,256] to (heatmaps, presence), for either kind of file."""
    if str(path).endswith(".onnx"):
        return lambda image: run_onnx(path, image)
    model = PageCorners()
    model.load_state_dict(torch.load(path))
    model.eval()

    def ask(image):
        with torch.no_grad():
            return [part.numpy() for part in model(torch.from_numpy(image))]
    return ask


def read(path):
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


def marked_photos(root):
    """(name, group, photograph, true corners) of every real picture whose corners are known."""
    folder = root / "docs_gt" / "smartdoc2015"
    with open(folder / "ground_truth.csv", newline="") as table:
        for row in csv.DictReader(table):
            name = "_".join(pathlib.PurePath(row["image_path"]).parts)
            quad = np.array([[float(row[f"{corner}_x"]), float(row[f"{corner}_y"])] for corner in ("tl", "tr", "br", "bl")])
            yield name.removesuffix(".jpeg"), row["bg_name"], read(folder / name), quad
    folder = root / "docs_gt" / "synthdocs"
    mask = cv2.imread(str(folder / "a4-on-dark-background-mask.png"), cv2.IMREAD_GRAYSCALE)
    shape = max(cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea)[:, 0]
    photo = read(folder / "a4-on-dark-background.jpg")
    shape = shape * (np.array(photo.shape[1::-1]) / mask.shape[::-1])
    ends = [shape[np.argmin(shape @ way)] for way in ([1, 1], [-1, 1], [-1, -1], [1, -1])]
    yield "a4-on-dark-background", "synthdocs", photo, np.array(ends, float)


def measure_photos(ask, root):
    """Prints a line a photograph; returns [(name, photograph, found corners or None, true corners or None)]."""
    seen, scores = [], {}
    for name, group, photo, truth in marked_photos(root):
        score = []
        for looks in (1, 2):
            quad, presence = find_page(photo, ask, looks)
            score.append(overlap(quad, truth) if quad is not None else 0.0)
        scores.setdefault(group, []).append(score)
        seen.append((name, photo, quad, truth))
        print(f"{name:40} presence {presence:.3f}  IoU {score[0]:.4f}  second look {score[1]:.4f}")
    for group, rows in scores.items():
        print(f"{group:40} mean of {len(rows)}       IoU {np.mean(rows, 0)[0]:.4f}  second look {np.mean(rows, 0)[1]:.4f}")
    easy = scores["background01"] + scores["background03"]
    print(f"{'backgrounds 01 and 03':40} mean of {len(easy)}       IoU {np.mean(easy, 0)[0]:.4f}  second look {np.mean(easy, 0)[1]:.4f}")
    for path in sorted((root / "docs_photos").rglob("*.*")) + sorted((root / "docs_negative").rglob("*.*")):
        photo = read(path)
        quad, presence = find_page(photo, ask)
        seen.append((path.stem, photo, quad, None))
        print(f"{path.parent.name + '/' + path.name:40} presence {presence:.3f}  {'page' if quad is not None else 'no page'}")
    return seen


def measure_held(ask, folder):
    """Mean IoU and presence errors on synthetic pictures that training never saw."""
    chunks = load_set(folder, 9000, 9999)
    pictures = np.concatenate([pictures for pictures, _ in chunks])
    corners = np.concatenate([corners for _, corners in chunks])
    whole = np.isfinite(corners).all((1, 2)) & (corners.min((1, 2)) > 0) & (corners.max((1, 2)) < 1)
    ious, presences = [], []
    for start in range(0, len(pictures), 32):
        heatmaps, presence = ask(np.float32(pictures[start : start + 32].transpose(0, 3, 1, 2)) / 255)
        presences.extend(presence[:, 0])
        for offset, maps in enumerate(heatmaps):
            if whole[start + offset]:
                quad, _ = decode_corners(maps)
                ious.append(overlap(quad, corners[start + offset]) if quad is not None else 0.0)
    presences, ious = np.array(presences), np.array(ious)
    print(f"held out: {whole.sum()} pages, IoU mean {ious.mean():.4f}, median {np.median(ious):.4f}, below 0.8: {np.mean(ious < 0.8):.3f}; "
          f"missed {np.mean(presences[whole] < 0.5):.3f}, reported without a whole page {np.mean(presences[~whole] >= 0.5):.3f} of {np.sum(~whole)}")


def measure_fresh(ask, pages, count):
    """One look against two on new synthetic photographs at full size."""
    pool, scores = PagePool(pages), []
    for index in range(count):
        rng = np.random.default_rng([777, index])
        photo, truth = photograph(rng, pool.take, extent=1280, crowding=0.2)
        scores.append([overlap(quad, truth) if quad is not None else 0.0 for quad in (find_page(photo, ask, looks)[0] for looks in (1, 2))])
    one, two = np.array(scores).T
    print(f"{count} synthetic photographs: one look mean {one.mean():.4f}, median {np.median(one):.4f}; two looks mean {two.mean():.4f}, "
          f"median {np.median(two):.4f}, better on {np.mean(two > one):.2f}, worse on {np.mean(two < one):.2f}")


def draw(seen, path):
    """A sheet of all photographs with the found (red) and the true (green) outline."""
    tiles = []
    for name, photo, quad, truth in seen:
        photo = photo.copy()
        for shape, ink in ((truth, (0, 255, 0)), (quad, (255, 0, 0))):
            if shape is not None:
                cv2.polylines(photo, [np.round(shape).astype(np.int32)], True, ink, max(2, max(photo.shape) // 300))
        scale = min(480 / photo.shape[1], 400 / photo.shape[0])
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        tiles.append(cv2.copyMakeBorder(small, 0, 400 - small.shape[0], 0, 480 - small.shape[1], cv2.BORDER_CONSTANT))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 5)
    cv2.imwrite(str(path), np.vstack([np.hstack(tiles[k : k + 5]) for k in range(0, len(tiles), 5)])[..., ::-1])


def main():
    parser = argparse.ArgumentParser(description="Measure the page finder")
    parser.add_argument("network")
    parser.add_argument("--photos", type=pathlib.Path)
    parser.add_argument("--held")
    parser.add_argument("--pages", help="drawer made by page_pool.py, to photograph 80 pages anew and compare one look with two")
    parser.add_argument("--draw")
    args = parser.parse_args()
    torch.set_num_threads(1)
    ask = open_network(args.network)
    if args.held:
        measure_held(ask, args.held)
    if args.pages:
        measure_fresh(ask, args.pages, 80)
    if args.photos:
        seen = measure_photos(ask, args.photos)
        if args.draw:
            draw(seen, args.draw)


if __name__ == "__main__":
    main()
