# SPDX-License-Identifier: MIT
"""Clean synthetic pages: what a perfect scan of a printed sheet would look like.

Both networks of the scanner learn from invented paper only, so that no one's letters end up in a model. `render_page` draws
one sheet: text in columns, headings, lists, tables, forms, receipts, charts, barcodes, photo-like pictures, coloured boxes,
and on top of them stamps, signatures and highlighter. The paper itself is pure white (255), everything else is print to be
kept. `training/page_clean` makes photographs of such pages by degrading them; `training/desks.py` lays them on tables.

    python training/pages.py out.png [seed]      writes a contact sheet of eight pages
"""

import functools
import subprocess
import sys

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

HAND = ("Dancing", "Breip", "Kristi", "Ecolier", "Humor", "Isabella", "Rufscript", "Femke", "Lobster", "Tomson")
UNFIT = ("Emoji", "Symbol", "Math", "Icons", "Barcode", "Noto Sans Sign", "Keyboard", "Initials", "Hairline", "Thin", "UltraLight",
         "ExtraLight")
SYLLABLES = ("an er in on re te de la st en al ti or ne is ra le to ma co ri no se ta me ve ro di li ce mi pa su che tra per "
             "con pro der und sch the ing ion ent for ver ge ka fo bu ly ou ght qu by ex um ké ñu ör ßa ça").split()


@functools.lru_cache(maxsize=1)
def font_files():
    """Two lists of (path, face index) of installed fonts that cover English: printed faces and handwriting."""
    lines = subprocess.run(["fc-list", ":lang=en", "--format", "%{family}|%{style}|%{file}|%{index}\n"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    families = {}
    hand = []
    for line in sorted(lines):
        family, style, path, index = line.split("|")
        if any(word in family + style for word in UNFIT) or int(index) > 15 or path.endswith((".pfb", ".gz", ".pcf")):
            continue
        if any(word in family for word in HAND):
            hand.append((path, int(index)))
        else:
            families.setdefault(family.split(",")[0], []).append((path, int(index)))
    latin = {name: faces for name, faces in families.items() if not name.startswith("Noto") or len(name.split()) == 2}
    printed = list(latin.values())
    if not printed:
        raise RuntimeError("no font covers English; install fonts-dejavu or fonts-liberation")
    return printed, hand or printed[0]


@functools.lru_cache(maxsize=512)
def load_font(path, index, size):
    return ImageFont.truetype(path, size, index=index)


def pick(rng, items):
    return items[int(rng.integers(len(items)))]


def chance(rng, probability):
    return rng.random() < probability


def words(rng, count):
    """Invented words and numbers whose lengths and letters look like European text."""
    out = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.08:
            out.append(str(int(10 ** rng.uniform(0, 5))))
        elif kind < 0.11:
            out.append(f"{rng.uniform(1, 2000):.2f}" + pick(rng, ["", "", " €", " $", " %", ""]))
        else:
            word = "".join(pick(rng, SYLLABLES) for _ in range(int(rng.integers(1, 5))))
            case = rng.random()
            out.append(word.upper() if case < 0.04 else word.capitalize() if case < 0.17 else word)
            if chance(rng, 0.12):
                out[-1] += pick(rng, [",", ".", ";", ":", "!", "?", ")"])
    return out


def ink(rng, coloured=0.25):
    """A colour to print with: mostly black or dark grey, sometimes a saturated one."""
    if not chance(rng, coloured):
        level = int(rng.integers(0, 60))
        return (level, level, level) if chance(rng, 0.8) else (level // 2, level // 2, min(255, level + 40))
    return vivid(rng, rng.uniform(0.5, 1.0), rng.uniform(0.35, 0.95))


def vivid(rng, saturation, value):
    hsv = np.uint8([[[rng.integers(0, 180), int(255 * saturation), int(255 * value)]]])
    return tuple(int(c) for c in cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0])


def tinted(rng):
    """A light or strong box colour that is plainly print, not paper: saturated, or a definite grey."""
    if chance(rng, 0.25):
        level = int(rng.integers(110, 215))
        return (level, level, level)
    return vivid(rng, rng.uniform(0.28, 1.0), rng.uniform(0.55, 1.0))


def picture(rng, width, height):
    """A photo-like uint8 [height,width,3] array: gradients, coloured noise at many scales, soft and hard shapes, grain."""
    canvas = np.zeros((height, width, 3), np.float32)
    for power in range(2, 8):
        cells = 2 ** power
        shape = (max(2, min(cells, height)), max(2, min(cells, width)))
        noise = rng.normal(size=shape + (3,)).astype(np.float32)
        noise = noise.mean(axis=2, keepdims=True) * 1.2 + noise * rng.uniform(0, 0.7)
        canvas += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) * (1.6 / power) * rng.uniform(0.1, 1)
    canvas = canvas * rng.uniform(25, 60) + np.float32(vivid(rng, rng.uniform(0, 0.8), rng.uniform(0.25, 0.85)))
    for _ in range(int(np.exp(rng.uniform(np.log(3), np.log(30))))):
        mask = np.zeros((height, width), np.float32)
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        reach = float(np.exp(rng.uniform(np.log(0.01), np.log(0.4))))
        axes = (int(reach * rng.uniform(0.4, 1) * width) + 1, int(reach * rng.uniform(0.4, 1) * height) + 1)
        if chance(rng, 0.5):
            cv2.ellipse(mask, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1, cv2.LINE_AA)
        else:
            points = np.int32([[centre[0] + rng.uniform(-1, 1) * axes[0] * 2, centre[1] + rng.uniform(-1, 1) * axes[1] * 2]
                               for _ in range(int(rng.integers(3, 7)))])
            cv2.fillPoly(mask, [points], 1.0, cv2.LINE_AA)
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 6)) * rng.uniform(0.4, 1)
        shade = np.float32(vivid(rng, rng.uniform(0, 0.9), rng.uniform(0.05, 1)))
        shade = shade + canvas * rng.uniform(0, 0.5) - 40 * rng.random()
        canvas += mask[..., None] * (shade - canvas)
    canvas += rng.normal(size=canvas.shape).astype(np.float32) * rng.uniform(0, 6)
    if chance(rng, 0.25):
        canvas = np.repeat(canvas.mean(axis=2, keepdims=True), 3, axis=2)
    return np.clip(canvas, 0, 255).astype(np.uint8)


class Sheet:
    """One page being drawn: the picture, its type sizes, and a pen that moves down a column."""

    def __init__(self, rng, width, height):
        self.rng = rng
        self.image = Image.new("RGB", (width, height), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.body = int(np.clip(rng.normal(1, 0.22) * width / rng.uniform(48, 90) * 1.15, 9, 46))
        printed, hand = font_files()
        self.face = pick(rng, pick(rng, printed))
        self.display = pick(rng, pick(rng, printed))
        self.hand = pick(rng, hand)
        self.leading = rng.uniform(1.1, 1.65)
        self.colour = ink(rng, 0.08)
        self.accent = ink(rng, 0.8)

    def font(self, scale=1.0, face=None):
        return load_font(*(face or self.face), max(7, int(self.body * scale)))

    def text(self, at, text, font, fill):
        self.draw.text(at, text, font=font, fill=fill)

    def lines(self, box, font, fill, count, pitch, align="left"):
        """Sets up to `count` lines of running text into box (x0, y0, x1, y1); returns the y below the last."""
        x0, y, x1, y1 = box
        for row in range(count):
            if y + pitch > y1:
                break
            line, budget = "", (x1 - x0) * (1.0 if row + 1 < count else self.rng.uniform(0.2, 1))
            for word in words(self.rng, 24):
                trial = f"{line} {word}".strip()
                if font.getlength(trial) > budget:
                    break
                line = trial
            spare = x1 - x0 - font.getlength(line)
            shift = {"left": 0, "centre": spare / 2, "right": spare}[align]
            self.text((x0 + shift, y), line, font, fill)
            y += pitch
        return y

    def paragraph(self, box):
        scale = self.rng.uniform(0.75, 1.1) if chance(self.rng, 0.3) else 1.0
        font = self.font(scale, self.hand if chance(self.rng, 0.05) else None)
        fill = self.colour if chance(self.rng, 0.85) else ink(self.rng, 0.6)
        align = pick(self.rng, ["left"] * 8 + ["centre", "right"])
        return self.lines(box, font, fill, int(self.rng.integers(1, 12)), self.body * scale * self.leading, align)

    def heading(self, box):
        scale = self.rng.uniform(1.2, 4.0) if chance(self.rng, 0.5) else self.rng.uniform(1.1, 1.6)
        y = self.lines(box, self.font(scale, self.display), self.accent if chance(self.rng, 0.5) else self.colour,
                       int(self.rng.integers(1, 3)), self.body * scale * 1.25, pick(self.rng, ["left", "left", "centre"]))
        if chance(self.rng, 0.25):
            self.draw.line((box[0], y + 2, box[2], y + 2), fill=self.accent, width=int(self.rng.integers(1, 6)))
        return y + 6

    def bullets(self, box):
        x0, y, x1, y1 = box
        mark = pick(self.rng, ["•", "-", "*", "1", "☐", "–"])
        for item in range(int(self.rng.integers(2, 7))):
            if y + self.body * 2 > y1:
                break
            self.text((x0, y), f"{item + 1}." if mark == "1" else mark, self.font(), self.colour)
            y = self.lines((x0 + self.body * 1.6, y, x1, y1), self.font(), self.colour, int(self.rng.integers(1, 3)),
                           self.body * self.leading)
        return y

    def table(self, box):
        x0, y0, x1, y1 = box
        pitch = self.body * self.rng.uniform(1.5, 2.4)
        rows = min(int(self.rng.integers(2, 14)), int((y1 - y0) / pitch))
        columns = int(self.rng.integers(2, 7))
        edges = np.concatenate([[0], np.cumsum(self.rng.uniform(0.5, 2, columns))])
        edges = x0 + edges / edges[-1] * (x1 - x0)
        font = self.font(self.rng.uniform(0.7, 1.0))
        rule, width = ink(self.rng, 0.3), int(self.rng.integers(1, 4))
        if rows and chance(self.rng, 0.5):
            self.draw.rectangle((x0, y0, x1, y0 + pitch), fill=self.accent if chance(self.rng, 0.6) else tinted(self.rng))
        style = pick(self.rng, ["grid", "rows", "plain", "grid"])
        band = tinted(self.rng) if chance(self.rng, 0.15) else None
        for row in range(rows):
            y = y0 + row * pitch
            if band and row % 2:
                self.draw.rectangle((x0, y, x1, y + pitch), fill=band)
            for column in range(columns):
                text = pick(self.rng, words(self.rng, 2))
                room = edges[column + 1] - edges[column] - 8
                while text and font.getlength(text) > room:
                    text = text[:-1]
                shift = room - font.getlength(text) if column else 0
                self.text((edges[column] + 4 + shift, y + pitch * 0.15), text, font, self.colour)
            if style != "plain":
                self.draw.line((x0, y, x1, y), fill=rule, width=width)
        if style == "grid":
            for x in edges:
                self.draw.line((x, y0, x, y0 + rows * pitch), fill=rule, width=width)
            self.draw.line((x0, y0 + rows * pitch, x1, y0 + rows * pitch), fill=rule, width=width)
        return y0 + rows * pitch

    def figure(self, box):
        x0, y0, x1, y1 = box
        width = int((x1 - x0) * pick(self.rng, [1, 1, 0.6, 0.4]))
        height = int(min(y1 - y0, width * self.rng.uniform(0.35, 1.2)))
        if width < 24 or height < 24:
            return y0 + height
        self.image.paste(Image.fromarray(picture(self.rng, width, height)), (int(x0), int(y0)))
        if chance(self.rng, 0.3):
            self.draw.rectangle((x0, y0, x0 + width, y0 + height), outline=ink(self.rng), width=int(self.rng.integers(1, 4)))
        if width < x1 - x0 - 60:
            self.lines((x0 + width + 12, y0, x1, y0 + height), self.font(), self.colour, 40, self.body * self.leading)
        return self.lines((x0, y0 + height + 4, x1, y1), self.font(0.8), self.colour, int(self.rng.integers(0, 3)), self.body * 1.1)

    def chart(self, box):
        x0, y0, x1, y1 = box
        height = min(y1 - y0, (x1 - x0) * self.rng.uniform(0.4, 0.8)) - self.body
        if height < 40:
            return y0
        base, count, kind = y0 + height, int(self.rng.integers(3, 12)), pick(self.rng, ["bars", "line", "pie"])
        palette = [vivid(self.rng, self.rng.uniform(0.3, 1), self.rng.uniform(0.4, 1)) for _ in range(4)]
        if kind == "pie":
            side, angle = min(height, x1 - x0), 0.0
            for share in self.rng.dirichlet(np.ones(count)) * 360:
                self.draw.pieslice((x0, y0, x0 + side, y0 + side), angle, angle + share, fill=pick(self.rng, palette), outline="white")
                angle += share
            return base
        step = (x1 - x0) / count
        heights = self.rng.uniform(0.05, 0.95, count) * height
        if kind == "bars":
            for i, tall in enumerate(heights):
                self.draw.rectangle((x0 + step * (i + 0.15), base - tall, x0 + step * (i + 0.85), base), fill=palette[i % 4])
        else:
            for colour in palette[:2]:
                spots = [(x0 + step * (i + 0.5), base - self.rng.uniform(0, 1) * height) for i in range(count)]
                self.draw.line(spots, fill=colour, width=int(self.rng.integers(1, 6)), joint="curve")
        for i in range(count):
            self.text((x0 + step * (i + 0.3), base + 2), str(i * 10), self.font(0.7), self.colour)
        self.draw.line((x0, y0, x0, base, x1, base), fill=self.colour, width=2)
        return base + self.body

    def barcode(self, box):
        x0, y0, x1, y1 = box
        module = int(self.rng.integers(2, 5))
        if chance(self.rng, 0.5):
            side = int(self.rng.integers(21, 38))
            if side * module > min(y1 - y0, x1 - x0):
                return y0
            cells = (self.rng.random((side, side)) < 0.5).astype(np.uint8) * 255
            for top, left in ((0, 0), (0, side - 7), (side - 7, 0)):
                cells[top:top + 7, left:left + 7] = 0
                cells[top + 1:top + 6, left + 1:left + 6] = 255
                cells[top + 2:top + 5, left + 2:left + 5] = 0
            code = Image.fromarray(cells).resize((side * module, side * module), Image.NEAREST)
            self.image.paste(code.convert("RGB"), (int(x0), int(y0)))
            return y0 + side * module
        x, tall = x0, min(y1 - y0, self.body * self.rng.uniform(2, 5))
        while x < min(x1, x0 + 95 * module):
            bar = int(self.rng.integers(1, 4)) * module
            self.draw.rectangle((x, y0, x + bar - 1, y0 + tall), fill="black")
            x += bar + int(self.rng.integers(1, 4)) * module
        return y0 + tall

    def panel(self, box):
        """A coloured box with text, dark on light or inverse."""
        x0, y0, x1, y1 = box
        tall = min(y1 - y0, self.body * self.rng.uniform(2, 9))
        fill = tinted(self.rng) if chance(self.rng, 0.6) else ink(self.rng, 0.7)
        radius = int(self.rng.integers(0, 14)) if tall > 30 else 0
        self.draw.rounded_rectangle((x0, y0, x1, y0 + tall), radius, fill=fill,
                                    outline=ink(self.rng) if chance(self.rng, 0.3) else None, width=2)
        pen = "white" if sum(fill) < 330 else ink(self.rng, 0.2)
        self.lines((x0 + 10, y0 + 8, x1 - 10, y0 + tall - 4), self.font(self.rng.uniform(0.8, 1.8)), pen, 9, self.body * 1.9)
        return y0 + tall

    def form(self, box):
        x0, y, x1, y1 = box
        for _ in range(int(self.rng.integers(2, 7))):
            if y + self.body * 2.4 > y1:
                break
            label = pick(self.rng, words(self.rng, 3)) + ":"
            self.text((x0, y), label, self.font(), self.colour)
            left = x0 + self.font().getlength(label) + 10
            self.draw.line((left, y + self.body * 1.2, x1, y + self.body * 1.2), fill=self.colour, width=int(self.rng.integers(1, 3)))
            if chance(self.rng, 0.6):
                pen = pick(self.rng, [(20, 30, 120), (15, 15, 20), (30, 60, 170)])
                self.lines((left + 6, y - self.body * 0.2, x1, y1), self.font(1.3, self.hand), pen, 1, self.body)
            y += self.body * 2.2
        return y

    def logo(self, box):
        x0, y0, x1, y1 = box
        side = int(min(self.body * self.rng.uniform(3, 8), x1 - x0, y1 - y0))
        for _ in range(int(self.rng.integers(1, 5))):
            a, b = sorted(self.rng.integers(0, side + 1, 2)), sorted(self.rng.integers(0, side + 1, 2))
            shape = pick(self.rng, [self.draw.ellipse, self.draw.rectangle])
            shape((x0 + a[0], y0 + b[0], x0 + a[1], y0 + b[1]), fill=ink(self.rng, 0.9))
        self.lines((x0 + side + 8, y0 + side * 0.2, x1, y1), self.font(self.rng.uniform(1.5, 3), self.display), self.accent, 1, side * 0.5)
        return y0 + side

    def handwriting(self, box):
        pen = pick(self.rng, [(20, 30, 130), (15, 15, 20), (40, 70, 180), (170, 30, 40), (60, 60, 65)])
        scale = self.rng.uniform(1.0, 2.4)
        return self.lines(box, self.font(scale, self.hand), pen, int(self.rng.integers(1, 6)), self.body * scale * 1.3)

    def blank(self, box):
        return box[1] + self.body * self.rng.uniform(1, 8)

    def fill_column(self, box, blocks):
        x0, y, x1, y1 = box
        while y < y1 - self.body * 2:
            below = max(y + 2, pick(self.rng, blocks)((x0, y, x1, y1)))
            y = below + self.body * self.rng.uniform(0.3, 1.6)

    def multiply(self, layer, at):
        """Lays a translucent layer (white = nothing) over the page as ink would lie."""
        patch = self.image.crop((at[0], at[1], at[0] + layer.width, at[1] + layer.height))
        self.image.paste(ImageChops.multiply(patch, layer), at)

    def spot(self, width, height):
        return (int(self.rng.integers(0, max(1, self.image.width - width))), int(self.rng.integers(0, max(1, self.image.height - height))))

    def stamp(self):
        width, height = int(self.body * self.rng.uniform(6, 14)), int(self.body * self.rng.uniform(3, 10))
        pen = vivid(self.rng, self.rng.uniform(0.55, 1), self.rng.uniform(0.5, 0.95))
        layer = Image.new("RGB", (width, height), "white")
        draw, line = ImageDraw.Draw(layer), int(self.rng.integers(2, 7))
        outline = draw.ellipse if chance(self.rng, 0.5) else draw.rectangle
        outline((2, 2, width - 3, height - 3), outline=pen, width=line)
        draw.text((width * 0.16, height * 0.36), " ".join(words(self.rng, 2)).upper()[:14], font=self.font(1.2, self.display), fill=pen)
        cells = self.rng.uniform(0, 1, (max(2, height // 6), max(2, width // 6))).astype(np.float32)
        worn = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)[..., None] * self.rng.uniform(0, 0.5)
        layer = Image.fromarray(np.uint8(np.clip(255 - (255 - np.float32(layer)) * (1 - worn), 0, 255)))
        layer = layer.rotate(self.rng.uniform(-35, 35), expand=True, fillcolor="white", resample=Image.BICUBIC)
        self.multiply(layer, self.spot(layer.width, layer.height))

    def signature(self):
        width, height = int(self.body * self.rng.uniform(6, 16)), int(self.body * self.rng.uniform(2, 5))
        left, top = self.spot(width, height)
        time = np.linspace(0, 1, 160)
        waves = sum(self.rng.uniform(0.1, 0.5) * np.sin(time * self.rng.uniform(6, 70) + self.rng.uniform(0, 6)) for _ in range(4))
        x = left + width * (time + 0.08 * np.sin(time * self.rng.uniform(10, 60)))
        y = top + height * (0.5 + 0.5 * waves)
        pen = pick(self.rng, [(20, 30, 130), (15, 15, 20), (40, 70, 190), (60, 60, 70)])
        self.draw.line(list(zip(x, y)), fill=pen, width=int(self.rng.integers(1, 5)), joint="curve")

    def highlight(self):
        width, height = int(self.body * self.rng.uniform(4, 25)), int(self.body * self.rng.uniform(0.9, 1.6))
        colour = pick(self.rng, [(255, 245, 60), (120, 255, 120), (255, 150, 200), (120, 220, 255), (255, 190, 80)])
        self.multiply(Image.new("RGB", (width, height), colour), self.spot(width, height))


def render_page(rng, width=1240, height=1754):
    """Draws one clean page. `rng` is a numpy Generator; returns uint8 RGB [height,width,3], paper exactly 255."""
    sheet = Sheet(rng, width, height)
    margin_x, margin_y = int(width * rng.uniform(0.02, 0.13)), int(height * rng.uniform(0.02, 0.1))
    common = [sheet.paragraph] * 8 + [sheet.heading] * 2 + [sheet.blank]
    rich = [sheet.bullets, sheet.table, sheet.figure, sheet.chart, sheet.barcode, sheet.panel, sheet.form, sheet.logo, sheet.handwriting]
    kinds = {"text": common, "mixed": common + rich, "rich": rich + [sheet.paragraph, sheet.heading, sheet.figure, sheet.panel],
             "form": [sheet.form, sheet.table, sheet.paragraph, sheet.heading, sheet.handwriting, sheet.blank],
             "notes": [sheet.handwriting, sheet.handwriting, sheet.blank, sheet.paragraph]}
    blocks = kinds[pick(rng, ["text"] * 3 + ["mixed"] * 4 + ["rich"] * 2 + ["form", "form", "notes"])]
    top, bottom = margin_y, height - margin_y
    if chance(rng, 0.6):
        top = int(pick(rng, [sheet.logo, sheet.heading, sheet.panel])((margin_x, top, width - margin_x, bottom)) + sheet.body)
    if chance(rng, 0.04):
        sheet.image.paste(Image.fromarray(picture(rng, width, height)))
        sheet.colour = (255, 255, 255)
    columns = pick(rng, [1, 1, 1, 2, 2, 3]) if width > 40 * sheet.body or chance(rng, 0.2) else 1
    gutter = sheet.body * rng.uniform(1, 2.5)
    span = (width - 2 * margin_x - gutter * (columns - 1)) / columns
    for column in range(columns):
        x0 = margin_x + column * (span + gutter)
        sheet.fill_column((x0, top, x0 + span, bottom), blocks)
        if column and chance(rng, 0.15):
            sheet.draw.line((x0 - gutter / 2, top, x0 - gutter / 2, bottom), fill=sheet.colour, width=1)
    for overlay, share in ((sheet.stamp, 0.3), (sheet.signature, 0.3), (sheet.highlight, 0.25)):
        while chance(rng, share):
            overlay()
    return np.asarray(sheet.image)


def main():
    rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    pages = [cv2.resize(render_page(rng), (620, 877), interpolation=cv2.INTER_AREA) for _ in range(8)]
    framed = [cv2.copyMakeBorder(page, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(90, 90, 90)) for page in pages]
    Image.fromarray(np.vstack([np.hstack(framed[:4]), np.hstack(framed[4:])])).save(sys.argv[1])


if __name__ == "__main__":
    main()
