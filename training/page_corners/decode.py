# SPDX-License-Identifier: MIT
"""From the network's two outputs to four corners: the reference that js/scan.js follows step by step.

Each of the four maps is 64x64, row by row, with probability p at cell (x, y):

1. Candidates. A cell is a peak if p >= 0.05 and no cell of the 7x7 around it is greater. Peaks are taken in falling order of p (equal
   ones in reading order), skipping any that lies within 3 cells (in x and in y) of one already taken, until there are four.
2. Place. In the 5x5 cells around a peak that lie in the map, each cell weighs p where p > 0.25 * peak, else 0. The candidate's
   place is the mean of (x + 0.5, y + 0.5) under these weights, divided by 64: a fraction of the picture, (0, 0) being its top left
   edge, valid for any size of photograph.
3. Choice. Of all combinations of one candidate a map (at most 256) that make a convex quadrilateral, clockwise from the top left,
   the one with the greatest score wins: the sum of ln p, minus 2 * (|ln(top / bottom)| + |ln(left / right)| + |ln(falling / rising)| / 2)
   of its side lengths and its diagonals (tl to br, tr to bl), all in fractions of the picture. Where two outlines are almost equally
   likely, as on a heap of paper, the one that looks like a sheet is right; alone, the greatest peaks may belong to different sheets.
4. A covered corner. If exactly one map has no candidate, its corner is that of the parallelogram, the sum of its two neighbours minus its
   opposite, with p = 0.05, if that lies in the picture. If more are missing, there is no page.

A page is reported when presence >= 0.5 and step 3 found one. Its confidence is the least p of its corners.

The second look makes the corners finer: take the box around the four corners, let each side out by a fifth of the box's
width or height, cut at the photograph's border, squash that window to 256x256, ask again, and map the corners back. Use the second
answer if it finds a page by the rules above (its presence aside), and its quadrilateral overlaps the first one by at
least 0.7 (intersection over union); else keep the first.
"""

import itertools

import cv2
import numpy as np

SIDE, CELLS = 256, 64
LEAST_PEAK, APART, CANDIDATES = 0.05, 3, 4
RADIUS, FLOOR = 2, 0.25
UNLIKE_A_SHEET = 2.0
SURE_PRESENCE = 0.5
MARGIN, AGREEMENT = 0.2, 0.7


def place(heatmap, row, column):
    """The weighted mean around a peak, as fractions of the picture."""
    top, left = max(row - RADIUS, 0), max(column - RADIUS, 0)
    around = heatmap[top : row + RADIUS + 1, left : column + RADIUS + 1].astype(np.float64)
    weight = np.where(around > FLOOR * heatmap[row, column], around, 0)
    x = (weight.sum(0) * (np.arange(around.shape[1]) + left + 0.5)).sum() / weight.sum()
    y = (weight.sum(1) * (np.arange(around.shape[0]) + top + 0.5)).sum() / weight.sum()
    return np.array([x, y]) / CELLS


def candidates(heatmap):
    """One map -> at most four (place, p), the likeliest first."""
    greatest = cv2.dilate(heatmap, np.ones((2 * APART + 1, 2 * APART + 1), np.uint8))
    peaks = np.argwhere((heatmap >= greatest) & (heatmap >= LEAST_PEAK))
    taken = []
    for row, column in sorted(peaks.tolist(), key=lambda cell: -heatmap[cell[0], cell[1]]):
        if len(taken) < CANDIDATES and all(max(abs(row - r), abs(column - c)) > APART for r, c in taken):
            taken.append((row, column))
    return [(place(heatmap, row, column), float(heatmap[row, column])) for row, column in taken]


def is_convex(quad):
    """Clockwise (y down) and convex."""
    ahead = np.roll(quad, -1, 0) - quad
    turn = np.roll(ahead, -1, 0)
    return bool((ahead[:, 0] * turn[:, 1] - ahead[:, 1] * turn[:, 0] > 0).all())


def unlike_a_sheet(quad):
    """0 for a rectangle; grows as opposite sides differ in length, and half as fast as the diagonals do."""
    top, right, bottom, left = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    falling, rising = np.linalg.norm(quad[2] - quad[0]), np.linalg.norm(quad[3] - quad[1])
    return abs(np.log(top / bottom)) + abs(np.log(left / right)) + 0.5 * abs(np.log(falling / rising))


def completed(choice):
    """The corners of one combination, a missing one put where a parallelogram has it; None if that is outside."""
    quad = [None if corner is None else corner[0] for corner in choice]
    for k, corner in enumerate(quad):
        if corner is None:
            quad[k] = quad[k - 1] + quad[(k + 1) % 4] - quad[k - 2]
            if quad[k].min() < 0 or quad[k].max() > 1:
                return None
    return np.array(quad)


def decode_corners(heatmaps):
    """Four maps -> (corners [4,2] as fractions of the picture, least p), or (None, 0.0)."""
    found = [candidates(heatmap) for heatmap in heatmaps]
    if sum(not some for some in found) > 1:
        return None, 0.0
    best, answer = -np.inf, (None, 0.0)
    for choice in itertools.product(*[some or [None] for some in found]):
        quad = completed(choice)
        if quad is None or not is_convex(quad):
            continue
        sure = [LEAST_PEAK if corner is None else corner[1] for corner in choice]
        score = sum(np.log(sure)) - UNLIKE_A_SHEET * unlike_a_sheet(quad)
        if score > best:
            best, answer = score, (quad, min(sure))
    return answer


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
    first, _ = decode_corners(heatmaps[0])
    if first is None or presence[0, 0] < SURE_PRESENCE:
        return None, float(presence[0, 0])
    quad = first * [width, height]
    for _ in range(looks - 1):
        x0, y0, x1, y1 = second_window(quad, width, height)
        finer, _ = decode_corners(ask(squash(picture[y0:y1, x0:x1]))[0][0])
        if finer is None:
            break
        finer = finer * [x1 - x0, y1 - y0] + [x0, y0]
        if overlap(quad, finer) < AGREEMENT:
            break
        quad = finer
    return quad, float(presence[0, 0])
