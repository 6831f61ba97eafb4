# SPDX-License-Identifier: MIT
"""Three sheets with readable, invented text, for the demo's sample photographs: a letter, a receipt, a form.

`training/pages.py` draws nonsense, which is right for learning and wrong for showing. The names here belong to nobody.
"""

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

INK, BLUE, RED = (30, 30, 34), (24, 44, 150), (176, 30, 40)


def face(name, size):
    return ImageFont.truetype(f"{name}.ttf", size)


def sheet(width, height):
    image = Image.new("RGB", (width, height), "white")
    return image, ImageDraw.Draw(image)


def wrapped(text, font, width):
    lines, line = [], ""
    for word in text.split():
        trial = f"{line} {word}".strip()
        if font.getlength(trial) > width:
            lines.append(line)
            trial = word
        line = trial
    return [*lines, line]


def signature(draw, x, y, width, seed):
    rng = np.random.default_rng(seed)
    time = np.linspace(0, 1, 300)
    sway = sum(rng.uniform(0.1, 0.4) * np.sin(time * rng.uniform(8, 70) + rng.uniform(0, 6)) for _ in range(5))
    points = np.stack([x + width * (time + 0.06 * np.sin(40 * time)), y + width * 0.22 * sway * (1.1 - time)], 1)
    draw.line([tuple(point) for point in points], fill=BLUE, width=6, joint="curve")


def letter():
    image, draw = sheet(1900, 2687)
    serif, small, bold = face("LiberationSerif-Regular", 46), face("LiberationSans-Regular", 32), face("LiberationSerif-Bold", 84)
    draw.ellipse((200, 170, 320, 290), fill=(26, 86, 96))
    draw.arc((225, 195, 295, 265), 20, 300, fill="white", width=10)
    draw.text((360, 175), "Harbour & Lindqvist", font=bold, fill=(26, 86, 96))
    draw.text((362, 270), "Bookbinders since 1908", font=small, fill=(90, 90, 96))
    for row, line in enumerate(["4 Mill Lane", "Westerby", "Tel. 0555 0142", "folio@harbour.example"]):
        draw.text((1700, 180 + 44 * row), line, font=small, fill=(90, 90, 96), anchor="ra")
    draw.line((200, 390, 1700, 390), fill=(26, 86, 96), width=4)
    y = 500
    for line in ["Ms Elin Marsh", "The Reading Room", "12 Station Road", "Northgate"]:
        draw.text((200, y), line, font=serif, fill=INK)
        y += 60
    draw.text((1700, 500), "3 October", font=serif, fill=INK, anchor="ra")
    paragraphs = [
        "Dear Ms Marsh,",
        "Thank you for sending us the ship's log of the Aurora. It arrived safely on Tuesday, wrapped better than most, and has been "
        "resting in the press room since then so that the paper can get used to our air.",
        "The sewing is sound for the first eleven gatherings. From the twelfth on the thread has given way, and four leaves are loose; none "
        "is missing. The spine has been lined with newspaper at some time, which we would like to keep, because the page in "
        "question reports the very storm that the log describes.",
        "We propose to resew the loose gatherings on the old cords, to mend the torn fore-edges with thin Japanese paper, and to make a box "
        "of grey cloth. A sheet folded three times makes eight leaves: your log is an octavo, and a handsome one. The work will take "
        "about six weeks and cost 480.00 in all, the box included.",
        "If this meets with your approval, please sign the enclosed copy and send it back in the envelope provided. We will begin as "
        "soon as it is here.",
        "Yours sincerely,",
    ]
    y = 850
    for text in paragraphs:
        for line in wrapped(text, serif, 1500):
            draw.text((200, y), line, font=serif, fill=INK)
            y += 64
        y += 40
    signature(draw, 210, y + 90, 480, 4)
    draw.text((200, y + 200), "T. Lindqvist", font=serif, fill=INK)
    draw.text((200, 2560), "Reference 1186-AUR", font=small, fill=(90, 90, 96))
    return np.asarray(image)


def receipt():
    image, draw = sheet(900, 2150)
    mono, bold = face("LiberationMono-Regular", 42), face("LiberationMono-Bold", 46)
    draw.text((450, 90), "CORNER GREENGROCER", font=face("LiberationMono-Bold", 66), fill=INK, anchor="ma")
    for row, line in enumerate(["27 Orchard Street", "Open daily 7 to 21", "Till 2   No. 004417"]):
        draw.text((450, 190 + 56 * row), line, font=mono, fill=INK, anchor="ma")
    goods = [("Apples Cox 1.2 kg", 3.48), ("Pears", 1.95), ("Leeks 2", 1.70), ("Potatoes 2 kg", 2.60), ("Rye bread", 3.20), ("Butter 250 g", 2.75),
             ("Eggs 10", 3.90), ("Goat cheese", 4.45), ("Parsley", 0.90), ("Lemons 4", 1.80), ("Coffee 500 g", 7.95), ("Honey", 5.50)]
    y = 420
    draw.line((60, y, 840, y), fill=INK, width=3)
    y += 40
    for name, price in goods:
        draw.text((60, y), name, font=mono, fill=INK)
        draw.text((840, y), f"{price:.2f}", font=mono, fill=INK, anchor="ra")
        y += 66
    total = sum(price for _, price in goods)
    draw.line((60, y + 20, 840, y + 20), fill=INK, width=3)
    for row, (name, value, font) in enumerate([("TOTAL", total, bold), ("Cash", 50.0, mono), ("Change", 50.0 - total, mono)]):
        draw.text((60, y + 55 + 76 * row), name, font=font, fill=INK)
        draw.text((840, y + 55 + 76 * row), f"{value:.2f}", font=font, fill=INK, anchor="ra")
    y += 340
    rng, x = np.random.default_rng(9), 130
    while x < 760:
        bar = int(rng.integers(1, 5)) * 4
        draw.rectangle((x, y, x + bar, y + 170), fill=INK)
        x += bar + int(rng.integers(1, 4)) * 5
    draw.text((450, y + 200), "4 006381 004417", font=mono, fill=INK, anchor="ma")
    draw.text((450, y + 300), "Thank you and come again", font=mono, fill=INK, anchor="ma")
    return np.uint8(255 - (255 - np.float32(image)) * 0.85)


def stamp(text_above, text_below, middle):
    """A round rubber stamp, a little worn, as a white picture with red print."""
    image, draw = sheet(520, 520)
    for inset, width in ((20, 10), (150, 5)):
        draw.ellipse((inset, inset, 520 - inset, 520 - inset), outline=RED, width=width)
    font = face("LiberationSans-Bold", 50)
    for text, start, sign in ((text_above, -90, 1), (text_below, 90, -1)):
        for index, letter_ in enumerate(text):
            angle = start + sign * (index - (len(text) - 1) / 2) * 15
            tile = Image.new("L", (90, 90), 0)
            ImageDraw.Draw(tile).text((45, 45), letter_, font=font, fill=255, anchor="mm")
            tile = tile.rotate(-angle - 90 if sign > 0 else -angle + 90, resample=Image.BICUBIC)
            centre = 260 + 176 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
            image.paste(RED, tuple(int(v) for v in centre - 45), tile)
    draw.text((260, 260), middle, font=face("LiberationSans-Bold", 56), fill=RED, anchor="mm")
    worn = cv2.resize(np.random.default_rng(2).random((60, 60), dtype=np.float32), (520, 520), interpolation=cv2.INTER_CUBIC)
    faded = 255 - (255 - np.float32(image)) * np.clip(1.25 - 0.6 * worn, 0, 1)[..., None]
    return Image.fromarray(np.uint8(np.clip(faded, 0, 255))).rotate(-14, expand=True, fillcolor="white", resample=Image.BICUBIC)


def form():
    image, draw = sheet(1900, 2687)
    plain, bold, hand = face("LiberationSans-Regular", 38), face("LiberationSans-Bold", 44), ImageFont.truetype("DancingScript-Regular.otf", 64)
    draw.rectangle((150, 150, 1750, 290), fill=(214, 226, 240))
    draw.text((190, 220), "Application for a Library Card", font=face("LiberationSans-Bold", 68), fill=INK, anchor="lm")
    draw.text((1710, 220), "Form B 2", font=plain, fill=INK, anchor="rm")
    fields = [("Surname", "Marsh"), ("Given names", "Elin Johanna"), ("Date of birth", "14 May 1987"), ("Street and number", "12 Station Road"),
              ("Town", "Northgate"), ("Telephone", "0555 0177"), ("Occupation", "Archivist")]
    y = 370
    draw.text((150, y), "1   About you", font=bold, fill=INK)
    y += 80
    for label, answer in fields:
        draw.rectangle((150, y, 1750, y + 112), outline=(120, 120, 128), width=3)
        draw.line((620, y, 620, y + 112), fill=(120, 120, 128), width=3)
        draw.text((175, y + 56), label, font=plain, fill=INK, anchor="lm")
        draw.text((660, y + 54), answer, font=hand, fill=BLUE, anchor="lm")
        y += 112
    y += 70
    draw.text((150, y), "2   What you would like to borrow", font=bold, fill=INK)
    y += 90
    for index, (label, ticked) in enumerate([("Books", True), ("Music", False), ("Maps and charts", True), ("Newspapers", False), ("Films", False), ("Sheet music", True)]):
        x, row = 170 + 800 * (index % 2), y + 84 * (index // 2)
        draw.rectangle((x, row, x + 46, row + 46), outline=INK, width=4)
        draw.text((x + 80, row + 23), label, font=plain, fill=INK, anchor="lm")
        if ticked:
            draw.line((x + 4, row + 18, x + 22, row + 40, x + 58, row - 18), fill=BLUE, width=8, joint="curve")
    y += 310
    draw.text((150, y), "3   Declaration", font=bold, fill=INK)
    y += 80
    text = ("I have read the rules of the house and will return what I borrow within four weeks. I will not fold down corners, not even once, "
            "and will tell the library if I move. Data on this form are kept for as long as the card is valid.")
    for line in wrapped(text, plain, 1600):
        draw.text((150, y), line, font=plain, fill=INK)
        y += 56
    y += 150
    draw.text((190, y - 12), "9 October", font=hand, fill=BLUE, anchor="ld")
    signature(draw, 900, y - 40, 460, 8)
    for x, label in ((150, "Date"), (850, "Signature")):
        draw.line((x, y, x + 560, y), fill=INK, width=3)
        draw.text((x, y + 14), label, font=face("LiberationSans-Regular", 30), fill=INK)
    layer = Image.new("RGB", image.size, "white")
    layer.paste(stamp("NORTHGATE", "LIBRARY", "ISSUED"), (1150, 1990))
    return np.asarray(ImageChops.multiply(image, layer))
