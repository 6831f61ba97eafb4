# SPDX-License-Identifier: MIT
"""A phone's photograph of a page on a desk, and where the page's corners are in it.

`photograph` chooses a pose, lays the table, loose papers, the page and clutter on it, lights the scene and exposes it.
What it returns is a picture at full aspect ratio and a list of corners (top left, top right, bottom right, bottom left, as
seen in the picture, in pixels). Corners may lie outside the picture: then the page is only partly visible and does not
count as present. With no page at all the corners are None.
"""

import cv2
import numpy as np

from training.desks import ON_PAGE_SHARES, Scene, clutter, colour, desk, noise, pale, plain, table_colour, wood

ASPECTS = [(16, 9), (4, 3), (3, 4), (9, 16), (1, 1)]
ASPECT_SHARES = [0.32, 0.2, 0.27, 0.16, 0.05]


# ---------------------------------------------------------------------------------------------------- camera

def rotation(pitch, turn):
    """Look down at the table, leaning by `pitch` away from straight down, towards the direction `turn`."""
    def about_z(angle):
        c, s = np.cos(angle), np.sin(angle)
        return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    c, s = np.cos(pitch), np.sin(pitch)
    lean = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return about_z(turn) @ lean @ about_z(-turn)


def homography(size, focal, tilt, distance, shift):
    width, height = size
    lens = np.array([[focal, 0, width / 2 + shift[0]], [0, focal, height / 2 + shift[1]], [0, 0, 1]])
    return lens @ np.stack([tilt[:, 0], tilt[:, 1], [0, 0, distance]], 1)


def rectangle(height, width, angle):
    c, s = np.cos(angle), np.sin(angle)
    half = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    return half @ np.array([[c, s], [-s, c]])


def project(plane, points):
    return cv2.perspectiveTransform(np.asarray(points, np.float64)[None], plane)[0]


def pose(rng, size, page, partial, crowded=False):
    """A camera that sees the page (height, width) whole, or with a corner cut off; returns (homography, angle on the table)."""
    width, height = size
    wanted = np.exp(rng.uniform(np.log(0.07), np.log(0.9))) if rng.random() < 0.75 else rng.uniform(0.12, 0.3)
    if crowded and rng.random() < 0.6:
        wanted = rng.uniform(0.1, 0.35)
    if partial:
        wanted = max(wanted, 0.12)
    while True:
        angle = np.clip(rng.normal(0, np.radians(12)), -0.7, 0.7)
        pitch = abs(rng.normal(0, np.radians(22))) if rng.random() < 0.8 else rng.uniform(0, np.radians(50))
        turn = rng.normal(np.pi, 0.5) if rng.random() < 0.75 else rng.uniform(0, 2 * np.pi)
        tilt = rotation(min(pitch, np.radians(55)), turn)
        focal = max(size) * rng.uniform(0.7, 1.4)
        outline = rectangle(*page, angle)
        distance = focal * np.sqrt(page[0] * page[1] / (wanted * width * height))
        for _ in range(8):
            plane = homography(size, focal, tilt, distance, (0, 0))
            quad = project(plane, outline)
            area = cv2.contourArea(quad.astype(np.float32)) / (width * height)
            spread = np.ptp(quad, axis=0) / [width, height]
            room = 0.98 if not partial else 1.6
            distance *= max(np.sqrt(max(area, 1e-6) / wanted) ** 0.8, spread.max() / room if spread.max() > room else 0)
        top, side = quad[1] - quad[0], quad[3] - quad[0]
        upright = abs(np.arctan2(top[1], top[0])) < 0.72 and abs(np.arctan2(-side[0], side[1])) < 0.72
        depth = tilt[2, :2] @ outline.T + distance
        if not upright or depth.min() < 0.25 * distance or not cv2.isContourConvex(quad.astype(np.float32)):
            continue
        low, high = quad.min(0), quad.max(0)
        if partial:
            cut = rng.uniform(0.06, 0.7) * (high - low)
            edge = rng.integers(4)
            shift = rng.uniform(-low, np.maximum([width, height] - high, -low + 1))
            axis = edge % 2
            shift[axis] = (-low - cut)[axis] if edge < 2 else ([width, height] - high + cut)[axis]
        else:
            room = np.array([width, height]) - (high - low)
            if room.min() < 0.012 * min(size):
                continue
            gap = np.minimum(0.006 * np.array([width, height]), room / 2.2)
            place = rng.beta(2, 2, 2) if rng.random() < 0.8 else rng.random(2)
            shift = gap + place * (room - 2 * gap) - low
        moved = quad + shift
        outside = ((moved < -0.015 * np.array(size)) | (moved > 1.015 * np.array(size))).any(1)
        if partial and not outside.any():
            continue
        return homography(size, focal, tilt, distance, shift), angle


# ---------------------------------------------------------------------------------------------------- light and lens

def grid(height, width):
    return np.mgrid[0:height, 0:width].astype(np.float32) / max(height, width)


def light_up(rng, image):
    """Uneven lamps, shadows of the photographer, glare. Works in place on linear-ish values."""
    height, width = image.shape[:2]
    small = (max(8, height // 8), max(8, width // 8))
    y, x = grid(*small)
    direction = rng.uniform(0, 2 * np.pi)
    field = 1 + rng.uniform(0, 0.55) * ((x - 0.5) * np.cos(direction) + (y - 0.4) * np.sin(direction))
    field *= 1 - rng.uniform(0, 0.4) * ((x - x.mean()) ** 2 + (y - y.mean()) ** 2) * 2
    field += noise(rng, *small, max(small) / 2, 2) * rng.uniform(0, 0.08)
    field = np.repeat(field[..., None], 3, 2)
    field *= 1 + (x[..., None] - 0.5) * rng.uniform(-0.12, 0.12, 3)
    image *= cv2.resize(np.float32(field), (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.45, 0.3, 0.15, 0.1])):
        mask = np.zeros(small, np.uint8)
        centre, radius = rng.uniform(-0.1, 1.1, 2) * small[::-1], rng.uniform(0.15, 0.9) * max(small)
        if rng.random() < 0.5:
            around = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 9)))
            reach = radius * rng.uniform(0.5, 1, len(around))
            points = centre + np.stack([np.cos(around), np.sin(around)], 1) * reach[:, None]
        else:
            normal = rng.uniform(0, 2 * np.pi)
            way, side = np.array([np.cos(normal), np.sin(normal)]), np.array([-np.sin(normal), np.cos(normal)])
            deep, wide = rng.uniform(0.1, 4) * radius, 4 * max(small)
            points = np.array([centre + side * wide, centre - side * wide, centre - side * wide + way * deep, centre + side * wide + way * deep])
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        shade = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(small) * float(np.exp(rng.uniform(np.log(0.004), np.log(0.12)))))
        image *= 1 - cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)[..., None] * rng.uniform(0.1, 0.6)
    if rng.random() < 0.25:
        spot = rng.uniform(0, 1, 2) * [small[0] / max(small), small[1] / max(small)]
        spread = rng.uniform(0.03, 0.2 if rng.random() < 0.7 else 0.7, 2)
        glare = np.exp(-((y - spot[0]) / spread[0]) ** 2 - ((x - spot[1]) / spread[1]) ** 2) * rng.uniform(0.1, 0.7)
        glare = cv2.resize(np.float32(glare), (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
        image += glare * (1 if rng.random() < 0.5 else np.clip(image / (image.mean() + 0.02), 0, 2))


def expose(rng, image, gentle=False):
    """White balance, exposure, tone, blur, grain and JPEG; returns uint8."""
    strength = 0.4 if gentle else 1.0
    height, width = image.shape[:2]
    gain = np.exp(rng.normal(0, 0.015 if gentle else 0.07, 3))
    lamp = rng.random()
    if lamp < 0.25 and not gentle:
        gain = gain * np.array([1.12, 1.0, 0.75]) ** rng.uniform(0, 1.2)
    elif lamp < 0.45 and not gentle:
        gain = gain * np.array([1.0, 0.88, 1.02]) ** rng.uniform(0, 1.5)
    level = np.percentile(image[::7, ::7], 95) + 1e-3
    target = rng.uniform(0.55, 1.2) if not gentle else 0.9
    image = np.clip(image * np.float32(gain * target / max(level, 0.25)), 0, None)
    image = np.clip(image, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.25 * strength)))
    mean = image.mean(-1, keepdims=True)
    image = mean + (image - mean) * np.float32(rng.uniform(0.5, 1.35))
    image = image * np.float32(rng.uniform(0.75, 1.0)) + np.float32(rng.uniform(0, 0.12)) if rng.random() < 0.4 * strength else image
    extent = max(height, width)
    if gentle:
        image = cv2.GaussianBlur(image, (0, 0), extent * 0.0002)
    elif rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), extent * rng.uniform(0.0004, 0.004))
    if rng.random() < 0.25 and not gentle:
        length = max(3, int(extent * rng.uniform(0.004, 0.02)))
        kernel = np.zeros((length, length), np.float32)
        way = rng.uniform(0, np.pi)
        arm = np.array([np.cos(way), np.sin(way)]) * length / 2
        cv2.line(kernel, tuple(int(v) for v in length / 2 - arm), tuple(int(v) for v in length / 2 + arm), 1.0)
        image = cv2.filter2D(image, -1, kernel / max(kernel.sum(), 1))
    grain = rng.uniform(0, 0.05) * strength * (1 if extent < 1500 else 0.5)
    rough = cv2.resize(rng.standard_normal((height // 2, width // 2, 3), dtype=np.float32), (width, height))
    image = image + grain * (0.5 * rng.standard_normal((height, width, 1), dtype=np.float32) + 0.5 * rough)
    picture = np.uint8(np.clip(image, 0, 1) * 255 + 0.5)
    if rng.random() < 0.6 and not gentle:
        coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(25, 92))])[1]
        picture = np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
    return picture


# ---------------------------------------------------------------------------------------------------- the picture

def paper_shade(rng):
    """How a sheet that is not quite flat catches the light: a soft bend, or the creases of a folded letter."""
    bend, phase, along = rng.uniform(0, 0.12), rng.uniform(0, 6.28), rng.random() < 0.5
    folds = [(rng.random() < 0.5, rng.choice([0.25, 0.333, 0.5, 0.667, 0.75]), rng.uniform(-0.12, 0.12)) for _ in range(rng.integers(0, 4))]
    folds = folds if rng.random() < 0.35 else []

    def shade(u, v):
        result = 1 + bend * np.sin(phase + 3.5 * (u if along else v))
        for upright, where, depth in folds:
            beyond = (u if upright else v) - where
            result = result * (1 + depth * (beyond > 0)) * (1 - 0.15 * np.exp(-(beyond / 0.006) ** 2))
        return np.float32(result)
    return shade


def table(rng, size, plane, tabletop):
    """The bare table filling the frame, and sometimes its edge with the floor or wall beyond."""
    width, height = size
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    seen = project(np.linalg.inv(plane), frame)
    low, spread = seen.min(0), np.clip(np.ptp(seen, axis=0).max(), 0.1, 12)
    if not np.isfinite(seen).all() or np.ptp(seen, axis=0).max() > 12:
        low = np.clip(low, -6, 6)
    detail = tabletop.shape[0]
    fit = plane @ np.array([[spread / detail, 0, low[0]], [0, spread / detail, low[1]], [0, 0, 1]])
    image = cv2.warpPerspective(tabletop, fit, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.ascontiguousarray(image)


def table_edge(rng, scene):
    """Cut the table off along a line: beyond it lie the floor, a wall, or another table."""
    middle = np.array([scene.width, scene.height]) / 2
    way = rng.uniform(0, 2 * np.pi)
    normal, along = np.array([np.cos(way), np.sin(way)]), np.array([-np.sin(way), np.cos(way)])
    start = middle + normal * scene.extent * rng.uniform(0.3, 0.65)
    far = 3 * scene.extent
    beyond = np.clip(np.tile(table_colour(rng), (scene.height, scene.width, 1)), 0, 1)
    if rng.random() < 0.5:
        beyond = beyond * (1 + noise(rng, scene.height, scene.width, scene.extent / 5, 3)[..., None] * 0.1)
    outline = np.array([start + along * far, start - along * far, start - along * far + normal * far, start + along * far + normal * far])
    mask = np.zeros((scene.height, scene.width), np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255, cv2.LINE_AA)
    scene.lay(mask.astype(np.float32) / 255, beyond, (0, 0, scene.width, scene.height), rng.uniform(0, 0.5), 0.01)
    if rng.random() < 0.5:
        rim = np.array([start + along * far, start - along * far, start - along * far + normal * scene.extent * 0.02, start + along * far + normal * scene.extent * 0.02])
        scene.polygon(rim, table_colour(rng))


def around(rng, page):
    """A point of the table near the rim of the page, where it confuses most."""
    way = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(way) * page[1], np.sin(way) * page[0]]) * rng.uniform(0.5, 0.9)


def photograph(rng, take_page, extent=720, kind="page", options=None, crowding=0.0):
    """Take one picture. `kind` is page, partial or empty; `options` overrides what chance would decide (see samples.py).

    A crowded desk is mostly pale and dull, the page lies on a heap of its like, and things lie on and around it.
    """
    options = options or {}
    crowded = rng.random() < crowding
    aspect = options.get("aspect") or ASPECTS[rng.choice(len(ASPECTS), p=ASPECT_SHARES)]
    size = tuple(int(extent * side / max(aspect)) for side in aspect)
    texture = np.ascontiguousarray(options["page"] if "page" in options else take_page(rng))
    if rng.random() < 0.08 and "page" not in options:
        texture = np.ascontiguousarray(np.rot90(texture, rng.integers(1, 4)))
    shape = (1.0, texture.shape[1] / texture.shape[0])
    if shape[1] > 1:
        shape = (1 / shape[1], 1.0)
    if "plane" in options:
        plane, angle = options["plane"](size, shape)
    else:
        plane, angle = pose(rng, size, shape, kind == "partial", crowded)
    makers = [pale, pale, plain, wood] if crowded and rng.random() < 0.6 else None
    tabletop = options["desk"] if "desk" in options else desk(rng, 640, makers)
    sun = rng.uniform(0, 2 * np.pi)
    scene = Scene(table(rng, size, plane, tabletop), plane, (np.cos(sun), np.sin(sun)))
    if "desk" not in options and rng.random() < 0.3:
        table_edge(rng, scene)
    tidy = options.get("tidy", rng.random() < 0.35 and not crowded)
    quad = None
    if not tidy:
        for _ in range(rng.choice([0, 1, 2, 3], p=[0.55, 0.25, 0.12, 0.08])):
            lay_elsewhere(rng, scene, take_page(rng), shape)
        clutter(rng, scene, rng.integers(0, 7))
    if kind != "empty":
        if not tidy and rng.random() < (0.75 if crowded else 0.3):
            lay_stack(rng, scene, take_page, texture, shape, angle)
        if not tidy and rng.random() < (0.8 if crowded else 0.4):
            near = [around(rng, shape) for _ in range(rng.integers(1, 6 if crowded else 4))]
            clutter(rng, scene, len(near), near)
        bow = rng.normal(0, 0.008 if rng.random() < 0.8 else 0.025, 2) if rng.random() < 0.5 else (0.0, 0.0)
        bow = options.get("bow", bow)
        quad = scene.sheet(texture, (0.0, 0.0), shape[0], angle, rng.uniform(0, 0.7), float(np.exp(rng.uniform(np.log(0.0008), np.log(0.012)))), bow,
                           options.get("shade") or paper_shade(rng))
        if not tidy and rng.random() < (0.85 if crowded else 0.35):
            on_page = [rng.uniform(-0.4, 0.4, 2) * [shape[1], shape[0]] for _ in range(rng.integers(1, 6 if crowded else 4))]
            clutter(rng, scene, len(on_page), on_page, ON_PAGE_SHARES)
    elif not tidy:
        clutter(rng, scene, rng.integers(0, 6))
    light_up(rng, scene.image) if not options.get("light") else options["light"](rng, scene.image)
    return expose(rng, scene.image, gentle=bool(options)), quad


def lay_stack(rng, scene, take_page, texture, shape, angle):
    """Other sheets of about the same size under the page, not quite in line with it: the hardest clutter there is."""
    for _ in range(rng.integers(1, 4)):
        under = take_page(rng) if rng.random() < 0.3 else np.full((64, max(8, int(64 * shape[1] / shape[0])), 3), rng.uniform(0.85, 1), np.float32)
        if rng.random() < 0.6:
            under = np.clip(np.float32(under) * texture.reshape(-1, 3).max(0), 0, 1)
        height = shape[0] * rng.uniform(0.97, 1.03)
        if rng.random() < 0.2:
            height *= rng.uniform(0.6, 1.3)
        lean = angle + rng.normal(0, 0.08 if rng.random() < 0.8 else 0.6)
        scene.sheet(np.float32(under), rng.normal(0, 0.045, 2), height, lean, rng.uniform(0, 0.5), 0.003, shade=paper_shade(rng))


def lay_elsewhere(rng, scene, texture, shape):
    """A sheet, cover or magazine that is not the page: away from the middle, usually leaving the frame."""
    frame = np.array([scene.width, scene.height])
    side = rng.integers(4)
    pixel = rng.uniform(0, 1, 2)
    pixel[side % 2] = rng.uniform(0.92, 1.15) if side < 2 else rng.uniform(-0.15, 0.08)
    spot = cv2.perspectiveTransform((pixel * frame)[None, None], np.linalg.inv(scene.plane))[0, 0]
    unit = scene.scale_at(spot)
    height = np.clip(rng.uniform(0.5, 1.1), 0.2, 0.9 * scene.extent / max(unit, 1e-3))
    cover = texture * colour(rng, saturation=(0, 0.8), value=(0.1, 1)) if rng.random() < 0.4 else texture
    scene.sheet(np.float32(cover), spot, height, rng.uniform(0, 2 * np.pi), 0.4, 0.006)
