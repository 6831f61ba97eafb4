# SPDX-License-Identifier: MIT
"""Make the scanner demo's three sample photographs: a letter in someone's shadow, a receipt, a form under yellow light.

    python -m training.page_corners.samples demos/scanner/samples

They are 3000x4000 pictures by the same desks and camera as the training set, from fixed seeds, and show nothing real.
"""

import pathlib
import sys

import cv2
import numpy as np

from training.desks import cloth, stone, wood
from training.page_corners.papers import form, letter, receipt
from training.page_corners.photo import homography, photograph, project, rectangle, rotation

LARGEST_BYTES = 1_150_000


def standpoint(pitch, turn, angle, fill, place):
    """A pose as a function of picture size and page shape: the page's box fills `fill` of the frame, centred on `place`."""
    def choose(size, shape):
        tilt, focal = rotation(np.radians(pitch), np.pi + np.radians(turn)), 1.05 * max(size)
        outline, distance = rectangle(*shape, np.radians(angle)), 2.0 * focal / max(size)
        for _ in range(12):
            quad = project(homography(size, focal, tilt, distance, (0, 0)), outline)
            distance *= (np.ptp(quad, axis=0) / size).max() / fill
        shift = np.array(place) * size - (quad.min(0) + quad.max(0)) / 2
        return homography(size, focal, tilt, distance, shift), np.radians(angle)
    return choose


def lamp(fall, tint, shadow=None, depth=0.0, soft=0.05):
    """Light falling off along `fall`, coloured `tint`; `shadow` is an outline in fractions of the picture."""
    def light(_, image):
        height, width = image.shape[:2]
        y, x = np.mgrid[0:128, 0:96].astype(np.float32) / [[[128]], [[96]]]
        field = 1 + fall[0] * (x - 0.5) + fall[1] * (y - 0.5)
        if shadow is not None:
            mask = np.zeros((128, 96), np.uint8)
            cv2.fillPoly(mask, [np.round(np.array(shadow) * [96, 128] * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
            field *= 1 - depth * cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), soft * 128)
        image *= cv2.resize(np.float32(field), (width, height), interpolation=cv2.INTER_CUBIC)[..., None] * np.float32(tint)
    return light


def creased(u, v):
    """A letter folded in three."""
    light = 1 + 0.05 * (v > 1 / 3) - 0.04 * (v > 2 / 3)
    for fold in (1 / 3, 2 / 3):
        light = light * (1 - 0.1 * np.exp(-((v - fold) / 0.003) ** 2))
    return np.float32(light)


def rolled(u, v):
    """A receipt that has not forgotten its roll."""
    return np.float32(1 - 0.13 * np.cos(7 * v + 0.5) ** 2 + 0.02 * u)


def flat(u, v):
    return np.float32(1 + 0.03 * np.sin(3 * u + 2 * v))


def page(draw):
    return np.float32(draw()) / 255


def scenes():
    """name -> (seed, options of `photograph`)."""
    def top(maker, seed):
        return np.clip(maker(np.random.default_rng(seed), 2600), 0, 1).astype(np.float32)
    return {
        "letter": (11, dict(page=page(letter), desk=top(wood, 3), shade=creased, plane=standpoint(20, 15, 7, 0.84, (0.5, 0.51)),
                            light=lamp((0.25, -0.2), (1, 0.98, 0.95), [(0.42, 1.1), (0.55, 0.55), (0.95, 0.42), (1.2, 0.6), (1.2, 1.2)], 0.38, 0.03))),
        "receipt": (12, dict(page=page(receipt), desk=top(stone, 8), shade=rolled, plane=standpoint(12, -20, -9, 0.8, (0.47, 0.5)),
                             light=lamp((-0.2, 0.25), (0.97, 1, 1.03)))),
        "form": (13, dict(page=page(form), desk=top(cloth, 5), shade=flat, plane=standpoint(28, 5, -5, 0.88, (0.5, 0.5)),
                          light=lamp((0.1, 0.35), (1.0, 0.86, 0.6)))),
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (seed, options) in scenes().items():
        rng = np.random.default_rng(seed)
        picture, _ = photograph(rng, None, extent=4000, options=dict(options, aspect=(3, 4), tidy=True, bow=(0.0, 0.0)))
        for quality in range(92, 50, -2):
            coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            if len(coded) < LARGEST_BYTES:
                break
        (folder / f"{name}.jpg").write_bytes(coded.tobytes())
        print(name, picture.shape, quality, len(coded))


if __name__ == "__main__":
    main()
