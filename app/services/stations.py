"""Founding a station, and what this device knows of it."""

from sqlmodel import col, select

from app.db import state
from app.db.database import Transaction
from app.errors import NotFoundError, RuleError
from app.models.base import parse_draft
from app.models.station import Staff, StaffDraft, Station, StationDraft
from app.texts import _


def found_station(tx: Transaction, values: dict[str, object], *, supervisor: str, staff_id: str) -> Station:
    """Make the station, this device its first counter (number 01), and its first supervisor.

    Raises:
        InvalidInputError: name, code or county is missing or wrong.
        RuleError: this device serves a station already.
    """
    if state.station_code(tx.session) is not None:
        raise RuleError(_("这台电脑已经有站点了"), code="station.exists")
    draft = parse_draft(StationDraft, values)
    tx.act("station.found")
    state.set_state(tx.session, state.STATION_CODE, draft.code)
    state.set_state(tx.session, state.COUNTY_CODE, draft.county_code)
    if state.get_state(tx.session, state.DEVICE_NO) is None:
        state.set_state(tx.session, state.DEVICE_NO, "01")
    tx.session.flush()
    station = tx.add(Station.model_validate(draft.model_dump()))
    person = Staff.model_validate(parse_draft(StaffDraft, {"name": supervisor, "roles": ["supervisor"]}).model_dump())
    person.id = staff_id
    tx.add(person)
    return station


def enter_station(tx: Transaction, name: str) -> Station | None:
    """Enter the station that this device has joined, where the district knows its code and name but no record of it.

    So it is with a new station whose first counter joins by the district's code instead of being founded offline:
    without the record, its slips and ledgers would have no head. None: there is a record, or what is known is no whole.
    """
    code = state.station_code(tx.session)
    if code is None or not name.strip() or find_station(tx) is not None:
        return None
    county = str(state.get_state(tx.session, state.COUNTY_CODE) or code[:6])
    draft = parse_draft(StationDraft, {"name": name.strip(), "code": code, "county_code": county})
    tx.act("station.found")
    return tx.add(Station.model_validate(draft.model_dump()))


def find_station(tx: Transaction) -> Station | None:
    """Return the station this device serves, once founded or joined and pulled."""
    code = state.station_code(tx.session)
    if code is None:
        return None
    return tx.session.exec(select(Station).where(col(Station.code) == code).limit(1)).first()


def get_station(tx: Transaction) -> Station:
    """Return the station this device serves.

    Raises:
        NotFoundError: there is none yet.
    """
    station = find_station(tx)
    if station is None:
        raise NotFoundError(_("这台电脑还没有站点，请先建站或加入"))
    return station
