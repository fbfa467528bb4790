"""Cut DejaVu Sans 2.37 (as matplotlib 3.11.2 ships it) down to the scripts that figures use.

Writes crates/gnomonic-plot/fonts/DejaVuSans.ttf and its licence. Made with fonttools 4.68.0.
"""

import pathlib
import shutil

import matplotlib
from fontTools import subset

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf"
TARGET = ROOT / "crates" / "gnomonic-plot" / "fonts"

RANGES = [
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x024F),  # Latin-1, Latin Extended-A and -B
    (0x02B0, 0x036F),  # modifier letters, combining marks
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x052F),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin Extended Additional (Vietnamese)
    (0x2010, 0x205E),  # punctuation
    (0x2070, 0x209F),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currency
    (0x2100, 0x218F),  # letter-like, number forms
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
    (0x25A0, 0x25FF),  # geometric shapes
    (0x2605, 0x2606),  # stars
    (0x2713, 0x2717),  # check marks
    (0xFFFD, 0xFFFD),  # replacement character
]

options = subset.Options()
options.hinting = False
options.layout_features = []
options.drop_tables += ["FFTM", "GDEF", "GPOS", "GSUB", "kern"]
options.notdef_outline = True
options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
options.recalc_timestamp = False

font = subset.load_font(SOURCE / "DejaVuSans.ttf", options)
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=[c for first, last in RANGES for c in range(first, last + 1)])
subsetter.subset(font)
subset.save_font(font, TARGET / "DejaVuSans.ttf", options)
shutil.copy(SOURCE / "LICENSE_DEJAVU", TARGET / "LICENSE-DejaVu")
