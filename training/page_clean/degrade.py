# SPDX-License-Identifier: MIT
"""Makes a photograph of a clean page: everything that paper, light, lens, sensor and file format do to it.

The order follows the light: ink and paper (fading, texture, the other side showing through), then illumination (gradients,
shadows from narrow to wider than the crop, folds, creases), then the camera (exposure, white balance, flare, blur, noise,
sharpening), then JPEG. Shapes are drawn at a quarter of the size and enlarged, because light is smooth and training waits
for these functions.
"""

import cv2
import numpy as np


def chance(rng, probability):
    return rng.random() < probability


def smooth_noise(rng, size, cells, channels=1):
    grid = rng.normal(size=(cells + 2, cells + 2, channels)).astype(np.float32)
    return cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC).reshape(size, size, channels)


def ramp(rng, size, offset=None):
    """Signed distance in pixels to a random straight or gently bent line through the crop."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) - size / 2
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    along, across = x * cosine + y * sine, y * cosine - x * sine
    bend = rng.normal() * 0.15 * across * across / size
    return along + bend - (rng.uniform(-0.6, 0.6) * size if offset is None else offset)


def step(distance, softness):
    return 1 / (1 + np.exp(np.clip(-distance / softness, -30, 30)))


def shadow(rng, size):
    """How much light a cast shadow takes away, 0..1 [size,size,1]: an edge, a band, or a blob such as a hand or a phone."""
    kind, softness = rng.random(), float(np.exp(rng.uniform(np.log(0.7), np.log(size / 4))))
    if kind < 0.4:
        cover = step(ramp(rng, size), softness)
    elif kind < 0.65:
        distance = ramp(rng, size)
        width = float(np.exp(rng.uniform(np.log(4), np.log(size))))
        cover = step(distance, softness) * step(width - distance, softness * rng.uniform(0.5, 2))
    else:
        small = size // 4
        mask = np.zeros((small, small), np.float32)
        if chance(rng, 0.5):
            points = rng.uniform(-0.3, 1.3, (int(rng.integers(3, 7)), 2)) * small
            cv2.fillPoly(mask, [cv2.convexHull(points.astype(np.int32))], 1.0, cv2.LINE_AA)
        else:
            start = rng.uniform(0, 1, 2) * small
            for _ in range(int(rng.integers(1, 5))):
                end = start + rng.normal(size=2) * small * 0.6
                cv2.line(mask, tuple(map(int, start)), tuple(map(int, end)), 1.0, int(rng.integers(3, small // 3)), cv2.LINE_AA)
        cover = cv2.GaussianBlur(cv2.resize(mask, (size, size)), (0, 0), max(0.6, softness))
    return cover[..., None] * rng.uniform(0.08, 0.7)


def illumination(rng, size):
    """Light reaching each point [size,size,3], 1 where it is good."""
    light = np.ones((size, size, 1), np.float32)
    light += (ramp(rng, size, 0) / size * rng.normal() * 0.25)[..., None]
    if chance(rng, 0.6):
        light *= 1 + smooth_noise(rng, size, int(rng.integers(1, 4))) * rng.uniform(0, 0.10)
    for _ in range(int(rng.choice([0, 1, 2, 5], p=[0.6, 0.25, 0.1, 0.05]))):
        distance, width = ramp(rng, size), float(np.exp(rng.uniform(np.log(0.7), np.log(14))))
        fold = np.exp(-np.square(distance / width))
        if chance(rng, 0.5):
            fold = fold * distance / width * 1.6
        light *= 1 + (fold * rng.normal() * 0.14 + step(distance, width) * rng.normal() * 0.08)[..., None]
    if chance(rng, 0.25):
        light = light * (1 + smooth_noise(rng, size, int(rng.integers(1, 3)), 3) * 0.03)
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.35, 0.4, 0.18, 0.07]))):
        light = light * (1 - shadow(rng, size) * (1 + rng.normal(size=3) * 0.05).astype(np.float32))
    bright = np.sort(light[::8, ::8, 0], axis=None)[-size * size // 640]
    return np.clip(light / bright, 0.15, 1.5)


def paper(rng, size):
    """Reflectance of the bare sheet [size,size,3]: tint, blotches and fibres."""
    warmth = abs(rng.normal()) * 0.07
    tint = np.float32([1, 1 - warmth * rng.uniform(0.2, 0.7), 1 - warmth * rng.uniform(0.8, 2.2)])
    if chance(rng, 0.08):
        tint = 1 - rng.uniform(0, 0.2, 3).astype(np.float32)
    sheet = np.ones((size, size, 3), np.float32) * tint
    if chance(rng, 0.5):
        sheet *= 1 + smooth_noise(rng, size, int(rng.integers(3, 12))) * rng.uniform(0, 0.025)
    if chance(rng, 0.5):
        fibres = cv2.GaussianBlur(rng.normal(size=(size, size)).astype(np.float32), (0, 0), rng.uniform(0.6, 2))
        sheet *= 1 + fibres[..., None] * rng.uniform(0, 0.06)
    if chance(rng, 0.06):
        stain = np.clip(smooth_noise(rng, size, 5), 0, 1)
        sheet *= 1 - stain * np.float32([0.08, 0.14, 0.25]) * rng.uniform(0.3, 1)
    return sheet


def optics(rng, photo):
    """Defocus, shake and an imperfect enlargement."""
    size = photo.shape[0]
    if chance(rng, 0.7):
        photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.25, 1.25))
    if chance(rng, 0.15):
        reach = int(rng.integers(2, 5))
        kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
        turn = rng.uniform(0, np.pi)
        offset = np.array([np.cos(turn), np.sin(turn)]) * reach * rng.uniform(0.3, 0.8)
        cv2.line(kernel, tuple(np.int32(reach - offset)), tuple(np.int32(np.round(reach + offset))), 1.0, 1, cv2.LINE_AA)
        photo = cv2.filter2D(photo, -1, kernel / kernel.sum())
    if chance(rng, 0.3):
        small = int(size * rng.uniform(0.6, 0.95))
        photo = cv2.resize(cv2.resize(photo, (small, small), interpolation=cv2.INTER_AREA), (size, size),
                           interpolation=int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])))
    return photo


def sensor(rng, photo):
    """Noise that grows in bright light, grain that a phone's denoiser has smeared, and its sharpening."""
    size = photo.shape[0]
    if chance(rng, 0.8):
        strength = abs(rng.normal()) * 0.018
        noise = rng.standard_normal(photo.shape, dtype=np.float32)
        if chance(rng, 0.5):
            noise = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.5, 1.6)) * 1.8
        grey = noise.mean(axis=2, keepdims=True) * 1.5
        colour = rng.uniform(0.2, 1)
        photo = photo + strength * (0.5 + np.sqrt(np.clip(photo, 0, 1))) * (grey + (noise - grey) * colour)
    if chance(rng, 0.3):
        photo = photo + (photo - cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.8, 2.0))) * rng.uniform(0.2, 1.2)
    return photo


def jpeg(rng, photo, lowest=28):
    quality = int(rng.uniform(lowest, 97))
    _, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]


def photograph(rng, clean, back):
    """Both square uint8 [size,size,3]; returns the photo of `clean` as uint8. What is printed on the other side, `back`, shows
    through; None is an opaque sheet."""
    size = clean.shape[0]
    reflect = clean.astype(np.float32) / 255
    if chance(rng, 0.5):
        reflect = 1 - (1 - reflect) * rng.uniform(0.72, 1)
    if back is not None:
        ghost = cv2.GaussianBlur(back[:, ::-1].astype(np.float32) / 255, (0, 0), rng.uniform(0.8, 3))
        reflect = reflect * (1 - (1 - ghost) * rng.uniform(0.02, 0.22))
    easy = chance(rng, 0.3)
    light = 1 + ramp(rng, size, 0)[..., None] / size * rng.normal() * 0.12 if easy else illumination(rng, size)
    photo = reflect * paper(rng, size) * light
    warmth = rng.normal() * rng.choice([0.04, 0.1, 0.2], p=[0.55, 0.3, 0.15])
    gain = np.exp([warmth, 0, -warmth] + rng.normal(size=3) * 0.02)
    exposure = rng.uniform(*[(0.6, 1.08), (0.45, 0.75), (0.28, 0.55)][int(rng.choice(3, p=[0.7, 0.2, 0.1]))])
    photo = photo * (gain / gain.max() * exposure).astype(np.float32)
    photo = optics(rng, photo)
    if chance(rng, 0.5):
        flare = rng.uniform(0, 0.14)
        photo = photo * (1 - flare) + flare * rng.uniform(0.5, 1)
    photo = np.clip(photo, 0, None) ** rng.uniform(0.8, 1.3)
    photo = np.uint8(np.clip(sensor(rng, photo) * 255 + 0.5, 0, 255))
    return jpeg(rng, photo) if chance(rng, 0.75) else photo
