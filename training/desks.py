# SPDX-License-Identifier: MIT
"""Desks, and what lies on them, drawn from nothing.

The document scanner's models must know a page from everything that is not a page, and no photograph may be needed to
teach them that. This file draws table tops (wood, cloth, stone, tiles, plain paint, busy patterns), loose sheets, and the
usual clutter: pens, cables, mugs, keyboards, phones, books, hands. Every picture is a float32 array [h, w, 3], RGB, 0..1.

Two kinds of maker live here:

* a texture maker takes `(rng, size)` and returns a square texture, as seen from straight above;
* a prop takes `(rng, scene)` and paints itself into a `Scene`, a half-finished photograph that knows how the table plane
  lands in the picture. Lengths on the table are in page heights, so that clutter has a believable size at every zoom.
"""

import cv2
import numpy as np


def noise(rng, height, width, cell, octaves=3, gain=0.5):
    """Smooth noise of about unit spread; `cell` is the size of the coarsest grain in pixels, or (rows, columns)."""
    rows, cols = (cell, cell) if np.isscalar(cell) else cell
    total = np.zeros((height, width), np.float32)
    weight, power = 1.0, 0.0
    for _ in range(octaves):
        shape = (max(2, int(height / max(rows, 1)) + 2), max(2, int(width / max(cols, 1)) + 2))
        grain = rng.standard_normal(shape, dtype=np.float32)
        total += weight * cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
        power += weight * weight
        rows, cols, weight = rows / 2, cols / 2, weight * gain
    return total / np.sqrt(power)


def colour(rng, hue=(0, 360), saturation=(0, 1), value=(0, 1)):
    """A random colour; the three ranges are HSV, hue in degrees."""
    hsv = np.array([[[rng.uniform(*hue) % 360, rng.uniform(*saturation), rng.uniform(*value)]]], np.float32)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]


# ---------------------------------------------------------------------------------------------------- table tops

def table_colour(rng):
    """Table paint: often pale and dull, because white on pale is where finding a page is hard."""
    kind = rng.random()
    if kind < 0.35:
        return colour(rng, saturation=(0.0, 0.22), value=(0.6, 0.98))
    if kind < 0.6:
        return colour(rng, hue=(10, 45), saturation=(0.15, 0.6), value=(0.3, 0.95))
    if kind < 0.8:
        return colour(rng, saturation=(0.0, 0.3), value=(0.03, 0.4))
    return colour(rng, saturation=(0.1, 0.8), value=(0.15, 0.9))


def plain(rng, size, base=None):
    base = table_colour(rng) if base is None else base
    speck = noise(rng, size, size, rng.uniform(2, 8), 2)[..., None] * rng.uniform(0, 0.03)
    cloud = noise(rng, size, size, size / 4, 3)[..., None] * rng.uniform(0, 0.05)
    return base * (1 + speck + cloud)


def pale(rng, size):
    """Nearly white, where a white page hides best."""
    return plain(rng, size, colour(rng, saturation=(0, 0.15), value=(0.75, 1.0)))


def wood(rng, size):
    base = colour(rng, hue=(12, 42), saturation=(0.12, 0.7), value=(0.12, 0.95))
    if rng.random() < 0.25:
        base = colour(rng, saturation=(0, 0.15), value=(0.08, 0.9))
    fibre = noise(rng, size, size, (size / rng.uniform(100, 300), size / rng.uniform(2, 6)), 3)
    drift = noise(rng, size, size, (size / 3, size), 3)
    rows = np.linspace(0, rng.uniform(5, 30), size, dtype=np.float32)[:, None]
    rings = np.sin(2 * np.pi * (rows + drift * rng.uniform(0.2, 1.5)))
    texture = base * (1 + (fibre * rng.uniform(0.02, 0.14) + rings * rng.uniform(0, 0.1))[..., None])
    if rng.random() < 0.4:
        boards = rng.integers(3, 9)
        board = np.floor(np.linspace(0, boards, size, endpoint=False)).astype(int)
        texture = texture * rng.uniform(0.8, 1.1, (boards, 1, 1)).astype(np.float32)[board]
        seam = np.flatnonzero(np.diff(board))
        for offset in range(max(1, size // 400)):
            texture[np.minimum(seam + offset, size - 1)] *= 0.4
    return texture


def cloth(rng, size):
    base = table_colour(rng)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    count = rng.uniform(40, 160)
    weave = np.sin(2 * np.pi * count * x) * np.sin(2 * np.pi * count * y) * rng.uniform(0.02, 0.12)
    folds = noise(rng, size, size, size / rng.uniform(1.5, 5), 2) * rng.uniform(0.02, 0.15)
    texture = base * (1 + weave + folds)[..., None]
    if rng.random() < 0.45:
        stripes = rng.uniform(2, 14)
        along = x if rng.random() < 0.5 else y
        band = (np.sin(2 * np.pi * stripes * along) > rng.uniform(-0.6, 0.6)).astype(np.float32)
        if rng.random() < 0.5:
            band = np.maximum(band, np.sin(2 * np.pi * stripes * (x + y - along)) > 0.3) * 0.8
        texture = texture * (1 - band[..., None]) + table_colour(rng) * (1 + weave + folds)[..., None] * band[..., None]
    return texture


def stone(rng, size):
    base, vein = table_colour(rng), table_colour(rng)
    turbulence = np.abs(noise(rng, size, size, size / rng.uniform(2, 6), 5, 0.6))
    veins = np.exp(-turbulence * rng.uniform(4, 20))[..., None] * rng.uniform(0.1, 0.8)
    speck = noise(rng, size, size, rng.uniform(1, 6), 2)[..., None] * rng.uniform(0, 0.15)
    return (base * (1 - veins) + vein * veins) * (1 + speck)


def tiles(rng, size):
    count_y, count_x = rng.integers(2, 9, 2)
    pattern = rng.uniform(0.85, 1.1, (count_y, count_x, 1)).astype(np.float32) * table_colour(rng)
    if rng.random() < 0.35:
        pattern[(np.add.outer(np.arange(count_y), np.arange(count_x)) % 2) == 0] = table_colour(rng)
    texture = cv2.resize(pattern, (size, size), interpolation=cv2.INTER_NEAREST)
    grout, width = table_colour(rng), max(1, int(size * rng.uniform(0.002, 0.012)))
    for k in range(1, count_y):
        cv2.line(texture, (0, k * size // count_y), (size, k * size // count_y), grout.tolist(), width)
    for k in range(1, count_x):
        cv2.line(texture, (k * size // count_x, 0), (k * size // count_x, size), grout.tolist(), width)
    return texture * (1 + noise(rng, size, size, size / 8, 4)[..., None] * 0.03)


def busy(rng, size):
    """A collage of rectangles and discs: carpets, magazines, cluttered shelves, whatever has many straight edges."""
    texture = np.empty((size, size, 3), np.float32)
    texture[:] = table_colour(rng)
    for _ in range(rng.integers(8, 60)):
        centre = tuple(int(v) for v in rng.uniform(0, size, 2))
        box = (centre, tuple(float(v) for v in rng.uniform(0.02, 0.25, 2) * size), float(rng.choice([0, rng.uniform(0, 90)])))
        shade = colour(rng, saturation=(0, 0.7), value=(0.05, 1)).tolist()
        if rng.random() < 0.7:
            cv2.fillPoly(texture, [cv2.boxPoints(box).astype(np.int32)], shade)
        else:
            cv2.circle(texture, centre, int(box[1][0] / 2), shade, -1)
    return texture


def carpet(rng, size):
    grain = np.stack([noise(rng, size, size, rng.uniform(2, 10), 3) for _ in range(3)], -1)
    return table_colour(rng) * (1 + grain.mean(-1, keepdims=True) * rng.uniform(0.05, 0.3)) + grain * 0.02


TEXTURES = [(plain, 0.27), (wood, 0.33), (cloth, 0.12), (stone, 0.09), (tiles, 0.07), (busy, 0.05), (carpet, 0.07)]


def desk(rng, size, among=None):
    """One table top, made by one of the texture makers `among`; half the time its grain is turned by a quarter."""
    makers, weights = zip(*(TEXTURES if among is None else [(maker, 1.0) for maker in among]))
    texture = makers[rng.choice(len(makers), p=np.array(weights) / sum(weights))](rng, size)
    texture = texture.transpose(1, 0, 2) if rng.random() < 0.5 else texture
    return np.clip(texture, 0.0, 1.0).astype(np.float32)


# ---------------------------------------------------------------------------------------------------- sheets

def stand_in_page(rng, height=480):
    """A rough sheet with lines of 'words': enough for far-away paper, covers, cards and banknotes."""
    aspect = float(rng.choice([0.707, 0.773, 0.45, 1.4, 2.2, 0.62], p=[0.4, 0.15, 0.1, 0.15, 0.1, 0.1]))
    width = max(32, int(height * aspect))
    if aspect > 2:
        height, width = max(32, int(height / aspect)), height
    kind = rng.random()
    paper = colour(rng, hue=(20, 70), saturation=(0, 0.12), value=(0.85, 1.0))
    if kind < 0.15:
        paper = colour(rng, saturation=(0.2, 0.9), value=(0.15, 0.9))
    elif kind < 0.22:
        paper = colour(rng, saturation=(0, 0.4), value=(0.03, 0.25))
    page = np.empty((height, width, 3), np.float32)
    page[:] = paper
    page *= 1 + noise(rng, height, width, height / 3, 3)[..., None] * rng.uniform(0, 0.03)
    ink = colour(rng, saturation=(0, 0.5), value=(0.0, 0.35)) if paper.mean() > 0.45 else paper + 0.5
    left, right, y = int(width * rng.uniform(0.05, 0.15)), int(width * rng.uniform(0.85, 0.95)), height * rng.uniform(0.03, 0.15)
    step = height * rng.uniform(0.012, 0.035)
    while y < height * rng.uniform(0.75, 0.97):
        chance = rng.random()
        if chance < 0.05:
            block = (int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.08, 0.3)))
            picture = stone(rng, 64) if rng.random() < 0.5 else busy(rng, 64)
            x, top = int(rng.uniform(left, max(left + 1, right - block[0]))), int(y)
            patch = cv2.resize(np.clip(picture, 0, 1), block)[: height - top, : width - x]
            page[top : top + patch.shape[0], x : x + patch.shape[1]] = patch
            y += block[1] + step
        elif chance < 0.2:
            y += step * rng.uniform(1, 4)
        else:
            x, end = left, right if rng.random() < 0.8 else rng.uniform(left, right)
            while x < end:
                word = step * rng.uniform(0.8, 4)
                cv2.rectangle(page, (int(x), int(y)), (int(min(x + word, right)), int(y + step * 0.45)), ink.tolist(), -1)
                x += word + step * 0.5
            y += step
    return np.clip(page, 0, 1)


# ---------------------------------------------------------------------------------------------------- the half-finished photograph

class Scene:
    """A picture under way: `image`, and `plane`, the 3x3 homography from the table (page heights, y down) to pixels."""

    def __init__(self, image, plane, light):
        self.image, self.plane, self.light = image, plane, light
        self.height, self.width = image.shape[:2]
        self.extent = max(image.shape[:2])

    def project(self, points):
        return cv2.perspectiveTransform(np.asarray(points, np.float64)[None], self.plane)[0]

    def spot(self, rng):
        """A point of the table somewhere in the frame."""
        pixel = rng.uniform([-0.05, -0.05], [1.05, 1.05]) * [self.width, self.height]
        return cv2.perspectiveTransform(pixel[None, None], np.linalg.inv(self.plane))[0, 0]

    def scale_at(self, point):
        """Pixels per page height near a point of the table."""
        near = self.project([point, np.add(point, [0.05, 0]), np.add(point, [0, 0.05])])
        return float(np.clip(np.abs(np.cross(near[1] - near[0], near[2] - near[0])), 1e-6, None) ** 0.5 / 0.05)

    def lay(self, mask, paint, box, shadow=0.0, lift=0.01):
        """Blend `paint` (a colour or a picture of the box) where `mask` (0..1, of the box) says, after its cast shadow."""
        x0, y0, x1, y1 = box
        target = self.image[y0:y1, x0:x1]
        if shadow > 0:
            reach = self.extent * lift
            shift = np.float32([[1, 0, self.light[0] * reach], [0, 1, self.light[1] * reach]])
            cast = cv2.warpAffine(mask, shift, (x1 - x0, y1 - y0))
            target *= 1 - shadow * cv2.GaussianBlur(cast, (0, 0), max(0.4, reach * 0.6))[..., None]
        target += (np.asarray(paint, np.float32) - target) * mask[..., None]

    def box_of(self, points, pad=0.0):
        pad = pad * self.extent + 2
        low = np.floor(np.min(points, 0) - pad).astype(int)
        high = np.ceil(np.max(points, 0) + pad).astype(int)
        x0, y0 = np.clip(low, 0, [self.width, self.height])
        x1, y1 = np.clip(high, 0, [self.width, self.height])
        return (int(x0), int(y0), int(x1), int(y1)) if x1 - x0 > 2 and y1 - y0 > 2 else None

    def polygon(self, points, paint, shadow=0.0, lift=0.01):
        """Fill a polygon given in pixels."""
        box = self.box_of(points, 3 * lift)
        if box is None or np.abs(points).max() > 1e5:
            return
        mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
        cv2.fillPoly(mask, [np.round((np.asarray(points) - box[:2]) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        self.lay(mask.astype(np.float32) / 255, paint, box, shadow, lift)

    def sheet(self, texture, centre, height, angle, shadow=0.3, lift=0.004, bow=(0.0, 0.0), shade=None):
        """Lay a picture flat on the table; returns its corners in pixels, clockwise from the texture's top left.

        `bow` bends the long and the short edges between the corners by that fraction of the page; `shade(u, v)` multiplies it.
        """
        half_h, half_w = height / 2, height / 2 * texture.shape[1] / texture.shape[0]
        c, s = np.cos(angle), np.sin(angle)
        corners = np.array([[-half_w, -half_h], [half_w, -half_h], [half_w, half_h], [-half_w, half_h]])
        quad = self.project(corners @ np.array([[c, s], [-s, c]]) + centre)
        box = self.box_of(quad, 3 * lift + 0.02)
        if box is None or np.abs(quad).max() > 1e5:
            return quad
        unit = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]])
        back = cv2.getPerspectiveTransform((quad - box[:2]).astype(np.float32), unit)
        y, x = np.mgrid[0 : box[3] - box[1], 0 : box[2] - box[0]].astype(np.float32)
        depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
        u = ((back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth).astype(np.float32)
        v = ((back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth).astype(np.float32)
        if any(bow):
            bent = u + np.float32(bow[0]) * np.sin(np.pi * np.clip(v, 0, 1))
            v = v + np.float32(bow[1]) * np.sin(np.pi * np.clip(u, 0, 1))
            u = bent
        side = np.sqrt(max(1.0, cv2.contourArea(quad.astype(np.float32))))
        edge = np.minimum(np.minimum(u, 1 - u) * np.sqrt(texture.shape[1] / texture.shape[0]),
                          np.minimum(v, 1 - v) * np.sqrt(texture.shape[0] / texture.shape[1]))
        mask = np.clip(edge * side + 0.5, 0, 1)
        shrink = side / np.sqrt(texture.shape[0] * texture.shape[1])
        if shrink < 0.6:
            size = (max(8, int(texture.shape[1] * shrink * 1.4)), max(8, int(texture.shape[0] * shrink * 1.4)))
            texture = cv2.resize(texture, size, interpolation=cv2.INTER_AREA)
        colours = cv2.remap(texture, u * (texture.shape[1] - 1), v * (texture.shape[0] - 1), cv2.INTER_LINEAR,
                            borderMode=cv2.BORDER_REPLICATE)
        if shade is not None:
            colours = colours * shade(u, v)[..., None]
        self.lay(mask, colours, box, shadow, lift)
        return quad


# ---------------------------------------------------------------------------------------------------- props

def capsule(a, b, radius, steps=8):
    """The outline of a thick line with round ends."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    turn = np.arctan2(*(b - a)[::-1])
    around = np.linspace(-np.pi / 2, np.pi / 2, steps)
    tip = np.stack([np.cos(turn + around), np.sin(turn + around)], 1) * radius
    return np.concatenate([b + tip, a - tip])


def pen(rng, scene, spot=None):
    at = scene.spot(rng) if spot is None else np.asarray(spot)
    turn, length, radius = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.6), rng.uniform(0.01, 0.035)
    way = np.array([np.cos(turn), np.sin(turn)]) * length / 2
    body, cap = colour(rng), colour(rng, saturation=(0, 1), value=(0, 0.6))
    scene.polygon(scene.project(capsule(at - way, at + way, radius)), body, rng.uniform(0.3, 0.7), 0.008)
    scene.polygon(scene.project(capsule(at + way * rng.uniform(0.2, 0.6), at + way, radius * 1.05)), cap)
    side = np.array([-way[1], way[0]]) / length * radius
    scene.polygon(scene.project(capsule(at - way + side, at + way + side, radius * 0.15)), np.minimum(body + 0.3, 1))


def cable(rng, scene, spot=None):
    ends = scene.project([scene.spot(rng), scene.spot(rng)])
    middle = scene.project([scene.spot(rng) if spot is None else spot, scene.spot(rng)])
    t = np.linspace(0, 1, 60)[:, None]
    line = (1 - t) ** 3 * ends[0] + 3 * t * (1 - t) ** 2 * middle[0] + 3 * t * t * (1 - t) * middle[1] + t ** 3 * ends[1]
    line = ends.mean(0) + (line - ends.mean(0)) * rng.uniform(1, 2.2)
    if np.abs(line).max() > 2e4:
        return
    width = max(1, int(scene.extent * rng.uniform(0.003, 0.012)))
    dark = colour(rng, saturation=(0, 0.3), value=(0.02, 0.25)) if rng.random() < 0.7 else colour(rng, value=(0.4, 1))
    mask = np.zeros((scene.height, scene.width), np.uint8)
    cv2.polylines(mask, [np.round(line * 16).astype(np.int32)], False, 255, width, cv2.LINE_AA, 4)
    scene.lay(mask.astype(np.float32) / 255, dark, (0, 0, scene.width, scene.height), rng.uniform(0, 0.5), 0.008)


def ellipse(centre, radii, turn=0.0, steps=40):
    t = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([np.cos(t) * radii[0], np.sin(t) * radii[1]], 1) @ np.array([[c, s], [-s, c]]) + centre


def mug(rng, scene, spot=None):
    at = scene.spot(rng) if spot is None else spot
    foot, unit = scene.project([at])[0], scene.scale_at(at)
    radius, squash = unit * rng.uniform(0.12, 0.22), rng.uniform(0.6, 1.0)
    top = foot + rng.uniform([-0.5, -1.2], [0.5, 0.1]) * radius
    clay = colour(rng, saturation=(0, 0.6), value=(0.1, 1))
    base, rim = ellipse(foot, (radius * 0.8, radius * 0.8 * squash)), ellipse(top, (radius, radius * squash))
    hull = cv2.convexHull(np.concatenate([base, rim]).astype(np.float32))[:, 0]
    scene.polygon(hull, clay * 0.85, rng.uniform(0.3, 0.7), 0.03)
    scene.polygon(rim, clay)
    scene.polygon(ellipse(top, (radius * 0.9, radius * 0.9 * squash)), clay * rng.uniform(0.4, 0.8))
    scene.polygon(ellipse(top + [0, radius * 0.1], (radius * 0.8, radius * 0.75 * squash)), colour(rng, (15, 40), (0.2, 0.9), (0.1, 0.8)))


def fruit(rng, scene, spot=None):
    at = scene.spot(rng) if spot is None else spot
    pixel, radius = scene.project([at])[0], scene.scale_at(at) * rng.uniform(0.04, 0.15)
    skin = colour(rng, saturation=(0.2, 1), value=(0.2, 1))
    for step in range(6):
        scene.polygon(ellipse(pixel - radius * 0.08 * step * np.array(scene.light), (radius * (1 - 0.15 * step),) * 2),
                      np.minimum(skin * (0.8 + 0.08 * step), 1), 0.5 if step == 0 else 0, 0.02)


def keyboard(rng, scene, spot=None):
    rows, cols, cell = rng.integers(3, 6), rng.integers(8, 18), 24
    case, key = colour(rng, saturation=(0, 0.2), value=(0, 0.95)), colour(rng, saturation=(0, 0.2), value=(0, 0.95))
    texture = np.empty((rows * cell + 8, cols * cell + 8, 3), np.float32)
    texture[:] = case
    for row in range(rows):
        for col in range(cols):
            corner = (col * cell + 6, row * cell + 6)
            cv2.rectangle(texture, corner, (corner[0] + cell - 5, corner[1] + cell - 5), key.tolist(), -1)
            texture[corner[1] + 5 : corner[1] + 11, corner[0] + 6 : corner[0] + 11] = 1 - key
    scene.sheet(texture, scene.spot(rng) if spot is None else spot, rng.uniform(0.3, 0.55), rng.uniform(0, 6.28), 0.5, 0.01)


def slab(rng, scene, spot=None):
    """A phone, a tablet, a screen, a box or a mouse mat: a rectangle with a rim."""
    height = rng.integers(40, 160)
    texture = np.empty((height, rng.integers(40, 160), 3), np.float32)
    texture[:] = colour(rng, saturation=(0, 0.7), value=(0, 0.9))
    rim = int(rng.uniform(0.02, 0.1) * height) + 1
    inner = texture[rim:-rim, rim:-rim]
    inner[:] = colour(rng, saturation=(0, 0.8), value=(0, 0.9))
    if rng.random() < 0.4:
        inner *= np.linspace(rng.uniform(0.3, 1), rng.uniform(0.6, 1.2), inner.shape[0], dtype=np.float32)[:, None, None]
    scene.sheet(np.clip(texture, 0, 1), scene.spot(rng) if spot is None else spot, rng.uniform(0.2, 0.9), rng.uniform(0, 6.28), 0.5, 0.012)


def note(rng, scene, spot=None):
    texture = np.empty((64, 64, 3), np.float32)
    texture[:] = colour(rng, saturation=(0.1, 0.7), value=(0.7, 1))
    for y in range(12, 56, 9):
        cv2.line(texture, (6, y), (int(rng.uniform(20, 58)), y), (0.2, 0.2, 0.3), 1)
    scene.sheet(texture, scene.spot(rng) if spot is None else spot, rng.uniform(0.12, 0.3), rng.uniform(0, 6.28), 0.2)


def hand(rng, scene, spot=None):
    """Fingers reaching in from the border of the frame."""
    skin = colour(rng, hue=(8, 30), saturation=(0.25, 0.65), value=(0.25, 0.95))
    reach = scene.project([scene.spot(rng) if spot is None else spot])[0]
    side = rng.integers(4)
    border = rng.uniform(0, 1, 2) * [scene.width, scene.height]
    border[side % 2] = [-0.1, 1.1][side // 2] * [scene.width, scene.height][side % 2]
    way = (border - reach) / (np.linalg.norm(border - reach) + 1e-6)
    across, unit = np.array([-way[1], way[0]]), scene.extent * rng.uniform(0.02, 0.05)
    palm = reach + way * unit * 6
    for finger in range(rng.integers(1, 5)):
        root = palm + across * unit * 1.7 * (finger - 1.5)
        tip = reach + across * unit * 2.0 * (finger - 1.5) + way * unit * rng.uniform(0, 2)
        scene.polygon(capsule(root, tip, unit), skin * rng.uniform(0.85, 1), 0.4, 0.015)
    scene.polygon(ellipse(palm + way * unit * 2, (unit * 4.5, unit * 4)), skin * 0.95, 0.3, 0.015)
    scene.polygon(capsule(palm + way * unit * 3, border + way * scene.extent, unit * 3), skin * 0.9)


PROPS = [pen, cable, mug, fruit, keyboard, slab, note, hand]


LOOSE_SHARES = [0.26, 0.16, 0.1, 0.1, 0.08, 0.16, 0.1, 0.04]
ON_PAGE_SHARES = [0.5, 0.26, 0.02, 0.05, 0.0, 0.02, 0.1, 0.05]


def clutter(rng, scene, count, spots=None, shares=LOOSE_SHARES):
    """Strew props about; `spots` (points of the table) says where, else anywhere in the frame."""
    for index in range(count):
        prop = PROPS[rng.choice(len(PROPS), p=shares)]
        prop(rng, scene, None if spots is None else spots[index])
