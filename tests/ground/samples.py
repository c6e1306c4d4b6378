"""Small real documents, made on the spot."""

import io
import zipfile

import docx
import pypdf


def pdf(*pages: str) -> bytes:
    """A PDF with one line of text per page."""
    writer = pypdf.PdfWriter()
    for words in pages:
        page = writer.add_blank_page(300, 300)
        stream = pypdf.generic.DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({words}) Tj ET".encode())
        font = pypdf.generic.DictionaryObject(
            {
                pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
                pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
                pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
            }
        )
        fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): font})
        page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/Font"): fonts}
        )
        page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    return _bytes(writer)


def scan() -> bytes:
    """A PDF of one page that holds an image and no text."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(300, 300)
    names = pypdf.generic.NameObject
    image = pypdf.generic.DecodedStreamObject()
    image.set_data(b"\x80")
    for key, value in {
        "/Type": names("/XObject"),
        "/Subtype": names("/Image"),
        "/ColorSpace": names("/DeviceGray"),
        "/Width": pypdf.generic.NumberObject(1),
        "/Height": pypdf.generic.NumberObject(1),
        "/BitsPerComponent": pypdf.generic.NumberObject(8),
    }.items():
        image[names(key)] = value
    images = pypdf.generic.DictionaryObject({names("/I1"): writer._add_object(image)})
    page[names("/Resources")] = pypdf.generic.DictionaryObject({names("/XObject"): images})
    drawn = pypdf.generic.DecodedStreamObject()
    drawn.set_data(b"300 0 0 300 0 0 cm /I1 Do")
    page[names("/Contents")] = writer._add_object(drawn)
    return _bytes(writer)


def protected_pdf(user_password: str) -> bytes:
    """A PDF encrypted for an owner and, unless empty, a reader's password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Secret words")))
    writer.encrypt(user_password, owner_password="owner", algorithm="RC4-128")
    return _bytes(writer)


def _bytes(writer: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*paragraphs: str, table: tuple[str, ...] = ()) -> bytes:
    """A Word document with paragraphs, and a table of one row."""
    document = docx.Document()
    for words in paragraphs:
        document.add_paragraph(words)
    if table:
        row = document.add_table(rows=1, cols=len(table)).rows[0]
        for cell, words in zip(row.cells, table, strict=True):
            cell.text = words
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    """A zip archive."""
    return extended(b"", **members)


def extended(document: bytes, **members: bytes) -> bytes:
    """A zip-based document with more members; ``__`` in a name stands for a slash, ``_`` for a dot."""
    out = io.BytesIO(document)
    with zipfile.ZipFile(out, "a" if document else "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()
