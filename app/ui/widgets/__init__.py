"""The parts of which screens are made.

A part's module is imported when the part is first asked for: the sign-in page needs few of them, and the start would
wait for all.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ui.widgets.bars import (
        DistanceBar,
        MarkTile,
        ProgressBarThin,
        Ring,
        SparkBars,
        distance_circle,
        distance_words,
    )
    from app.ui.widgets.blocks import BannerLine, Card, EmptyState, KeyBar, SearchField, SkeletonRows
    from app.ui.widgets.button import Button, IconButton
    from app.ui.widgets.choices import Choice, RadioChips, SegmentedFilter, Tabs, ToggleChipGroup
    from app.ui.widgets.fact import Fact, flow_of
    from app.ui.widgets.flow import FlowLayout
    from app.ui.widgets.panel import CollapsiblePanel
    from app.ui.widgets.scroller import Scroller
    from app.ui.widgets.small import (
        Avatar,
        CheckBox,
        Chip,
        CountBadge,
        Hairline,
        IconLabel,
        IconTile,
        KeyCap,
        MaskedText,
        SectionTitle,
        row_of,
    )
    from app.ui.widgets.themed import Painted, Text, Themed, part
    from app.ui.widgets.timeline import TimelineEntry, TimelineView

__all__ = [
    "Avatar", "BannerLine", "Button", "Card", "CheckBox", "Chip", "Choice", "CollapsiblePanel", "CountBadge",
    "DistanceBar", "EmptyState", "Fact", "FlowLayout", "Hairline", "IconButton", "IconLabel", "IconTile", "KeyBar",
    "KeyCap", "MarkTile", "MaskedText", "Painted", "ProgressBarThin", "RadioChips", "Ring", "Scroller", "SearchField",
    "SectionTitle", "SegmentedFilter", "SkeletonRows", "SparkBars", "Tabs", "Text", "Themed", "TimelineEntry",
    "TimelineView", "ToggleChipGroup", "distance_circle", "distance_words", "flow_of", "part", "row_of",
]  # fmt: skip

_HOMES = {
    "bars": "DistanceBar MarkTile ProgressBarThin Ring SparkBars distance_circle distance_words",
    "blocks": "BannerLine Card EmptyState KeyBar SearchField SkeletonRows",
    "button": "Button IconButton",
    "choices": "Choice RadioChips SegmentedFilter Tabs ToggleChipGroup",
    "fact": "Fact flow_of",
    "flow": "FlowLayout",
    "panel": "CollapsiblePanel",
    "scroller": "Scroller",
    "small": "Avatar CheckBox Chip CountBadge Hairline IconLabel IconTile KeyCap MaskedText SectionTitle row_of",
    "themed": "Painted Text Themed part",
    "timeline": "TimelineEntry TimelineView",
}

if not TYPE_CHECKING:  # a type checker reads the imports above

    def __getattr__(name: str) -> object:
        """Import the part (PEP 562)."""
        for module, parts in _HOMES.items():
            if name in parts.split():
                part = globals()[name] = getattr(import_module(f"app.ui.widgets.{module}"), name)
                return part
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
