"""Files that a hostile stranger sends as a résumé: disguised, doubled, bursting, broken, and reaching outwards."""

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pypdf
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.ground import samples

PAGE = b"<!doctype html><script>canary()</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="canary()"/>'


@dataclass(frozen=True)
class Sent:
    """One file: under which name it is sent, and whether it is kept or refused."""

    make: Callable[[], bytes]
    name: str
    kept: bool


def _document(xml: str, members: dict[str, bytes] | None = None) -> bytes:
    """A Word document whose body is this XML."""
    out = io.BytesIO()
    good = zipfile.ZipFile(io.BytesIO(samples.word("Words")))
    with good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in good.namelist():
            new.writestr(name, xml if name == "word/document.xml" else good.read(name))
        for name, content in (members or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def _body(words: str) -> str:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>'


def _doctype(entities: str, words: str) -> bytes:
    return _document(f"<!DOCTYPE x [{entities}]>{_body(words)}")


def _laughs() -> bytes:
    lines = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))]
    return _doctype("".join(lines), "&a11;")


def _linked(address: str) -> bytes:
    """A document whose template, picture and settings lie on another server."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ties = "".join(
        f'<Relationship Id="rIdX{name}" Type="{kind}/{name}" Target="{address}/{name}" TargetMode="External"/>'
        for name in ("attachedTemplate", "image", "oleObject", "frame", "hyperlink")
    )
    start = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return _document(_body("Words"), {"word/_rels/settings.xml.rels": f"{start}{ties}</Relationships>".encode()})


def _reaching_pdf(address: str) -> bytes:
    """A PDF that asks its reader to run a script, start a program and fetch an address."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(samples.pdf("Words")))
    for key, act, named in (("/OpenAction", "/JavaScript", "/JS"), ("/AA", "/Launch", "/F"), ("/URI", "/URI", "/URI")):
        what = {NameObject("/S"): NameObject(act), NameObject(named): TextStringObject(f'app.launchURL("{address}")')}
        writer.root_object[NameObject(key)] = DictionaryObject(what)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _lying_archive() -> bytes:
    """A document that says it is small and unpacks to thirty megabytes."""
    out = bytearray(_document(_body("x" * 30_000_000)))
    for mark, size, name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        start = out.index(mark)
        while bytes(out[start + name : start + name + 17]) != b"word/document.xml":
            start = out.index(mark, start + 1)
        out[start + size : start + size + 4] = struct.pack("<I", 1_000)
    return bytes(out)


def _nested() -> bytes:
    inner = samples.archive(a_bin=bytes(1024 * 1024))
    for _ in range(6):
        inner = samples.archive(**{f"copy{number}_zip": inner for number in range(8)})
    return samples.extended(samples.word("Words"), word__embeddings__more_zip=inner)


def hostile(address: str) -> dict[str, Sent]:
    """Every file by name; those that reach outwards reach for ``address``, an http URL of a listening socket."""
    members = {f"m{number}": b"" for number in range(5_000)}
    good = partial(samples.word, "Words")
    return {
        "a page": Sent(lambda: PAGE, "cv.pdf", kept=False),
        "a page behind blanks": Sent(lambda: b"\n" * 5_000 + PAGE, "cv.txt", kept=False),
        "a page with a byte order mark": Sent(lambda: b"\xef\xbb\xbf" + PAGE, "cv.docx", kept=False),
        "a drawing": Sent(lambda: DRAWING, "cv.txt", kept=False),
        "XML with entities": Sent(
            lambda: b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://x/">', "cv.txt", kept=False
        ),
        "a page in UTF-16": Sent(lambda: PAGE.decode().encode("utf-16"), "cv.txt", kept=False),
        "markup in a text": Sent(lambda: b"Words <img src=x onerror=canary>{{7919*7907}}", "cv.html", kept=True),
        "GIF and script": Sent(lambda: b"GIF89a/*\x00\x01*/=1;canary()", "cv.gif", kept=False),
        "GIF and script in ASCII": Sent(lambda: b"GIF89a=1;canary()//", "cv.gif", kept=True),
        "PDF and archive": Sent(lambda: samples.pdf("Words") + samples.archive(a_html=PAGE), "cv.zip", kept=True),
        "PDF and page": Sent(lambda: samples.pdf("Words") + PAGE, "cv.html", kept=True),
        "page and PDF": Sent(lambda: PAGE + samples.pdf("Words"), "cv.pdf", kept=False),
        "PDF that reaches out": Sent(lambda: _reaching_pdf(address), "cv.pdf", kept=True),
        "truncated PDF": Sent(lambda: samples.pdf("Words")[:200], "cv.pdf", kept=False),
        "PDF under a password": Sent(lambda: samples.protected_pdf("reader"), "cv.pdf", kept=False),
        "archive": Sent(lambda: samples.archive(a_txt=b"Words"), "cv.docx", kept=False),
        "truncated document": Sent(lambda: good()[:9_000], "cv.docx", kept=False),
        "document under a password": Sent(
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cv.docx", kept=False
        ),
        "document with macros": Sent(
            lambda: samples.extended(good(), word__vbaProject_bin=b"x"), "cv.docx", kept=False
        ),
        "document that climbs": Sent(lambda: _document(_body("Words"), {"../../../evil": b"x"}), "cv.docx", kept=True),
        "document of archives": Sent(_nested, "cv.docx", kept=True),
        "document of zeros": Sent(
            lambda: samples.extended(good(), word__a_xml=bytes(40 * 1024 * 1024)), "cv.docx", kept=True
        ),
        "document that lies of its size": Sent(_lying_archive, "cv.docx", kept=True),
        "document of many members": Sent(lambda: samples.extended(good(), **members), "cv.docx", kept=True),
        "a billion laughs": Sent(_laughs, "cv.docx", kept=True),
        "entity from here": Sent(
            lambda: _doctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"), "cv.docx", kept=True
        ),
        "entity from elsewhere": Sent(
            lambda: _doctype(f'<!ENTITY a SYSTEM "{address}/a">', "&a;"), "cv.docx", kept=True
        ),
        "parameter entity": Sent(
            lambda: _doctype(f'<!ENTITY % a SYSTEM "{address}/b"> %a;', "x"), "cv.docx", kept=True
        ),
        "document that reaches out": Sent(lambda: _linked(address), "cv.docx", kept=True),
        "deep JSON": Sent(lambda: b"[" * 200_000, "resume.json", kept=False),
        "nothing": Sent(lambda: b"", "cv.txt", kept=False),
        "more than 10 MB": Sent(lambda: b"x" * (10 * 1024 * 1024 + 1), "cv.txt", kept=False),
    }


NAMES = (
    "../../etc/passwd",
    "..\\..\\windows\\system32\\cv.txt",
    "C:\\x\\cv.exe",
    "/etc/shadow",
    "cv\x00.html",
    "cv.txt\r\nSet-Cookie: a=b",
    "cv\".html; filename*=utf-8''evil.html",
    "\u202etxt.exe\u2066",
    "n" * 4_096 + ".txt",
    ".htaccess",
    "..",
    "CON",
    "<img src=x onerror=canary>.txt",
    "{{7919*7907}}.txt",
    "Z" + "\u0335\u0301" * 300 + ".txt",
    "résumé 😀 東京.txt",
    "%2e%2e%2fcv.txt",
    "~root$(id)`id`;cv.txt",
)
"""Names under which a text is sent."""
