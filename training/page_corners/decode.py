# SPDX-License-Identifier: MIT
"""From the network's two outputs to four corners: the reference that js/scan.js follows step by step.

One map, 64x64, row by row, probability p at cell (x, y):

1. The peak is the cell with the greatest p (the first one in reading order if several are equal).
2. Around it, in the 5x5 cells within the map, each cell weighs w = p where p > 0.25 * peak, else 0. The corner is the
   mean of (x + 0.5, y + 0.5) under w, times 4: pixels of the 256x256 picture, (0, 0) being its top left edge, not the middle
   of its first pixel. Divided by 256 it is a fraction of the picture, valid for any size of photograph.
3. The corner's confidence is the peak's p.

A page is reported when presence >= 0.5, every confidence >= 0.1 and the four corners make a convex quadrilateral, clockwise from
the top left. If exactly one corner is less sure than 0.1 but the others are not, it is completed as a parallelogram:
the sum of its two neighbours minus its opposite, if that lies in the picture; a page with a covered corner is thus still found.

The second look makes the corners finer: take the box around the four corners, let each side out by a fifth of the box's
width or height, cut at the photograph's border, squash that window to 256x256, ask again, and map the corners back. Use the second
answer if it reports a page by the rules above and its quadrilateral overlaps the first one by at least 0.7 (IoU), else keep the first.
"""

import cv2
import numpy as np

SIDE, CELLS, RADIUS, FLOOR = 256, 64, 2, 0.25
SURE_PRESENCE, SURE_CORNER = 0.5, 0.1
MARGIN, AGREEMENT = 0.2, 0.7


def decode_corner(heatmap):
    """One map -> ((x, y) as fractions of the picture, confidence)."""
    row, column = np.unravel_index(np.argmax(heatmap), heatmap.shape)
    peak = float(heatmap[row, column])
    top, left = max(row - RADIUS, 0), max(column - RADIUS, 0)
    around = heatmap[top : row + RADIUS + 1, left : column + RADIUS + 1].astype(np.float64)
    weight = np.where(around > FLOOR * peak, around, 0)
    total = weight.sum()
    if total <= 0:
        return np.array([column + 0.5, row + 0.5]) / CELLS, peak
    x = (weight.sum(0) * (np.arange(around.shape[1]) + left + 0.5)).sum() / total
    y = (weight.sum(1) * (np.arange(around.shape[0]) + top + 0.5)).sum() / total
    return np.array([x, y]) / CELLS, peak


def is_convex(quad):
    """Clockwise (y down) and convex."""
    ahead = np.roll(quad, -1, 0) - quad
    turn = np.roll(ahead, -1, 0)
    return bool((ahead[:, 0] * turn[:, 1] - ahead[:, 1] * turn[:, 0] > 0).all())


def decode(heatmaps, presence):
    """One answer -> (corners [4,2] as fractions of the picture, or None; the reason or the score)."""
    if presence < SURE_PRESENCE:
        return None, "no page"
    found = [decode_corner(heatmap) for heatmap in heatmaps]
    quad = np.array([corner for corner, _ in found])
    unsure = [k for k, (_, confidence) in enumerate(found) if confidence < SURE_CORNER]
    if len(unsure) > 1:
        return None, "corners unclear"
    for k in unsure:
        quad[k] = quad[k - 1] + quad[(k + 1) % 4] - quad[k - 2]
        if quad[k].min() < 0 or quad[k].max() > 1:
            return None, "corner outside"
    return (quad, "page") if is_convex(quad) else (None, "corners cross")


def overlap(one, other):
    """Intersection over union of two convex quadrilaterals."""
    one, other = np.float32(one), np.float32(other)
    both = cv2.intersectConvexConvex(one, other)[0]
    whole = cv2.contourArea(one) + cv2.contourArea(other) - both
    return float(both / whole) if whole > 0 else 0.0


def squash(picture):
    """Area-averaged to the network's square, as float32 [1,3,256,256] RGB 0..1."""
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.float32(small.transpose(2, 0, 1)[None]) / 255


def second_window(quad, width, height):
    """The window of the photograph (x0, y0, x1, y1, whole pixels) for the second look; `quad` in pixels."""
    low, high = quad.min(0), quad.max(0)
    margin = MARGIN * (high - low)
    x0, y0 = np.maximum(np.floor(low - margin), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(high + margin), [width, height]).astype(int)
    return x0, y0, x1, y1


def find_page(picture, ask, looks=2):
    """uint8 RGB photograph -> (corners in its pixels or None, presence). `ask(image)` runs the network."""
    height, width = picture.shape[:2]
    heatmaps, presence = ask(squash(picture))
    first, _ = decode(heatmaps[0], float(presence[0, 0]))
    if first is None:
        return None, float(presence[0, 0])
    quad = first * [width, height]
    for _ in range(looks - 1):
        x0, y0, x1, y1 = second_window(quad, width, height)
        again = ask(squash(picture[y0:y1, x0:x1]))
        finer, _ = decode(again[0][0], float(again[1][0, 0]))
        if finer is None:
            break
        finer = finer * [x1 - x0, y1 - y0] + [x0, y0]
        if overlap(quad, finer) < AGREEMENT:
            break
        quad = finer
    return quad, float(presence[0, 0])
