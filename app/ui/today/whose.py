"""Which 今日 somebody gets: a trainer her lessons, everybody else the station's to-dos."""

from PySide6.QtWidgets import QWidget

from app.models.acts import TRAINER
from app.ui.context import UiContext


def today_of(context: UiContext) -> QWidget:
    """Build the page for whoever is signed in."""
    if context.actor.roles == frozenset({TRAINER}):
        from app.ui.today.trainer import TrainerDay

        return TrainerDay(context)
    from app.ui.today.screen import TodayScreen

    return TodayScreen(context)
