"""The other roads of one counter, together: the station's network and a file on a stick."""

from pathlib import Path

from app.db.database import Database
from app.sync.carrying import Brought, Made, make_packet, take_packet
from app.sync.lan import LanExchange
from app.sync.packet import TO_DISTRICT, TO_STATION


class Roads:
    """What the sync centre offers while the district is out of reach. ``write`` and ``read`` take their time."""

    def __init__(self, database: Database, lan: LanExchange) -> None:
        self._database = database
        self.lan = lan

    def write(self, path: Path, *, station: bool) -> Made:
        """Write what this device carries to a file, for another counter of the station or for the district.

        Raises:
            AppError: it has no key yet, or the stick cannot be written.
        """
        return make_packet(self._database, path, purpose=TO_STATION if station else TO_DISTRICT)

    def read(self, path: Path) -> Brought:
        """Take what a file brings.

        Raises:
            AppError: it is not whole, or not for this PC.
        """
        return take_packet(self._database, path)
