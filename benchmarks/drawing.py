"""Draw durations as bars on a logarithmic scale, in an SVG for light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_LABELS, _BARS, _VALUES = 330, 400, 110
_WIDTH = _LABELS + _BARS + _VALUES
_ROW, _TOP, _GAP, _BOTTOM = 24, 44, 34, 34
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .quiet { fill: #57606a }
  .label { text-anchor: end }
  .scale { text-anchor: middle; font-size: 11px }
  line { stroke: #d0d7de }
  .ours { fill: #0f766e }
  .theirs { fill: #a3acb8 }
  .floor { fill: #c2410c }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .quiet { fill: #9da7b3 }
    line { stroke: #3d444d }
    .ours { fill: #2dd4bf }
    .theirs { fill: #656d76 }
    .floor { fill: #fb923c }
  }
"""


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        label: what was measured.
        seconds: how long it took; more than 0.
        kind: `ours`, `theirs` or `floor`, which decides the colour.
    """

    label: str
    seconds: float
    kind: str


def draw(title: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Return the drawing: groups of bars, one below the other, on the same scale."""
    every = [bar.seconds for _, bars in groups for bar in bars]
    lowest, highest = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    highest = max(highest, lowest + 1)
    height = _TOP + sum(_GAP + _ROW * len(bars) for _, bars in groups) + _BOTTOM

    def x_of(seconds: float) -> float:
        return _LABELS + _BARS * (math.log10(seconds) - lowest) / (highest - lowest)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img"'
        f' aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="8" y="24">{escape(title)}</text>',
    ]
    for power in range(lowest, highest + 1):
        at = x_of(10**power)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{height - _BOTTOM}"/>')
        parts.append(f'<text class="quiet scale" x="{at:.1f}" y="{height - 14}">{_in_words(10**power)}</text>')
    y = _TOP
    for name, bars in groups:
        y += _GAP
        parts.append(f'<text class="quiet" x="8" y="{y - 8}">{escape(name)}</text>')
        for bar in bars:
            end = max(x_of(bar.seconds), _LABELS + 2)
            parts.append(f'<text class="label" x="{_LABELS - 8}" y="{y + 15}">{escape(bar.label)}</text>')
            parts.append(
                f'<rect class="{bar.kind}" x="{_LABELS}" y="{y + 4}" width="{end - _LABELS:.1f}" height="{_ROW - 8}"'
                ' rx="2"/>'
            )
            parts.append(f'<text class="quiet" x="{end + 8:.1f}" y="{y + 15}">{_in_words(bar.seconds)}</text>')
            y += _ROW
    return "\n".join([*parts, "</svg>", ""])


def _in_words(seconds: float) -> str:
    if seconds < 0.1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"
