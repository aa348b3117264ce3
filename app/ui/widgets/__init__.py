"""The parts of which screens are made."""

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
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.panel import CollapsiblePanel
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
    "DistanceBar", "EmptyState", "FlowLayout", "Hairline", "IconButton", "IconLabel", "IconTile", "KeyBar", "KeyCap",
    "MarkTile", "MaskedText", "Painted", "ProgressBarThin", "RadioChips", "Ring", "SearchField", "SectionTitle",
    "SegmentedFilter", "SkeletonRows", "SparkBars", "Tabs", "Text", "Themed", "TimelineEntry", "TimelineView",
    "ToggleChipGroup", "distance_circle", "distance_words", "part", "row_of",
]  # fmt: skip
