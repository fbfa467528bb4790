"""Make a font whose glyphs for the Hangul syllables of 한글 are squares, for the tests. Made with fonttools 4.68.0."""

import pathlib

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

TARGET = pathlib.Path(__file__).resolve().parents[2] / "crates" / "gnomonic-plot" / "tests" / "golden"


def square(low, high):
    pen = TTGlyphPen(None)
    pen.moveTo((low, low))
    for point in [(low, high), (high, high), (high, low)]:
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


builder = FontBuilder(1000, isTTF=True)
builder.setupGlyphOrder([".notdef", "han", "geul"])
builder.setupCharacterMap({0xD55C: "han", 0xAE00: "geul"})
builder.setupGlyf({".notdef": square(0, 500), "han": square(100, 800), "geul": square(200, 700)})
builder.setupHorizontalMetrics({".notdef": (600, 0), "han": (900, 100), "geul": (900, 200)})
builder.setupHorizontalHeader(ascent=800, descent=-200)
builder.setupNameTable({"familyName": "Gnomonic Square", "styleName": "Regular"})
builder.setupOS2()
builder.setupPost()
builder.save(TARGET / "square.ttf")
