"""The funnel as a picture: one bar a step, drawn on the server, kept by the hash of its data and of this file."""

import hashlib
import json
import threading
from pathlib import Path

from hiring.funnel.rules import StepFigures
from hiring.pipeline.rules import Outcome

_DRAWING = threading.Lock()  # the renderer is one engine per process
_HOW = Path(__file__).read_bytes()
_COLOURS = {"advanced": "#2f6f8f", "rejected": "#b4654a", "withdrew": "#c9a227", "moved": "#8a7fb0", "open": "#9aa5ad"}


def draw(rows: list[StepFigures], folder: Path) -> bytes:
    """SVG of the outcomes by step; transparent, mid-toned so that it reads on light and on dark."""
    values = [
        {
            "place": row.step.place,
            "step": row.step.label,
            "rank": rank,
            "outcome": outcome.value,
            "n": getattr(row, outcome.value),
        }
        for row in rows
        if row.step.place > 1
        for rank, outcome in enumerate(Outcome)
    ]
    digest = hashlib.sha256(json.dumps(values).encode() + _HOW).hexdigest()[:32]
    kept = folder / f"funnel-{digest}.svg"
    if kept.exists():
        return kept.read_bytes()
    with _DRAWING:
        svg = _render(values)
    folder.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{threading.get_ident()}")
    beside.write_bytes(svg)
    beside.replace(kept)
    return svg


def _render(values: list[dict[str, object]]) -> bytes:
    import altair
    import vl_convert

    outcomes = [outcome.value for outcome in Outcome]
    axis = altair.Axis(
        labelColor="#7d8890",
        labelFontSize=13,
        titleColor="#7d8890",
        titleFontSize=13,
        titleFontWeight="normal",
        labelLimit=240,
        labelPadding=8,
        domain=False,
        ticks=False,
    )
    steps = altair.Axis.from_dict(axis.to_dict() | {"minExtent": 200})  # readers' fonts are wider than the renderer's
    chart = (
        altair.Chart({"values": values}, width=640, height=260, background="transparent")
        .mark_bar(height={"band": 0.72})
        .encode(
            x=altair.X("n:Q", title="Applications, by what became of their first entry", axis=axis),
            y=altair.Y("step:N", sort=altair.SortField("place"), title=None, axis=steps),
            color=altair.Color(
                "outcome:N",
                sort=outcomes,
                title=None,
                scale=altair.Scale(domain=outcomes, range=[_COLOURS[name] for name in outcomes]),
                legend=altair.Legend(orient="bottom", labelColor="#7d8890", labelFontSize=13),
            ),
            order=altair.Order("rank:O"),
        )
        .configure_view(stroke=None)
        .configure_axisX(gridColor="#8892", tickCount=5)
    )
    return str(vl_convert.vegalite_to_svg(chart.to_json())).encode()
