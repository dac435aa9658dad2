"""A drawing becomes a floor, or every one of its errors is told with the element it is in."""

import msgspec
import pytest

from app.rooms.plans import Plan
from app.rooms.svg_plans import UnreadablePlan, read_svg

FLOOR = """<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="100 50 1200 700">
  <title>Lantai 4</title>
  <defs><rect id="desk-X-99" width="36" height="26"/></defs>
  <polygon id="outline" points="120,70 1280,70 1280,730 120,730"/>
  <g id="walls"><title>Dinding</title><line x1="120" y1="204" x2="1280" y2="204"/>
    <g transform="translate(100 50)"><polyline points="20 154 60,154 60-20 60 20" transform="translate(0, 20)"/></g></g>
  <g id="doors"><line x1="210" x2="254" y1="204" y2="204"/></g>
  <g id="windows"/>
  <text transform="rotate(90)">Utara</text>
  <g id="areas" transform="translate(100,50)">
    <g id="area-A" data-name="Sayap barat"><text>A</text><rect x="36" y="190" width="394" height="476" rx="10"/>
      <rect id="desk-A-01" x="60" y="220" width="36" height="26" data-chair="north" data-attributes="monitor  window"/>
      <g id="desk-A-02" transform="translate(102.004,220)"><path d="M0 0"/><rect width="36px" height="26"/></g>
    </g>
    <rect id="area-B" x="446" y="466" width="308" height="200"/>
  </g>
  <rect id="desk-B-01" data-area="A" x="600" y="550" width="36" height="26"/>
  <rect id="room-MAHAKAM" data-name="Mahakam" data-seats="12" data-attributes="video hearing-loop"
    x="120" y="70" width="226" height="134"/>
  <rect id="room-MUSALA" x="346" y="70" width="100" height="134"/>
</svg>"""


def test_a_drawing_is_read_by_its_ids():
    floor = read_svg(FLOOR)
    assert floor["plan"] == {
        "width": 1200,
        "height": 700,
        "outline": [(20, 20), (1180, 20), (1180, 680), (20, 680)],
        "walls": [[(20, 154), (1180, 154)], [(20, 174), (60, 174), (60, 0), (60, 40)]],
        "doors": [[(110, 154), (154, 154)]],
        "windows": [],
    }
    assert msgspec.convert(floor["plan"], Plan).doors == [[(110, 154), (154, 154)]]
    assert floor["areas"] == [
        {"code": "A", "name": "Sayap barat", "name_en": "Sayap barat", "x": 36, "y": 190, "width": 394, "height": 476},
        {"code": "B", "name": "B", "name_en": "B", "x": 446, "y": 466, "width": 308, "height": 200},
    ]
    assert floor["desks"] == [
        {"code": "A-01", "area": "A", "x": 60, "y": 220, "chair": "north", "attributes": ["monitor", "window"]},
        {"code": "A-02", "area": "A", "x": 102, "y": 220, "chair": "south", "attributes": []},
        {"code": "B-01", "area": "A", "x": 500, "y": 500, "chair": "south", "attributes": []},
    ]
    mahakam = {"code": "MAHAKAM", "name": "Mahakam", "x": 20, "y": 20, "width": 226, "height": 134, "seats": 12}
    musala = {"code": "MUSALA", "name": "MUSALA", "x": 246, "y": 20, "width": 100, "height": 134, "seats": 0}
    assert floor["rooms"] == [
        {**mahakam, "attributes": ["video", "hearing-loop"], "bookable": True},
        {**musala, "attributes": [], "bookable": False},
    ]


def drawing(inner, *, outline='<rect id="outline" width="400" height="300"/>', size='width="400" height="300px"'):
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{outline}{inner}</svg>'


AREA = '<rect id="area-A" width="200" height="200"/>'


def errors(text):
    with pytest.raises(UnreadablePlan) as caught:
        read_svg(text)
    return caught.value.errors


def test_width_and_height_stand_in_for_a_view_box_and_a_rectangle_for_the_outline():
    floor = read_svg(drawing(""))
    assert (floor["plan"]["width"], floor["plan"]["height"]) == (400, 300)
    assert floor["plan"]["outline"] == [(0, 0), (400, 0), (400, 300), (0, 300)]


DESK = 'width="36" height="26"'


@pytest.mark.parametrize(
    ("inner", "element", "what"),
    [
        (f'<rect id="desk-A-01" {DESK} transform="rotate(90)"/>', "desk-A-01", "more than a translation"),
        (f'<rect id="desk-A-01" {DESK} style="transform:scale(2)"/>', "desk-A-01", "more than a translation"),
        (
            f'<g id="turned" transform="translate(1 2) scale(2)"><rect id="desk-A-01" {DESK}/></g>',
            "turned",
            "more than",
        ),
        (f'<g transform="skewX(3)"><g><rect id="desk-A-01" {DESK}/></g></g>', "<g>", "more than a translation"),
        (f'<svg x="9"><rect id="desk-A-01" {DESK}/></svg>', "<svg>", "more than a translation"),
        ('<g id="walls"><line x2="9" transform="matrix(1 0 0 1 0 0)"/></g>', "<line>", "more than a translation"),
        (f'<rect id="desk-A-01" {DESK}/><rect id="desk-A-01" {DESK}/>', "desk-A-01", "more than once"),
        ('<path id="p" d=""/><path id="p" d=""/>', "p", "more than once"),
        ('<circle id="desk-A-01" r="9"/>', "desk-A-01", "not <circle>"),
        ('<g id="room-R"><circle r="9"/></g>', "room-R", "holds no rectangle"),
        (f'<g id="room-R"><rect id="desk-A-01" {DESK}/></g>', "room-R", "holds no rectangle"),
        (f'<rect id="desk-" {DESK}/>', "desk-", "needs a code"),
        (f'<rect id="desk-A 1" {DESK}/>', "desk-A 1", "needs a code"),
        ('<rect id="desk-A-01" width="36"/>', "desk-A-01", "height must be a plain number"),
        ('<rect id="desk-A-01" width="3em" height="26"/>', "desk-A-01", 'not "3em"'),
        ('<rect id="desk-A-01" width="10%" height="26"/>', "desk-A-01", 'not "10%"'),
        ('<rect id="room-R" width="0" height="26"/>', "room-R", "larger than 0"),
        ('<rect id="room-R" width="-5" height="26"/>', "room-R", "larger than 0"),
        ('<rect id="room-R" x="nan" width="5" height="26"/>', "room-R", "plain number"),
        ('<rect id="room-R" x="380" width="50" height="26"/>', "room-R", "outside the drawing"),
        ('<rect id="room-R" x="-1" width="50" height="26"/>', "room-R", "outside the drawing"),
        ('<rect id="room-R" x="1e999" width="50" height="26"/>', "room-R", "outside the drawing"),
        ('<rect id="room-R" x="-1e999" width="1e999" height="26"/>', "room-R", "outside the drawing"),
        (f'<rect id="room-R" data-seats="many" {DESK}/>', "room-R", 'not "many"'),
        (f'<rect id="room-R" data-seats="-1" {DESK}/>', "room-R", "whole number"),
        (f'<rect id="room-R" data-attributes="video sauna" {DESK}/>', "room-R", "sauna"),
        (f'<rect id="desk-A-01" data-attributes="video" {DESK}/>', "desk-A-01", "unknown words: video"),
        (f'<rect id="desk-A-01" data-chair="west" {DESK}/>', "desk-A-01", 'not "west"'),
        (f'<rect id="desk-A-01" data-area="Q" {DESK}/>', "desk-A-01", '"Q", which is not drawn'),
        (f'<rect id="desk-A-01" x="300" {DESK}/>', "desk-A-01", "in no area"),
        (
            f'<rect id="area-B" width="90" height="90"/><rect id="desk-A-01" {DESK}/>',
            "desk-A-01",
            "several areas (A, B)",
        ),
        ('<g id="walls"><path d="M0 0"/></g>', "walls", "not <path>"),
        ('<g id="doors"><polyline id="d1" points="1 2 3"/></g>', "d1", "pairs of numbers"),
        ('<g id="doors"><polyline points="1 2"/></g>', "doors", "2 to 200 points"),
        ('<g id="windows"><polyline points="1 2 a 4"/></g>', "windows", "not a list of numbers"),
        ('<g id="windows"><line x2="500"/></g>', "windows", "outside the drawing"),
        (f'<g id="windows"><polyline points="{"1 2 " * 201}"/></g>', "windows", "2 to 200 points"),
        ("<g>" * 70 + "</g>" * 70, "<g>", "64 groups deep"),
    ],
)
def test_an_error_names_its_element(inner, element, what):
    found = errors(drawing(AREA + inner))
    assert [name for name, _ in found] == [element]
    assert what in found[0][1]


@pytest.mark.parametrize(
    ("text", "element", "what"),
    [
        (drawing("", outline=""), "outline", "is missing"),
        (drawing("", outline='<path id="outline" d="M0 0"/>'), "outline", "not <path>"),
        (drawing("", outline='<polygon id="outline" points="0 0 9 9"/>'), "outline", "3 to 400 points"),
        (drawing("", size=""), "svg", "needs a viewBox"),
        (drawing("", size='viewBox="0 0 10"'), "svg", "four numbers"),
        (drawing("", size='viewBox="0 0 0 10"'), "svg", "larger than 0"),
        (drawing("", size='viewBox="0 0 1e9 10"'), "svg", "at most 20000"),
        (drawing("", size='width="21cm" height="29cm"'), "svg", 'not "21cm"'),
        (drawing("", size='transform="scale(2)" width="400" height="300"'), "svg", "more than a translation"),
        ("<svg", "svg", "not well-formed"),
        ("", "svg", "not well-formed"),
        ("<svg>\ud800</svg>", "svg", "not well-formed"),
        ("<html/>", "svg", "not an SVG drawing"),
        ('<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>', "svg", "declares entities"),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', "svg", "declares entities"),
    ],
)
def test_a_drawing_that_can_not_be_used_is_refused(text, element, what):
    assert any(name == element and what in said for name, said in errors(text))


def test_all_errors_are_told_at_once():
    inner = (
        f'{AREA}<circle id="desk-A-01"/><rect id="desk-A-02" x="300" {DESK}/><rect id="room-R" {DESK} data-seats="x"/>'
    )
    found = errors(drawing(inner, outline=""))
    assert sorted(name for name, _ in found) == ["desk-A-01", "desk-A-02", "outline", "room-R"]


def test_a_group_that_turns_is_named_once_however_much_it_holds():
    desks = "".join(f'<rect id="desk-A-0{n}" {DESK}/>' for n in range(5))
    assert [name for name, _ in errors(drawing(f'{AREA}<g id="east" transform="rotate(9)">{desks}</g>'))] == ["east"]


def test_decoration_may_be_turned_and_a_document_type_is_no_entity():
    text = drawing('<g transform="rotate(9)"><path d="M0 0"/></g>')
    assert read_svg('<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">' + text)["desks"] == []
