"""A script or a style sheet travels with all that it imports, and every line can be found again."""

from services.api.middleware.bundle import bundle, parts, source_map

SOURCES = {
    "/scripts/main.js": b'import { a } from "./a.js";\nimport "../parts/b.js";\nconst m = a;',
    "/scripts/a.js": b"export const a = 1;\n",
    "/parts/b.js": b'import { a } from "../scripts/a.js";\nb = () => import("../views/v.js");',
    "/views/v.js": b'import { a } from "../scripts/a.js";\nimport { w } from "./w.js";\nw(a);',
    "/views/w.js": b'import { a } from "../scripts/a.js";\nexport function w() {}',
    "/styles/page.css": b'@import "base.css";\n@import "../parts/b.css";\n',
    "/styles/base.css": b"a { color: red; }",
    "/parts/b.css": b"b { color: blue; }",
}


def test_each_file_stands_once_after_all_that_it_imports() -> None:
    main = "/scripts/main.js"
    assert parts(main, SOURCES) == ["/scripts/a.js", "/parts/b.js", main]
    assert bundle(main, SOURCES).split(b"\n") == [
        b"export const a = 1;",
        b"",
        b"",
        b'b = () => import("/views/v.js");',
        b"",
        b"",
        b"const m = a;",
    ]


def test_what_came_with_the_page_a_later_script_has_from_there() -> None:
    assert bundle("/views/v.js", SOURCES).split(b"\n") == [
        b'import { a } from "/scripts/main.js"; ',
        b"export function w() {}",
        b"",
        b"",
        b"w(a);",
    ]


def test_a_style_sheet_travels_with_its_own_in_their_order() -> None:
    assert bundle("/styles/page.css", SOURCES) == b"a { color: red; }\nb { color: blue; }\n\n\n"


def test_the_map_says_of_every_line_where_it_was_written() -> None:
    for name in SOURCES:
        sent = bundle(name, SOURCES).split(b"\n")
        sections = source_map(name, SOURCES, SOURCES)["sections"]
        ends = [each["offset"]["line"] for each in sections[1:]] + [len(sent)]
        for section, end in zip(sections, ends, strict=True):
            (text,) = section["map"]["sourcesContent"]
            begin = section["offset"]["line"]
            lines = text.encode().split(b"\n")
            assert section["map"]["mappings"].count("AACA") == len(lines) - 1 == end - begin - 1
            for line, origin in zip(sent[begin:end], lines, strict=True):
                if b"import" not in origin:
                    assert line.removeprefix(b'import { a } from "/scripts/main.js"; ') == origin
