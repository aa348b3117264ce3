"""The blocks of the dashboard: cards with their figures, the shares of block A, the priority groups."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.ledgers.board import Board, Share
from app.ledgers.figures import BLOCKS
from app.texts import _
from app.ui import theme
from app.ui.charts.plot import Chart
from app.ui.dashboard import state
from app.ui.dashboard.tiles import FigureTile, GroupTile, Tile, TileGrid
from app.ui.widgets import Card, FlowLayout, Painted, Scroller, Text, paint

PARTS_HEIGHT = 14
GROUPS_BESIDE = 5


class Key(Painted):
    """A swatch, a name and a share: the words beside a chart."""

    def __init__(self, token: str, words: str) -> None:
        super().__init__()
        self._token, self._words = token, words
        self.setAccessibleName(words)

    def measure(self) -> QSize:
        look = theme.of(self)
        font = look.font("caption")
        return QSize(look.px(14) + round(paint.width_of(font, self._words)) + 2, round(paint.line_height(font)) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        side = look.px(9)
        paint.rounded(painter, QRectF(0, (self.height() - side) / 2, side, side), 2, look.color(self._token))
        spot = QRectF(look.px(14), 0, self.width() - look.px(14), self.height())
        paint.text(painter, spot, self._words, look.font("caption"), look.color("text2"))


class SharesBar(QWidget):
    """构成比: one bar of the working-age population and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.chart = Chart(PARTS_HEIGHT)
        self._keys = QWidget()
        FlowLayout(self._keys, spacing=10, line_spacing=2)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 0)
        column.setSpacing(theme.SPACE[0])
        column.addWidget(self.chart)
        column.addWidget(self._keys)

    def show_shares(self, shares: tuple[Share, ...]) -> None:
        """Show the parts."""
        told = state.shares_chart(shares)
        self.chart.show_spec(told.spec, told.words)
        self.chart.setVisible(bool(shares and shares[0].whole))
        flow = self._keys.layout()
        assert flow is not None
        while (item := flow.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for share, token in zip(shares, state.PART_TOKENS, strict=True):
            flow.addWidget(Key(token, f"{_(share.title)} {state.share_words(share)}"))


class BlockCard(Card):
    """One block under its name."""

    def __init__(self, title: str) -> None:
        super().__init__(padding=12)
        self.body.setSpacing(theme.SPACE[0])
        self.title = Text(title, "section")
        self.note = Text("", "caption", "text3", wrap=True)
        self.grid = TileGrid()
        self.body.addWidget(self.title)
        self.body.addWidget(self.grid)


class Blocks(Scroller):
    """All of the page. Tiles are made once and filled anew, so that the keyboard stays where it was."""

    def __init__(self) -> None:
        super().__init__(spacing=theme.SPACE[2])
        self.cards = {letter: BlockCard(_(words)) for letter, words in BLOCKS}
        self.groups = BlockCard(_("重点群体"))
        self.groups.grid = TileGrid(most=GROUPS_BESIDE)
        self.groups.body.addWidget(self.groups.grid)
        self.groups.body.addWidget(self.groups.note)
        self.shares = SharesBar()
        self.cards["A"].body.addWidget(self.shares)
        holder, pair = QWidget(), QGridLayout()
        holder.setLayout(pair)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(theme.SPACE[2])
        for place, letters in enumerate(("AC", "BD")):
            column = QVBoxLayout()
            column.setSpacing(theme.SPACE[2])
            for letter in letters:
                column.addWidget(self.cards[letter])
            column.addStretch(1)
            pair.addLayout(column, 0, place)
            pair.setColumnStretch(place, 1)
        self.body.addWidget(holder)
        self.body.addWidget(self.groups)
        self.body.addStretch(1)

    def show_board(self, board: Board) -> list[Tile]:
        """Show the figures; return the tiles that are new."""
        fresh: list[Tile] = []
        for letter, card in self.cards.items():
            known = {tile.code: tile for tile in card.grid.tiles() if isinstance(tile, FigureTile)}
            tiles: list[Tile] = []
            for cell in board.block(letter):
                tile = known.get(cell.code)
                if tile is None:
                    tile = FigureTile(cell)
                    fresh.append(tile)
                tile.show_cell(cell)
                tiles.append(tile)
            card.grid.set_tiles(tiles)
        self.shares.show_shares(board.shares)
        return fresh + self._show_groups(board)

    def _show_groups(self, board: Board) -> list[Tile]:
        known = {tile.share.code: tile for tile in self.groups.grid.tiles() if isinstance(tile, GroupTile)}
        fresh: list[Tile] = []
        tiles: list[Tile] = []
        top = max((share.count for share in board.groups), default=1)
        for share in board.groups:
            tile = known.get(share.code)
            if tile is None:
                tile = GroupTile(share, top)
                fresh.append(tile)
            tile.show_share(share, top)
            tiles.append(tile)
        self.groups.grid.set_tiles(tiles)
        self.groups.note.setText("" if tiles else _("在册的人里还没有记过重点群体"))
        self.groups.note.setVisible(not tiles)
        return fresh

    def tiles(self) -> list[Tile]:
        """Return every tile, in reading order."""
        cards = [*self.cards.values(), self.groups]
        return [tile for card in cards for tile in card.grid.tiles()]

    def neighbour(self, tile: Tile, key: int) -> Tile | None:
        """Return the tile that an arrow leads to: the nearest one on that side; Home and End the first and last."""
        tiles = self.tiles()
        if key in (int(Qt.Key.Key_Home), int(Qt.Key.Key_End)):
            return tiles[0 if key == int(Qt.Key.Key_Home) else -1]
        here = tile.mapTo(self, tile.rect().center())
        upright = key in (int(Qt.Key.Key_Up), int(Qt.Key.Key_Down))
        least = (tile.height() if upright else tile.width()) / 2  # what stands beside it is not above or below it
        best: tuple[float, Tile] | None = None
        for other in tiles:
            there = other.mapTo(self, other.rect().center())
            along, across = there.x() - here.x(), there.y() - here.y()
            if upright:
                along, across = across, along
            if key in (int(Qt.Key.Key_Left), int(Qt.Key.Key_Up)):
                along = -along
            if other is not tile and along > least:
                far = along + 3 * abs(across)
                if best is None or far < best[0]:
                    best = (far, other)
        return best[1] if best is not None else None

    def redraw(self) -> None:
        """Draw the charts: the library has come."""
        self.shares.chart.draw()
