"""What a plot draws."""

from xml.etree import ElementTree as ET

from bench.plot import bars
from bench.summary import Spread

SVG = "{http://www.w3.org/2000/svg}"


def drawing(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 -- our own


def test_a_bar_is_as_long_as_its_median() -> None:
    drawn = drawing(bars("CPU", {"one": Spread(1, 1, 1), "four": Spread(4, 3, 5)}))
    one, four = (float(bar.attrib["width"]) for bar in drawn.iter(f"{SVG}rect"))
    assert round(four / one, 2) == 4


def test_no_bar_or_whisker_leaves_the_picture() -> None:
    drawn = drawing(bars("CPU", {"one": Spread(4, 1, 9), "none": Spread(0, 0, 0)}))
    width = float(drawn.attrib["viewBox"].split()[2])
    whiskers = [path.attrib["d"].partition("H")[2] for path in drawn.iter(f"{SVG}path")]
    ends = [float(bar.attrib["x"]) + float(bar.attrib["width"]) for bar in drawn.iter(f"{SVG}rect")]
    assert max(ends + [float(end) for end in whiskers]) < width


def test_labels_are_text_whatever_is_in_them() -> None:
    drawn = drawing(bars("<script>", {"a & b": Spread(1, 1, 1)}))
    assert [text.text for text in drawn.iter(f"{SVG}text")][:2] == ["<script>", "a & b"]


def test_nothing_measured_is_an_empty_picture() -> None:
    assert not [*drawing(bars("CPU", {})).iter(f"{SVG}rect")]
